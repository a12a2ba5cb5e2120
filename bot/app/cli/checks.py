"""`backstay checks`, `explain` and `schema`: what is checked, how points come about, what backstay.yaml may say."""

import asyncio
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.terminal import clear_errors, fail, progress, write

if TYPE_CHECKING:
    from bot.app.settings import Settings


class Format(StrEnum):
    """How the list of checks is written."""

    TEXT = "text"
    JSON = "json"


def checks(
    form: Annotated[Format, typer.Option("--format", help="How to write the list.")] = Format.TEXT,
    family: Annotated[str, typer.Option(help="Only this family.")] = "",
) -> None:
    """List every check: id, family, severity and the condition that it wants."""
    from bot.cards.messages.checklist import checklist_card
    from bot.cards.render import terminal as to_terminal
    from bot.catalogue import did_you_mean
    from checks import FAMILIES, discover

    if family and family not in FAMILIES:
        fail(f"no family is called {family!r}{did_you_mean(family, FAMILIES)}", f"Families: {', '.join(FAMILIES)}")
    found = [check for check in discover() if family in ("", check.family)]
    if form is Format.TEXT:
        write(to_terminal.render(checklist_card(found, page=None)), None)
        return
    keys = ("id", "family", "title", "lesson", "remediation", "docs")
    rows = [{key: getattr(check, key) for key in keys} | {"severity": check.severity.value} for check in found]
    write(json.dumps(rows, indent=2, ensure_ascii=False), None)


def explain(
    subject: Annotated[str, typer.Argument(help="A check's id (RG01) or a service's name.")],
    config: options.Config = None,
    profile: options.Profile = "",
    regions: options.Regions = None,
) -> None:
    """Tell what a check wants and why, or how each point of a service's score came about."""
    from bot.cards.messages.checklist import check_card
    from bot.cards.render import terminal as to_terminal
    from checks import discover

    found = {check.id: check for check in discover()}.get(subject.upper())
    if found is not None:
        write(to_terminal.render(check_card(found)), None)
        return
    with clear_errors():
        write(asyncio.run(_explain_service(subject, options.settings(config, profile, regions))), None)


async def _explain_service(name: str, settings: "Settings") -> str:
    from bot.app.wiring.audit import open_review
    from bot.cards.messages.explain import explain_card
    from bot.cards.render import terminal as to_terminal
    from bot.catalogue import did_you_mean
    from checks import discover

    async with open_review(settings) as review:
        audit = await review.latest()
        if audit is None:
            with progress("reading") as report:
                audit = await review.audit((), report)
        scores = {one.service.name: one for one in audit.scorecard.services}
        if name not in scores:
            known = [*scores, *(check.id for check in discover())]
            fail(f"no service or check is called {name!r}{did_you_mean(name, known)}")
        read_at = audit.scorecard.generated_at
        return to_terminal.render(explain_card(scores[name], read_at=read_at, now=review.clock(), page=None))


def schema(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.", dir_okay=False)] = None,
) -> None:
    """Print the JSON Schema of backstay.yaml, so that editors complete and check it."""
    from bot.app.settings import schema as made

    write(json.dumps(made(), indent=2, ensure_ascii=False), output)
