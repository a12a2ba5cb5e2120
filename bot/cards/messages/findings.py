"""The pages behind `Details`: every finding of a service by family, the failed first, the unread with the reason."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Paragraph, Span, Text, text
from bot.cards.messages.score_parts import (
    cap_blocks,
    changed_checks,
    check_titles,
    command,
    grade_tone,
    history_chart,
    last_audit,
    pager,
    score_data,
    score_title,
)
from bot.cards.messages.scorecard import families
from bot.cards.sanitise import cut
from bot.cards.wording import OUTCOMES, SEVERITIES, count, family_name
from checks import Check, Finding, Outcome, PastScore, ServiceScore, Trend

PER_PAGE = 12
_PLACES = 5
_ORDER = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.WAIVED, Outcome.PASS, Outcome.NOT_APPLICABLE)
_SENTENCE = 280


def details_card(  # noqa: PLR0913 - all by keyword but the score
    score: ServiceScore,
    *,
    page: int,
    now: datetime,
    read_at: datetime | None,
    trend: Trend | None = None,
    history: Sequence[PastScore] = (),
) -> Card:
    """A page of findings, a line for each check and outcome; the first begins with what changed and what caps the score.

    `page` as typed in the command: 2 is the first of them; the rest as in `service_card`.
    """
    lines = _lines(score)
    pages = max(1, -(-len(lines) // PER_PAGE))
    page = min(max(page, 2), pages + 1)
    shown = lines[(page - 2) * PER_PAGE : (page - 1) * PER_PAGE]
    name = score.service.name
    before: list[Block] = []
    if page == 2:
        before += [*changed_checks(trend, check_titles([score])), *cap_blocks([("", cap) for cap in score.caps])]
        before += [*history_chart(history, now, score.score, name), *families(score)]
    buttons = Buttons((*pager(page, pages, "scorecard", name, first=2), *_overview(name)))
    blocks = (*before, *_by_family(shown), last_audit(read_at), buttons)
    summary = f"Page {page - 1} of {pages}. {tally(score)}"
    data = {"service": name, "page": page, "pages": pages} | score_data(score)
    return Card("details", score_title(name, score), summary, blocks, grade_tone(score.grade), data)


def all_findings(score: ServiceScore) -> tuple[Block, ...]:
    """Every finding of a service, for a page or a file."""
    return (Paragraph(text(tally(score))), *_by_family(_lines(score)))


def tally(score: ServiceScore) -> str:
    """`56 findings: 12 failed, 3 unknown, 40 passed, 1 not applicable`: the parts add up to the whole."""
    found = Counter(finding.outcome for finding in score.findings)
    said = ", ".join(f"{found[outcome]:,} {OUTCOMES[outcome].text}" for outcome in _ORDER if found[outcome])
    return f"{count(len(score.findings), 'finding')}: {said}." if said else "No findings."


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
