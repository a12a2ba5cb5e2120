"""AWS Backup restore tests and restore jobs, with their validation results, as Rehearsal."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Rehearsal, RehearsalKind, RehearsalResult

Restored = tuple[tuple[str, RehearsalResult], dict[str, Any]]
"""The newest restore job of a resource with one result."""
LOOK_BACK = timedelta(days=365)


def read(aws: Reader) -> Iterator[Fact]:
    """Yield the latest restore per resource and result, and each restore testing plan that has never run."""
    listed = aws.list("backup", "ListRestoreTestingPlans", "RestoreTestingPlans")
    idle = [plan for plan in listed if not plan.get("LastExecutionTime")]
    identity = ItemIdentity[dict[str, Any]](
        "backup:ListRestoreTestingPlans", lambda plan: plan["RestoreTestingPlanArn"]
    )
    yield from facts_of(aws, lambda plan: _never_run(aws, plan), idle, identity, calls=False)
    latest: dict[tuple[str, RehearsalResult], dict[str, Any]] = {}
    since = aws.now - LOOK_BACK
    for job in aws.list("backup", "ListRestoreJobs", "RestoreJobs", ByCreatedAfter=since, MaxResults=1000):
        result = result_of(job)
        if result is None:
            continue
        source = job.get("SourceResourceArn") or job.get("RecoveryPointArn") or job.get("RestoreJobId", "")
        past = latest.get((source, result))
        if past is None or _at(aws, past) < _at(aws, job):
            latest[source, result] = job
    restores = ItemIdentity[Restored](
        "backup:ListRestoreJobs", lambda item: item[0][0], lambda item: aws.tags(item[0][0])
    )
    yield from facts_of(aws, lambda item: _restore(aws, *item[0], item[1]), latest.items(), restores, calls=False)


def _at(aws: Reader, job: dict[str, Any]) -> datetime:
    """When a restore job ended, else began; a job that tells neither is as old as the oldest one that is read."""
    return job.get("CompletionDate") or job.get("CreationDate") or aws.now - LOOK_BACK


def result_of(job: dict[str, Any]) -> RehearsalResult | None:
    """The result of a restore job; None while it runs. A restore without validation is inconclusive."""
    status = job.get("Status", "")
    if status in ("FAILED", "ABORTED") or job.get("ValidationStatus") == "FAILED":
        return RehearsalResult.FAILED
    if status != "COMPLETED" or job.get("ValidationStatus") == "VALIDATING":
        return None
    validated = job.get("ValidationStatus") == "SUCCESSFUL"
    return RehearsalResult.SUCCEEDED if validated else RehearsalResult.INCONCLUSIVE


def _restore(aws: Reader, resource: str, result: RehearsalResult, job: dict[str, Any]) -> Fact:
    began_at, completed_at = job.get("CreationDate"), job.get("CompletionDate")
    return aws.fact(
        Rehearsal,
        resource=aws.arn("backup", f"restore-job:{job['RestoreJobId']}"),
        name=f"restore of {resource.rpartition(':')[2]}",
        product="backup",
        tags=aws.tags(resource),
        about=(resource,),
        kind=RehearsalKind.RESTORE,
        at=_at(aws, job),
        result=result,
        measured_rto=completed_at - began_at
        if began_at and completed_at and result is RehearsalResult.SUCCEEDED
        else None,
    )


def _never_run(aws: Reader, plan: dict[str, Any]) -> Fact:
    return aws.fact(
        Rehearsal,
        resource=plan["RestoreTestingPlanArn"],
        name=plan.get("RestoreTestingPlanName") or plan["RestoreTestingPlanArn"],
        product="backup",
        kind=RehearsalKind.RESTORE,
    )


SOURCE = Source(
    name="aws_restores",
    facts=(Rehearsal,),
    actions=("backup:ListRestoreTestingPlans", "backup:ListRestoreJobs"),
    read=read,
)
