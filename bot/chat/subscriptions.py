"""What a channel can subscribe to, by the name that people type."""

from collections.abc import Sequence

from bot.chat.command import Call, UsageError
from bot.chat.suggestions import find
from bot.model.records import DIGESTS, SCORECARD

PLATFORMS = ("slack", "teams")


_ALL = (SCORECARD, "weekly", "all")


def here(call: Call) -> None:
    """See that there is a channel to post into.

    Raises:
        UsageError: there is none.
    """
    if not call.caller.channel or call.caller.platform not in PLATFORMS:
        raise UsageError("Posts go into a channel: ask in the one that shall get them.")


def post_of(what: str, names: Sequence[str]) -> str | None:
    """What is posted, by its name or a service's; None where there is no such thing."""
    if what.casefold() in ("", *_ALL):
        return SCORECARD
    if what.casefold() in DIGESTS:
        return what.casefold()
    name = find(what, names)
    return f"{SCORECARD} {name}" if name is not None else None
