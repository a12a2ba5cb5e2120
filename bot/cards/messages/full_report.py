"""The whole audit as one page: the estate, every service with every finding, and the checks explained; for files and the demo."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from bot.cards.card import Block, Buttons, Chart, Gauge, Items, Span, Table, Text, text
from bot.cards.messages.findings import tally
from bot.cards.messages.remediation import Failing, docs_for, failing_in, providers_of, remedy_for
from bot.cards.messages.scorecard import estate_card, service_card, worst_first
from bot.cards.report import CheckText, FindingEntry, FindingGroup, Report, ServicePart
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import OUTCOMES, SEVERITIES, count, family_name, with_code
from checks import Check, Finding, Gap, Outcome, PastScore, Scorecard, ServiceScore, Trend

_VERDICTS = 100
_SENTENCE = 280
_GROUPS = (
    (Outcome.FAIL, "Failed checks", False),
    (Outcome.ERROR, "Checks with an internal error", False),
    (Outcome.UNKNOWN, "Unknown", False),
    (Outcome.WAIVED, "Waived checks", True),
    (Outcome.PASS, "Passed checks", True),
    (Outcome.NOT_APPLICABLE, "Checks that do not apply", True),
)
_TO_FIX = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN)


def full_report(  # noqa: PLR0913 - all by keyword but the scorecard
    scorecard: Scorecard,
    *,
    organisation: str,
    now: datetime,
    trend: Trend | None = None,
    history: Sequence[PastScore] = (),
    gaps: Sequence[Gap] = (),
    regions: str = "",
) -> Report:
    """Build the page of an audit. It has no buttons: a file cannot run commands.

    Args:
        scorecard: what was judged.
        organisation: name of the estate.
        now: the present moment (UTC).
        trend: the estate's change since about a week ago; None where there is no earlier score.
        history: the estate's earlier scores, for its chart.
        gaps: places that could not be read; unreadable accounts are named.
        regions: which regions were read, as `regions_read` says.
    """
    scores = worst_first(scorecard.services)
    checks = {finding.check.id: finding.check for score in scores for finding in score.findings}
    clouds = providers_of(finding for score in scores for finding in score.findings)
    checks |= {points.check.id: points.check for score in scores for points in score.points}
    anchors = {check_id: check_anchor(check_id) for check_id in checks}
    services = {score.service.name: f"service-{number}" for number, score in enumerate(scores, 1)}
    estate = estate_card(
        scorecard,
        organisation=organisation,
        now=now,
        trend=trend,
        history=history,
        whole_list=True,
        gaps=gaps,
        regions=regions,
    )
    return Report(
        replace(estate, blocks=tuple(_linked(block, anchors, services) for block in _without_buttons(estate.blocks))),
        tuple(
            _service(score, services[score.service.name], anchors, now=now, read_at=scorecard.generated_at)
            for score in scores
        ),
        tuple(
            _explained(check, clouds) for check in sorted(checks.values(), key=lambda check: (check.family, check.id))
        ),
    )


def check_anchor(check_id: str) -> str:
    """Return the id of a check's explanation on the page."""
    return f"check-{check_id}"


def _without_buttons(blocks: Iterable[Block]) -> list[Block]:
    return [block for block in blocks if not isinstance(block, Buttons)]


def _service(
    score: ServiceScore, anchor: str, anchors: Mapping[str, str], *, now: datetime, read_at: datetime
) -> ServicePart:
    card = service_card(score, now=now, read_at=read_at, whole=True)
    gauge = next(block for block in card.blocks if isinstance(block, Gauge))
    kept = [block for block in _without_buttons(card.blocks) if block is not gauge]
    families = next((at for at, block in enumerate(kept) if isinstance(block, Chart)), len(kept) + 1) - 1
    return ServicePart(
        anchor,
        score.service.name,
        f"tier {score.service.tier.number}",
        gauge,
        tally(score),
        tuple(_linked(block, anchors, {}) for block in kept[:families]),
        tuple(_groups(score, anchors)),
        tuple(kept[families:]),
    )


