"""Commands: one file each, free of any platform; `dispatch` is the door to all of them."""

from bot.commands._command import Call, Command, FieldErrors, UnknownNameError, UsageError, command, commands
from bot.commands._dispatch import dispatch, private
from bot.commands._line import quoted

__all__ = [
    "Call",
    "Command",
    "FieldErrors",
    "UnknownNameError",
    "UsageError",
    "command",
    "commands",
    "dispatch",
    "private",
    "quoted",
]
