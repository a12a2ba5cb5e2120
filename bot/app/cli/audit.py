"""`backstay audit`: reads the cloud account, judges it and prints the scorecard."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app.cli import options
from bot.app.cli.findings import finding_filter, finding_lines
from bot.app.cli.options import Format
from bot.app.cli.terminal import BELOW, UNREAD, clear_errors, draw, fail, note, progress, run, warn, writable, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app.cli.findings import FindingFilter
    from bot.app.settings import Settings
    from bot.audit.service import AuditService
    from bot.cards.card import Card
    from bot.model import Audit
    from bot.storage.ledger import Ledger
    from checks import Gap, PastScore

WEEKS = timedelta(weeks=12)
REASONS, NOTES, NAMED = 10, 40, 20
"""How many reasons for unread places, notes, and names of services are printed beside the answer."""
RESOURCES = 3
"""How many unread resources are named for one reason; the JSON report names all."""
_NAMELESS = "The estate"


def audit(
    services: Annotated[list[str] | None, typer.Argument(help="Only these services; else all of them.")] = None,
    config: options.Config = None,
    profile: options.Profile = "",
    regions: options.Regions = None,
    form: Annotated[
        Format,
        options.formats(Format.TEXT, Format.JSON, Format.MARKDOWN, Format.HTML, Format.CSV, Format.JUNIT, Format.SARIF),
    ] = Format.TEXT,
    output: options.Output = None,
    check: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Show only findings of this check (repeat, or write a,b).")
    ] = None,
    family: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Show only findings of this family of checks.")
    ] = None,
    severity: Annotated[
        list[str] | None,
        typer.Option(metavar="LEVEL", help="Show only findings of this severity: critical, high, medium, low."),
    ] = None,
    failed_only: Annotated[bool, typer.Option("--failed-only", help="Show only findings that failed.")] = False,
    fail_under: Annotated[
        float | None, typer.Option(min=0, max=100, help="Exit with 1 when the score is below this.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", "--fail-on-unread", help="Exit with 3 when anything could not be read.")
    ] = False,
    plan: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="Read no account: show what a Terraform plan (terraform show -json) does to the score; a state is scored. - is "
            "standard input.",
        ),
    ] = "",
    manifests: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH",
            help="Read no account: score the Kubernetes manifests of a file or folder (repeat). - is standard input.",
        ),
    ] = None,
    fail_on_new: Annotated[
        str,
        typer.Option(
            metavar="LEVEL",
            help="With --plan: exit with 1 when it adds a failed check of this severity or a higher one.",
        ),
    ] = "",
) -> None:
    """Read the cloud account and score how well each service would survive a loss.

    --check, --family, --severity and --failed-only choose the findings that are shown; the score stays that of all findings.

    Exit code: 0 done, 1 the score is below --fail-under, too little was read to tell, or --fail-on-new applies, 2 bad usage or settings,
    3 (only with --strict) something could not be read or no service was found.
    """
    writable(output)
    chosen = finding_filter(
        options.names_in(check), options.names_in(family), options.names_in(severity), failed_only=failed_only
    )
    if plan or manifests:
        from bot.app.cli.audit_files import FileRequest, audit_files, exit_of_files

        named = FileRequest(plan, tuple(manifests or ()), tuple(services or ()), config, options.names_in(regions))
        exit_of_files(audit_files(named, form, chosen, output, fail_on_new), fail_under, strict=strict)
        return
    if fail_on_new:
        fail("--fail-on-new needs --plan", "It compares the findings before and after a plan")
    with clear_errors():
        text, done = run(_audit(services or [], options.settings(config, profile, regions), form, chosen, output))
    write(text, output)
    _exit(done, fail_under, strict=strict)


async def _audit(
    names: list[str], settings: "Settings", form: Format, chosen: "FindingFilter", output: Path | None
) -> "tuple[str, Audit]":
    from bot.app.wiring.audit import open_audit_service

    async with open_audit_service(settings) as audits:
        if names and settings.catalogue.entries:
            _refuse_unknown(names, [service.name for service in await audits.services()])
        with progress("reading") as report:
            done = await audits.audit(names, report)
        _refuse_unknown(names, [scored.service.name for scored in done.scorecard.services])
        _print_notes(done, audits.notes)
        done = audits.audit_of(names) if names else done
        return await _render(audits, done, names, form, chosen, output), done


def _refuse_unknown(names: list[str], known: list[str]) -> None:
    from bot.catalogue import did_you_mean

    for name in names:
        if name not in known:
            listed = ", ".join(known[:NAMED]) + (f" and {len(known) - NAMED} more" if len(known) > NAMED else "")
            fail(f"no service is called {name!r}{did_you_mean(name, known)}", f"Services: {listed or 'none'}")


def _print_notes(done: "Audit", notes: "Sequence[str]") -> None:
    """Beside the answer: guesses, and each unread part with its reason."""
    for line in notes[:NOTES]:
        note(f"note: {line}")
    if len(notes) > NOTES:
        note(f"note: and {len(notes) - NOTES} more")
    for gap in done.collected.left_out[:REASONS]:
        note(f"note: {gap}")
    reasons: dict[str, list[Gap]] = {}
    for gap in done.collected.gaps:
        reasons.setdefault(gap.reason, []).append(gap)
    for reason, gaps in sorted(reasons.items(), key=lambda item: -len(item[1]))[:REASONS]:
        note(f"not read: {reason} ({_places(gaps)})")
    if len(reasons) > REASONS:
        note(f"not read: {len(reasons) - REASONS} more reasons; --format json has them all")


def _places(gaps: "Sequence[Gap]") -> str:
    """Where a reason holds: the resources by name, or how many lists; `arn:...:table/orders and 4 more`."""
    names = list(dict.fromkeys(gap.resource for gap in gaps if gap.resource))
    lists = sum(not gap.resource for gap in gaps)
    parts = [f"{lists} {'place' if lists == 1 else 'places'}"] if lists else []
    parts += [", ".join(names[:RESOURCES])] if names else []
    more = len(names) - RESOURCES
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")


async def _render(
    audits: "AuditService[Ledger]",
    whole: "Audit",
    names: list[str],
    form: Format,
    chosen: "FindingFilter",
    output: Path | None,
) -> str:
    from bot.app.cli.audit_formats import rendered

    history, done = await _history(audits, names), chosen.applied(whole)
    document = rendered(done, form, history)
    if document is not None:
        return document
    if form is Format.HTML:
        return _page(audits, done, names, history)
    text = draw(_card(audits, done, names, history), output)
    return "\n".join((text, *finding_lines(whole, done))) if chosen.active else text


async def _history(audits: "AuditService[Ledger]", names: list[str]) -> "Sequence[PastScore]":
    """Remembered scores; none of several services together, and none where the ledger cannot be read: the audit still counts."""
    from bot.storage.ledger import LedgerError

    if len(names) > 1:
        return ()
    try:
        return await audits.history(names[0] if names else "", audits.clock() - WEEKS)
    except LedgerError:
        return ()


def _page(audits: "AuditService[Ledger]", done: "Audit", names: list[str], history: "Sequence[PastScore]") -> str:
    from bot.cards.messages.full_report import full_report
    from bot.cards.messages.regions_read import regions_of
    from bot.cards.render import html_report
    from checks import trend

    now, card = audits.clock(), done.scorecard
    change = trend(card, history, now=now) if not names else None
    title = audits.organisation or _NAMELESS
    gaps = done.collected.gaps
    read = regions_of(done)
    return html_report.render(
        full_report(card, organisation=title, now=now, trend=change, history=history, gaps=gaps, regions=read)
    )


def _card(audits: "AuditService[Ledger]", done: "Audit", names: list[str], history: "Sequence[PastScore]") -> "Card":
    from bot.cards.messages.regions_read import regions_of
    from bot.cards.messages.scorecard import estate_card, service_card
    from checks import trend

    now, card = audits.clock(), done.scorecard
    if len(card.services) == 1 and names:
        scored = card.services[0]
        change = trend(scored, history, now=now)
        return service_card(scored, now=now, read_at=card.generated_at, trend=change, history=history, whole=True)
    change = trend(card, history, now=now) if not names else None
    past = history if not names else ()
    title = audits.organisation or _NAMELESS
    gaps = done.collected.gaps
    read = regions_of(done)
    return estate_card(
        card, organisation=title, now=now, trend=change, history=past, whole_list=True, gaps=gaps, regions=read
    )


def _exit(done: "Audit", fail_under: float | None, *, strict: bool) -> None:
    from bot.app.cli.nothing_read import why_little
    from checks import rounded_down

    card, gaps = done.scorecard, len(done.collected.gaps)
    problem, fix = why_little(done)
    if fail_under is not None and (problem or card.score < fail_under):
        fail(problem or f"the score {rounded_down(card.score)} is below {fail_under:g}", fix, code=BELOW)
    if strict and (problem or gaps):
        fail(problem or f"{gaps} {'place' if gaps == 1 else 'places'} could not be read", fix, code=UNREAD)
    if problem:
        warn(f"{problem}\n  {fix}")
