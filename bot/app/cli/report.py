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
    from bot.model.compliance import ComplianceReport
    from bot.storage.ledger import Ledger

_ONLY_CONTROLS, _ONLY_PAGE = (Format.CSV, Format.OSCAL), (Format.JSON,)


def report(
    executives: Annotated[
        bool, typer.Option("--board", help="One page for executives: what depends on one thing, and what it costs.")
    ] = False,
    framework: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="The controls of dora, nist, iso22301, iso27001, soc2, aws, azure or google, each with its evidence.",
        ),
    ] = "",
    form: Annotated[
        Format, options.formats(Format.TEXT, Format.MARKDOWN, Format.HTML, Format.JSON, Format.CSV, Format.OSCAL)
    ] = Format.TEXT,
    output: options.Output = None,
    config: options.Config = None,
) -> None:
    """Write a report on the last audit: a page for executives, or the controls of a framework with their evidence.

    It uses the facts of the last audit and names their date; without an audit it reads the account. Every report carries the head
    of the evidence chain, which `backstay ledger verify --head` takes.
    """
    _require_one(executives, framework, form)
    writable(output)
    with clear_errors():
        found = options.settings(config)
        text = run(_executive_page(found, form, output) if executives else _controls(found, framework, form, output))
    write(text, output)


def _require_one(executives: bool, framework: str, form: Format) -> None:
    from bot.catalogue import did_you_mean
    from bot.catalogue.compliance import FRAMEWORKS

    if executives == bool(framework):
        fail("name one report", f"Write --board, or --framework and one of {', '.join(FRAMEWORKS)}")
    if framework and framework not in FRAMEWORKS:
        fail(
            f"no framework is called {framework!r}{did_you_mean(framework, FRAMEWORKS)}",
            f"Frameworks: {', '.join(FRAMEWORKS)}",
        )
    if form in (_ONLY_CONTROLS if executives else _ONLY_PAGE):
        told = "--board" if executives else "--framework"
        fail(
            f"{told} has no format {form.value}",
            "Write text, markdown, html" + (" or json" if executives else ", csv or oscal"),
        )


async def _executive_page(settings: "Settings", form: Format, output: Path | None) -> str:
    from bot.app.cli.terminal import as_json
    from bot.app.wiring.audit import open_audit_service
    from bot.cards.messages.executive_page import executive_page, risk_data
    from bot.cards.render import html as to_html
    from bot.cards.render import markdown as to_markdown

    async with open_audit_service(settings) as audits:
        await _last(audits)
        with progress("simulating losses"):
            risk = await audits.risk(await _head(audits))
    if risk is None:
        fail("there is no audit to report on", "Run `backstay audit`")
    if form is Format.JSON:
        return as_json(risk_data(risk))
    card = executive_page(risk, organisation=audits.organisation, currency=audits.currency)
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


async def _controls(settings: "Settings", framework: str, form: Format, output: Path | None) -> str:
    from bot.app.wiring.audit import open_audit_service
    from bot.audit.compliance import compliance_report

    async with open_audit_service(settings) as audits:
        last = await _last(audits)
        head = await _head(audits)
        found = await asyncio.to_thread(
            compliance_report, last.audit, framework, organisation=audits.organisation, chain_head=head
        )
    return await asyncio.to_thread(_drawn, found, form, output)


def _drawn(found: "ComplianceReport", form: Format, output: Path | None) -> str:
    from bot.audit.export.framework_csv import evidence
    from bot.audit.export.oscal import assessment_results
    from bot.cards.messages.framework_report import framework_report
    from bot.cards.render import html as to_html
    from bot.cards.render import markdown as to_markdown

    if form is Format.CSV:
        return evidence(found)
    if form is Format.OSCAL:
        return assessment_results(found)
    card = framework_report(found)
    if form is Format.HTML:
        return to_html.render(card)
    return to_markdown.render(card) if form is Format.MARKDOWN else draw(card, output)


async def _head(audits: "AuditService[Ledger]") -> str:
    """The head of the evidence chain; empty where nothing is chained."""
    from bot.storage.evidence_verification import chain_head

    head = await chain_head(audits.ledger)
    return str(head) if head.seq else ""
