"""`backstay whatif`: simulates losing a zone, a region, a product, a cloud or a SaaS."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.options import Format
from bot.app.cli.terminal import clear_errors, draw, fail, progress, run, writable, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.audit.service import AuditService
    from bot.storage.ledger import Ledger
    from checks import Impact, Scope


def whatif(
    scope: Annotated[
        str, typer.Argument(help="aws, aws/us-east-1, aws/us-east-1/dynamodb, aws/us-east-1/use1-az4, stripe ...")
    ],
    lasts: Annotated[str, typer.Option("--for", help="How long it is lost: 90m, 15h, 2d.")] = "15h",
    form: Annotated[Format, options.formats(Format.TEXT, Format.JSON, Format.HTML)] = Format.TEXT,
    output: options.Output = None,
    config: options.Config = None,
    profile: options.Profile = "",
    regions: options.Regions = None,
) -> None:
    """Simulate losing a cloud, region, zone or service: services expected down, failovers and cost.

    The answer also says which notification routes are lost. It uses the facts of the last audit and prints their age; without an
    audit it reads the account.
    """
    lost, time = _scope(scope), options.duration_of("--for", lasts, longest=timedelta(days=365))
    writable(output)
    with clear_errors():
        text = run(_whatif(lost, time, form, options.settings(config, profile, regions), output))
    write(text, output)


async def _whatif(scope: "Scope", lasts: timedelta, form: Format, settings: "Settings", output: Path | None) -> str:
    from bot.app.wiring.audit import open_audit_service
    from bot.audit.export import json as to_json
    from bot.cards.messages.whatif import whatif_card
    from bot.cards.render import html as to_html

    async with open_audit_service(settings) as audits:
        with progress("reading") as report:
            lost = await audits.whatif(scope, lasts, report)
        if not lost.known_scope:
            _refuse(audits, lost)
        if form is Format.JSON:
            return to_json.whatif(lost)
        card = whatif_card(lost, currency=audits.currency, now=audits.clock(), page=None)
        return to_html.render(card) if form is Format.HTML else draw(card, output)


def _refuse(audits: "AuditService[Ledger]", lost: "Impact") -> None:
    from bot.catalogue import did_you_mean

    known = audits.scopes()
    fail(
        f"no service of yours runs in {lost.scope}{did_you_mean(str(lost.scope), known)}",
        f"Known: {', '.join(known[:20]) or 'nothing yet; run `backstay audit`'}",
    )


def _scope(text: str) -> "Scope":
    from checks import Scope

    try:
        return Scope.parse(text)
    except ValueError as error:
        fail(str(error))
