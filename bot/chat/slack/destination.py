"""Where in Slack an answer belongs: a channel, a thread, one reader's eyes, a modal, the App Home."""

import json
from dataclasses import asdict, dataclass, replace

# docs.slack.dev/reference/views: longer private_metadata is refused.
_MOST = 3_000
_KEPT = ("channel", "thread", "hidden", "response_url")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an answer belongs. Without a channel it is for `user` alone: in a modal, else in a direct message.

    `message`: the post (its ts) that the answer replaces, empty for a new one. `hidden`: that post is seen by its reader
    alone and can only be replaced through `response_url`, which Slack takes five times within half an hour.
    `trigger`: lets a modal open within three seconds. `view`: the modal that the answer replaces, or with `deeper` covers.
    `home`: the answer is what the App Home shows. `origin`: the post whose button opened a form.
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
        """Whether nobody but the user and the bot reads there."""
        return not self.channel or self.channel.startswith("D")

    def within(self, view: str, trigger: str, *, deeper: bool) -> "Destination":
        """The same place, asked from inside a modal."""
        return replace(self, view=view, trigger=trigger, deeper=deeper)

    def packed(self, command: str = "", *, back: bool = False) -> str:
        """The place as a modal carries it along, with the command that its form is for; `unpacked` reads it.

        `back`: the answer replaces the post that the form was opened from. Too long for Slack (a very long response_url)
        it goes without the response_url.
        """
        kept = {key: value for key, value in asdict(self).items() if key in _KEPT and value}
        kept |= {"message": self.origin} if back and self.origin else {}
        told = json.dumps(kept | {"command": command} if command else kept, separators=(",", ":"))
        return told if len(told) <= _MOST else replace(self, response_url="").packed(command, back=back)


def unpacked(told: str, user: str) -> Destination:
    """The place that a modal carried along; a direct message to the user where it cannot be read."""
    kept = _read(told)
    channel, thread, url = (str(kept.get(key, "")) for key in ("channel", "thread", "response_url"))
    message = str(kept.get("message", ""))
    return Destination(
        channel, user, thread, message, hidden=kept.get("hidden") is True, response_url=url, origin=message
    )


def command_of(told: str) -> str:
    """The command that a modal's form is for, empty where it says none."""
    return str(_read(told).get("command", ""))


def _read(told: str) -> dict[str, object]:
    try:
        kept = json.loads(told)
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}
