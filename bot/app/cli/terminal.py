"""How the command line speaks: progress, notes and errors on standard error, answers on standard output.

Imports nothing heavy, so that `--help` and completion stay quick; rich comes in only where a live bar or a coloured card is drawn.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

from bot.app.cli.help import columns_of, fold, wants_colour
from bot.app.cli.streams import emit

if TYPE_CHECKING:
    from bot.cards.card import Card
    from bot.model import Progress

DONE, BELOW, MISTAKE, UNREAD = 0, 1, 2, 3
"""Exit codes: done; below --fail-under or something is bad; bad usage or settings; asked for by --strict: not everything was read."""

STARTED = time.monotonic()
"""When this process began, on the monotonic clock: this module is among the first to be imported."""

BOLD, GREEN, YELLOW, RED = "1", "32", "33", "1;31"
"""Colours as terminals number them (ECMA-48, SGR)."""

_FIX_OUTPUT = "Name a file in a folder that you may write to"
_EVERY = 2.0  # seconds between plain lines of progress: enough to see life, not enough to fill a log
_PIPE = 100_000  # columns of a pipe or a file: nothing is folded there
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)
_progress: ContextVar[bool] = ContextVar("progress", default=True)
T = TypeVar("T")


def speak(*, quiet: bool, show_progress: bool) -> None:
    """Set what is said beside answers and errors, for this run."""
    _quiet.set(quiet)
    _progress.set(show_progress and not quiet)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's asynchronous part to its end."""
    import asyncio

    return asyncio.run(work)


def say(text: str, *, colour: str = "") -> None:
    """Print a line of the answer: folded at words on a terminal, one line in a pipe."""
    emit(_drawn(text, sys.stdout, colour), sys.stdout)


def note(text: str) -> None:
    """Print a line beside the answer, on standard error; --quiet leaves it out."""
    if not _quiet.get():
        emit(_drawn(text, sys.stderr), sys.stderr)


def warn(text: str) -> None:
    """Print a line that --quiet does not leave out, on standard error."""
    emit(_drawn(f"backstay: {text}", sys.stderr, BOLD), sys.stderr)


def fail(problem: str, fix: str = "", code: int = MISTAKE) -> NoReturn:
    """Print what is wrong and how to fix it, and end.

    Raises:
        typer.Exit: always, with `code`.
    """
    warn(problem)
    if fix:
        emit(_drawn(fix, sys.stderr, indent="  "), sys.stderr)
    raise typer.Exit(code)


def _drawn(text: str, stream: Any, colour: str = "", indent: str = "") -> str:
    columns = columns_of(stream)
    lines = [
        folded
        for line in text.split("\n")
        for folded in fold(line.lstrip(), columns, indent + " " * (len(line) - len(line.lstrip())), f"{indent}  ")
    ]
    drawn = "\n".join(lines)
    return f"\x1b[{colour}m{drawn}\x1b[0m\n" if colour and wants_colour(stream) else f"{drawn}\n"


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn what users can fix into a message and exit code 2."""
    from bot.catalogue import ConfigError
    from bot.model import UnusableError
    from bot.storage.ledger import LedgerError

    try:
        yield
    except ConfigError as error:
        fail(f"invalid settings\n{error}")
    except UnusableError as error:
        fail(str(error), error.fix)
    except LedgerError as error:
        fail(str(error))


@contextmanager
def progress(doing: str) -> Iterator[Callable[["Progress"], None]]:
    """Show how far the work is: a live bar on a terminal, a plain line every two seconds elsewhere, nothing with --no-progress.

    A terminal that asks for no colour (https://no-color.org) gets no bar either, which moves the cursor.
    """
    if not _progress.get():
        yield lambda _: None
        return
    if not sys.stderr.isatty() or os.environ.get("NO_COLOR"):
        yield _lines_of_progress(doing)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    out = Console(stderr=True, highlight=False, emoji=False)
    columns = (
        SpinnerColumn(),
        TextColumn("[bold]{task.fields[title]}"),
        *((BarColumn(),) if out.width >= 80 else ()),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=out, transient=True) as bar:
        task = bar.add_task("", total=None, title=doing)
        room = max(0, out.width - (68 if out.width >= 80 else 30))
        yield lambda step: bar.update(
            task, completed=step.done, total=step.total or None, description=step.doing[:room]
        )


def _lines_of_progress(doing: str) -> Callable[["Progress"], None]:
    last = time.monotonic() - _EVERY

    def report(step: "Progress") -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _EVERY:
            last = now
            emit(f"{doing}: {step.done} of {step.total or '?'} {step.doing}\n", sys.stderr)

    return report


def as_json(data: object) -> str:
    """Data as indented JSON; moments and other values as their text."""
    return json.dumps(data, indent=2, ensure_ascii=False, default=str) + "\n"


def draw(card: "Card", output: Path | None) -> str:
    """A card as text: with colours and folded for a terminal; in a pipe or a file plain, one line a sentence and a row.

    FORCE_COLOR makes a terminal of every standard output.
    """
    colour = wants_colour(sys.stdout) or bool(os.environ.get("FORCE_COLOR"))
    if output is None and (sys.stdout.isatty() or colour):
        from bot.cards.render import terminal

        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        return terminal.render(card, width=width, colour=colour)
    from dataclasses import replace

    from bot.cards.card import Buttons, Rule
    from bot.cards.render import text

    # Buttons run commands of the chat, and a rule would be as long as a pipe is wide.
    return text.render(
        replace(card, blocks=tuple(block for block in card.blocks if not isinstance(block, Buttons | Rule))), _PIPE
    )


def writable(output: Path | None) -> None:
    """Make sure that the answer can be written before long work begins.

    Raises:
        typer.Exit: nothing can be written there (code 2).
    """
    if output is None:
        return
    was_there = output.exists()
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.open("ab").close()
        if not was_there:
            output.unlink()
    except OSError as error:
        fail(f"cannot write {output}: {error.strerror}", _FIX_OUTPUT)


def write(content: str | bytes, output: Path | None) -> None:
    """Print an answer, or write it into a file and note where.

    Raises:
        typer.Exit: the file cannot be written (code 2), or the pipe has closed (code 141).
    """
    if isinstance(content, str):
        content = content if content.endswith("\n") else content + "\n"
        if output is None:
            emit(content, sys.stdout)
            return
        content = content.encode("utf-8")
    if output is None:
        fail("this answer is no text", "Name a file with --output")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
    except OSError as error:
        fail(f"cannot write {output}: {error.strerror}", _FIX_OUTPUT)
    note(f"written to {output}")
