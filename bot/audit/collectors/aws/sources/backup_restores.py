"""AWS Backup restore tests and restore jobs, with their validation results, as Rehearsal."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Rehearsal, RehearsalKind, RehearsalResult

LOOK_BACK = timedelta(days=365)


def read(aws: Reader) -> Iterator[Fact]:
    """Yield the latest restore per resource and result, and each restore testing plan that has never run."""
    for plan in aws.list("backup", "ListRestoreTestingPlans", "RestoreTestingPlans"):
        if not plan.get("LastExecutionTime"):
            yield _never_run(aws, plan)
    latest: dict[tuple[str, RehearsalResult], dict[str, Any]] = {}
    since = aws.now - LOOK_BACK
    for job in aws.list("backup", "ListRestoreJobs", "RestoreJobs", ByCreatedAfter=since, MaxResults=1000):
        result = result_of(job)
        if result is None:
            continue
        key = (job.get("SourceResourceArn") or job["RecoveryPointArn"], result)
        if key not in latest or latest[key]["CreationDate"] < job["CreationDate"]:
            latest[key] = job
    for (resource, result), job in latest.items():
        yield _restore(aws, resource, result, job)


def result_of(job: dict[str, Any]) -> RehearsalResult | None:
    """The result of a restore job; None while it runs. A restore without validation is inconclusive."""
    if job["Status"] in ("FAILED", "ABORTED") or job.get("ValidationStatus") == "FAILED":
        return RehearsalResult.FAILED
    if job["Status"] != "COMPLETED" or job.get("ValidationStatus") == "VALIDATING":
        return None
    validated = job.get("ValidationStatus") == "SUCCESSFUL"
    return RehearsalResult.SUCCEEDED if validated else RehearsalResult.INCONCLUSIVE


def _restore(aws: Reader, resource: str, result: RehearsalResult, job: dict[str, Any]) -> Fact:
    completed_at = job.get("CompletionDate")
    return aws.fact(
        Rehearsal,
        resource=aws.arn("backup", f"restore-job:{job['RestoreJobId']}"),
        name=f"restore of {resource.rpartition(':')[2]}",
        product="backup",
        tags=aws.tags(resource),
        about=(resource,),
        kind=RehearsalKind.RESTORE,
        at=completed_at or job["CreationDate"],
        result=result,
        measured_rto=completed_at - job["CreationDate"]
        if completed_at and result is RehearsalResult.SUCCEEDED
        else None,
    )


def _never_run(aws: Reader, plan: dict[str, Any]) -> Fact:
    return aws.fact(
        Rehearsal,
        resource=plan["RestoreTestingPlanArn"],
        name=plan["RestoreTestingPlanName"],
        product="backup",
        kind=RehearsalKind.RESTORE,
    )


SOURCE = Source(
    name="aws_restores",
    facts=(Rehearsal,),
    actions=("backup:ListRestoreTestingPlans", "backup:ListRestoreJobs"),
    read=read,
)
