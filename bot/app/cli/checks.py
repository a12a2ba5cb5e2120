"""`backstay checks`, `explain` and `schema`: what is checked, how points come about, and the shapes of files."""

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.app.cli import options
from bot.app.cli.options import Format
from bot.app.cli.terminal import as_json, clear_errors, draw, fail, progress, run, write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.app.settings import Settings
    from checks import Check, Scorecard, ServiceScore

EXPLAIN = "backstay.explain/1"
_CHECK_ID = re.compile(r"[A-Za-z]{2}\d{1,3}")


class Subject(StrEnum):
    """Of which file the JSON Schema is printed."""

    SETTINGS = "settings"
    SCORECARD = "scorecard"
    WHATIF = "whatif"
    CHANGE = "change"


def checks(
    family: Annotated[str, typer.Option(metavar="NAME", help="Only checks of this family.")] = "",
    form: Annotated[Format, options.formats(Format.TEXT, Format.JSON, Format.MARKDOWN, Format.CSV)] = Format.TEXT,
    output: options.Output = None,
) -> None:
    """List every check: id, family, severity and the good condition.

    Needs no account, no settings and no ledger.
    """
    from bot.cards.messages.checklist import checklist_card
    from checks import FAMILIES, discover

    if family and family not in FAMILIES:
        from bot.catalogue import did_you_mean

        fail(f"unknown family {family!r}{did_you_mean(family, FAMILIES)}", f"Known: {', '.join(FAMILIES)}")
    found = [check for check in discover() if family in ("", check.family)]
    if form is Format.JSON:
        return write(as_json([_check_data(check) for check in found]), output)
    if form is Format.CSV:
        return write(_csv(found), output)
    if form is Format.MARKDOWN:
        return write(_markdown(found), output)
    return write(draw(checklist_card(found, page=None), output), output)


def explain(
    subject: Annotated[str, typer.Argument(help="The id of a check (RG01) or the name of a service.")],
    config: options.Config = None,
    profile: options.Profile = "",
    regions: options.Regions = None,
    form: options.TextOrJson = Format.TEXT,
    output: options.Output = None,
) -> None:
    """Explain what a check wants and why, or how each point of a service's score came about.

    A check needs no account and no settings. A service is explained by the last audit; without one the account is read.
    """
    from bot.cards.messages.checklist import check_card
    from checks import discover

    found = {check.id: check for check in discover()}.get(subject.upper())
    if found is not None:
        text = as_json(_check_data(found)) if form is Format.JSON else draw(check_card(found), output)
        return write(text, output)
    with clear_errors():
        return write(run(_explain_service(subject, options.settings(config, profile, regions), form, output)), output)


async def _explain_service(name: str, settings: "Settings", form: Format, output: Path | None) -> str:
    from bot.app.wiring.audit import open_audit_service
    from bot.cards.messages.explain import explain_card
    from bot.cards.messages.regions_read import regions_of

    declared = [service.name for service in settings.catalogue.services] if settings.catalogue.entries else []
    if name not in declared and (declared or _CHECK_ID.fullmatch(name)):
        _refuse_unknown(name, declared)
    async with open_audit_service(settings) as audits:
        audit = await audits.latest()
        if audit is None:
            with progress("reading") as report:
                audit = await audits.audit((), report)
        scores = {scored.service.name: scored for scored in audit.scorecard.services}
        if name not in scores:
            _refuse_unknown(name, scores)
        if form is Format.JSON:
            return as_json(_explanation(scores[name], audit.scorecard))
        read_at = audit.scorecard.generated_at
        read = regions_of(audit)
        return draw(explain_card(scores[name], read_at=read_at, page=None, regions=read), output)


def _refuse_unknown(name: str, services: "Iterable[str]") -> None:
    from bot.catalogue import did_you_mean
    from checks import discover

    known = [*services, *(check.id for check in discover())]
    near = did_you_mean(name, known) or did_you_mean(name.upper(), known)
    fail(f"no service or check is called {name!r}{near}", "`backstay checks` lists the checks")


def schema(
    of: Annotated[
        Subject, typer.Option("--of", help="Which shape: backstay.yaml, or what `--format json` prints.")
    ] = Subject.SETTINGS,
    output: options.Output = None,
) -> None:
    """Print the JSON Schema of backstay.yaml or of a JSON answer.

    With the schema of backstay.yaml an editor completes and checks that file.
    """
    if of is Subject.SETTINGS:
        from bot.app.settings import schema as settings_schema

        return write(as_json(settings_schema()), output)
    from bot.audit.export.contract import change_schema, scorecard_schema, whatif_schema

    schemas = {Subject.SCORECARD: scorecard_schema, Subject.WHATIF: whatif_schema, Subject.CHANGE: change_schema}
    return write(as_json(schemas[of]()), output)


def _check_data(check: "Check") -> dict[str, Any]:
    return {
        "id": check.id,
        "family": check.family,
        "title": check.title,
        "lesson": check.lesson,
        "remediation": check.remediation,
        "remediations": {cloud or "others": remedy for cloud, remedy in check.remedies.items()},
        "docs": check.docs,
        "severity": check.severity.value,
    }


def _csv(found: "Iterable[Check]") -> str:
    import csv
    import io

    from bot.audit.export.csv import cell

    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("id", "family", "severity", "title", "remediation", "docs"))
    for check in found:
        row = (check.id, check.family, check.severity.value, check.title, check.remediation, check.docs)
        writer.writerow([cell(text) for text in row])
    return out.getvalue()


def _markdown(found: "Iterable[Check]") -> str:
    from bot.net.markdown import inert

    rows = [
        f"| [{check.id}]({check.docs}) | {check.family} | {check.severity} | {inert(check.title)} |" for check in found
    ]
    return "\n".join(("| Check | Family | Severity | Good condition |", "| --- | --- | --- | --- |", *rows))


def _explanation(scored: "ServiceScore", card: "Scorecard") -> dict[str, Any]:
    """`backstay.explain/1`: points run from 0 to 100 over the whole service."""
    from checks import explain_service

    explanation = explain_service(scored)
    return {
        "schema": EXPLAIN,
        "service": scored.service.name,
        "read_at": card.generated_at.isoformat().replace("+00:00", "Z"),
        "score": round(explanation.score, 4),
        "low": round(scored.low, 4),
        "high": round(scored.high, 4),
        "grade": scored.grade,
        "coverage": round(scored.coverage, 4),
        "before_caps": round(explanation.before_caps, 4),
        "caps": [
            {"at_most": cap.at_most, "because": cap.because, "checks": list(cap.checks)} for cap in explanation.caps
        ],
        "families": [
            {
                "family": family.family,
                "points": round(family.points, 4),
                "possible": round(family.possible, 4),
                "weight": family.weight,
                "of_weight": family.of_weight,
                "checks": [
                    {
                        "id": part.counted.check.id,
                        "title": part.counted.check.title,
                        "points": round(part.points, 4),
                        "possible": round(part.possible, 4),
                        "why": part.why,
                    }
                    for part in family.checks
                ],
            }
            for family in explanation.families
        ],
        "not_counted": [points.check.id for points in explanation.left_out],
    }
