"""Writes the evidence for a framework as OSCAL assessment results: https://pages.nist.gov/OSCAL/concepts/layer/assessment/assessment-results.

The document is the same for the same audit: its UUIDs are derived from what they name (RFC 9562, version 5).
"""

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from bot import __version__
from bot.cards.messages.framework_report import STATES, summary
from bot.model.compliance import ComplianceReport, ControlEvidence, ControlState, EvidenceEntry
from checks import Outcome

VERSION: Final = "1.2.3"
"""The version of OSCAL whose JSON Schema the tests hold the document against."""

NAMESPACE: Final = "https://backstay.example.com/oscal"
"""Marks the properties that are not OSCAL's own."""

_NOT_IN_TOKEN: Final = re.compile(r"[^A-Za-z0-9._-]+")
_SATISFIED: Final = (ControlState.PASSED, ControlState.NOT_APPLICABLE)


def assessment_results(report: ComplianceReport) -> str:
    """The JSON text: an observation for each finding, a finding for each control, also for those that no check covers."""
    entries = {_key(entry): entry for control in report.controls for entry in control.entries}
    at = report.audited_at.isoformat()
    result = {
        "uuid": _uuid(report, "result"),
        "title": f"Audit by backstay {__version__}",
        "description": summary(report),
        "start": at,
        "end": at,
        "props": _props({"evidence-chain-head": report.chain_head, "check-set": report.ruleset}),
        "reviewed-controls": {
            "control-selections": [
                {
                    "description": report.framework.scope,
                    "include-controls": [{"control-id": _token(report, control.id)} for control in report.controls],
                }
            ]
        },
        "observations": [_observation(report, key, entry) for key, entry in entries.items()],
        "findings": [_finding(report, control) for control in report.controls],
    }
    if not result["observations"]:
        del result["observations"]
    if report.unread:
        result["remarks"] = "Not read: " + " | ".join(_line(said) for said in report.unread)
    document = {
        "uuid": _uuid(report, "document"),
        "metadata": {
            "title": f"{report.framework.title}: evidence of {_line(report.organisation) or 'the estate'}",
            "last-modified": at,
            "version": report.ruleset,
            "oscal-version": VERSION,
            "remarks": f"{report.framework.version}. Controls from {report.framework.source}",
        },
        "import-ap": {"href": "#backstay-checks", "remarks": "The assessment plan is the check set of backstay."},
        "results": [result],
    }
    return json.dumps({"assessment-results": document}, ensure_ascii=False, indent=1) + "\n"


def _observation(report: ComplianceReport, key: tuple[str, ...], entry: EvidenceEntry) -> dict[str, Any]:
    said = {
        "check": entry.check_id,
        "service": _line(entry.service),
        "resource": _line(entry.resource),
        "outcome": entry.outcome.value,
        "attested-by": _line(entry.attested_by),
        "waived-by": _line(entry.waived_by),
        "waived-until": entry.waived_until,
    }
    return {
        "uuid": _uuid(report, *key),
        "title": f"{entry.check_id} {entry.title}",
        "description": _line(entry.sentence) or entry.outcome.value,
        "props": _props(said),
        "methods": ["INTERVIEW" if entry.attested_by else "TEST"],
        "collected": entry.at.isoformat(),
    }


def _finding(report: ComplianceReport, control: ControlEvidence) -> dict[str, Any]:
    satisfied = control.state in _SATISFIED
    state = {"state": "satisfied" if satisfied else "not-satisfied", "reason": _reason(control.state)}
    if control.state is ControlState.NOT_COVERED:
        state["remarks"] = "No check of backstay is evidence for this control; it needs evidence from elsewhere."
    elif control.state is ControlState.NOT_APPLICABLE:
        state["remarks"] = "No check applies to a service of this estate."
    elif satisfied:
        state["remarks"] = "As far as the checks go, which are evidence for a part of the control."
    found: dict[str, Any] = {
        "uuid": _uuid(report, "finding", control.id),
        "title": f"{control.id} {control.title}",
        "description": f"{STATES[control.state].text}: {_counts(control)}",
        "props": _props({"state": control.state.value, "checks": " ".join(control.checks)}),
        "target": {"type": "objective-id", "target-id": _token(report, control.id), "status": state},
    }
    related = [{"observation-uuid": _uuid(report, *_key(entry))} for entry in control.entries]
    if related:
        found["related-observations"] = related
    return found


def _reason(state: ControlState) -> str:
    if state in (ControlState.PASSED, ControlState.FAILED):
        return "pass" if state is ControlState.PASSED else "fail"
    return "other"


def _counts(control: ControlEvidence) -> str:
    if not control.entries:
        return "no finding"
    counts = ((outcome, control.count(outcome)) for outcome in Outcome)
    return ", ".join(f"{number} {outcome.value.replace('_', ' ')}" for outcome, number in counts if number)


def _props(said: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "ns": NAMESPACE, "value": value} for name, value in said.items() if value.strip()]


def _key(entry: EvidenceEntry) -> tuple[str, ...]:
    return entry.check_id, entry.service, entry.resource, entry.outcome.value, entry.sentence, entry.at.isoformat()


def _uuid(report: ComplianceReport, *words: str) -> str:
    about = (report.framework.name, report.organisation, report.audited_at.isoformat(), *words)
    return str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([NAMESPACE, *about])))


def _token(report: ComplianceReport, control: str) -> str:
    """The control's id as a token of OSCAL, which begins with a letter: `cp-2.1` as NIST's own catalogue writes it."""
    name = report.framework.name
    words = control.lower().replace("(", ".").replace(")", "") if name == "nist" else f"{name}-{control}"
    token = _NOT_IN_TOKEN.sub("-", words).strip("-")
    return token if token[0].isalpha() else f"sp-{token}"


def _line(words: str) -> str:
    """Text on one line without spaces at its ends, as OSCAL's strings require."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
