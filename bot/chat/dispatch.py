"""From a line that somebody typed, or a button they pressed, to cards: the one door to all commands."""

import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import NamedTuple

import structlog

from bot.cards.card import Button, Card
from bot.cards.messages.error import error_card
from bot.cards.messages.refused import refusal_card
from bot.catalogue import ConfigError
from bot.chat.command import Call, Command, FieldErrors, UnknownNameError, UsageError, commands
from bot.chat.form_values import actor
from bot.chat.parsing import arguments, quoted, split
from bot.chat.suggestions import find, nearest
from bot.model import Caller, Clock, Role, UnusableError, utc_now
from bot.model.backend import Backend
from bot.storage.ledger import LedgerError

_RANK = {Role.VIEWER: 0, Role.RESPONDER: 1, Role.ADMIN: 2}
_PRIVATE = frozenset({"error", "help", "refused", "form", "preview", "mine"})
_log = structlog.get_logger(__name__)


class _Asked(NamedTuple):
    """One line, who asked it, when, and what they may do."""

    line: str
    caller: Caller
    now: datetime
    role: Role
    fields: Mapping[str, str]
    holders: Mapping[Role, Sequence[str]]


def private(card: Card) -> bool:
    """Whether an answer is for the asker alone: help, mistakes, forms and what is their own are no news to the channel."""
    return card.kind in _PRIVATE


async def dispatch(  # noqa: PLR0913 - who, what and where, by keyword
    line: str,
    caller: Caller,
    backend: Backend,
    *,
    now: Clock = utc_now,
    role: Role = Role.VIEWER,
    fields: Mapping[str, str] | None = None,
    holders: Mapping[Role, Sequence[str]] | None = None,
) -> AsyncGenerator[Card, None]:
    """Answer a command line. Cards before the last are progress; whatever goes wrong ends in a card that says so.

    Args:
        line: what was typed after the bot's name, or a button's command.
        caller: who asks.
        backend: what the commands may ask.
        now: the clock, UTC.
        role: what the caller may do.
        fields: what was filled in, where a form was submitted.
        holders: ids of users and groups that may do what a role may, told to whoever may not.

    Raises:
        FieldErrors: only where a form was submitted: what was filled in cannot be taken as it is.
    """
    try:
        asked = _Asked(line, caller, now(), role, fields or {}, holders or {})
        async with aclosing(_answer(asked, backend)) as cards:
            async for card in cards:
                yield card
    except FieldErrors:
        raise
    except Exception as error:  # noqa: BLE001 - a traceback has no place in a chat
        yield _told(error, line, caller)


async def _answer(asked: _Asked, backend: Backend) -> AsyncGenerator[Card, None]:
    word, *rest = split(asked.line) or ["help"]
    command = commands().get(word.lower().lstrip("/"))
    if command is None:
        raise await _unknown_command(word, asked.line, backend)
    if _RANK[asked.role] < _RANK[command.role]:
        yield await _refused(command, asked, backend)
        return
    words, options = arguments(rest, command.options)
    call = Call(words, options, asked.caller, asked.now, asked.role, asked.fields)
    async with aclosing(command.answer(call, backend)) as cards:
        async for card in cards:
            yield card


async def _refused(command: Command, asked: _Asked, backend: Backend) -> Card:
    try:
        await backend.records.refused(actor(asked.caller), command.word, asked.now)
    except LedgerError as error:  # it is refused all the same
        _log.error("refusal_not_kept", word=command.word, error=str(error))
    holders = asked.holders.get(command.role, ())
    return refusal_card(command.word, needs=command.role, has=asked.role, holders=holders)


async def _unknown_command(word: str, line: str, backend: Backend) -> UnknownNameError:
    """The nearest commands; where a service's name was typed alone, its scorecard first."""
    tries = [(near, near) for near in nearest(word, commands(), at_most=2)]
    service = find(" ".join(split(line)), [service.name for service in await backend.audits.services()])
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
        case LedgerError():
            _log.error("command_unusable", problem=str(error))
            return error_card("What backstay remembers is out of reach just now.", mend="Ask again in a moment.")
        case ConfigError():
            _log.warning("command_unusable", problem=str(error))
            return error_card(str(error), mend="backstay doctor checks the file.")
        case _:
            reference = secrets.token_hex(4)
            _log.error("command_failed", line=line, reference=reference, platform=caller.platform, exc_info=error)
            return error_card("Something went wrong on our side.", reference=reference)
