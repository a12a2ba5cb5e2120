"""Defines the documents of `--format json` and their JSON Schemas.

Within one version of `schema` keys may be added; none is renamed or removed.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCORECARD = "backstay.scorecard/1"
WHATIF = "backstay.whatif/1"
CHANGE = "backstay.change/1"
Scalar = str | int | float | bool | None
Grade = Literal["A", "B", "C", "D", "F", ""]
Points = Field(ge=0, le=100)
Share = Field(ge=0, le=1)
_ON_WORD = Field(default=0, ge=0, le=100, description="Points of the score that rest on attestations alone")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FindingRow(_Part):
    """The verdict of one check on a service, or on one of its resources."""

    check: str = Field(description="Id of the check; never changes", pattern=r"^[A-Z]{2}\d{2}$")
    family: str
    severity: Literal["critical", "high", "medium", "low"]
    outcome: Literal["pass", "fail", "not_applicable", "unknown", "error", "waived"]
    resource: str = Field(description="Empty where the check judges the service as a whole")
    provider: str
    account: str
    region: str
    summary: str = Field(description="The verdict as one sentence; for unknown and error with the reason")
    evidence: dict[str, Scalar]
    remediation: str


class ServiceRow(_Part):
    """One service with all its findings."""

    name: str
    tier: int
    score: float = Points
    on_word: float = _ON_WORD
    grade: Grade = Field(description="Empty: coverage is too low for a grade")
    coverage: float = Share
    findings: list[FindingRow]


class CapRow(_Part):
    """A cap on one service's score, with the reason."""

    service: str
    at_most: float
    because: str
    checks: list[str]


class TrendRow(_Part):
    """One past score, oldest first. `service` is empty for the estate's score."""

    service: str
    at: datetime
    score: float = Points
    grade: Grade
    coverage: float = Share
    ruleset: str


class UnreadRow(_Part):
    """A resource list, one resource, or the regions of an account that the settings leave out: not read, with the reason."""

    source: str
    account: str
    region: str
    reason: str
    resource: str = Field(default="", description="The one resource that is missing; absent: any number of them")
    action: str = Field(default="", description="The permission or call that failed for this resource")


class ScorecardDocument(_Part):
    """The document that `backstay audit --format json` prints."""

    schema_: Literal["backstay.scorecard/1"] = Field(alias="schema")
    generated_at: datetime
    score: float = Field(
        ge=0, le=100, description="The proven score, equal to `low`; other outputs round it down to a whole number"
    )
    on_word: float = _ON_WORD
    low: float = Field(ge=0, le=100, description="The score if every unknown finding fails")
    high: float = Field(ge=0, le=100, description="The score if every unknown finding passes")
    grade: Grade = Field(description="Empty: coverage is too low for a grade")
    caps: list[CapRow] = Field(description="Caps on the scores of services")
    coverage: float = Share
    ruleset: str = Field(description="Version of the set of checks")
    services: list[ServiceRow]
    trend: list[TrendRow]
    unread: list[UnreadRow]
    calls: int = Field(ge=0, description="API calls made to read the facts")
    seconds: float = Field(ge=0, description="Wall-clock duration of the audit")


class ImpactRow(_Part):
    """The effect of the outage on one service."""

    name: str
    tier: int
    outcome: Literal["down", "unknown", "fails_over", "degraded", "unaffected"]
    because: list[str] = Field(
        description="The dependency chain from the service to the lost resource, nearest first; then the evidence for a failover"
    )
    rto: float | None = Field(description="Median failover time of the last tests in seconds; null: unknown")
    rto_target: float | None = Field(description="RTO target in seconds; null: no target")
    users: int | None
    cost_per_hour: float | None = Field(description="Revenue per hour in the organisation's currency; null: not set")
    rto_worst: float | None = Field(description="Longest failover time of the last tests in seconds; null: unknown")
    rto_tests: int = Field(ge=0, description="How many tests measured it, at most five")


class RouteRow(_Part):
    """A notification route, and whether it is lost too (null: unknown where it runs)."""

    audience: str
    route: str
    kind: str
    order: int = Field(ge=0, description="0 is the primary")
    shares_fate: bool | None


class WhatifDocument(_Part):
    """The document that `backstay whatif --format json` prints."""

    schema_: Literal["backstay.whatif/1"] = Field(alias="schema")
    scope: str
    hours: float = Field(ge=0)
    services: list[ImpactRow] = Field(description="Worst outcome first")
    cost: float = Field(
        description="Lost revenue over all hours; a service with a tested failover counts only for its failover time"
    )
    users: int = Field(description="Users of the services that are down, or whose failover is untested")
    routes: list[RouteRow]


class MomentServiceRow(_Part):
    """The score of one service at one moment."""

    name: str
    score: float = Points
    low: float = Points
    high: float = Points
    grade: Grade
    coverage: float = Share


class MomentRow(_Part):
    """The score at one moment: before or after a plan. What a plan cannot tell counts as failed in `score`."""

    score: float = Points
    low: float = Points
    high: float = Points
    grade: Grade
    coverage: float = Share
    services: list[MomentServiceRow]


class ChangedFindingRow(FindingRow):
    """A finding that a plan changes, with the resource's address and where it is declared."""

    service: str
    address: str = Field(
        description="Address in the configuration; empty where the check judges the service as a whole"
    )
    file: str = Field(description="The .tf file that declares the resource; empty: not known")
    line: int = Field(ge=0, description="0: not known")


class UnknownRow(_Part):
    """What a plan does not tell, with the reason. `resource` is empty where it concerns all of them."""

    resource: str
    reason: str


class ChangeDocument(_Part):
    """The document that `backstay audit --plan FILE --format json` prints."""

    schema_: Literal["backstay.change/1"] = Field(alias="schema")
    generated_at: datetime
    file: str
    ruleset: str = Field(description="Version of the set of checks")
    before: MomentRow | None = Field(description="null: no resource that is checked exists before")
    after: MomentRow | None = Field(description="null: no resource that is checked is left")
    points: float = Field(description="Points that the score gains; negative where it loses")
    added: list[ChangedFindingRow] = Field(description="Fail after the plan and did not before")
    removed: list[ChangedFindingRow] = Field(description="Failed before the plan and do not after it")
    unknown: list[ChangedFindingRow] = Field(description="New, and unknown from a plan")
    kept: list[ChangedFindingRow] = Field(description="Fail before and after")
    unread: list[UnknownRow]
    notes: list[str]


def change_schema() -> dict[str, Any]:
    """The JSON Schema of `backstay.change/1`."""
    return _schema_of(ChangeDocument, CHANGE)


def scorecard_schema() -> dict[str, Any]:
    """The JSON Schema of `backstay.scorecard/1`."""
    return _schema_of(ScorecardDocument, SCORECARD)


def whatif_schema() -> dict[str, Any]:
    """The JSON Schema of `backstay.whatif/1`."""
    return _schema_of(WhatifDocument, WHATIF)


def _schema_of(model: type[BaseModel], title: str) -> dict[str, Any]:
    body = model.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **body, "title": title}
