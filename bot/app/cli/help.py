"""Draws `--help`: commands in groups, folded to the terminal, one line each in a pipe, without rich."""

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from inspect import cleandoc
from typing import Any, Final

from typer.core import TyperCommand, TyperGroup

EVERYWHERE: Final = ("-q", "--quiet", "--no-progress")
"""Flags of the whole command line; they may also follow the command."""

_VALUES: Final = {
    "str": "TEXT",
    "int": "NUMBER",
    "float": "NUMBER",
    "file": "FILE",
    "directory": "FOLDER",
    "path": "FILE",
}
_VALUE: Final = re.compile(r"<(?:list\[)?(str|int|float|file|directory|path)(?: range)?\]?>")
_WIDEST = 100
_NARROW = 64  # columns; below that a description goes under what it describes
_TERM = 30  # columns that the longest term may take beside its description


class HelpCommand(TyperCommand):
    """A command whose help is drawn here."""

    def get_help(self, ctx: Any) -> str:
        """The help page of this command."""
        return "\n".join(_page(self, ctx))


class HelpGroup(TyperGroup):
    """A group of commands whose help is drawn here. The outermost one takes its flags also after the command."""

    def get_help(self, ctx: Any) -> str:
        """The help page of this group."""
        return "\n".join(_page(self, ctx))

    def listed(self, ctx: Any) -> Iterator[tuple[str, str, str]]:
        """Panel, name and summary of each visible command."""
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            if not command.hidden:
                yield getattr(command, "rich_help_panel", None) or "Commands", name, _summary(command.help or "")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line, with the flags of the whole command line moved to its front."""
        return super().parse_args(ctx, args if ctx.parent else _flags_first(args))


def _flags_first(args: Sequence[str]) -> list[str]:
    end = args.index("--") if "--" in args else len(args)
    flags = [word for word in args[:end] if word in EVERYWHERE]
    return [*flags, *(word for word in args[:end] if word not in EVERYWHERE), *args[end:]]


def columns_of(stream: Any) -> int | None:
    """The columns of a terminal, at most 100; None for a pipe or a file, where nothing is folded."""
    return min(shutil.get_terminal_size().columns, _WIDEST) if stream.isatty() else None


def wants_colour(stream: Any) -> bool:
    """Whether the stream is a terminal that takes colours (https://no-color.org)."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def fold(text: str, columns: int | None, indent: str = "", rest: str | None = None) -> list[str]:
    """A line in pieces of at most `columns`; words and addresses are never broken. One piece where `columns` is None."""
    if columns is None:
        return [indent + text]
    return textwrap.wrap(
        text,
        columns,
        initial_indent=indent,
        subsequent_indent=indent if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [indent]


def _page(command: Any, ctx: Any) -> Iterator[str]:
    columns = columns_of(sys.stdout)
    pieces = " ".join(command.collect_usage_pieces(ctx))
    yield from fold(f"Usage: {ctx.command_path} {pieces}", columns, rest="       ")
    for paragraph in re.split(r"\n\s*\n", cleandoc(command.help or "")):
        yield ""
        yield from fold(" ".join(paragraph.split()), columns)
    records = [(param, param.get_help_record(ctx)) for param in command.get_params(ctx)]
    for title, kind in (("Arguments", "argument"), ("Options", "option")):
        if kind == "option" and isinstance(command, HelpGroup):
            yield from _commands(command, ctx, columns)
        rows = [record for param, record in records if record and param.param_type_name == kind]
        if kind == "option" and ctx.parent is not None:
            rows += _of_all_commands(ctx)
        yield from _section(title, rows, columns)


def _of_all_commands(ctx: Any) -> Iterator[tuple[str, str]]:
    root = ctx.find_root()
    for param in root.command.get_params(root):
        if set(param.opts) & set(EVERYWHERE) and (record := param.get_help_record(root)):
            yield record


def _commands(group: HelpGroup, ctx: Any, columns: int | None) -> Iterator[str]:
    listed = list(group.listed(ctx))
    longest = max(len(name) for _, name, _ in listed)
    panels: dict[str, list[tuple[str, str]]] = {}
    for panel, name, summary in listed:
        panels.setdefault(panel, []).append((f"{name:{longest}}", summary))
    for panel, rows in panels.items():
        yield from _section(panel, rows, columns)


def command_summaries(group: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every visible command as it is typed, without the program's name, and its first sentence or paragraph."""
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if isinstance(command, TyperGroup):
            yield from command_summaries(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", _summary(command.help or "")


def _summary(text: str) -> str:
    return " ".join(re.split(r"\n\s*\n", cleandoc(text))[0].split())


def _section(title: str, rows: Sequence[tuple[str, str]], columns: int | None) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield f"\x1b[1m{title}:\x1b[0m" if wants_colour(sys.stdout) else f"{title}:"
    terms = [_VALUE.sub(lambda found: _VALUES[found[1]], term) for term, _ in rows]
    width = min(_TERM, max(map(len, terms)))
    for term, (_, described) in zip(terms, rows, strict=True):
        yield from _row(term, described, width, columns)


def _row(term: str, described: str, width: int, columns: int | None) -> Iterator[str]:
    text = " ".join(described.split())
    if columns is not None and columns < _NARROW:
        yield from fold(term.strip(), columns, "  ", "    ")
        yield from fold(text, columns, indent="      ") if text else ()
    elif len(term) > width and columns is not None:
        yield f"  {term}"
        yield from fold(text, columns, indent=" " * (width + 4)) if text else ()
    else:
        yield from fold(text, columns, f"  {term:{width}}  ", " " * (width + 4))
