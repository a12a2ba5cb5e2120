"""ARC region switch: plans as TrafficShift, plan executions as Rehearsal."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Rehearsal, RehearsalKind, RehearsalResult, TrafficShift

# An execution with skipped or forced steps is inconclusive; states that are still running are left out.
RESULTS: Final = {
    "completed": RehearsalResult.SUCCEEDED,
    "completedWithExceptions": RehearsalResult.INCONCLUSIVE,
    "canceled": RehearsalResult.FAILED,
    "failed": RehearsalResult.FAILED,
    "planExecutionTimedOut": RehearsalResult.FAILED,
}
_ROLES: Final = ("crossAccountRole", "approvalRole")
_DURATION: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield plans and executions from the regional data plane, which works without any other region."""
    service = "arc-region-switch"
    plans = aws.list(service, "ListPlansInRegion", "plans")
    shifts = ItemIdentity[dict[str, Any]](f"{service}:GetPlanInRegion", lambda plan: plan["arn"])
    yield from facts_of(aws, lambda plan: _shift(aws, plan["arn"]), plans, shifts)
    runs = replace(shifts, action=f"{service}:ListPlanExecutions", kinds=(Rehearsal,))
    yield from facts_of(aws, lambda plan: _executions(aws, plan["arn"]), plans, runs)


def _plan(aws: Reader, arn: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A plan, and the resources that its workflows switch."""
    plan = aws.get("arc-region-switch", "GetPlanInRegion", arn=arn)["plan"]
    return plan, tuple(sorted(set(_arns(plan.get("workflows", [])))))


def _executions(aws: Reader, arn: str) -> Iterator[Fact]:
    runs = aws.list("arc-region-switch", "ListPlanExecutions", "items", planArn=arn)
    if not runs:
        return
    plan, protects = _plan(aws, arn)
    identity = ItemIdentity[dict[str, Any]](
        "arc-region-switch:ListPlanExecutions",
        lambda run: f"{arn}/execution/{run['executionId']}",
        lambda _: aws.tags(arn),
        kinds=(Rehearsal,),
    )
    finished = [
        run
        for run in runs
        if run.get("executionState") in RESULTS and run.get("executionRegion", aws.region) == aws.region
    ]
    yield from facts_of(aws, lambda run: _execution(aws, plan, run, protects), finished, identity, calls=False)


def parse_duration(text: str) -> timedelta | None:
    """The value of an ISO 8601 duration (`PT12M30S`); None if the text is not one."""
    found = _DURATION.fullmatch(text)
    if not text or not found or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _shift(aws: Reader, arn: str) -> Fact | None:
    """The fact of a plan, in its primary region only."""
    plan, protects = _plan(aws, arn)
    if aws.region != (plan.get("primaryRegion") or min(plan["regions"])):
        return None
    return aws.fact(
        TrafficShift,
        resource=arn,
        name=plan["name"],
        product="arc",
        about=protects,
        kind="region_switch",
        automatic=bool(plan.get("triggers")),
        protects=protects,
    )


def _execution(aws: Reader, plan: dict[str, Any], run: dict[str, Any], protects: tuple[str, ...]) -> Fact:
    """The fact of one execution. Its recovery time includes the wait until the application's alarms were OK again."""
    lost = sorted(set(plan["regions"]) - {aws.region} if run["executionAction"] == "activate" else {aws.region})
    return aws.fact(
        Rehearsal,
        resource=f"{plan['arn']}/execution/{run['executionId']}",
        name=f"{plan['name']} ({run['mode']})",
        product="arc",
        tags=aws.tags(plan["arn"]),
        about=(plan["arn"], *protects),
        kind=RehearsalKind.FAILOVER,
        at=run.get("endTime") or run["startTime"],
        result=RESULTS[run["executionState"]],
        scope=f"aws/{lost[0]}" if len(lost) == 1 else "",
        measured_rto=parse_duration(run.get("actualRecoveryTime", "")),
    )


def _arns(node: Any) -> Iterator[str]:
    """All resource ARNs in the steps of a plan, except roles."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name not in _ROLES:
                yield from _arns(value)
    elif isinstance(node, list):
        for value in node:
            yield from _arns(value)
    elif _arn.is_arn(node):
        yield node


SOURCE = Source(
    name="aws_region_switches",
    facts=(TrafficShift, Rehearsal),
    actions=(
        "arc-region-switch:ListPlansInRegion",
        "arc-region-switch:GetPlanInRegion",
        "arc-region-switch:ListPlanExecutions",
    ),
    read=read,
)
