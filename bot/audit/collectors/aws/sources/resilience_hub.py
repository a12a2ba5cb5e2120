"""Resilience Hub applications: score, compliance and estimated recovery time, as Assessment."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Assessment, Fact, Maybe

COMPLIANT: Final = {"PolicyMet": True, "PolicyBreached": False}


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Assessment per application, from its last finished assessment. Many regions lack the service."""
    if not aws.offered("resiliencehub"):
        return
    apps = _apps(aws)
    for app, estimate in zip(apps, aws.each(lambda app: aws.maybe(lambda: _estimate(aws, app)), apps), strict=True):
        yield aws.fact(
            Assessment,
            resource=app["appArn"],
            name=app["name"],
            product="resiliencehub",
            tool="AWS Resilience Hub",
            assessed_at=app.get("lastAppComplianceEvaluationTime"),
            score=app.get("resiliencyScore"),
            compliant=COMPLIANT.get(app.get("complianceStatus", "")),
            rto_estimate=estimate,
        )


def _apps(aws: Reader) -> list[dict[str, Any]]:
    """All applications. botocore has no paginator for this listing."""
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = aws.get("resiliencehub", "ListApps", maxResults=100, **token)
        found.extend(page.get("appSummaries", ()))
        if not page.get("nextToken"):
            return found
        token = {"nextToken": page["nextToken"]}


def _estimate(aws: Reader, app: dict[str, Any]) -> Maybe[timedelta | None]:
    """The longest estimated recovery time of all assessed types of disruption."""
    if not app.get("lastAppComplianceEvaluationTime"):
        return None
    summaries = aws.get(
        "resiliencehub",
        "ListAppAssessments",
        appArn=app["appArn"],
        assessmentStatus=["Success"],
        reverseOrder=True,
        maxResults=1,
    ).get("assessmentSummaries", [])
    if not summaries:
        return None
    assessment = aws.get("resiliencehub", "DescribeAppAssessment", assessmentArn=summaries[0]["assessmentArn"])[
        "assessment"
    ]
    seconds = [
        part["currentRtoInSecs"] for part in assessment.get("compliance", {}).values() if "currentRtoInSecs" in part
    ]
    return timedelta(seconds=max(seconds)) if seconds else None


SOURCE = Source(
    name="aws_assessments",
    facts=(Assessment,),
    actions=(
        "resiliencehub:ListApps",
        "resiliencehub:ListAppAssessments",
        "resiliencehub:DescribeAppAssessment",
    ),
    read=read,
)
