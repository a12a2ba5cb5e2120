"""`backstay ledger`: what it holds, and moving it between SQLite and PostgreSQL."""

import asyncio
import json
import os
from dataclasses import asdict
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.terminal import BELOW, clear_errors, console, fail, progress, write

if TYPE_CHECKING:
    from bot.storage.copy import Copied
    from bot.storage.statistics import LedgerStatistics

ledger = typer.Typer(
    name="ledger",
    help="What backstay remembers: look at it, and move it from SQLite to PostgreSQL or back.",
    no_args_is_help=True,
)

_WHERE = "A path, sqlite:///path or postgresql://…; better env:NAME or file:PATH, so that no password is on show."
Source = Annotated[str, typer.Argument(metavar="FROM", help=f"The ledger to copy. {_WHERE}")]
Target = Annotated[str, typer.Argument(metavar="TO", help="An empty database or a new file, named in the same way.")]


class Format(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


@ledger.command()
def info(
    where: Annotated[str, typer.Argument(help=f"Which ledger; else the one of the settings. {_WHERE}")] = "",
    form: Annotated[Format, typer.Option("--format", help="How to write the answer.")] = Format.TEXT,
    config: options.Config = None,
) -> None:
    """What a ledger holds: rows, size, age, version."""
    with clear_errors():
        found = asyncio.run(_info(_resolved(where) if where else options.settings(config).ledger_address()))
    if form is Format.JSON:
        return write(json.dumps(asdict(found), indent=2, default=str), None)
    out = console()
    out.print(
        f"{found.kind}, {found.size / 1e6:,.1f} MB, shape {found.shape} (this backstay: {found.ours})", markup=False
    )
    if found.oldest and found.newest:
        out.print(f"audits from {found.oldest:%Y-%m-%d %H:%M} to {found.newest:%Y-%m-%d %H:%M} UTC", markup=False)
    out.print(f"posts on their way: {found.on_their_way}", markup=False)
    for table, rows in found.rows.items():
        out.print(f"  {rows:>12,}  {table}", markup=False)
    return None


@ledger.command()
def copy(
    source: Source,
    target: Target,
    move: Annotated[
        bool, typer.Option("--move", help="Stop the source for good, and take along what waits in its outbox.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a copy that was broken off.")] = False,
) -> None:
    """Copy a ledger into an empty one, also while it is in use; every row is checked.

    Without --move the source goes on, and keeps the posts that are on their way: nothing is sent twice. With --move it
    first finishes what it is sending and then refuses every change; what waits goes along and is sent from the new place.

    Exit code: 0 done, 1 what arrived differs from what was sent off, 2 refused or unreachable (then the source goes on).
    """
    from bot.storage.copy import DiffersError

    with clear_errors():
        try:
            copied = asyncio.run(_copy(_resolved(source), _resolved(target), move=move, resume=resume))
        except DiffersError as error:
            fail(str(error), code=BELOW)
    out = console()
    for table, rows in copied.rows.items():
        out.print(f"  {rows:>12,}  {table}  {copied.checksums[table]}", markup=False)
    out.print(f"{sum(copied.rows.values()):,} rows copied; counts and checksums agree", markup=False)
    if copied.on_their_way:
        stays = f"{copied.on_their_way} posts that are on their way stay with the source, which goes on sending them"
        out.print(f"{stays}; --move takes them along", markup=False)
    if move:
        out.print("The source refuses every change from now on: set `ledger:` to the new place and start", markup=False)


@ledger.command()
def reopen(where: Annotated[str, typer.Argument(help=f"The ledger that was moved. {_WHERE}")]) -> None:
    """Take a move back: the old ledger may be used again. What was copied must then not be: it would send the same posts."""
    with clear_errors():
        moved = asyncio.run(_reopen(_resolved(where)))
    if not moved:
        fail("that ledger has not moved; nothing was changed")
    console().print("The ledger may be used again. Delete the copy, or its posts are sent a second time.", markup=False)


def _resolved(where: str) -> str:
    from bot.app.settings import secret

    return secret(where, os.environ).get_secret_value() if where.startswith(("env:", "file:")) else where


async def _info(where: str) -> "LedgerStatistics":
    from bot.storage.ledger import Ledger, must_be_there
    from bot.storage.statistics import ledger_statistics

    await must_be_there(where, timedelta(seconds=10))
    found = await Ledger.open(where)
    try:
        return await ledger_statistics(found)
    finally:
        await found.close()


async def _copy(source: str, target: str, *, move: bool, resume: bool) -> "Copied":
    from bot.storage import copy as copying

    with progress("copying") as report:
        return await copying.copy(source, target, move=move, resume=resume, progress=report)


async def _reopen(where: str) -> bool:
    from bot.storage import copy as copying

    return await copying.reopen(where)
