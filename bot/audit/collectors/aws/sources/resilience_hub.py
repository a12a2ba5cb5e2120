"""Resilience Hub applications: score, compliance and estimated recovery time, as Assessment."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.parts.token_pages import all_pages
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Assessment, Fact, Maybe

COMPLIANT: Final = {"PolicyMet": True, "PolicyBreached": False}


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Assessment per application, from its last finished assessment. Many regions lack the service."""
    identity = ItemIdentity[dict[str, Any]]("resiliencehub:ListApps", lambda app: app["appArn"])
    apps = all_pages(aws, "resiliencehub", "ListApps", "appSummaries", "nextToken", maxResults=100)
    yield from facts_of(aws, lambda app: _assessment(aws, app), apps, identity)


def _assessment(aws: Reader, app: dict[str, Any]) -> Fact:
    arn = app["appArn"]
    return aws.fact(
        Assessment,
        resource=arn,
        name=app.get("name") or arn,
        product="resiliencehub",
        tool="AWS Resilience Hub",
        assessed_at=app.get("lastAppComplianceEvaluationTime"),
        score=app.get("resiliencyScore"),
        compliant=COMPLIANT.get(app.get("complianceStatus", "")),
        rto_estimate=part(aws, arn, lambda: _estimate(aws, app), "resiliencehub:DescribeAppAssessment"),
    )


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
