"""What our Slack says about channels and their history, as strict as Slack about who is a member.

Source: docs.slack.dev/reference/methods/conversations.history, .replies, .list, .info, .join (errors). A private channel that
the bot is not in does not exist for it (`channel_not_found`).
"""

from collections.abc import Callable
from typing import Any

Args = dict[str, Any]


def refusal(code: str) -> Args:
    """An answer that refuses."""
    return {"ok": False, "error": code}


class SlackChannels:
    """The methods `conversations.*` of a workspace; the fields are those of `FakeSlack`."""

    channels: dict[str, str]
    posts: dict[str, list[Args]]
    archived: set[str]
    outside: set[str]
    private: set[str]
    joined: list[str]

    def _history(self, args: Args) -> Args:
        return self._page(args, lambda post: not post.get("thread_ts"))

    def _replies(self, args: Args) -> Args:
        """A thread with the message that it hangs on; only `ts` names it, and no history shows what is in it."""
        ts = args.get("ts")
        return self._page(args, lambda post: ts in (post.get("thread_ts"), post.get("ts")))

    def _page(self, args: Args, wanted: Callable[[Args], bool]) -> Args:
        channel = str(args.get("channel", ""))
        if channel not in self.channels.values():
            return refusal("channel_not_found")  # history wants an id, never a name
        if channel in self.outside:
            return refusal("channel_not_found" if channel in self.private else "not_in_channel")
        limit = int(args.get("limit", 100))
        start = int(args.get("cursor") or 0)
        newest_first = [post for post in reversed(self.posts[channel]) if wanted(post)]
        page = newest_first[start : start + limit]
        if str(args.get("include_all_metadata", "")).lower() not in ("1", "true"):
            page = [{key: value for key, value in post.items() if key != "metadata"} for post in page]
        more = start + limit < len(newest_first)
        return {
            "messages": page,
            "has_more": more,
            "response_metadata": {"next_cursor": str(start + limit) if more else ""},
        }

    def _list(self, args: Args) -> Args:
        """Public channels, and the private ones that the bot is in, of the kinds that were asked for."""
        kinds = str(args.get("types") or "public_channel").split(",")
        every = [
            (channel, name) for name, channel in self.channels.items() if channel not in self.private & self.outside
        ]
        shown = [self._conversation(channel, name) for channel, name in every]
        wanted = [found for found in shown if ("private_channel" if found["is_private"] else "public_channel") in kinds]
        if str(args.get("exclude_archived", "")).lower() in ("1", "true"):
            wanted = [found for found in wanted if not found["is_archived"]]
        limit, start = int(args.get("limit", 100)), int(args.get("cursor") or 0)
        more = start + limit < len(wanted)
        cursor = {"next_cursor": str(start + limit) if more else ""}
        return {"channels": wanted[start : start + limit], "response_metadata": cursor}

    def _conversation(self, channel: str, name: str) -> Args:
        member, private = channel not in self.outside, channel in self.private
        archived = channel in self.archived
        return {"id": channel, "name": name, "is_member": member, "is_private": private, "is_archived": archived}

    def _info(self, args: Args) -> Args:
        wanted = str(args.get("channel", ""))
        name = next((name for name, channel in self.channels.items() if channel == wanted), None)
        if name is None or wanted in self.outside & self.private:
            return refusal("channel_not_found")
        return {"channel": self._conversation(wanted, name)}

    def _join(self, args: Args) -> Args:
        wanted = str(args.get("channel", ""))
        if wanted not in self.channels.values() or wanted in self.private & self.outside:
            return refusal("channel_not_found")
        if wanted in self.private:
            return refusal("method_not_supported_for_channel_type")
        if wanted in self.archived:
            return refusal("is_archived")
        self.outside.discard(wanted)
        self.joined.append(wanted)
        return self._info(args)
