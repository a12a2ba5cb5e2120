"""`backstay whatif`: lose a zone, a region, a product, a cloud or a SaaS, on paper."""

import asyncio
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.terminal import clear_errors, colours, fail, progress, writable, write

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.audit.service import AuditService
    from checks import Impact, Scope


class Format(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


def whatif(
    scope: Annotated[
        str, typer.Argument(help="aws, aws/us-east-1, aws/us-east-1/dynamodb, aws/us-east-1/use1-az4, stripe ...")
    ],
    lasts: Annotated[str, typer.Option("--for", help="How long it is lost: 90m, 15h, 2d.")] = "15h",
    form: Annotated[Format, typer.Option("--format", help="How to write the answer.")] = Format.TEXT,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.", dir_okay=False)] = None,
    config: options.Config = None,
    profile: options.Profile = "",
    regions: options.Regions = None,
) -> None:
    """Lose a scope: which services go down, which fail over, what it costs, and who can still be told.

    Judges the facts of the last audit and says how old they are; reads them anew when there are none.
    """
    lost, time = _scope(scope), _duration(lasts)
    writable(output)
    with clear_errors():
        text = asyncio.run(_whatif(lost, time, form, options.settings(config, profile, regions), colours(output)))
    write(text, output)


async def _whatif(scope: "Scope", lasts: timedelta, form: Format, settings: "Settings", colour: bool | None) -> str:
    from bot.app.wiring.audit import open_review
    from bot.audit.export import json as to_json
    from bot.cards.messages.whatif import whatif_card
    from bot.cards.render import terminal as to_terminal

    async with open_review(settings) as review:
        with progress("reading") as report:
            lost = await review.whatif(scope, lasts, report)
        if not lost.known_scope:
            _refuse(review, lost)
        if form is Format.JSON:
            return to_json.whatif(lost)
        card = whatif_card(lost, currency=review.currency, now=review.clock(), page=None)
        return to_terminal.render(card, colour=colour)


def _refuse(review: "AuditService", lost: "Impact") -> None:
    from bot.catalogue import did_you_mean

    known = review.scopes()
    fail(
        f"nothing of yours stands in {lost.scope}{did_you_mean(str(lost.scope), known)}",
        f"Known here: {', '.join(known[:20]) or 'nothing yet; run `backstay audit`'}",
    )


def _scope(text: str) -> "Scope":
    from checks import Scope

    try:
        return Scope.parse(text)
    except ValueError as error:
        fail(str(error))


def _duration(text: str) -> timedelta:
    from bot.catalogue import duration

    try:
        lasts = duration(text)
    except ValueError:
        fail(f"--for {text!r} is no duration", "Write 90m, 15h or 2d")
    if not timedelta(0) < lasts <= timedelta(days=365):
        fail(f"--for {text} is out of range", "Name a time of up to a year: 90m, 15h, 2d")
    return lasts
