"""Names the caller of a command, and reports invalid values of a form or of a typed line."""

from collections.abc import Mapping

from bot.cards.card import Card
from bot.chat.command import Call, FieldErrors, UsageError
from bot.model import Caller


def actor(caller: Caller) -> str:
    """The caller's id for the audit log: `slack:U123`."""
    return f"{caller.platform}:{caller.user}"


def display_name(caller: Caller) -> str:
    """The caller's name for people, where the platform gives one; else the id."""
    return caller.name or actor(caller)


def field_errors(call: Call, errors: Mapping[str, str], form: Card) -> FieldErrors | UsageError:
    """The error for invalid values: beside each field of a submitted form; for a typed line the first one, with the usage."""
    if call.fields:
        return FieldErrors(errors, form)
    usage = form.form.usage if form.form else ""
    return UsageError(f"{next(iter(errors.values()))} Usage: {usage}")
