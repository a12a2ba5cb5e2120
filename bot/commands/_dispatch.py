"""From a line that somebody typed, or a button they pressed, to cards: the one door to all commands."""

import secrets
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime

import structlog

from bot.cards.card import Button, Card
from bot.cards.error import error_card
from bot.catalogue import ConfigError
from bot.commands._command import Call, FieldErrors, UnknownNameError, UsageError, commands
from bot.commands._line import arguments, quoted, split
from bot.commands._naming import find, nearest
from bot.ports import Caller, Clock, Desk, Role, UnusableError

_RANK = {Role.VIEWER: 0, Role.RESPONDER: 1, Role.ADMIN: 2}
_PRIVATE = frozenset({"error", "help"})
_log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def private(card: Card) -> bool:
    """Whether an answer is for the asker alone: help and mistakes are no news to the channel."""
    return card.kind in _PRIVATE


async def dispatch(  # noqa: PLR0913 - who, what and where, by keyword
    line: str,
    caller: Caller,
    desk: Desk,
    *,
    now: Clock = utc_now,
    role: Role = Role.VIEWER,
    fields: Mapping[str, str] | None = None,
) -> AsyncGenerator[Card, None]:
    """Answer a command line. Cards before the last are progress; whatever goes wrong ends in a card that says so.

    Args:
        line: what was typed after the bot's name, or a button's command.
        caller: who asks.
        desk: what the commands may ask.
        now: the clock, UTC.
        role: what the caller may do.
        fields: what was filled in, where a form was submitted.

    Raises:
        FieldErrors: only where a form was submitted: what was filled in cannot be taken as it is.
    """
    try:
        async with aclosing(_answer(line, caller, desk, now(), role, fields or {})) as cards:
            async for card in cards:
                yield card
    except FieldErrors:
        raise
    except Exception as error:  # noqa: BLE001 - a traceback has no place in a chat
        yield _told(error, line, caller)


async def _answer(  # noqa: PLR0913, PLR0917 - as dispatch has them
    line: str, caller: Caller, desk: Desk, now: datetime, role: Role, fields: Mapping[str, str]
) -> AsyncGenerator[Card, None]:
    word, *rest = split(line) or ["help"]
    command = commands().get(word.lower().lstrip("/"))
    if command is None:
        raise await _unknown_command(word, line, desk)
    if _RANK[role] < _RANK[command.role]:
        raise UsageError(f"{command.word} is for a {command.role}; you are a {role} here.")
    words, options = arguments(rest, command.options)
    async with aclosing(command.answer(Call(words, options, caller, now, role, fields), desk)) as cards:
        async for card in cards:
            yield card


async def _unknown_command(word: str, line: str, desk: Desk) -> UnknownNameError:
    """The nearest commands; where a service's name was typed alone, its scorecard first."""
    tries = [(near, near) for near in nearest(word, commands(), at_most=2)]
    service = find(" ".join(split(line)), [service.name for service in await desk.services()])
    if service is not None:
        tries.insert(0, (f"scorecard {service}", quoted("scorecard", service)))
    return UnknownNameError("command", word, tuple(tries))


def _told(error: Exception, line: str, caller: Caller) -> Card:
    while isinstance(error, ExceptionGroup):  # what failed side by side is told by its first failure
        error = error.exceptions[0]
    match error:
        case UsageError():
            return error_card(str(error), buttons=(Button("Help", "help"),))
        case UnknownNameError():
            mend = f"Did you mean {error.tries[0][0]}?" if error.tries else "help lists what there is."
            return error_card(str(error), mend=mend, buttons=tuple(Button(name, retry) for name, retry in error.tries))
        case UnusableError():
            _log.warning("command_unusable", problem=str(error))
            return error_card(str(error), mend=error.mend)
        case ConfigError():
            _log.warning("command_unusable", problem=str(error))
            return error_card(str(error), mend="backstay doctor checks the file.")
        case _:
            reference = secrets.token_hex(4)
            _log.error("command_failed", line=line, reference=reference, platform=caller.platform, exc_info=error)
            return error_card("Something went wrong on our side.", reference=reference)
