"""`mute <incident> [duration]`: no new message about it for a while."""

from collections.abc import AsyncGenerator
from datetime import timedelta

from bot.cards.card import Card
from bot.chat.command import Call, UsageError, command
from bot.chat.durations import duration
from bot.chat.form_values import actor
from bot.chat.incident_command import FOR, handled, who
from bot.model import Role
from bot.model.backend import Backend

DEFAULT = timedelta(hours=1)
LONGEST = timedelta(days=7)


@command(
    word="mute",
    usage="<incident> [duration]",
    summary="No new message about an incident for a while, but that it is over.",
    example="mute aws-us-east-1-1020-0648 2h",
    role=Role.RESPONDER,
    options=(FOR,),
)
async def mute(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Be silent for an hour, or as long as is asked for; what was posted is still kept up to date."""
    asked = " ".join(call.words[1:])
    lasts = duration(asked) if asked else DEFAULT
    if lasts is None or lasts > LONGEST:
        raise UsageError(f"{asked} is not a duration up to a week; write for example 2h")
    by, whoever = who(call), actor(call.caller)
    async for card in handled(call, backend, lambda watch, name: watch.mute(name, lasts, by, actor=whoever)):
        yield card
