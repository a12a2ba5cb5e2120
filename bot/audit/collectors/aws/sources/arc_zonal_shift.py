"""ARC zonal shift: managed resources as TrafficShift, practice runs as Rehearsal."""

from collections.abc import Iterator
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Rehearsal, RehearsalKind, RehearsalResult, TrafficShift

# INTERRUPTED is inconclusive; PENDING is still running and left out.
OUTCOMES: Final = {
    "SUCCEEDED": RehearsalResult.SUCCEEDED,
    "FAILED": RehearsalResult.FAILED,
    "CAPACITY_CHECK_FAILED": RehearsalResult.FAILED,
    "INTERRUPTED": RehearsalResult.INCONCLUSIVE,
}


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one TrafficShift per managed resource, and its latest practice run per result."""
    managed = aws.list("arc-zonal-shift", "ListManagedResources", "items", maxResults=100)
    if not managed:
        return
    identity = ItemIdentity[dict[str, Any]]("arc-zonal-shift:ListManagedResources", lambda found: found["arn"])
    yield from facts_of(aws, lambda found: _shift(aws, found), managed, identity, calls=False)
    yield from _practice_runs(aws, {found["arn"]: found for found in managed if found.get("arn")})


def _shift(aws: Reader, found: dict[str, Any]) -> Fact:
    arn = found["arn"]
    return aws.fact(
        TrafficShift,
        resource=f"{arn}/zonal-shift",
        name=found.get("name") or arn,
        product="arc",
        tags=aws.tags(arn),
        about=(arn,),
        kind="zonal",
        automatic=found.get("zonalAutoshiftStatus") == "ENABLED",
        protects=(arn,),
    )


def _practice_runs(aws: Reader, managed: dict[str, dict[str, Any]]) -> Iterator[Fact]:
    latest: dict[tuple[str, RehearsalResult], dict[str, Any]] = {}
    for shift in aws.list("arc-zonal-shift", "ListZonalShifts", "items", maxResults=100):
        result, arn = OUTCOMES.get(shift.get("practiceRunOutcome", "")), shift.get("resourceIdentifier")
        if shift.get("shiftType") != "PRACTICE_RUN" or result is None or not arn or "startTime" not in shift:
            continue
        key = (arn, result)
        if key not in latest or latest[key]["startTime"] < shift["startTime"]:
            latest[key] = shift
    for (arn, result), shift in latest.items():
        yield _practice_run(aws, managed.get(arn, {}).get("name") or arn, arn, at=shift, result=result)
    with_runs = {arn for arn, _ in latest}
    for arn, found in managed.items():
        if found.get("practiceRunStatus") == "ENABLED" and arn not in with_runs:
            yield _practice_run(aws, found.get("name") or arn, arn)


def _practice_run(
    aws: Reader,
    name: str,
    arn: str,
    *,
    at: dict[str, Any] | None = None,
    result: RehearsalResult = RehearsalResult.INCONCLUSIVE,
) -> Fact:
    """The fact of one practice run. It has a start time but no duration, so that no recovery time is measured."""
    return aws.fact(
        Rehearsal,
        resource=f"{arn}/practice-run/{result}" if at else f"{arn}/practice-run",
        name=f"practice run of {name}",
        product="arc",
        tags=aws.tags(arn),
        about=(arn,),
        kind=RehearsalKind.ZONE_SHIFT,
        at=at["startTime"] if at else None,
        result=result,
        scope=f"aws/{aws.region}/{aws.zone_id(at['awayFrom'])}" if at and at.get("awayFrom") else "",
    )


SOURCE = Source(
    name="aws_zonal_shifts",
    facts=(TrafficShift, Rehearsal),
    actions=("arc-zonal-shift:ListManagedResources", "arc-zonal-shift:ListZonalShifts"),
    read=read,
)
