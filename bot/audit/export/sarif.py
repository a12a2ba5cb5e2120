"""Writes findings as SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from bot import __version__
from bot.audit.change import PlanChange, SourceLine
from bot.cards.messages.remediation import docs_for, remedy_of
from bot.model.audits import Audit
from checks import Check, Finding, Gap, Outcome, Severity, joined_remedies

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final[Mapping[Severity, str]] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
_REPORTED: Final = (Outcome.FAIL, Outcome.WAIVED)
_HOME: Final = "https://backstay.example.com"
Locate = Callable[[Finding], tuple[str, SourceLine | None]]
"""The address of a finding's resource, and where it is declared."""


def scorecard(audit: Audit) -> str:
    """The SARIF text of an audit: a result for each failed finding. Without a file to point to, the resource is its location."""
    findings = [finding for scored in audit.scorecard.services for finding in scored.findings]
    results = [(finding, "") for finding in findings if finding.outcome in _REPORTED]
    return _text(audit, results, lambda finding: (finding.place[0], None), "backstay/audit/")


def change(made: PlanChange) -> str:
    """The SARIF text of a plan: failures after it as new or unchanged results, those that it removes as absent ones.

    A resource that no file declares has the plan itself as location.
    """
    results = [
        *((finding, "new") for finding in made.added),
        *((finding, "unchanged") for finding in made.kept),
        *((finding, "absent") for finding in made.removed),
    ]
    plan = SourceLine(made.plan.name)
    return _text(
        made.after, results, lambda finding: (made.address(finding), made.line(finding) or plan), "backstay/plan/"
    )


def _text(audit: Audit, results: Iterable[tuple[Finding, str]], locate: Locate, automation: str) -> str:
    listed = list(results)
    rules = list({finding.check.id: finding.check for finding, _ in listed}.values())
    index = {check.id: at for at, check in enumerate(rules)}
    clouds: dict[str, set[str]] = {}
    for finding, _ in listed:
        clouds.setdefault(finding.check.id, set()).update(finding.providers)
    run = {
        "tool": {
            "driver": {
                "name": "backstay",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": _HOME,
                "rules": [_rule(check, clouds[check.id]) for check in rules],
            }
        },
        "automationDetails": {"id": automation},
        "columnKind": "utf16CodeUnits",
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": _notifications(audit.collected.gaps)}
        ],
        "results": [_result(finding, state, index, locate) for finding, state in listed],
        "properties": {"score": round(audit.scorecard.score, 4), "grade": audit.scorecard.grade},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _rule(check: Check, clouds: Collection[str]) -> dict[str, Any]:
    """A rule with the remediation and the documentation of the clouds on which it has results."""
    docs = docs_for(check, clouds)
    return {
        "id": check.id,
        "name": _pascal(check.title),
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.lesson},
        "help": {"text": f"{check.lesson}\n\n{joined_remedies(check.remedies_for(clouds))}"},
        **({"helpUri": docs} if docs else {}),
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
        "properties": {"tags": ["resilience", check.family], "severity": check.severity.value},
    }


def _pascal(title: str) -> str:
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in title).split()
    return "".join(word[:1].upper() + word[1:] for word in words)


def _result(finding: Finding, state: str, index: Mapping[str, int], locate: Locate) -> dict[str, Any]:
    check = finding.check
    address, line = locate(finding)
    name = address or finding.service.name
    result: dict[str, Any] = {
        "ruleId": check.id,
        "ruleIndex": index[check.id],
        "level": _LEVELS[check.severity],
        "message": {"text": f"{finding.summary}. Fix: {remedy_of(finding)}"},
        "locations": [_location(name, line, "resource" if address else "module")],
        "partialFingerprints": {"backstay/v1": _fingerprint(check.id, finding.service.name, address)},
        "properties": {"service": finding.service.name, "severity": check.severity.value, "family": check.family},
    }
    if state:
        result["baselineState"] = state
    if finding.outcome is Outcome.WAIVED:
        result["suppressions"] = [{"kind": "external", "justification": finding.summary}]
    return result


def _location(name: str, line: SourceLine | None, kind: str) -> dict[str, Any]:
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": name, "kind": kind}]}
    if line is not None:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": _uri(line.file)},
            "region": {"startLine": line.line or 1},
        }
    return location


def _uri(path: str) -> str:
    """A path as a relative URI reference: characters that a URI does not allow are escaped."""
    return quote(path)


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _notifications(gaps: Iterable[Gap]) -> list[dict[str, Any]]:
    """What is unknown, so that no reader takes it for passed."""
    reasons = dict.fromkeys(str(gap) for gap in gaps)
    return [{"level": "note", "message": {"text": f"Unknown: {reason}"}} for reason in reasons]
