"""Runs a command line, typed or from a button, and turns every error into a card."""

import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import NamedTuple

import structlog

from bot.cards.card import Button, Card
from bot.cards.messages.error import error_card
from bot.cards.messages.refused import external_card, refusal_card
from bot.catalogue import ConfigError
from bot.chat.addressing import addressed, command_called
from bot.chat.command import Call, Command, FieldErrors, UnknownNameError, UsageError, commands
from bot.chat.form_values import actor
from bot.chat.parsing import arguments, free_text, quoted, split, words
from bot.chat.start import start_answer
from bot.chat.suggestions import find, nearest
from bot.model import Caller, Clock, Role, UnusableError, utc_now
from bot.model.backend import Backend
from bot.storage.ledger import LedgerError

_RANK = {Role.VIEWER: 0, Role.RESPONDER: 1, Role.ADMIN: 2}
_PRIVATE = frozenset({"error", "help", "refused", "form", "preview", "mine"})
_PERSONAL = frozenset({"preview", "mine", "refused"})
_LISTS = {
    "service": ("all services", "scorecard page=2"),
    "service or check": ("all checks", "checks"),
    "check": ("all checks", "checks"),
    "provider": ("all providers", "status"),
    "incident": ("the open incidents", "incidents"),
    "scope": ("all providers", "status"),
    "post": ("your subscriptions", "mine"),
    "command": ("all commands", "help"),
}
"""What somebody may have meant by an unknown name, by its kind, and the command that lists it."""
_NUL = "\0"
"""Which no keyboard types and PostgreSQL stores in no text."""
_OTHER_WORD = "(no command)"
_log = structlog.get_logger(__name__)


class _Request(NamedTuple):
    """One line with its caller, time (UTC) and role, None for a caller who has none."""

    line: str
    caller: Caller
    now: datetime
    role: Role | None
    fields: Mapping[str, str]
    holders: Mapping[Role, Sequence[str]]


def private(card: Card) -> bool:
    """Whether only the caller sees the answer: help, errors, forms and personal answers do not concern the channel."""
    return card.kind in _PRIVATE


def personal(card: Card) -> bool:
    """Whether nobody but the caller may ever see the answer, not even where it cannot be shown to them alone."""
    return card.kind in _PERSONAL


async def dispatch(  # noqa: PLR0913 - who, what and where, by keyword
    line: str,
    caller: Caller,
    backend: Backend,
    *,
    now: Clock = utc_now,
    role: Role | None = Role.VIEWER,
    fields: Mapping[str, str] | None = None,
    holders: Mapping[Role, Sequence[str]] | None = None,
) -> AsyncGenerator[Card, None]:
    """Answer a command line. Cards before the last are progress; every error becomes a card.

    Args:
        line: the text after the bot's name, or a button's command.
        caller: the person who runs it.
        backend: what commands may query and change.
        now: the clock, UTC.
        role: the caller's role; None: every line is refused, before anything in it is looked up.
        fields: the values of a submitted form.
        holders: ids of users and groups that have each role, shown to a caller who lacks it.

    Raises:
        FieldErrors: values of a submitted form are invalid.
    """
    try:
        line, fields = line.replace(_NUL, ""), {name: value.replace(_NUL, "") for name, value in (fields or {}).items()}
        request = _Request(line, caller, now(), role, fields, holders or {})
        async with aclosing(_answer(request, backend)) as cards:
            async for card in cards:
                yield card
    except FieldErrors:
        raise
    except Exception as error:  # noqa: BLE001 - a chat shows no traceback
        yield _error_card(error, line, caller)


async def _answer(request: _Request, backend: Backend) -> AsyncGenerator[Card, None]:
    typed = addressed(words(request.line), request.caller.labels.get("prefix", ""))
    word = typed[0].text if typed else ""
    command = command_called(word)
    if request.role is None:
        yield await _refuse_external(command, request, backend)
        return
    if not word:
        yield await start_answer(request.caller, request.role, backend)
        return
    if command is None:
        raise await _unknown_command(word, free_text(typed), backend)
    if _RANK[request.role] < _RANK[command.role]:
        yield await _refusal(command, request, request.role, backend)
        return
    rest, options = arguments(typed[1:], command.options)
    named = tuple(part.text for part in rest if part.text)
    call = Call(named, options, request.caller, request.now, request.role, request.fields, rest)
    async with aclosing(command.answer(call, backend)) as cards:
        async for card in cards:
            yield card


async def _refusal(command: Command, request: _Request, role: Role, backend: Backend) -> Card:
    await _log_refusal(command.word, "", request, backend)
    holders = request.holders.get(command.role, ())
    return refusal_card(command.word, needs=command.role, has=role, holders=holders)


async def _refuse_external(command: Command | None, request: _Request, backend: Backend) -> Card:
    caller = request.caller
    await _log_refusal(command.word if command else _OTHER_WORD, caller.membership, request, backend)
    return external_card(caller.membership, caller.platform)


async def _log_refusal(word: str, why: str, request: _Request, backend: Backend) -> None:
    try:
        await backend.records.refused(actor(request.caller), word, request.now, why)
    except LedgerError as error:  # refused all the same
        _log.error("command_refusal_not_stored", word=word, error=str(error))


async def _unknown_command(word: str, line: str, backend: Backend) -> UnknownNameError:
    """The error with the nearest commands; where a service's name was typed alone, its scorecard first."""
    tries = [(near, near) for near in nearest(word, commands(), at_most=2)]
    service = find(" ".join(split(line)), [service.name for service in await backend.audits.services()])
    if service is not None:
        tries.insert(0, (f"scorecard {service}", quoted("scorecard", service)))
    return UnknownNameError("command", word, tuple(tries))


def _error_card(error: Exception, line: str, caller: Caller) -> Card:
    while isinstance(error, ExceptionGroup):  # of parallel failures show the first
        error = error.exceptions[0]
    match error:
        case UsageError():
            return error_card(str(error), buttons=(Button("Help", "help"),))
        case UnknownNameError():
            what, lists = _LISTS.get(error.kind, ("all commands", "help"))
            meant = f"Did you mean {error.tries[0][0]}? " if error.tries else ""
            near = tuple(Button(name, retry) for name, retry in error.tries)
            return error_card(str(error), fix=f"{meant}The command `{lists}` lists {what}.", buttons=near)
        case UnusableError():
            _log.warning("command_unusable", problem=str(error))
            return error_card(str(error), fix=error.fix)
        case LedgerError():
            _log.error("command_unusable", problem=str(error))
            return error_card("The ledger, backstay's database, is unavailable.", fix="Try again in a minute.")
        case ConfigError():
            _log.warning("command_unusable", problem=str(error))
            return error_card(str(error), fix="Run `backstay doctor` to check the file.")
        case _:
            reference = secrets.token_hex(4)
            _log.error("command_failed", line=line, reference=reference, platform=caller.platform, exc_info=error)
            return error_card("backstay failed to run this command.", reference=reference)
