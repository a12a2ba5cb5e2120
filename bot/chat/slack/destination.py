"""Addresses an answer in Slack: a channel, a thread, one user, a modal or the App Home."""

import json
from dataclasses import asdict, dataclass, replace

# docs.slack.dev/reference/views: longer private_metadata is refused.
_MOST = 3_000
_KEPT = ("channel", "thread", "hidden", "response_url")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an answer goes. Without a channel it is for `user` alone: in a modal, else in a direct message.

    `message`: the post (its ts) that the answer replaces, empty for a new one. `hidden`: that post is ephemeral and can only
    be replaced through `response_url`, which Slack accepts five times within 30 min. `trigger`: lets a modal open within
    3 s. `view`: the modal that the answer replaces, or with `deeper` covers. `home`: the answer is the content of the App
    Home. `origin`: the post whose button opened a form.
    """

    channel: str
    user: str
    thread: str = ""
    message: str = ""
    hidden: bool = False
    response_url: str = ""
    trigger: str = ""
    view: str = ""
    deeper: bool = False
    home: bool = False
    origin: str = ""

    @property
    def direct(self) -> bool:
        """Whether only the user and the bot read there."""
        return not self.channel or self.channel.startswith("D")

    def within(self, view: str, trigger: str, *, deeper: bool) -> "Destination":
        """The same place, for a request from inside a modal."""
        return replace(self, view=view, trigger=trigger, deeper=deeper)

    def packed(self, command: str = "", *, back: bool = False) -> str:
        """The place as the metadata of a modal, with the command of its form; `unpacked` reads it.

        `back`: the answer replaces the post that the form was opened from. Where the metadata is too long for Slack, the
        response_url is left out.
        """
        kept = {key: value for key, value in asdict(self).items() if key in _KEPT and value}
        kept |= {"message": self.origin} if back and self.origin else {}
        packed = json.dumps(kept | {"command": command} if command else kept, separators=(",", ":"))
        return packed if len(packed) <= _MOST else replace(self, response_url="").packed(command, back=back)


def unpacked(metadata: str, user: str) -> Destination:
    """The place in a modal's metadata; a direct message to the user where it cannot be read."""
    kept = _read(metadata)
    channel, thread, url = (str(kept.get(key, "")) for key in ("channel", "thread", "response_url"))
    message = str(kept.get("message", ""))
    return Destination(
        channel, user, thread, message, hidden=kept.get("hidden") is True, response_url=url, origin=message
    )


def command_of(metadata: str) -> str:
    """The command of a modal's form, empty where there is none."""
    return str(_read(metadata).get("command", ""))


def _read(metadata: str) -> dict[str, object]:
    try:
        kept = json.loads(metadata)
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}
