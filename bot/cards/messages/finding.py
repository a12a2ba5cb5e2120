"""One check on one service: what was seen, why it matters, what to do about it here."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Text, Tone, text
from bot.cards.messages.remediation import docs_for, failing_in, providers_of, remedy_for
from bot.cards.messages.score_parts import command, last_audit
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import OUTCOMES, SEVERITIES, count, family_name, with_code
from checks import Check, Finding, Outcome, ServiceScore, subject

_RESOURCES = 8
_SENTENCE = 280
_ORDER = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.WAIVED, Outcome.PASS, Outcome.NOT_APPLICABLE)
_TONES: dict[Outcome, Tone] = {
    Outcome.FAIL: "bad",
    Outcome.PASS: "good",
    Outcome.UNKNOWN: "warning",
    Outcome.ERROR: "warning",
}


def finding_card(check: Check, score: ServiceScore, *, read_at: datetime | None) -> Card:
    """What a check came to on a service, resource by resource. `read_at`: when the cloud was read for it (UTC)."""
    found = sorted(
        (finding for finding in score.findings if finding.check.id == check.id),
        key=lambda finding: _ORDER.index(finding.outcome),
    )
    worst = found[0].outcome if found else Outcome.NOT_APPLICABLE
    name = isolated(cut(score.service.name, 100))
    blocks: list[Block] = [_facts(check, score)]
    if lines := tuple(_line(finding) for finding in found[:_RESOURCES]):
        blocks += [Heading("Resources"), Items(lines, left_out=max(0, len(found) - _RESOURCES))]
    if worst in (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN):
        failing = failing_in([score]).get((score.service.name, check.id)) or frozenset(
            (provider, "") for provider in providers_of(found)
        )
        blocks += [Heading("Fix"), Paragraph(with_code(remedy_for(check, failing)))]
    blocks += [
        Heading("Why"),
        Paragraph(with_code(check.lesson)),
        last_audit(read_at),
        Buttons(_buttons(check, score, worst, found)),
    ]
    data = {"check": check.id, "service": score.service.name, "outcome": worst.value, "findings": len(found)}
    title = f"{name}: {check.title}"
    return Card("finding", title, _summary(check, found, worst), tuple(blocks), _TONES.get(worst, "neutral"), data)


def _facts(check: Check, score: ServiceScore) -> Pairs:
    fix = next((fix for fix in score.fixes if fix.check.id == check.id), None)
    pairs: list[tuple[str, Text]] = [
        ("Check", text(Span(check.id, "code"))),
        ("Family", text(family_name(check.family))),
        ("Severity", text(Span(check.severity.value, SEVERITIES[check.severity]))),
    ]
    if fix is not None:
        pairs.append(("Gain if fixed", text(f"+{fix.gain:.1f} points")))
    return Pairs(tuple(pairs))


def _summary(check: Check, found: Sequence[Finding], worst: Outcome) -> str:
    if not found or worst is Outcome.NOT_APPLICABLE:
        return f"{check.id} is not applicable here."
    if worst is Outcome.PASS:
        return f"{check.id} passes: {cut(found[0].summary, _SENTENCE)}."
    same = [finding for finding in found if finding.outcome is worst]
    where = f" on {count(len(same), 'resource')}" if len(same) > 1 else ""
    return f"{OUTCOMES[worst].text.capitalize()}{where}: {cut(same[0].summary, _SENTENCE)}."


def _line(finding: Finding) -> Text:
    """The outcome, the resource by what it is and where, and what was seen; the resource is named once."""
    said = cut(finding.summary, _SENTENCE)
    if finding.fact is None:
        return text(OUTCOMES[finding.outcome], " ", said)
    name = cut(subject(finding.fact), 200)
    place = f" ({finding.fact.region})" if finding.fact.region else ""
    rest = said.removeprefix(name) if said.startswith(f"{name} ") else f": {said}"
    return text(OUTCOMES[finding.outcome], " ", Span(name, "bold"), place, rest)


def _buttons(check: Check, score: ServiceScore, worst: Outcome, found: Sequence[Finding]) -> tuple[Button, ...]:
    name = score.service.name
    made = [Button("Details", command("scorecard", name, page=2))]
    if worst is Outcome.FAIL:
        made.append(Button("Waive …", command("waive", f"{check.id}:{name}"), update=False, form=True))
    docs = docs_for(check, providers_of(found) or providers_of(score.findings))
    return (
        Button("Audit again", command("check", name), primary=True),
        *made,
        *((Button("Documentation", link=docs),) if docs else ()),
    )
