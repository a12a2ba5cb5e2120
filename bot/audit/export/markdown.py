"""Writes an audit as Markdown, for the summary page of a build, a pull request or a wiki."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC

from bot.model import Audit
from bot.net.markdown import inert
from checks import Finding, Outcome, PastScore, Scorecard, ServiceScore, Trend, trend

# GitHub's summary page takes 1 MiB; rows beyond these limits are counted.
FIXES_SHOWN, ROWS_SHOWN, UNREAD_SHOWN = 10, 50, 50
_OUTCOMES = {
    Outcome.FAIL: "✗ failed",
    Outcome.ERROR: "! error",
    Outcome.UNKNOWN: "? unknown",
    Outcome.WAIVED: "~ waived",
}


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
    yield f"**{grade}, score {card.score:.1f} of 100** on {at:%Y-%m-%d %H:%M} UTC"
    yield ""
    coverage = f"- Coverage {_percent(card.coverage)}"
    yield f"{coverage}, score {card.low:.1f}-{card.high:.1f}" if card.high - card.low >= 0.05 else coverage
    if change is not None:
        line = f"- {change.change:+.1f} points since {change.since.at.astimezone(UTC):%Y-%m-%d}"
        yield f"{line}; the set of checks has changed since" if change.rules_changed else line
        if change.fixed:
            yield f"- Fixed: {', '.join(change.fixed)}"
        if change.broken:
            yield f"- Newly failing: {', '.join(change.broken)}"


def _fixes(card: Scorecard) -> Iterator[str]:
    if not card.fixes:
        return
    shown = card.fixes[:FIXES_SHOWN]
    yield from ("", "## Fix next", "")
    yield from _header("Service", "Check", "Gain", "Finding", "Fix")
    for fix in shown:
        gain = f"+{fix.gain:.1f} points" + (f" (with {', '.join(fix.together)})" if fix.together else "")
        row = _row(fix.service, f"{fix.check.id} {fix.check.title}", gain, fix.summary)
        yield f"{row} {_cell_with_code(fix.check.remediation)} |"
    yield ""
    estate_gain = sum(fix.estate_gain for fix in shown)
    subject = "This fix adds" if len(shown) == 1 else f"These {len(shown)} fixes add"
    yield f"{subject} {estate_gain:.1f} points to the estate's score.{_left_out(len(card.fixes) - len(shown))}"


def _services(card: Scorecard) -> Iterator[str]:
    yield from ("", "## Services", "")
    yield from _header("Service", "Tier", "Grade", "Score", "Range", "Coverage", "Failed", "Unknown", "Score capped at")
    for service_score in card.services:
        failed = sum(points.failed for points in service_score.points)
        unknown = sum(points.unknown for points in service_score.points)
        yield _row(
            service_score.service.name,
            str(service_score.service.tier.number),
            service_score.grade or "none",
            f"{service_score.score:.1f}",
            f"{service_score.low:.1f}-{service_score.high:.1f}",
            _percent(service_score.coverage),
            str(failed),
            str(unknown),
            "; ".join(f"{cap.at_most}: {cap.because}" for cap in service_score.caps),
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
    gaps = audit.collected.gaps
    if not gaps:
        return
    yield from ("", "## Resource lists that could not be read", "")
    yield from _header("Source", "Account", "Region", "Permission or call", "Reason")
    yield from (_row(gap.source, gap.account, gap.region, gap.action, gap.reason) for gap in gaps[:UNREAD_SHOWN])
    if len(gaps) > UNREAD_SHOWN:
        yield f"\n{_left_out(len(gaps) - UNREAD_SHOWN).strip()}"


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _header(*columns: str) -> Iterable[str]:
    return f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(inert(cell) for cell in cells)} |"


def _cell_with_code(text: str) -> str:
    """A table cell with the text of a check, whose code marks are kept."""
    return text.replace("|", "\\|").replace("\n", " ")


def _left_out(more: int) -> str:
    return f" {more:,} more are in the JSON and CSV reports." if more > 0 else ""
