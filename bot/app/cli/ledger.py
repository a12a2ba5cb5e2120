"""`backstay ledger`: what it holds, whether its evidence is intact, and moving it between SQLite and PostgreSQL."""

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.help import HelpCommand, HelpGroup
from bot.app.cli.ledger_chain import adopt, verify
from bot.app.cli.options import Format
from bot.app.cli.terminal import BELOW, as_json, clear_errors, fail, progress, run, say, write

if TYPE_CHECKING:
    from bot.storage.copy import Copied
    from bot.storage.statistics import LedgerStatistics

ledger = typer.Typer(
    name="ledger",
    cls=HelpGroup,
    help="Show what the ledger holds, verify its evidence, and move it between SQLite and PostgreSQL.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ledger.command(cls=HelpCommand)(verify)
ledger.command(cls=HelpCommand)(adopt)

_WHERE = "A path, sqlite:///path or postgresql://...; better env:NAME or file:PATH, which keep a password out of sight."
Source = Annotated[str, typer.Argument(metavar="FROM", help=f"The ledger to copy. {_WHERE}")]
Target = Annotated[str, typer.Argument(metavar="TO", help="An empty database or a new file, named in the same way.")]


@ledger.command(cls=HelpCommand)
def info(
    where: Annotated[str, typer.Argument(help=f"Which ledger; else that of the settings. {_WHERE}")] = "",
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
    config: options.Config = None,
) -> None:
    """Show what a ledger holds: rows, size, age, version."""
    with clear_errors():
        found = run(_info(options.ledger_address(where, config)))
    if form is Format.JSON:
        return write(as_json(asdict(found)), output)
    return write("\n".join(_info_lines(found)), output)


def _info_lines(found: "LedgerStatistics") -> list[str]:
    lines = [
        f"{found.kind}, {found.size / 1e6:,.1f} MB, schema version {found.shape} (this backstay: {found.ours})",
    ]
    if found.oldest and found.newest:
        lines.append(f"audits from {found.oldest:%Y-%m-%d %H:%M} to {found.newest:%Y-%m-%d %H:%M} UTC")
    lines.append(f"messages not yet sent: {found.on_their_way}")
    return lines + [f"  {rows:>12,}  {table}" for table, rows in found.rows.items()]


@ledger.command(cls=HelpCommand)
def copy(
    source: Source,
    target: Target,
    move: Annotated[
        bool, typer.Option("--move", help="Close the source for good, and take its unsent messages along.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted copy.")] = False,
) -> None:
    """Copy a ledger into an empty one, also while it is in use; every row is verified.

    Without --move the source stays in use and keeps its unsent messages, so that nothing is sent twice. With --move the source
    finishes what it is sending and then refuses every change; unsent messages are copied and sent from the target.

    Exit code: 0 done, 1 the copy differs from the source, 2 refused or unreachable (the source stays in use).
    """
    from bot.storage.copy import DiffersError

    with clear_errors():
        try:
            copied = run(
                _copy(options.ledger_address(source), options.ledger_address(target), move=move, resume=resume)
            )
        except DiffersError as error:
            fail(str(error), code=BELOW)
    for table, rows in copied.rows.items():
        say(f"  {rows:>12,}  {table}  {copied.checksums[table]}")
    say(f"{sum(copied.rows.values()):,} rows copied; counts and checksums agree")
    if copied.on_their_way:
        say(f"{copied.on_their_way} unsent messages stay with the source, which sends them; --move takes them along")
    if move:
        say("The source now refuses every change: set `ledger:` to the target and start")


@ledger.command(cls=HelpCommand)
def reopen(where: Annotated[str, typer.Argument(help=f"The ledger that was moved. {_WHERE}")]) -> None:
    """Undo a move: put the old ledger back into use. Delete the copy, or its messages are sent twice."""
    with clear_errors():
        moved = run(_reopen(options.ledger_address(where)))
    if not moved:
        fail("that ledger was never moved; nothing was changed")
    say("The ledger is back in use. Delete the copy, or its messages are sent twice.")


async def _info(where: str) -> "LedgerStatistics":
    from bot.storage.ledger import Ledger, require_existing
    from bot.storage.statistics import ledger_statistics

    await require_existing(where, timedelta(seconds=10))
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
