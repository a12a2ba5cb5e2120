"""What a command was given, typed or filled in: who gave it, and how it is told that it cannot be taken."""

from collections.abc import Mapping

from bot.cards.card import Card
from bot.chat.command import Call, FieldErrors, UsageError
from bot.model import Caller


def actor(caller: Caller) -> str:
    """Who, for the audit log: `slack:U123`."""
    return f"{caller.platform}:{caller.user}"


def signed(caller: Caller) -> str:
    """Who, for people: their name where the platform told it."""
    return caller.name or actor(caller)


def untaken(call: Call, errors: Mapping[str, str], form: Card) -> FieldErrors | UsageError:
    """The error for fields that cannot be taken: beside each field of a submitted form, else the first as a sentence."""
    if call.fields:
        return FieldErrors(errors, form)
    usage = form.form.usage if form.form else ""
    return UsageError(f"{next(iter(errors.values()))} Usage: {usage}")
