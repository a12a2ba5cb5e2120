"""Writes what a plan changes as Markdown, for a comment on a pull request."""

from collections.abc import Iterator, Sequence

from bot.audit.change import PlanChange
from bot.audit.export.change_text import score_change, service_changes
from bot.cards.messages.remediation import remedy_of
from bot.net.markdown import inert
from checks import Finding, percent

MARK = "<!-- backstay-plan -->"
"""The first line of a comment, by which a later run finds it and writes over it."""
_LIMITS = (
    "A plan does not say which backups were taken or which drills were run; these checks are unknown before and after."
)
MOST = 40
"""Rows of one table: a comment on GitHub holds 65,536 characters."""


def change(made: PlanChange) -> str:
    """The Markdown text. Names and sentences from outside are escaped, so that they can neither format nor mention anything."""
    return "\n".join(
        [
            MARK,
            f"### Resilience of this plan: {_verdict(made)}",
            "",
            f"**{inert(score_change(made).replace('->', '→'))}**, coverage {percent(made.after.scorecard.coverage)}",
            *_services(made),
            *_table("Added findings", made.added, made),
            *_table("Removed findings", made.removed, made),
            *_folded("New and unknown from a plan", made.unknown, made),
            *_folded("Failing before and after", made.kept, made),
            *_notes(made),
            "",
            f"*Check set {made.after.scorecard.ruleset}, {inert(made.plan.name)}. {_LIMITS}*",
            "",
        ]
    )


def _verdict(made: PlanChange) -> str:
    added, removed = len(made.added), len(made.removed)
    if not (added or removed):
        return "no finding changes"
    return ", ".join(f"{count} {word}" for count, word in ((added, "added"), (removed, "removed")) if count)


def _services(made: PlanChange) -> Iterator[str]:
    changed = [row for row in service_changes(made) if row[1] != row[2]]
    if changed:
        yield from ("", "| Service | Before | After |", "| --- | --- | --- |")
        yield from (f"| {inert(name)} | {before} | {after} |" for name, before, after in changed[:MOST])
        if len(changed) > MOST:
            yield f"\n{len(changed) - MOST:,} more services are in the JSON report."


def _table(title: str, findings: Sequence[Finding], made: PlanChange) -> Iterator[str]:
    if findings:
        yield from ("", f"#### {title} ({len(findings)})", "", *_rows(findings, made))


def _folded(title: str, findings: Sequence[Finding], made: PlanChange) -> Iterator[str]:
    if findings:
        yield from ("", f"<details><summary>{title} ({len(findings)})</summary>", "", *_rows(findings, made))
        yield from ("", "</details>")


def _rows(findings: Sequence[Finding], made: PlanChange) -> Iterator[str]:
    yield from ("| Severity | Check | Finding | Where | Fix |", "| --- | --- | --- | --- | --- |")
    for finding in findings[:MOST]:
        check = finding.check
        where = " ".join(filter(None, (made.address(finding), str(made.line(finding) or ""))))
        cells = (check.severity.value, check.id, f"{finding.service.name}: {finding.summary}", where)
        fix = remedy_of(finding).replace("|", "\\|").replace("\n", " ")
        yield f"| {' | '.join(inert(cell) for cell in cells)} | {fix} |"
    if len(findings) > MOST:
        yield f"\n{len(findings) - MOST:,} more are in the JSON report."


def _notes(made: PlanChange) -> Iterator[str]:
    if made.plan.notes:
        yield from ("", *(f"- Note: {inert(note)}" for note in made.plan.notes[:MOST]))
