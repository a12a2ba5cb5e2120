"""Writes what a plan changes as plain text for a terminal or a log."""

from collections.abc import Iterator, Sequence

from bot.audit.change import PlanChange
from bot.cards.sanitise import clean
from checks import Finding, Scorecard, ServiceScore, percent, rounded_down

MOST = 50
"""Findings of one kind that are listed; the JSON report has all."""


def change(made: PlanChange) -> str:
    """The text: the score before and after, then each finding that is added, removed, or new and unknown."""
    return "\n".join([headline(made), *_services(made), *_groups(made), ""])


def headline(made: PlanChange) -> str:
    """One line: score and grade before and after, and how many findings are added and removed."""
    counts = f"{len(made.added)} added, {len(made.removed)} removed, {len(made.kept)} unchanged"
    if made.unknown:
        counts += f", {len(made.unknown)} new and unknown"
    return f"{score_change(made)}. Failed checks: {counts}"


def score_change(made: PlanChange) -> str:
    """`Score 61 (C) -> 54 (D), -7.2 points`; a moment without resources has no score."""
    before, after = made.before.scorecard, made.after.scorecard
    if made.new or made.empty:
        only = "no score after: the plan leaves no resource that is checked" if made.empty else graded(after)
        return f"Score {'none' if made.new else graded(before)} -> {only}"
    points = round(made.points, 1)
    return f"Score {graded(before)} -> {graded(after)}, {f'{points:+.1f} points' if points else 'no change'}"


def graded(card: Scorecard) -> str:
    """`54 (D)`; `12-61 (no grade, coverage 41 %)` where unknown findings leave it open."""
    low, high = rounded_down(card.low), rounded_down(card.high)
    grade = card.grade or f"no grade, coverage {percent(card.coverage)}"
    return f"{low if low == high else f'{low}-{high}'} ({grade})"


def service_changes(made: PlanChange) -> Iterator[tuple[str, str, str]]:
    """Name, score before and score after of each service; `none` where it has no resource at that moment."""
    before = {scored.service.name: scored for scored in made.before.scorecard.services}
    after = {scored.service.name: scored for scored in made.after.scorecard.services}
    for name in dict.fromkeys((*after, *before)):
        yield name, _shown(before.get(name)), _shown(after.get(name))


def _shown(scored: ServiceScore | None) -> str:
    return rounded_down(scored.score) if scored else "none"


def _services(made: PlanChange) -> Iterator[str]:
    for name, before, after in service_changes(made):
        yield clean(f"  {name}: {before} -> {after}" if before != after else f"  {name}: {after}")


def _groups(made: PlanChange) -> Iterator[str]:
    groups = (
        ("Added", made.added),
        ("Removed", made.removed),
        ("New and unknown from a plan", made.unknown),
    )
    for title, findings in groups:
        yield from _group(made, title, findings)


def _group(made: PlanChange, title: str, findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        return
    yield ""
    yield f"{title} ({len(findings)}):"
    for finding in findings[:MOST]:
        check = finding.check
        place = ", ".join(filter(None, (made.address(finding), str(made.line(finding) or ""))))
        yield "  " + clean(
            f"{check.id} {check.severity.value:<8} {finding.service.name}: {finding.summary}"
            + (f" [{place}]" if place else "")
        )
    if len(findings) > MOST:
        yield f"  and {len(findings) - MOST:,} more; --format json has all"
