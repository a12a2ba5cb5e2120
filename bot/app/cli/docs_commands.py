"""The command tables, generated from the command line and from the chat commands."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from bot.app.cli.docs_tables import table


def command_line() -> list[str]:
    """One table for each group of `backstay --help`, with the command as it is typed and its own options."""
    from typer.main import get_command

    from bot.app.cli.app import COMMANDS, app

    root: Any = get_command(app)
    lines: list[str] = []
    for panel, entries in groupby((entry for entry in COMMANDS if not entry.hidden), key=lambda entry: entry.panel):
        rows = [row for entry in entries for row in _typed(entry.name, root.commands[entry.name], entry.summary)]
        lines += ["", f"### {panel}", "", *table(("Command", "What it does", "Options"), rows)]
    return lines


def _typed(name: str, command: Any, summary: str) -> Iterator[tuple[str, str, str]]:
    """The rows of a command, or of each command below it."""
    below = getattr(command, "commands", None)
    if below:
        for word, inner in below.items():
            if not inner.hidden:
                yield from _typed(f"{name} {word}", inner, _summary(inner.help or ""))
        return
    taken = " ".join(_argument(param) for param in command.params if param.param_type_name == "argument")
    options = [
        next(option for option in param.opts if option.startswith("--"))
        for param in command.params
        if param.param_type_name == "option"
    ]
    shown = ", ".join(f"`{option}`" for option in options if option not in ("--help", "--config", "--output"))
    yield f"`backstay {name}{f' {taken}' if taken else ''}`", summary, shown


def _argument(param: Any) -> str:
    name = str(param.metavar or param.name).upper().strip("[]{}")
    name += "..." if param.nargs == -1 else ""
    return name if param.required else f"[{name}]"


def chat() -> list[str]:
    """The chat commands, as they are typed in Slack and in Teams."""
    from bot.chat.command import commands

    rows = []
    for command in commands().values():
        usage = f"{command.word} {command.usage}".strip()
        rows.append((f"`/resilience {usage}`", f"`@backstay {usage}`", command.role.value, command.summary))
    return list(table(("Slack", "Teams", "Role", "What it does"), rows))


def _summary(text: str) -> str:
    """The first paragraph of a help text, on one line."""
    return " ".join(re.split(r"\n\s*\n", text.strip())[0].split())
