"""How the command line speaks: progress and mistakes on standard error, answers on standard output."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from bot.catalogue import ConfigError
from bot.model import Progress, UnusableError

DONE, BELOW, MISTAKE, UNSEEN = 0, 1, 2, 3
"""Exit codes: done; below --fail-under; bad usage or settings; too little seen for an honest score."""

_MEND_OUTPUT = "Name a file in a folder that you may write to"
_EVERY = 2.0  # seconds between plain lines of progress: enough to see life, not enough to fill a log


def console(*, stderr: bool = False) -> Console:
    """A console on standard output, or on standard error for whatever is not the answer."""
    return Console(stderr=stderr, highlight=False, emoji=False, soft_wrap=not sys.stdout.isatty() and not stderr)


def fail(problem: str, mend: str = "", code: int = MISTAKE) -> NoReturn:
    """Say what is wrong and how to mend it, and end."""
    out = console(stderr=True)
    out.print(f"backstay: {problem}", markup=False, style="bold")
    if mend:
        out.print(f"  {mend}", markup=False)
    raise typer.Exit(code)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn what users can mend into a message and exit code 2."""
    from bot.storage.ledger import LedgerError

    try:
        yield
    except ConfigError as error:
        fail(f"the settings cannot be used\n{error}")
    except UnusableError as error:
        fail(str(error), error.mend)
    except LedgerError as error:
        fail(str(error))


@contextmanager
def progress(doing: str) -> Iterator[Callable[[Progress], None]]:
    """Show how far the work is: a live bar on a terminal, a plain line every two seconds elsewhere."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield _plain(out, doing)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("[bold]{task.fields[title]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=out, transient=True) as bar:
        task = bar.add_task("", total=None, title=doing)
        yield lambda step: bar.update(
            task, completed=step.done, total=step.total or None, description=step.doing[: max(10, out.width - 60)]
        )


def _plain(out: Console, doing: str) -> Callable[[Progress], None]:
    last = time.monotonic() - _EVERY

    def report(step: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _EVERY:
            last = now
            out.print(f"{doing}: {step.done} of {step.total or '?'} {step.doing}", markup=False)

    return report


def colours(output: Path | None) -> bool | None:
    """Whether an answer is coloured: never in a file, whose reader may be no terminal; else as the terminal wants it."""
    return None if output is None else False


def writable(output: Path | None) -> None:
    """Make sure of the place before long work begins: an answer that cannot be put down is lost.

    Raises:
        typer.Exit: nothing can be written there (code 2).
    """
    if output is None:
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail(f"cannot write {output}: {error.strerror}", _MEND_OUTPUT)
    if not os.access(output if output.exists() else output.parent, os.W_OK):
        fail(f"cannot write {output}: no permission", _MEND_OUTPUT)


def write(text: str, output: Path | None) -> None:
    """Print an answer, or put it into a file and say so.

    Raises:
        typer.Exit: the file cannot be written (code 2).
    """
    if output is None:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")
    except OSError as error:
        fail(f"cannot write {output}: {error.strerror}", _MEND_OUTPUT)
    console(stderr=True).print(f"written to {output}", markup=False)
