"""`backstay audit`: read the cloud, judge it, print the scorecard."""

import asyncio
from collections import Counter
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.terminal import BELOW, UNSEEN, clear_errors, colours, console, fail, progress, writable, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.audit.service import AuditService
    from bot.cards.card import Card
    from bot.model import Audit
    from checks import PastScore

WEEKS = timedelta(weeks=12)
REASONS, NOTES, NAMED = 10, 40, 20
"""How many reasons why something was not read, notes, and names of services are told beside the answer."""
_NAMELESS = "The estate"


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
    writable(output)
    with clear_errors():
        text, done = asyncio.run(_audit(services or [], config, profile, regions, form, colour=colours(output)))
    write(text, output)
    _exit(done, fail_under)


async def _audit(
    names: list[str], config: Path | None, profile: str, regions: list[str] | None, form: Format, *, colour: bool | None
) -> "tuple[str, Audit]":
    from bot.app.wiring.audit import open_review

    settings = options.settings(config, profile, regions)
    async with open_review(settings) as review:
        await _known(review, names, bool(settings.catalogue.entries))
        with progress("reading") as report:
            done = await review.audit(names, report)
        _tell(done, names, review.notes)
        done = review.only(names) if names else done
        return await _render(review, done, names, form, colour=colour), done


async def _known(review: "AuditService", names: list[str], written: bool) -> None:
    """Refuse a service that nobody knows before anything is read (without a catalogue the account must tell first)."""
    if names and written:
        _refuse_unknown(names, [service.name for service in await review.services()])


def _refuse_unknown(names: list[str], known: list[str]) -> None:
    from bot.catalogue import did_you_mean

    for name in names:
        if name not in known:
            listed = ", ".join(known[:NAMED]) + (f" and {len(known) - NAMED} more" if len(known) > NAMED else "")
            fail(f"no service is called {name!r}{did_you_mean(name, known)}", f"Services: {listed or 'none'}")


def _tell(done: "Audit", names: list[str], notes: "Sequence[str]") -> None:
    """Beside the answer: guesses, what could not be read, and names that the account does not know either."""
    _refuse_unknown(names, [one.service.name for one in done.scorecard.services])
    out = console(stderr=True)
    for note in notes[:NOTES]:
        out.print(f"note: {note}", markup=False)
    if len(notes) > NOTES:
        out.print(f"note: and {len(notes) - NOTES} more", markup=False)
    reasons = Counter(gap.reason for gap in done.collected.gaps)
    for reason, places in reasons.most_common(REASONS):
        out.print(f"not read: {reason} ({places} {'place' if places == 1 else 'places'})", markup=False)
    if len(reasons) > REASONS:
        out.print(f"not read: {len(reasons) - REASONS} more reasons; --format json has them all", markup=False)


async def _render(review: "AuditService", done: "Audit", names: list[str], form: Format, *, colour: bool | None) -> str:
    from bot.audit.export import csv as to_csv
    from bot.audit.export import json as to_json
    from bot.audit.export import junit as to_junit
    from bot.audit.export import markdown as to_markdown

    history = await _history(review, names)
    if form is Format.JSON:
        return to_json.scorecard(done, history)
    if form is Format.MARKDOWN:
        return to_markdown.scorecard(done, history)
    if form is Format.CSV:
        return to_csv.scorecard(done)
    if form is Format.JUNIT:
        return to_junit.scorecard(done)
    if form is Format.HTML:
        return _page(review, done, names, history)
    from bot.cards.render import terminal as to_terminal

    return to_terminal.render(_card(review, done, names, history), colour=colour)


async def _history(review: "AuditService", names: list[str]) -> "Sequence[PastScore]":
    """Remembered scores; of several services together there are none. An audit is told also where memory fails."""
    from bot.storage.ledger import LedgerError

    if len(names) > 1:
        return ()
    try:
        return await review.history(names[0] if names else "", review.clock() - WEEKS)
    except LedgerError:
        return ()


def _page(review: "AuditService", done: "Audit", names: list[str], history: "Sequence[PastScore]") -> str:
    from bot.cards.messages.full_report import report_cards
    from bot.cards.render import html as to_html
    from checks import trend

    now, card = review.clock(), done.scorecard
    change = trend(card, history, now=now) if not names else None
    title = review.organisation or _NAMELESS
    gaps = done.collected.gaps
    return to_html.render(*report_cards(card, organisation=title, now=now, trend=change, history=history, gaps=gaps))


def _card(review: "AuditService", done: "Audit", names: list[str], history: "Sequence[PastScore]") -> "Card":
    from bot.cards.messages.scorecard import estate_card, service_card
    from checks import trend

    now, card = review.clock(), done.scorecard
    if len(card.services) == 1 and names:
        one = card.services[0]
        change = trend(one, history, now=now)
        return service_card(one, now=now, read_at=card.generated_at, trend=change, history=history)
    change = trend(card, history, now=now) if not names else None
    past = history if not names else ()
    title = review.organisation or _NAMELESS
    gaps = done.collected.gaps
    return estate_card(card, organisation=title, now=now, trend=change, history=past, whole_list=True, gaps=gaps)


def _exit(done: "Audit", fail_under: float | None) -> None:
    card = done.scorecard
    if not card.services:
        accounts = ", ".join(done.collected.accounts) or "the account"
        fail(
            f"nothing was found in {accounts} that looks like a service", "Name services in backstay.yaml", code=UNSEEN
        )
    if not card.grade:
        fail(
            f"too little could be read for an honest score: {card.coverage:.0%} of what applies was seen",
            "`backstay doctor` names the permissions that are missing",
            code=UNSEEN,
        )
    if fail_under is not None and card.score < fail_under:
        console(stderr=True).print(f"backstay: the score {card.score:.0f} is below {fail_under:g}", markup=False)
        raise typer.Exit(BELOW)
