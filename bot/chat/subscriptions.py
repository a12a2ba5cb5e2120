"""Names what a channel can subscribe to."""

from collections.abc import Sequence

from bot.chat.command import Call, UsageError
from bot.chat.suggestions import find
from bot.model.records import DIGESTS, SCORECARD

PLATFORMS = ("slack", "teams")
ALL_SERVICES = (SCORECARD, "weekly", "all")
"""Words for the scorecard of all services."""


def require_channel(call: Call) -> None:
    """Check that there is a channel to post into.

    Raises:
        UsageError: there is none.
    """
    if not call.caller.channel or call.caller.platform not in PLATFORMS:
        raise UsageError("Posts go to a channel: run this command in the channel that should get them.")


def post_of(what: str, names: Sequence[str]) -> str | None:
    """The post by its name or by a service's name; None where there is no such post."""
    if what.casefold() in ("", *ALL_SERVICES):
        return SCORECARD
    if what.casefold() in DIGESTS:
        return what.casefold()
    name = find(what, names)
    return f"{SCORECARD} {name}" if name is not None else None
