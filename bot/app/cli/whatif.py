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


def whatif(
    scope: Annotated[
        list[str],
        typer.Argument(
            help="aws, us-east-1, us-east-1a, aws/us-east-1/dynamodb, gcp/europe-west4, azure/westeurope/1, kubernetes/prod, "
            "stripe ...; then how long, as in chat."
        ),
    ],
    lasts: Annotated[str, typer.Option("--for", help="How long it is lost: 90m, 15h, 2d; 15h where not given.")] = "",
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
    typed, time = _asked(scope, lasts)
    writable(output)
    with clear_errors():
        text = run(_whatif(typed, time, form, options.settings(config, profile, regions), output))
    write(text, output)


async def _whatif(typed: str, lasts: timedelta, form: Format, settings: "Settings", output: Path | None) -> str:
    from bot.app.wiring.audit import open_audit_service
    from bot.audit.export import json as to_json
    from bot.cards.messages.regions_read import regions_of
    from bot.cards.messages.whatif import whatif_card
    from bot.cards.render import html as to_html
    from bot.catalogue.scope_names import UnknownScopeError
    from bot.chat.scope_answers import simulated_loss

    async with open_audit_service(settings) as audits:
        with progress("reading") as report:
            if await audits.latest() is None:
                await audits.audit((), report)
            try:
                lost = await simulated_loss(typed, lasts, audits, report)
            except UnknownScopeError as unknown:
                problem, tries = unknown.problem, unknown.tries
            else:
                problem = ""
        if problem:
            hint = f"; did you mean {tries[0]!r}?" if tries else ""
            fail(
                f"{problem.removesuffix('.')}{hint}",
                f"Known: {', '.join(tries) or 'nothing yet; run `backstay audit`'}",
            )
        if form is Format.JSON:
            return to_json.whatif(lost)
        read = regions_of(await audits.latest())
        card = whatif_card(lost, currency=audits.currency, page=None, regions=read)
        return to_html.render(card) if form is Format.HTML else draw(card, output)


def _asked(words: list[str], lasts: str) -> tuple[str, timedelta]:
    """The scope as it was typed and the duration: of the option, else of the last words, else 15 h."""
    from bot.chat.command import UsageError
    from bot.chat.commands.whatif import DEFAULT
    from bot.chat.scope_answers import scope_and_duration

    try:
        typed, said = scope_and_duration(" ".join(words).split())
    except UsageError as error:
        fail(str(error))
    if lasts and said:
        fail(f"the duration is given twice: --for {lasts} and in {' '.join(words)!r}", "Give it once")
    return typed, options.duration_of("--for", lasts, longest=timedelta(days=365)) if lasts else said or DEFAULT
