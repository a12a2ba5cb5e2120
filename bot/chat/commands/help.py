"""`help [command]`: lists the commands, or explains one."""

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
    summary="List the commands, or explain one of them.",
    example="help whatif",
)
async def help_(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Answer with all commands, or with one in detail."""
    del backend  # help needs the commands alone
    prefix = call.caller.labels.get("prefix", "")
    known = commands()
    if not call.subject:
        yield help_card([_entry(known_command) for known_command in known.values()], prefix=prefix)
        return
    word = find(call.subject.lower().lstrip("/"), known)
    if word is None:
        raise suggest("command", call.subject, tuple(known), "help")
    yield command_help_card(_entry(known[word]), prefix=prefix)


def _entry(known: Command) -> HelpEntry:
    roles = {Role.VIEWER: "", Role.RESPONDER: "responders and admins", Role.ADMIN: "admins"}
    return HelpEntry(known.word, known.usage, known.summary, known.example, roles[known.role], known.form)
