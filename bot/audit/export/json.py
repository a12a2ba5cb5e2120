"""Writes an audit or a what-if as JSON in the shape of `contract`.

It builds plain dictionaries instead of the contract's models: an estate has some 100,000 findings.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.audit.export.contract import SCORECARD, WHATIF
from bot.cards.messages.remediation import remedy_of
from bot.model import Audit
from checks import Finding, Gap, Impact, PastScore, RouteFate, Scorecard, ServiceImpact, ServiceScore

_DIGITS = 4


def scorecard(audit: Audit, history: Sequence[PastScore] = ()) -> str:
    """The JSON text of a `backstay.scorecard/1` document. `history` becomes `trend`, oldest first."""
    card = audit.scorecard
    return _text(
        {
            "schema": SCORECARD,
            "generated_at": _utc_text(card.generated_at),
            "score": round(card.score, _DIGITS),
            "low": round(card.low, _DIGITS),
            "high": round(card.high, _DIGITS),
            "grade": card.grade,
            "caps": list(_caps(card.services)),
            "coverage": round(card.coverage, _DIGITS),
            "ruleset": card.ruleset,
            "services": [_service(service_score) for service_score in card.services],
            "trend": [_past(past) for past in sorted(history, key=lambda past: past.at)],
            "unread": [_unread(gap) for gap in (*audit.collected.gaps, *audit.collected.left_out)],
            "calls": audit.calls,
            "seconds": round(audit.seconds, 3),
        }
        | _on_word(card)
    )


def whatif(impact: Impact) -> str:
    """The JSON text of a `backstay.whatif/1` document: times in seconds, money in the organisation's currency."""
    return _text(
        {
            "schema": WHATIF,
            "scope": str(impact.scope),
            "hours": round(impact.lasts / timedelta(hours=1), _DIGITS),
            "services": [_impact(service) for service in impact.services],
            "cost": round(impact.cost, 2),
            "users": impact.users,
            "routes": [_route(fate) for fate in impact.routes],
        }
    )


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _utc_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _caps(services: Iterable[ServiceScore]) -> Iterable[dict[str, Any]]:
    for service_score in services:
        for cap in service_score.caps:
            yield {
                "service": service_score.service.name,
                "at_most": round(cap.at_most, _DIGITS),
                "because": cap.because,
                "checks": list(cap.checks),
            }


def _service(service_score: ServiceScore) -> dict[str, Any]:
    return {
        "name": service_score.service.name,
        "tier": service_score.service.tier.number,
        "score": round(service_score.score, _DIGITS),
        "grade": service_score.grade,
        "coverage": round(service_score.coverage, _DIGITS),
        "findings": [_finding(finding) for finding in service_score.findings],
    } | _on_word(service_score)


def _on_word(score: Scorecard | ServiceScore) -> dict[str, float]:
    """The points that rest on attestations alone, apart; nothing where none do."""
    return {"on_word": round(score.on_word, _DIGITS)} if score.on_word else {}


def _finding(finding: Finding) -> dict[str, Any]:
    resource, provider, account, region = finding.place
    check = finding.check
    return {
        "check": check.id,
        "family": check.family,
        "severity": check.severity.value,
        "outcome": finding.outcome.value,
        "resource": resource,
        "provider": provider,
        "account": account,
        "region": region,
        "summary": finding.summary,
        "evidence": dict(finding.evidence),
        "remediation": remedy_of(finding),
    }


def _past(past: PastScore) -> dict[str, Any]:
    return {
        "service": past.service,
        "at": _utc_text(past.at),
        "score": round(past.score, _DIGITS),
        "grade": past.grade,
        "coverage": round(past.coverage, _DIGITS),
        "ruleset": past.ruleset,
    }


def _unread(gap: Gap) -> dict[str, Any]:
    action_named = not gap.action or gap.action in gap.reason
    reason = gap.reason if action_named else f"{gap.action}: {gap.reason}"
    row = {"source": gap.source, "account": gap.account, "region": gap.region, "reason": reason}
    return row | {"resource": gap.resource, "action": gap.action} if gap.resource else row


def _impact(impact: ServiceImpact) -> dict[str, Any]:
    return {
        "name": impact.service.name,
        "tier": impact.service.tier.number,
        "outcome": impact.fate.value,
        "because": list(impact.because),
        "rto": _seconds(impact.rto),
        "rto_target": _seconds(impact.service.rto_target),
        "users": impact.service.users,
        "cost_per_hour": impact.service.revenue_per_hour,
        "rto_worst": _seconds(impact.worst_rto),
        "rto_tests": impact.tests,
    }


def _route(fate: RouteFate) -> dict[str, Any]:
    route = fate.route
    return {
        "audience": route.audience,
        "route": route.name,
        "kind": route.kind,
        "order": route.order,
        "shares_fate": fate.shares_fate,
    }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
