"""The pages behind `Details`: every finding of a service by family, the failed first, the unread with the reason."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Paragraph, Span, Text, text
from bot.cards.messages.score_parts import command, grade_tone, last_audit, pager, score_data, score_title
from bot.cards.sanitise import cut
from bot.cards.wording import OUTCOMES, SEVERITIES, count, family_name
from checks import Check, Finding, Outcome, ServiceScore

PER_PAGE = 12
_PLACES = 5
_ORDER = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.WAIVED, Outcome.PASS, Outcome.NOT_APPLICABLE)
_SENTENCE = 280


def details_card(score: ServiceScore, *, page: int, now: datetime, read_at: datetime | None) -> Card:
    """A page of findings, a line for each check and outcome. `page` as typed in the command: 2 is the first page of them."""
    lines = _lines(score)
    pages = max(1, -(-len(lines) // PER_PAGE))
    page = min(max(page, 2), pages + 1)
    shown = lines[(page - 2) * PER_PAGE : (page - 1) * PER_PAGE]
    name = score.service.name
    overview = pager(page, pages, "scorecard", name, first=2)
    blocks = (*_by_family(shown), last_audit(read_at, now), Buttons((*overview, *_overview(name))))
    summary = f"Page {page - 1} of {pages}. {tally(score)}"
    data = {"service": name, "page": page, "pages": pages} | score_data(score)
    return Card("details", score_title(name, score), summary, blocks, grade_tone(score.grade), data)


def all_findings(score: ServiceScore) -> tuple[Block, ...]:
    """Every finding of a service, for a page or a file."""
    return (Paragraph(text(tally(score))), *_by_family(_lines(score)))


def tally(score: ServiceScore) -> str:
    """`12 failed, 3 unknown, 40 passed`: findings by outcome."""
    found = {outcome: sum(1 for finding in score.findings if finding.outcome is outcome) for outcome in _ORDER}
    idle = found.pop(Outcome.NOT_APPLICABLE)
    said = ", ".join(f"{number:,} {OUTCOMES[outcome].text}" for outcome, number in found.items() if number)
    rest = f" {count(idle, 'check does', 'checks do')} not apply." if idle else ""
    return f"{said or 'No findings'}.{rest}"


def _overview(name: str) -> tuple[Button, ...]:
    return (Button("Overview", command("scorecard", name)), Button("Audit again", command("check", name)))


class _Line:
    """Findings of one check with one outcome, shown on one line."""

    def __init__(self, check: Check, outcome: Outcome, findings: Sequence[Finding]) -> None:
        self.check, self.outcome, self.findings = check, outcome, findings

    @property
    def rank(self) -> tuple[int, int, str]:
        """Worst outcome first, heaviest check first."""
        return _ORDER.index(self.outcome), -self.check.severity.weight, self.check.id

    def words(self) -> Text:
        """State, check, and what was seen of each resource, a few of them."""
        spans: list[str | Span] = [
            OUTCOMES[self.outcome],
            " ",
            Span(self.check.title, "bold"),
            " ",
            Span(self.check.id, "code"),
            " ",
            Span(self.check.severity.value, SEVERITIES[self.check.severity]),
        ]
        said = list(dict.fromkeys(finding.summary for finding in self.findings))
        spans.append(" – " + "; ".join(cut(sentence, _SENTENCE) for sentence in said[:_PLACES]))
        if len(self.findings) > 1:
            spans.append(f" ({count(len(self.findings), 'resource')}")
            spans.append(f", {len(said) - _PLACES:,} more)" if len(said) > _PLACES else ")")
        return text(*spans)


def _lines(score: ServiceScore) -> list[_Line]:
    """Families with the worst finding first, within each the worst first; what does not apply is left to `explain`."""
    shown = [finding for finding in score.findings if finding.outcome is not Outcome.NOT_APPLICABLE]
    shown.sort(key=lambda finding: (finding.check.id, _ORDER.index(finding.outcome)))
    lines = [
        _Line(*key, tuple(group)) for key, group in groupby(shown, key=lambda finding: (finding.check, finding.outcome))
    ]
    worst: dict[str, tuple[int, int, str]] = {}
    for line in lines:
        worst[line.check.family] = min(worst.get(line.check.family, line.rank), line.rank)
    return sorted(lines, key=lambda line: (worst[line.check.family], line.rank))


def _by_family(lines: Iterable[_Line]) -> list[Block]:
    blocks: list[Block] = []
    for family, group in groupby(lines, key=lambda line: line.check.family):
        blocks += [Heading(family_name(family)), Items(tuple(line.words() for line in group))]
    return blocks