def _groups(score: ServiceScore, anchors: Mapping[str, str]) -> Iterable[FindingGroup]:
    failing = {check_id: found for (_, check_id), found in failing_in([score]).items()}
    for outcome, heading, folded in _GROUPS:
        mine = [finding for finding in score.findings if finding.outcome is outcome]
        mine.sort(key=lambda finding: (-finding.check.severity.weight, finding.check.id))
        entries = tuple(
            _entry(check, outcome, tuple(found), failing.get(check.id, frozenset()), anchors)
            for check, found in groupby(mine, key=lambda finding: finding.check)
        )
        if entries:
            # The counts of the service are of findings; a check that runs once per resource may have several.
            findings = f", {count(len(mine), 'finding')}" if len(mine) > len(entries) else ""
            yield FindingGroup(f"{heading} ({len(entries):,}{findings})", entries, folded)


def _entry(
    check: Check, outcome: Outcome, found: Sequence[Finding], failing: Failing, anchors: Mapping[str, str]
) -> FindingEntry:
    headline = text(
        OUTCOMES[outcome],
        " ",
        Span(check.title, "bold"),
        " ",
        Span(check.id, "code", link=f"#{anchors[check.id]}"),
        " ",
        Span(check.severity.value, SEVERITIES[check.severity]),
    )
    said = Counter(cut(finding.summary, _SENTENCE) for finding in found)
    verdicts = [f"{sentence} ({times} times)" if times > 1 else sentence for sentence, times in said.items()]
    return FindingEntry(
        headline,
        tuple(verdicts[:_VERDICTS]),
        max(0, len(verdicts) - _VERDICTS),
        with_code(remedy_for(check, failing)) if outcome is Outcome.FAIL else (),
        docs_for(check, providers_of(found)) if outcome in _TO_FIX else "",
    )


def _explained(check: Check, clouds: frozenset[str]) -> CheckText:
    severity = text(Span(check.severity.value, SEVERITIES[check.severity]))
    return CheckText(
        check_anchor(check.id),
        check.id,
        check.title,
        family_name(check.family),
        severity,
        with_code(check.lesson),
        with_code(remedy_for(check, frozenset((cloud, "") for cloud in clouds))),
        docs_for(check, clouds),
    )


def _linked(block: Block, anchors: Mapping[str, str], services: Mapping[str, str]) -> Block:
    """The block with links from check ids and from service names to their places on the page."""
    if isinstance(block, Items):
        named = {f" on {isolated(cut(name, 80))}": anchor for name, anchor in services.items()}
        return replace(block, items=tuple(_linked_text(item, anchors, named) for item in block.items))
    if isinstance(block, Table) and block.columns[0] == "Service":
        rows = zip(block.rows, services.values(), strict=True)
        return replace(block, rows=tuple((_to_service(row[0], anchor), *row[1:]) for row, anchor in rows))
    return block


def _to_service(name: Text, anchor: str) -> Text:
    return tuple(replace(span, link=f"#{anchor}") for span in name)


def _linked_text(line: Text, anchors: Mapping[str, str], named: Mapping[str, str]) -> Text:
    spans: list[Span] = []
    for span in line:
        if span.text in named:
            spans += [Span(" on "), replace(span, text=span.text.removeprefix(" on "), link=f"#{named[span.text]}")]
        elif span.mark == "code" and not span.link:
            spans += _check_links(span, anchors)
        else:
            spans.append(span)
    return tuple(spans)


def _check_links(span: Span, anchors: Mapping[str, str]) -> list[Span]:
    """`explain RG01` and `RG01, RG02` as links; other code, a command with a name of that form among it, stays as it is."""
    words = span.text.removeprefix("explain ").split(", ")
    if not all(word in anchors for word in words):
        return [span]
    links = [replace(span, text=word, link=f"#{anchors[word]}") for word in words]
    return [part for link in links for part in (Span(", "), link)][1:]
