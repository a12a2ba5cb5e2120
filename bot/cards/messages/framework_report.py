"""A framework with its evidence: every control with its state, then what fails, is unknown or waived, then what passes."""

from collections.abc import Iterator
from datetime import datetime

from bot.cards.card import Block, Card, Heading, Items, Mark, Pairs, Paragraph, Span, Table, Text, text
from bot.cards.sanitise import cut
from bot.cards.wording import OUTCOMES, count, percent
from bot.model.compliance import ComplianceReport, ControlEvidence, ControlState, EvidenceEntry
from checks import Outcome

SHOWN = 30
"""Findings of one control on a page; the others are counted. CSV and OSCAL have all of them."""

_UNREAD, _SENTENCE = 30, 300
STATES: dict[ControlState, Span] = {
    ControlState.FAILED: Span("checks failed", "bad"),
    ControlState.UNKNOWN: Span("unknown", "unclear"),
    ControlState.WAIVED: Span("waived", "warning"),
    ControlState.NOT_COVERED: Span("not covered", "unclear"),
    ControlState.NOT_APPLICABLE: Span("not applicable", "quiet"),
    ControlState.PASSED: Span("checks passed", "good"),
}
_COUNTED = {
    ControlState.FAILED: "with failed checks",
    ControlState.UNKNOWN: "unknown",
    ControlState.WAIVED: "with waived failures",
    ControlState.NOT_COVERED: "not covered by a check",
    ControlState.NOT_APPLICABLE: "not applicable",
    ControlState.PASSED: "with passed checks alone",
}
_DOUBT = (Outcome.UNKNOWN, Outcome.ERROR)


def framework_report(report: ComplianceReport) -> Card:
    """The whole report as one page."""
    blocks: list[Block] = [Pairs(tuple(_about(report))), *_limits(report), Heading("Controls"), _table(report)]
    for control in report.controls:
        blocks += [Heading(f"{control.id} {control.title}"), *_control(control)]
    if report.unread:
        blocks += [Heading("Not read"), Items(tuple(text(cut(said, _SENTENCE)) for said in report.unread[:_UNREAD]))]
        if len(report.unread) > _UNREAD:
            blocks.append(Paragraph(text(f"{len(report.unread) - _UNREAD:,} more places could not be read.")))
    of = report.organisation or "the estate"
    return Card("framework_report", f"{report.framework.title}: evidence of {of}", summary(report), tuple(blocks))


def summary(report: ComplianceReport) -> str:
    """How many controls have failed checks, unknowns, waivers, and no check at all."""
    states = [control.state for control in report.controls]
    parts = [f"{states.count(state)} {_COUNTED[state]}" for state in ControlState if state in states]
    return f"{count(len(states), 'control')}: {', '.join(parts)}."


def _about(report: ComplianceReport) -> Iterator[tuple[str, Text]]:
    yield "Version", text(report.framework.version)
    yield "Source of the controls", _linked(report.framework.source)
    yield "Scope", text(report.framework.scope)
    yield "Audited", text(_time(report.audited_at))
    yield "Facts read", text(percent(report.coverage))
    yield "Check set", text(report.ruleset)
    head = report.chain_head or "empty: no attestation, waiver, drill, receipt or log line was written"
    yield "Evidence chain", text(Span(head, "code"))


def _linked(words: str) -> Text:
    return text(*(Span(f"{word} ", link=word) if word.startswith("https://") else f"{word} " for word in words.split()))


def _limits(report: ComplianceReport) -> Iterator[Block]:
    yield Paragraph(
        text(
            "Checks are evidence for a part of each control. A control whose checks passed is not thereby fulfilled, and one "
            "that no check covers needs evidence from elsewhere. This report is no certification."
        ),
        quiet=True,
    )
    if report.chain_head:
        command = Span(f"backstay ledger verify --head {report.chain_head}", "code")
        yield Paragraph(text("Verify the evidence: ", command), quiet=True)


def _table(report: ComplianceReport) -> Table:
    columns = ("Control", "Evidence", "Failed", "Unknown", "Waived", "Passed", "Newest fact")
    return Table(columns, tuple(_row(control) for control in report.controls))


def _row(control: ControlEvidence) -> tuple[Text, ...]:
    newest = max((entry.at for entry in control.entries if entry.outcome is not Outcome.NOT_APPLICABLE), default=None)
    return (
        text(Span(control.id, "bold"), f" {control.title}"),
        text(STATES[control.state]),
        text(str(control.count(Outcome.FAIL))),
        text(str(control.count(*_DOUBT))),
        text(str(control.count(Outcome.WAIVED))),
        text(str(control.count(Outcome.PASS))),
        text(_time(newest) if newest else "–"),
    )


def _control(control: ControlEvidence) -> Iterator[Block]:
    if control.state is ControlState.NOT_COVERED:
        yield Paragraph(text("Not covered: no check of backstay is evidence for this control."))
        return
    yield Paragraph(text(STATES[control.state], f". Checks: {', '.join(control.checks)}."))
    told = [entry for entry in control.entries if entry.outcome is not Outcome.NOT_APPLICABLE]
    if told:
        yield Items(tuple(_entry(entry) for entry in told[:SHOWN]), left_out=max(0, len(told) - SHOWN))
    else:
        yield Paragraph(text("No check applies to a service of this estate."), quiet=True)


def _entry(entry: EvidenceEntry) -> Text:
    parts: list[str | Span] = [
        OUTCOMES[entry.outcome],
        f" {entry.check_id}, {entry.service}: {cut(entry.sentence, _SENTENCE)}",
        Span(f" ({_time(entry.at)}", _QUIET),
    ]
    if entry.attested_by:
        parts.append(Span(f", attested by {entry.attested_by}", _QUIET))
    if entry.waived_by:
        parts.append(Span(f", waived by {entry.waived_by} until {entry.waived_until[:10]}", _QUIET))
    return text(*parts, Span(")", _QUIET))


_QUIET: Mark = "quiet"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
