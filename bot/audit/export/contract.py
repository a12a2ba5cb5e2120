"""The machine-readable contract: what `--format json` promises, and its JSON Schema.

Keys are added to, never renamed or removed, while the version in `schema` stays the same.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCORECARD = "backstay.scorecard/1"
WHATIF = "backstay.whatif/1"
Scalar = str | int | float | bool | None
Grade = Literal["A", "B", "C", "D", "F", ""]
Points = Field(ge=0, le=100)
Share = Field(ge=0, le=1)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FindingRow(_Part):
    """One check's verdict on a service, or on one of its resources."""

    check: str = Field(description="Id of the check, stable for ever", pattern=r"^[A-Z]{2}\d{2}$")
    family: str
    severity: Literal["critical", "high", "medium", "low"]
    outcome: Literal["pass", "fail", "not_applicable", "unknown", "error", "waived"]
    resource: str = Field(description="Empty where the check judges the service as a whole")
    provider: str
    account: str
    region: str
    summary: str = Field(description="One sentence for a person; for unknown and error it holds the reason")
    evidence: dict[str, Scalar]
    remediation: str


class ServiceRow(_Part):
    """One service and every finding on it."""

    name: str
    tier: int
    score: float = Points
    grade: Grade = Field(description="Empty: too little was seen for a grade")
    coverage: float = Share
    findings: list[FindingRow]


class CapRow(_Part):
    """A hard ceiling on one service's score."""

    service: str
    at_most: float
    because: str
    checks: list[str]


class TrendRow(_Part):
    """One remembered score, oldest first. `service` empty: of the estate."""

    service: str
    at: datetime
    score: float = Points
    grade: Grade
    coverage: float = Share
    ruleset: str


class UnreadRow(_Part):
    """A place that could not be read, with the reason."""

    source: str
    account: str
    region: str
    reason: str


class ScorecardDocument(_Part):
    """What `backstay audit --format json` prints."""

    schema_: Literal["backstay.scorecard/1"] = Field(alias="schema")
    generated_at: datetime
    score: float = Field(ge=0, le=100, description="What is proven: equal to `low`")
    low: float = Field(ge=0, le=100, description="Every unknown taken for failed")
    high: float = Field(ge=0, le=100, description="Every unknown taken for passed")
    grade: Grade = Field(description="Empty: too little was seen for a grade")
    caps: list[CapRow] = Field(description="The ceilings on the services' scores")
    coverage: float = Share
    ruleset: str = Field(description="Version of the set of checks")
    services: list[ServiceRow]
    trend: list[TrendRow]
    unread: list[UnreadRow]
    calls: int = Field(ge=0, description="Requests sent to read the facts")
    seconds: float = Field(ge=0, description="Wall time of the audit")


class ImpactRow(_Part):
    """What becomes of one service."""

    name: str
    tier: int
    outcome: Literal["down", "unknown", "fails_over", "degraded", "unaffected"]
    because: list[str] = Field(
        description="From the service to what was lost, nearest first; last the proof of a failover"
    )
    rto: float | None = Field(description="Seconds until it is back by failover, as measured; null: not known")
    rto_target: float | None = Field(description="Seconds; null: no target")
    users: int | None
    cost_per_hour: float | None = Field(description="Revenue per hour in the organisation's currency; null: not said")


class RouteRow(_Part):
    """A way to reach people, and whether it is lost too (null: where it runs is not known)."""

    audience: str
    route: str
    kind: str
    order: int = Field(ge=0, description="0 is the primary")
    shares_fate: bool | None


class WhatifDocument(_Part):
    """What `backstay whatif --format json` prints."""

    schema_: Literal["backstay.whatif/1"] = Field(alias="schema")
    scope: str
    hours: float = Field(ge=0)
    services: list[ImpactRow] = Field(description="The worst first")
    cost: float = Field(description="Over all hours, less failover times that were proved")
    users: int = Field(description="Of the services that are down, or whose failover is not proved")
    routes: list[RouteRow]


def scorecard_schema() -> dict[str, Any]:
    """JSON Schema of `backstay.scorecard/1`."""
    return _described(ScorecardDocument, SCORECARD)


def whatif_schema() -> dict[str, Any]:
    """JSON Schema of `backstay.whatif/1`."""
    return _described(WhatifDocument, WHATIF)


def _described(model: type[BaseModel], title: str) -> dict[str, Any]:
    made = model.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": title}
