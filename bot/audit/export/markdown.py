"""Writes an audit as Markdown, for the summary page of a build, a pull request or a wiki."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC

from bot.cards.messages.regions_read import regions_of
from bot.cards.messages.remediation import Failing, failing_in
from bot.cards.wording import points
from bot.model import Audit
from bot.net.markdown import inert
from checks import (
    FIX_ORDER,
    Finding,
    FixLine,
    Outcome,
    PastScore,
    Scorecard,
    ServiceScore,
    Trend,
    fix_lines,
    joined_remedies,
    on_word_sentence,
    percent,
    rounded_down,
    trend,
)

# GitHub's summary page takes 1 MiB; rows beyond these limits are counted.
FIXES_SHOWN, ROWS_SHOWN, UNREAD_SHOWN = 10, 50, 50
_OUTCOMES = {
    Outcome.FAIL: "✗ failed",
    Outcome.ERROR: "! error",
    Outcome.UNKNOWN: "? unknown",
    Outcome.WAIVED: "~ waived",
}
_TO_READ = {True: "Grant it: backstay manifest aws prints the policy", False: "Make it readable, then audit again"}
_NOT_FOUND = "Correct `resources` of the service in backstay.yaml, the account or the regions"
_COUNTED = (
    (Outcome.FAIL,),
    (Outcome.UNKNOWN, Outcome.ERROR),
    (Outcome.PASS,),
    (Outcome.WAIVED,),
    (Outcome.NOT_APPLICABLE,),
)
_COLUMNS = (
    *("Service", "Tier", "Grade", "Score", "Range", "Coverage"),
    *("Failed", "Unknown", "Passed", "Waived", "Not applicable", "Findings", "Score capped at"),
)


def scorecard(audit: Audit, history: Sequence[PastScore] = ()) -> str:
    """The Markdown text: the estate's grade, the next fixes, every service, and the resource lists that are missing.

    Names and sentences from outside are escaped, so that they can neither format nor mention anything.
    """
    card = audit.scorecard
    return "\n".join(
        [
            "# Resilience scorecard",
            "",
            *_headline(card, trend(card, history, now=card.generated_at)),
            *_regions(audit),
            *_fixes(card),
            *_services(card),
            *(line for service_score in card.services for line in _findings(service_score)),
            *_gaps(audit),
            "",
            f"*{audit.calls:,} API calls in {audit.seconds:.1f} s, check set {card.ruleset}.*",
            "",
        ]
    )


def _headline(card: Scorecard, change: Trend | None) -> Iterator[str]:
    at = card.generated_at.astimezone(UTC)
    grade = f"Grade {card.grade}" if card.grade else "No grade (coverage below 50 %)"
    yield f"**{grade}, score {rounded_down(card.score)} of 100** on {at:%Y-%m-%d %H:%M} UTC"
    yield ""
    yield f"- Coverage {percent(card.coverage)}, score {_interval(card)}"
    if card.on_word >= 0.05:
        yield f"- {on_word_sentence(card.score, card.on_word)}"
    if change is not None:
        line = f"- {change.change:+.1f} points since {change.since.at.astimezone(UTC):%Y-%m-%d}"
        yield f"{line}; the set of checks has changed since" if change.rules_changed else line
        if change.fixed:
            yield f"- Fixed: {', '.join(change.fixed)}"
        if change.broken:
            yield f"- Newly failing: {', '.join(change.broken)}"


def _regions(audit: Audit) -> Iterator[str]:
    """Which regions were read: one that was left out is not known to be empty."""
    if said := regions_of(audit):
        yield f"- {said[0].upper()}{said[1:]}"


def _fixes(card: Scorecard) -> Iterator[str]:
    yield from _unread_first(card)
    found = fix_lines(card.fixes)
    if not found:
        return
    shown, failing = found[:FIXES_SHOWN], failing_in(card.services)
    yield from ("", "## Fix next", "", f"{FIX_ORDER}. The same fix on several services is one row.", "")
    yield from _header("Services", "Check", "Gain on the estate", "Finding", "Fix")
    for line in shown:
        together = line.fixes[0].together
        gain = f"+{points(line.estate_gain)} points" + (f" (with {', '.join(together)})" if together else "")
        services = ", ".join(f"{fix.service} (+{points(fix.gain)})" for fix in line.fixes)
        row = _row(services, f"{line.check.id} {line.check.title}", gain, line.fixes[0].summary)
        yield f"{row} {_cell_with_code(joined_remedies(line.check.remedies_for(_clouds(line, failing))))} |"
    yield ""
    estate_gain = sum(line.estate_gain for line in shown)
    subject = "This fix adds" if len(shown) == 1 else f"These {len(shown)} fixes add"
    yield f"{subject} {points(estate_gain)} points to the estate's score.{_left_out(len(found) - len(shown))}"


def _clouds(line: FixLine, failing: Mapping[tuple[str, str], Failing]) -> set[str]:
    places = (failing.get((fix.service, fix.check.id), frozenset()) for fix in line.fixes)
    return {provider for place in places for provider, _ in place}


def _unread_first(card: Scorecard) -> Iterator[str]:
    """Where little was read, what to let backstay read before anything is fixed."""
    if not card.read_first:
        return
    yield from ("", "## Read first", "", "Too little was read for an A: until then these findings stay unknown.", "")
    yield from _header("Permission", "Reason", "Unknown findings", "Services", "Fix")
    for grant in card.read_first[:FIXES_SHOWN]:
        yield _row(
            grant.action or "–",
            grant.reason,
            f"{grant.unknown:,}",
            ", ".join(grant.services),
            _NOT_FOUND if grant.nothing_found else _TO_READ[bool(grant.action)],
        )


def _services(card: Scorecard) -> Iterator[str]:
    yield from ("", "## Services", "")
    yield from _header(*_COLUMNS)
    for service_score in card.services:
        found = Counter(finding.outcome for finding in service_score.findings)
        yield _row(
            service_score.service.name,
            str(service_score.service.tier.number),
            service_score.grade or "none",
            rounded_down(service_score.score),
            _interval(service_score),
            percent(service_score.coverage),
            *(str(sum(found[outcome] for outcome in outcomes)) for outcomes in _COUNTED),
            str(len(service_score.findings)),
            "; ".join(f"{rounded_down(cap.at_most)}: {cap.because}" for cap in service_score.caps),
        )


def _findings(service_score: ServiceScore) -> Iterator[str]:
    listed = sorted((finding for finding in service_score.findings if finding.outcome in _OUTCOMES), key=_worst_first)
    if not listed:
        return
    yield from ("", f"## {inert(service_score.service.name)}", "")
    yield from _header("Outcome", "Severity", "Check", "Where", "Summary")
    for finding in listed[:ROWS_SHOWN]:
        resource, _, account, region = finding.place
        where = resource or " ".join(part for part in (account, region) if part)
        title = f"{finding.check.id} {finding.check.title}"
        yield _row(_OUTCOMES[finding.outcome], finding.check.severity.value, title, where, finding.summary)
    if len(listed) > ROWS_SHOWN:
        yield f"\n{_left_out(len(listed) - ROWS_SHOWN).strip()}"


def _worst_first(finding: Finding) -> tuple[int, int, str]:
    return list(_OUTCOMES).index(finding.outcome), -finding.check.severity.weight, finding.check.id


def _gaps(audit: Audit) -> Iterator[str]:
    gaps = (*audit.collected.gaps, *audit.collected.left_out)
    if not gaps:
        return
    yield from ("", "## Resource lists that could not be read", "")
    yield from _header("Source", "Account", "Region", "Permission or call", "Reason")
    for gap in gaps[:UNREAD_SHOWN]:
        source = f"{gap.source}: {gap.resource}" if gap.resource else gap.source
        yield _row(source, gap.account, gap.region, gap.action, gap.reason)
    if len(gaps) > UNREAD_SHOWN:
        yield f"\n{_left_out(len(gaps) - UNREAD_SHOWN).strip()}"


def _interval(score: Scorecard | ServiceScore) -> str:
    low, high = rounded_down(score.low), rounded_down(score.high)
    return low if low == high else f"{low}-{high}"


def _header(*columns: str) -> Iterable[str]:
    return f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(inert(cell) for cell in cells)} |"


def _cell_with_code(text: str) -> str:
    """A table cell with the text of a check, whose code marks are kept."""
    return text.replace("|", "\\|").replace("\n", " ")


def _left_out(more: int) -> str:
    return f" {more:,} more are in the JSON and CSV reports." if more > 0 else ""
