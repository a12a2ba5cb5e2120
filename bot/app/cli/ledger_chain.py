"""`backstay ledger verify` and `adopt`: whether evidence is as it was written, and chaining rows that have no link."""

import getpass
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.options import Format
from bot.app.cli.terminal import BELOW, UNREAD, as_json, clear_errors, fail, run, say, write

if TYPE_CHECKING:
    from bot.storage.evidence_chain import ChainHead
    from bot.storage.evidence_verification import ChainReport
    from bot.storage.ledger import Ledger

_PATIENCE = timedelta(seconds=10)
_Where = Annotated[
    str, typer.Argument(help="Which ledger, as of `ledger info`; else that of the settings.", show_default=False)
]


def verify(
    where: _Where = "",
    head: Annotated[
        str, typer.Option(metavar="SEQ:HASH", help="The chain head of an earlier report, which the chain must contain.")
    ] = "",
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
    config: options.Config = None,
) -> None:
    """Verify that no attestation, waiver, receipt or audit log row was edited, dropped, inserted or reordered.

    Every such row has a link in a chain of hashes. Rows cut off at the end, or a chain that was computed again, show only against a
    head that was kept outside the ledger: reports print it, and --head takes it.

    Exit code: 0 intact, 1 not intact (each row is named), 2 the ledger cannot be read, 3 --head is older than what is kept.
    """
    from bot.storage.evidence_chain import ChainHead

    try:
        known = ChainHead.parse(head) if head else None
    except ValueError as error:
        fail(f"--head: {error}")
    with clear_errors():
        found = run(_verified(options.ledger_address(where, config), known))
    if form is Format.JSON:
        write(as_json({**asdict(found), "head": str(found.head), "intact": not found.problems}), output)
    else:
        write("\n".join(_lines(found)), output)
    if found.problems:
        raise typer.Exit(BELOW)
    if found.unverified:
        fail(found.unverified, "Compare a newer report", code=UNREAD)


def adopt(
    where: _Where = "",
    reason: Annotated[str, typer.Option(help="Why these rows have no link; kept in the chain.")] = "",
    config: options.Config = None,
) -> None:
    """Append links for rows that have none, which a replica of an older version wrote during an upgrade.

    The chain keeps who did so, when and why, and `ledger verify` counts these rows.
    """
    if not reason.strip():
        fail("--reason is missing", 'Write why these rows have no link: --reason "upgrade of 12 May"')
    with clear_errors():
        count = run(_adopted(options.ledger_address(where, config), reason.strip()))
    say(
        f"{count:,} {'row' if count == 1 else 'rows'} chained" if count else "Every row has a link; nothing was changed"
    )


def _lines(found: "ChainReport") -> list[str]:
    lines = list(found.problems)
    total = sum(found.rows.values())
    lines.append(
        f"{len(found.problems):,} problems in {total:,} rows" if lines else f"{total:,} rows are as they were written"
    )
    lines += [f"  {rows:>12,}  {kind}" for kind, rows in found.rows.items()]
    if found.adopted:
        lines.append(f"chained later than written: {found.adopted:,} rows")
    if found.pruned:
        lines.append(f"deleted by retention: links up to {found.pruned:,}")
    return [*lines, f"chain head: {found.head}"]


async def _open(where: str) -> "Ledger":
    from bot.storage.ledger import Ledger, require_existing

    await require_existing(where, _PATIENCE)
    return await Ledger.open(where)


async def _verified(where: str, known: "ChainHead | None") -> "ChainReport":
    from bot.storage.evidence_verification import verify_chain

    ledger = await _open(where)
    try:
        return await verify_chain(ledger, known)
    finally:
        await ledger.close()


async def _adopted(where: str, reason: str) -> int:
    from bot.model import utc_now
    from bot.storage.evidence_verification import adopt_rows
    from bot.storage.ledger import AuditLogEntry

    actor = f"cli:{getpass.getuser()}"
    ledger = await _open(where)
    try:
        detail = {"by": actor, "reason": reason, "on": utc_now().isoformat()}
        count = await ledger.write_at_once(lambda connection: adopt_rows(connection, detail))
        if count:
            await ledger.log(AuditLogEntry(utc_now(), actor, "adopt", {"rows": count, "reason": reason}))
        return count
    finally:
        await ledger.close()
