"""`help [command]`: what can be asked, and how."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.help import HelpEntry, command_help_card, help_card
from bot.chat.command import Call, Command, command, commands
from bot.chat.suggestions import find, suggest
from bot.model import Role
from bot.model.backend import Backend


@command(
    word="help",
    usage="[command]",
    summary="What can be asked, and how.",
    example="help whatif",
)
async def help_(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Every command, or one in full."""
    del backend  # help knows the commands only
    prefix = call.caller.labels.get("prefix", "")
    known = commands()
    if not call.subject:
        yield help_card([_entry(one) for one in known.values()], prefix=prefix)
        return
    word = find(call.subject.lower().lstrip("/"), known)
    if word is None:
        raise suggest("command", call.subject, tuple(known), "help")
    yield command_help_card(_entry(known[word]), prefix=prefix)


def _entry(one: Command) -> HelpEntry:
    roles = {Role.VIEWER: "", Role.RESPONDER: "responders and admins", Role.ADMIN: "admins"}
    return HelpEntry(one.word, one.usage, one.summary, one.example, roles[one.role], one.form)
