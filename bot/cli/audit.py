"""`backstay audit`: read the cloud, judge it, print the scorecard."""

import asyncio
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import _options as options
from bot.cli._terminal import BELOW, UNSEEN, clear_errors, console, fail, progress, write

if TYPE_CHECKING:
    from bot.ports import Audit
    from bot.review import Review
    from checks import PastScore, Trend

WEEKS = timedelta(weeks=12)


class Format(StrEnum):
    """How a scorecard is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"
    JUNIT = "junit"


def audit(
    services: Annotated[list[str] | None, typer.Argument(help="Only these services; all if none is named.")] = None,
    config: options.Config = None,
    profile: options.Profile = "",
    regions: options.Regions = None,
    form: Annotated[Format, typer.Option("--format", help="How to write the scorecard.")] = Format.TEXT,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.", dir_okay=False)] = None,
    fail_under: Annotated[
        float | None, typer.Option(min=0, max=100, help="Exit with 1 when the score is below this.")
    ] = None,
) -> None:
    """Read the cloud account and score how well each service would survive a loss.

    Exit code: 0 done, 1 the score is below --fail-under, 2 bad usage or settings, 3 too little could be read for an honest score.
    """
    with clear_errors():
        text, done = asyncio.run(_audit(services or [], config, profile, regions, form))
    write(text, output)
    _exit(done, fail_under)


async def _audit(
    names: list[str], config: Path | None, profile: str, regions: list[str] | None, form: Format
) -> "tuple[str, Audit]":
    from bot.edges import open_review

    settings = options.settings(config, profile, regions)
    async with open_review(settings) as review:
        await _known(review, names, bool(settings.catalogue.entries))
        with progress("reading") as report:
            done = await review.audit(names, report)
        if names:
            done = await review.only(names)
        for note in review.notes:
            console(stderr=True).print(f"note: {note}", markup=False)
        return await _render(review, done, names, form), done


async def _known(review: "Review", names: list[str], written: bool) -> None:
    """Refuse a service that nobody knows before anything is read (without a catalogue the account must tell first)."""
    from bot.catalogue import did_you_mean

    if not names or not written:
        return
    known = [service.name for service in await review.services()]
    for name in names:
        if name not in known:
            fail(f"no service is called {name!r}{did_you_mean(name, known)}", f"Services: {', '.join(known) or 'none'}")


async def _render(review: "Review", done: "Audit", names: list[str], form: Format) -> str:
    from bot.report import to_csv, to_json, to_junit, to_markdown

    now = done.scorecard.generated_at
    history = await review.history(names[0] if len(names) == 1 else "", now - WEEKS)
    if form is Format.JSON:
        return to_json.scorecard(done, history)
    if form is Format.MARKDOWN:
        return to_markdown.render(done, history)
    if form is Format.CSV:
        return to_csv.render(done)
    if form is Format.JUNIT:
        return to_junit.render(done)
    return _page(done, names, history, as_html=form is Format.HTML)


def _page(done: "Audit", names: list[str], history: "list[PastScore]", *, as_html: bool) -> str:
    from bot.cards import scorecard, to_html, to_terminal
    from checks import trend

    cards = scorecard.cards(done, names, history)
    return to_html.page(cards) if as_html else to_terminal.text(cards)


def _exit(done: "Audit", fail_under: float | None) -> None:
    card = done.scorecard
    if not card.grade:
        fail(
            f"too little could be read for an honest score: {card.coverage:.0%} of what applies was seen",
            "`backstay doctor` names the permissions that are missing",
            code=UNSEEN,
        )
    if fail_under is not None and card.score < fail_under:
        console(stderr=True).print(f"backstay: the score {card.score:.0f} is below {fail_under:g}", markup=False)
        raise typer.Exit(BELOW)
