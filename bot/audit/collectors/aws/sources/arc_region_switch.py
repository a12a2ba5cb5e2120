"""ARC region switch: plans as TrafficShift, plan executions as Rehearsal."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

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
    details = aws.each(lambda plan: aws.get(service, "GetPlanInRegion", arn=plan["arn"])["plan"], plans)
    for plan in details:
        protects = tuple(sorted(set(_arns(plan.get("workflows", [])))))
        if aws.region == (plan.get("primaryRegion") or min(plan["regions"])):
            yield _shift(aws, plan, protects)
        runs = aws.list(service, "ListPlanExecutions", "items", planArn=plan["arn"])
        for run in runs:
            if run["executionState"] in RESULTS and run.get("executionRegion", aws.region) == aws.region:
                yield _execution(aws, plan, run, protects)


def parse_duration(text: str) -> timedelta | None:
    """The value of an ISO 8601 duration (`PT12M30S`); None if the text is not one."""
    found = _DURATION.fullmatch(text)
    if not text or not found or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _shift(aws: Reader, plan: dict[str, Any], protects: tuple[str, ...]) -> Fact:
    return aws.fact(
        TrafficShift,
        resource=plan["arn"],
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
