"""Writes what a plan changes as JSON in the shape of `contract.ChangeDocument`."""

import json
from typing import Any, Final

from bot.audit.change import PlanChange
from bot.cards.messages.remediation import remedy_of
from bot.model.audits import Audit
from checks import Finding, ServiceScore

SCHEMA: Final = "backstay.change/1"
_DIGITS: Final = 4


def change(made: PlanChange) -> str:
    """The JSON text of a `backstay.change/1` document."""
    document = {
        "schema": SCHEMA,
        "generated_at": made.after.scorecard.generated_at.isoformat().replace("+00:00", "Z"),
        "file": made.plan.name,
        "ruleset": made.after.scorecard.ruleset,
        "before": _moment(made.before),
        "after": _moment(made.after),
        "points": round(made.points, _DIGITS),
        "added": [_finding(made, finding) for finding in made.added],
        "removed": [_finding(made, finding) for finding in made.removed],
        "unknown": [_finding(made, finding) for finding in made.unknown],
        "kept": [_finding(made, finding) for finding in made.kept],
        "unread": [
            {"resource": made.plan.addresses.get(gap.resource, gap.resource), "reason": gap.reason}
            for gap in made.after.collected.gaps
        ],
        "notes": list(made.plan.notes),
    }
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _moment(audit: Audit) -> dict[str, Any] | None:
    """The score of a moment; None where no resource of it is checked."""
    card = audit.scorecard
    if not card.services:
        return None
    return {
        **_scores(card),
        "services": [{"name": scored.service.name, **_scores(scored)} for scored in card.services],
    }


def _scores(card: Any) -> dict[str, Any]:
    scored: ServiceScore = card
    return {
        "score": round(scored.score, _DIGITS),
        "low": round(scored.low, _DIGITS),
        "high": round(scored.high, _DIGITS),
        "grade": scored.grade,
        "coverage": round(scored.coverage, _DIGITS),
    }


def _finding(made: PlanChange, finding: Finding) -> dict[str, Any]:
    check, line = finding.check, made.line(finding)
    resource, provider, account, region = finding.place
    return {
        "check": check.id,
        "family": check.family,
        "severity": check.severity.value,
        "outcome": finding.outcome.value,
        "service": finding.service.name,
        "address": made.address(finding),
        "file": line.file if line else "",
        "line": line.line if line else 0,
        "resource": resource,
        "provider": provider,
        "account": account,
        "region": region,
        "summary": finding.summary,
        "evidence": dict(finding.evidence),
        "remediation": remedy_of(finding),
    }
