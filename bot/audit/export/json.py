"""Audit and what-if as JSON, in the shape that `contract` promises. Plain dictionaries: an estate has findings by the 100,000."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.audit.export.contract import SCORECARD, WHATIF
from bot.model import Audit
from checks import Finding, Gap, Impact, PastScore, RouteFate, ServiceImpact, ServiceScore

_DIGITS = 4


def scorecard(audit: Audit, history: Sequence[PastScore] = ()) -> str:
    """`backstay.scorecard/1`: `history` becomes `trend`, oldest first."""
    card = audit.scorecard
    return _text(
        {
            "schema": SCORECARD,
            "generated_at": _moment(card.generated_at),
            "score": round(card.score, _DIGITS),
            "low": round(card.low, _DIGITS),
            "high": round(card.high, _DIGITS),
            "grade": card.grade,
            "caps": list(_caps(card.services)),
            "coverage": round(card.coverage, _DIGITS),
            "ruleset": card.ruleset,
            "services": [_service(one) for one in card.services],
            "trend": [_past(one) for one in sorted(history, key=lambda one: one.at)],
            "unread": [_unread(gap) for gap in audit.collected.gaps],
            "calls": audit.calls,
            "seconds": round(audit.seconds, 3),
        }
    )


def whatif(impact: Impact) -> str:
    """`backstay.whatif/1`: times in seconds, money in the organisation's currency."""
    return _text(
        {
            "schema": WHATIF,
            "scope": str(impact.scope),
            "hours": round(impact.lasts / timedelta(hours=1), _DIGITS),
            "services": [_impact(one) for one in impact.services],
            "cost": round(impact.cost, 2),
            "users": impact.users,
            "routes": [_route(one) for one in impact.routes],
        }
    )


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _caps(services: Iterable[ServiceScore]) -> Iterable[dict[str, Any]]:
    for one in services:
        for cap in one.caps:
            yield {
                "service": one.service.name,
                "at_most": cap.at_most,
                "because": cap.because,
                "checks": list(cap.checks),
            }


def _service(one: ServiceScore) -> dict[str, Any]:
    return {
        "name": one.service.name,
        "tier": one.service.tier.number,
        "score": round(one.score, _DIGITS),
        "grade": one.grade,
        "coverage": round(one.coverage, _DIGITS),
        "findings": [_finding(finding) for finding in one.findings],
    }


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
        "remediation": check.remediation,
    }


def _past(one: PastScore) -> dict[str, Any]:
    return {
        "service": one.service,
        "at": _moment(one.at),
        "score": round(one.score, _DIGITS),
        "grade": one.grade,
        "coverage": round(one.coverage, _DIGITS),
        "ruleset": one.ruleset,
    }


def _unread(gap: Gap) -> dict[str, Any]:
    named = not gap.action or gap.action in gap.reason
    reason = gap.reason if named else f"{gap.action}: {gap.reason}"
    return {"source": gap.source, "account": gap.account, "region": gap.region, "reason": reason}


def _impact(one: ServiceImpact) -> dict[str, Any]:
    return {
        "name": one.service.name,
        "tier": one.service.tier.number,
        "outcome": one.fate.value,
        "because": list(one.because),
        "rto": _seconds(one.rto),
        "rto_target": _seconds(one.service.rto_target),
        "users": one.service.users,
        "cost_per_hour": one.service.revenue_per_hour,
    }


def _route(one: RouteFate) -> dict[str, Any]:
    route = one.route
    return {
        "audience": route.audience,
        "route": route.name,
        "kind": route.kind,
        "order": route.order,
        "shares_fate": one.shares_fate,
    }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
