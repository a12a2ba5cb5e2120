"""`backstay audit --plan` and `--manifests`: scores files instead of an account.

Imports what it needs where it needs it: a plan of 400 KB is answered within a second of the start of the process. Without
settings it loads no settings, and it opens no ledger.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.app.cli.options import Format
from bot.app.cli.terminal import BELOW, UNREAD, clear_errors, draw, fail, note, warn, write

if TYPE_CHECKING:
    from datetime import datetime

    from bot.app.cli.findings import FindingFilter
    from bot.audit.change import PlanChange, SourceLine
    from bot.audit.collectors.terraform.collect import PlannedFacts
    from bot.audit.collectors.terraform.files import PlanFile
    from bot.audit.offline import OfflineRules
    from bot.catalogue import Catalogue
    from bot.model.audits import Audit, Collected
    from bot.model.entries import CatalogueEntry

NOTES, NAMED = 40, 20
STDIN = "-"
_TITLE = "Estate in files"
_SETTINGS = "backstay.yaml"
_MANIFESTS = (".yaml", ".yml", ".json")
_MOST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class FileRequest:
    """What to score. `plan` and `manifests`: paths, or `-`; `services`: only these; `regions`: of resources that name none."""

    plan: str
    manifests: tuple[str, ...]
    services: tuple[str, ...] = ()
    config: Path | None = None
    regions: tuple[str, ...] = ()


def audit_files(
    request: FileRequest, form: Format, chosen: "FindingFilter", output: Path | None, fail_on_new: str
) -> "Audit":
    """Score the files, write the answer, and give the audit of what they describe.

    Raises:
        typer.Exit: a file cannot be used (code 2), or the plan adds a finding that `fail_on_new` names (code 1).
    """
    from datetime import UTC, datetime

    from bot.app.cli.audit_formats import rendered_change
    from bot.audit.change import Plan, compare
    from bot.model.audits import UnusableError

    _refuse(request, fail_on_new)
    now = datetime.now(UTC)
    try:
        planned, file = _planned(request, now)
        manifests = _manifests(request.manifests, now)
    except UnusableError as error:
        fail(str(error), error.fix)
    parts = [*((planned.after,) if planned else ()), *((manifests,) if manifests else ())]
    if planned is None or planned.before is None or file is None:
        rules, notes = _rules(request, [_merged(parts)], now)
        done = rules.audit(_merged(parts))
        _tell((*(planned.notes if planned else ()), *notes), done.collected)
        write(_render(chosen.applied(done), form, output), output)
        if fail_on_new:
            fail("--fail-on-new needs a plan: a state has no change", "Pass the output of `terraform show -json PLAN`")
        return done
    before, after = _merged([planned.before, *parts[1:]]), _merged(parts)
    rules, notes = _rules(request, [before, after], now)
    plan = Plan(file.name, planned.addresses, _lines(file, planned), planned.notes)
    made = compare(chosen.applied(rules.audit(before)), chosen.applied(rules.audit(after)), plan)
    _tell((*planned.notes, *notes), after)
    document = rendered_change(made, form)
    write(_render(made.after, form, output) if document is None else document, output)
    _fail_on_new(made, fail_on_new)
    return made.after


def _refuse(request: FileRequest, fail_on_new: str) -> None:
    from checks import Severity

    levels = [severity.value for severity in Severity]
    if fail_on_new and fail_on_new.lower() not in levels:
        fail(f"unknown severity {fail_on_new!r} for --fail-on-new", f"Known: {', '.join(levels)}")
    if fail_on_new and not request.plan:
        fail("--fail-on-new needs --plan", "It compares the findings before and after a plan")
    if (request.plan == STDIN) + request.manifests.count(STDIN) > 1:
        fail("standard input can be read only once", "Name files for all but one of --plan and --manifests")
    if len(request.regions) > 1 and request.plan:
        fail("--plan takes one region, for resources that name none", "Name one region with --regions")


def _planned(request: FileRequest, now: "datetime") -> "tuple[PlannedFacts | None, PlanFile | None]":
    if not request.plan:
        return None, None
    from bot.audit.collectors.terraform.collect import facts_of_plan
    from bot.audit.collectors.terraform.files import read_plan_file

    file = read_plan_file(request.plan)
    return facts_of_plan(file, now, next(iter(request.regions), "")), file


def _manifests(paths: Sequence[str], now: "datetime") -> "Collected | None":
    if not paths:
        return None
    from bot.audit.collectors.kubernetes.manifests import read_manifests

    sources = [source for path in paths for source in _sources(path)]
    if not sources:
        fail(f"no manifest in {', '.join(paths)}", f"Name a file, or a folder with {', '.join(_MANIFESTS)} files")
    return read_manifests(sources, now)


def _sources(path: str) -> Iterator[tuple[str, str]]:
    """(file name, text) of a file, of all manifests of a folder, or of standard input."""
    if path == STDIN:
        yield STDIN, sys.stdin.buffer.read(_MOST_BYTES).decode("utf-8-sig", errors="replace")
        return
    place = Path(path)
    files = sorted(file for file in place.rglob("*") if file.suffix in _MANIFESTS) if place.is_dir() else [place]
    for file in files:
        try:
            if file.stat().st_size > _MOST_BYTES:
                fail(f"{file}: larger than {_MOST_BYTES >> 20} MiB", "Split the file")
            yield str(file), file.read_text(encoding="utf-8-sig", errors="replace")
        except OSError as error:
            fail(f"{file}: {error.strerror or error}", "Name a file that you may read")


def _merged(parts: "Sequence[Collected]") -> "Collected":
    from bot.audit.offline import merged

    return merged(parts)


def _rules(
    request: FileRequest, moments: "Sequence[Collected]", now: "datetime"
) -> "tuple[OfflineRules, tuple[str, ...]]":
    """The services and waivers of the settings, if there are any; else the services are guessed."""
    from bot.audit.offline import OfflineRules, guessed_services

    catalogue = _catalogue(request.config)
    notes: tuple[str, ...] = ()
    if catalogue is None or not catalogue.entries:
        entries, notes = guessed_services(moments)
        rules = OfflineRules(entries, now)
    else:
        from bot.audit.collectors.declared import declared_services

        declared = [fact for seen in declared_services(catalogue, now) for fact in seen.facts]
        rules = OfflineRules(catalogue.entries, now, catalogue.waivers_on_record, declared)
    if request.services:
        rules = replace(rules, entries=_only(rules, request.services))
    return rules, notes


def _only(rules: "OfflineRules", names: Sequence[str]) -> "list[CatalogueEntry]":
    from bot.catalogue import did_you_mean

    known = [entry.service.name for entry in rules.entries]
    for name in names:
        if name not in known:
            listed = ", ".join(known[:NAMED]) + (f" and {len(known) - NAMED} more" if len(known) > NAMED else "")
            fail(f"no service is called {name!r}{did_you_mean(name, known)}", f"Services: {listed or 'none'}")
    return [entry for entry in rules.entries if entry.service.name in names]


def _catalogue(config: Path | None) -> "Catalogue | None":
    """The catalogue of the settings file; None without one, so that nothing heavy is loaded."""
    if config is None and not os.environ.get("BACKSTAY_CONFIG") and not Path(_SETTINGS).exists():
        return None
    from bot.app.cli import options

    with clear_errors():
        return options.settings(config).catalogue


def _lines(file: "PlanFile", planned: "PlannedFacts") -> "dict[str, SourceLine]":
    from bot.audit.change import SourceLine
    from bot.audit.collectors.terraform.source_lines import SourceLines

    folder = Path(file.name).parent if Path(file.name).exists() else Path()
    found = SourceLines(folder, file.body.get("configuration") or {}).of(set(planned.addresses.values()))
    return {address: SourceLine(path, line) for address, path, line in found}


def _tell(notes: Sequence[str], collected: "Collected") -> None:
    """Beside the answer: guesses, and each reason why something is unknown."""
    for line in notes[:NOTES]:
        note(f"note: {line}")
    if len(notes) > NOTES:
        note(f"note: and {len(notes) - NOTES} more")
    reasons: dict[str, list[str]] = {}
    for gap in collected.gaps:
        if gap.source or gap.provider:
            reasons.setdefault(gap.reason, []).append(gap.resource)
    for reason, resources in list(reasons.items())[:NAMED]:
        named = ", ".join(filter(None, resources[:3]))
        more = f" and {len(resources) - 3} more" if len(resources) > 3 else ""
        note(f"unknown: {reason}" + (f" ({named}{more})" if named else ""))


def _render(done: "Audit", form: Format, output: Path | None) -> str:
    from bot.app.cli.audit_formats import rendered

    document = rendered(done, form)
    if document is not None:
        return document
    card, gaps = done.scorecard, done.collected.gaps
    if form is Format.HTML:
        from bot.cards.messages.full_report import full_report
        from bot.cards.render import html_report

        report = full_report(card, organisation=_TITLE, now=card.generated_at, trend=None, history=(), gaps=gaps)
        return html_report.render(report)
    from bot.cards.messages.scorecard import estate_card

    drawn = estate_card(
        card, organisation=_TITLE, now=card.generated_at, trend=None, history=(), whole_list=True, gaps=gaps
    )
    return draw(drawn, output)


def _fail_on_new(made: "PlanChange", level: str) -> None:
    if not level:
        return
    from checks import Severity

    worst = made.worst_added(Severity(level.lower()))
    if worst:
        from bot.cards.messages.remediation import remedy_of

        first = worst[0]
        count = f"{len(worst)} failed {'check' if len(worst) == 1 else 'checks'}"
        fail(
            f"the plan adds {count} of severity {level.lower()} or higher, such as {first.check.id}: {first.summary}",
            f"Fix: {remedy_of(first)}",
            code=BELOW,
        )


def exit_of_files(done: "Audit", fail_under: float | None, *, strict: bool) -> None:
    """End with the exit code that the options ask for. The score is the proven one: what a plan cannot tell counts as failed.

    Raises:
        typer.Exit: code 1 or 3.
    """
    from checks import rounded_down

    card = done.scorecard
    unread = [gap for gap in done.collected.gaps if gap.source or gap.provider]
    nothing = "" if card.services else "no resource that a check reads"
    if fail_under is not None and (nothing or card.score < fail_under):
        fail(nothing or f"the score {rounded_down(card.score)} is below {fail_under:g}", code=BELOW)
    if strict and (nothing or unread):
        fail(
            nothing or f"{len(unread)} {'part' if len(unread) == 1 else 'parts'} of the files could not be read",
            code=UNREAD,
        )
    if nothing:
        warn(nothing)
