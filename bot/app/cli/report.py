"""`backstay report`: the page for executives, and the controls of a framework with their evidence."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.options import Format
from bot.app.cli.terminal import clear_errors, draw, fail, progress, run, writable, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.audit.service import AuditService, AuditSnapshot
    from bot.storage.ledger import Ledger


def report(
    executives: Annotated[
        bool, typer.Option("--board", help="One page for executives: what depends on one thing, and what it costs.")
    ] = False,
    form: Annotated[Format, options.formats(Format.TEXT, Format.MARKDOWN, Format.HTML, Format.JSON)] = Format.TEXT,
    output: options.Output = None,
    config: options.Config = None,
) -> None:
    """Write a report on the last audit: a page for executives, or the controls of a framework with their evidence.

    It uses the facts of the last audit and names their date; without an audit it reads the account. Every report carries the head
    of the evidence chain, which `backstay ledger verify --head` takes.
    """
    if not executives:
        fail("no report is named", "Write --board")
    writable(output)
    with clear_errors():
        text = run(_executive_page(options.settings(config), form, output))
    write(text, output)


async def _executive_page(settings: "Settings", form: Format, output: Path | None) -> str:
    from bot.app.cli.terminal import as_json
    from bot.app.wiring.audit import open_audit_service
    from bot.audit.risk import risk_of
    from bot.cards.messages.executive_page import executive_page
    from bot.cards.render import html as to_html
    from bot.cards.render import markdown as to_markdown
    from bot.storage.evidence_verification import chain_head

    async with open_audit_service(settings) as audits:
        last = await _last(audits)
        head = await chain_head(audits.ledger)
        with progress("simulating losses"):
            risk = await asyncio.to_thread(
                risk_of,
                last,
                audits.catalogue,
                now=audits.clock(),
                chain_head=str(head) if head.seq else "",
                notes=last.notes,
            )
    card = executive_page(risk, organisation=audits.organisation, currency=audits.currency)
    if form is Format.JSON:
        return as_json(card.data)
    if form is Format.HTML:
        return to_html.render(card, style=to_html.ONE_SHEET)
    return to_markdown.render(card) if form is Format.MARKDOWN else draw(card, output)


async def _last(audits: "AuditService[Ledger]") -> "AuditSnapshot":
    """The last audit with its facts; one is run where there is none."""
    with progress("reading") as told:
        last = await audits.snapshot()
        if last is None:
            await audits.audit((), told)
            last = await audits.snapshot()
    if last is None:
        fail("there is no audit to report on", "Run `backstay audit`")
    return last
