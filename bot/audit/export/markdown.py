"""An audit as Markdown, for a build's summary page, a pull request or a wiki."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC

from bot.model import Audit
from bot.net.markdown import inert
from checks import Finding, Outcome, PastScore, Scorecard, ServiceScore, Trend, trend

# GitHub's summary page takes 1 MiB; what is left out is counted.
FIXES_SHOWN, ROWS_SHOWN, UNREAD_SHOWN = 10, 50, 50
_SHOWN = {Outcome.FAIL: "✗ failed", Outcome.ERROR: "! broke", Outcome.UNKNOWN: "? unknown", Outcome.WAIVED: "~ waived"}


def scorecard(audit: Audit, history: Sequence[PastScore] = ()) -> str:
    """The estate, what to fix first, every service, and what could not be read. Names and sentences are inert text."""
    card = audit.scorecard
    return "\n".join(
        [
            "# Resilience scorecard",
            "",
            *_headline(card, trend(card, history, now=card.generated_at)),
            *_fixes(card),
            *_services(card),
            *(line for one in card.services for line in _details(one)),
            *_unread(audit),
            "",
            f"*{audit.calls:,} calls in {audit.seconds:.1f} s, rules {card.ruleset}.*",
            "",
        ]
    )


def _headline(card: Scorecard, change: Trend | None) -> Iterator[str]:
    at = card.generated_at.astimezone(UTC)
    grade = f"Grade {card.grade}" if card.grade else "No grade: not enough seen"
    yield f"**{grade}, {card.score:.1f} of 100** on {at:%Y-%m-%d %H:%M} UTC"
    yield ""
    if card.high - card.low >= 0.05:
        yield f"- Between {card.low:.1f} and {card.high:.1f}, as what could not be read turns out"
    yield f"- Coverage {card.coverage:.0%}"
    if change is not None:
        told = f"- {change.change:+.1f} since {change.since.at.astimezone(UTC):%Y-%m-%d}"
        yield f"{told}; the set of checks has changed since" if change.rules_changed else told
        yield from (f"- Fixed: {', '.join(change.fixed)}" for _ in change.fixed[:1])
        yield from (f"- Newly failing: {', '.join(change.broken)}" for _ in change.broken[:1])


def _fixes(card: Scorecard) -> Iterator[str]:
    if not card.fixes:
        return
    shown = card.fixes[:FIXES_SHOWN]
    yield from ("", "## Fix first", "")
    yield from _header("Service", "Check", "Wins", "What", "How")
    for fix in shown:
        wins = f"+{fix.gain:.1f}" + (f" (with {', '.join(fix.together)})" if fix.together else "")
        told = _row(fix.service, f"{fix.check.id} {fix.check.title}", wins, fix.summary)
        yield f"{told} {_ours(fix.check.remediation)} |"
    yield ""
    won = sum(fix.estate_gain for fix in shown)
    whole = "This wins" if len(shown) == 1 else f"Together these {len(shown)} win"
    yield f"{whole} the estate {won:.1f} points.{_left_out(len(card.fixes) - len(shown))}"


def _services(card: Scorecard) -> Iterator[str]:
    yield from ("", "## Services", "")
    yield from _header("Service", "Tier", "Grade", "Score", "Range", "Coverage", "Failed", "Unknown", "Caps")
    for one in card.services:
        failed = sum(points.failed for points in one.points)
        unknown = sum(points.unknown for points in one.points)
        yield _row(
            one.service.name,
            str(one.service.tier.number),
            one.grade or "none",
            f"{one.score:.1f}",
            f"{one.low:.1f} to {one.high:.1f}",
            f"{one.coverage:.0%}",
            str(failed),
            str(unknown),
            "; ".join(f"at most {cap.at_most}: {cap.because}" for cap in one.caps),
        )


def _details(one: ServiceScore) -> Iterator[str]:
    told = sorted((finding for finding in one.findings if finding.outcome in _SHOWN), key=_worst_first)
    if not told:
        return
    yield from ("", f"## {inert(one.service.name)}", "")
    yield from _header("Outcome", "Severity", "Check", "Where", "Summary")
    for finding in told[:ROWS_SHOWN]:
        resource, _, account, region = finding.place
        where = resource or " ".join(part for part in (account, region) if part)
        title = f"{finding.check.id} {finding.check.title}"
        yield _row(_SHOWN[finding.outcome], finding.check.severity.value, title, where, finding.summary)
    if len(told) > ROWS_SHOWN:
        yield f"\n{_left_out(len(told) - ROWS_SHOWN).strip()}"


def _worst_first(finding: Finding) -> tuple[int, int, str]:
    return list(_SHOWN).index(finding.outcome), -finding.check.severity.weight, finding.check.id


def _unread(audit: Audit) -> Iterator[str]:
    gaps = audit.collected.gaps
    if not gaps:
        return
    yield from ("", "## Could not be read", "")
    yield from _header("Source", "Account", "Region", "Permission or call", "Reason")
    yield from (_row(gap.source, gap.account, gap.region, gap.action, gap.reason) for gap in gaps[:UNREAD_SHOWN])
    if len(gaps) > UNREAD_SHOWN:
        yield f"\n{_left_out(len(gaps) - UNREAD_SHOWN).strip()}"


def _header(*columns: str) -> Iterable[str]:
    return f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(inert(cell) for cell in cells)} |"


def _ours(text: str) -> str:
    """A check's own words: their code marks are meant."""
    return text.replace("|", "\\|").replace("\n", " ")


def _left_out(more: int) -> str:
    return f" {more:,} more are in the JSON and CSV reports." if more > 0 else ""
