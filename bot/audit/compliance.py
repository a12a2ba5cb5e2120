"""The evidence of an audit, sorted by the controls of a framework."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from bot.catalogue.compliance import controls_of, framework
from bot.model.audits import Audit
from bot.model.compliance import ComplianceReport, ControlEvidence, ControlState, EvidenceEntry
from checks import ATTESTED_BY, Finding, Outcome, discover

_ORDER = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.WAIVED, Outcome.PASS, Outcome.NOT_APPLICABLE)
_STATES = (
    ((Outcome.FAIL,), ControlState.FAILED),
    ((Outcome.UNKNOWN, Outcome.ERROR), ControlState.UNKNOWN),
    ((Outcome.WAIVED,), ControlState.WAIVED),
    ((Outcome.PASS,), ControlState.PASSED),
)


def compliance_report(audit: Audit, name: str, *, organisation: str, chain_head: str = "") -> ComplianceReport:
    """Every control of a framework with the findings that are evidence for it; those without any check too."""
    card, of = audit.scorecard, framework(name)
    checks: dict[str, list[str]] = defaultdict(list)
    for check in discover():
        for control in controls_of(check, name):
            checks[control].append(check.id)
    entries: dict[str, list[EvidenceEntry]] = defaultdict(list)
    for scored in card.services:
        for finding in scored.findings:
            entry = None
            for control in controls_of(finding.check, name):
                entry = entry or _entry(finding, audit)
                entries[control].append(entry)
    controls = tuple(
        _control(control, title, sorted(checks[control]), entries[control]) for control, title in of.controls.items()
    )
    gaps = (str(gap) for gap in (*audit.collected.gaps, *audit.collected.left_out))
    unread = tuple(sorted(set(gaps)))
    return ComplianceReport(
        of, organisation, card.generated_at, card.ruleset, card.coverage, controls, unread, chain_head
    )


def _control(control: str, title: str, checks: Sequence[str], entries: Iterable[EvidenceEntry]) -> ControlEvidence:
    found = sorted(
        entries,
        key=lambda entry: (_ORDER.index(entry.outcome), entry.check_id, entry.service, entry.resource, entry.sentence),
    )
    return ControlEvidence(control, title, _state(checks, found), tuple(checks), tuple(found))


def _state(checks: Sequence[str], entries: Sequence[EvidenceEntry]) -> ControlState:
    if not checks:
        return ControlState.NOT_COVERED
    outcomes = {entry.outcome for entry in entries}
    for these, state in _STATES:
        if outcomes.intersection(these):
            return state
    return ControlState.NOT_APPLICABLE


def _entry(finding: Finding, audit: Audit) -> EvidenceEntry:
    said = finding.evidence
    return EvidenceEntry(
        finding.check.id,
        finding.check.title,
        finding.service.name,
        finding.fact.resource if finding.fact is not None else "",
        finding.outcome,
        finding.summary,
        finding.fact.observed_at if finding.fact is not None else audit.scorecard.generated_at,
        str(said.get(ATTESTED_BY) or ""),
        str(said.get("waived_by") or ""),
        str(said.get("waived_until") or ""),
    )
