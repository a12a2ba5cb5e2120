"""Next generation Resilience Hub services: assessments, test runs, and the dependencies that it discovered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.parts.newer_services import where_offered
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Assessment, Fact, ObservedDependency, Rehearsal, RehearsalKind, RehearsalResult, Unread

_SERVICE: Final = "resiliencehubv2"
_TOOL: Final = "AWS Resilience Hub"
_BREACHED: Final = "NOT_ACHIEVABLE"
_HARD: Final = {"HARD": True, "SOFT": False}
# API reference, `TestRunStatus`. ERROR: the run itself did not work, which proves nothing.
_RESULTS: Final = {
    "PASSED": RehearsalResult.SUCCEEDED,
    "FAILED": RehearsalResult.FAILED,
    "STOPPED": RehearsalResult.FAILED,
    "ERROR": RehearsalResult.INCONCLUSIVE,
}
Row = dict[str, Any]
Rows = list[Row]


def read(aws: Reader) -> Iterator[Fact]:
    """Yield an Assessment per service, a Rehearsal per test and an ObservedDependency per edge. Many regions lack the service.

    One listing, and five for each service. All of a service belongs to the owners of its resources.
    """
    rows = where_offered(aws, lambda: aws.list(_SERVICE, "ListServices", "serviceSummaries"), ())
    identity = ItemIdentity[Row](f"{_action('ListServices')}", lambda row: row["serviceArn"])
    yield from facts_of(aws, lambda row: list(_facts(aws, row)), rows, identity)


def _action(operation: str) -> str:
    return f"resiliencehub:{operation}"


def _facts(aws: Reader, row: Row) -> Iterator[Fact]:
    arn = row["serviceArn"]
    resources = _listed(aws, arn, "ListResources", "serviceResources", billable=False)
    about = tuple(dict.fromkeys(name for item in resources if (name := _identifier(item))))
    yield _assessment(aws, row, about)
    for test in _listed(aws, arn, "ListTests", "tests"):
        if test.get("testId"):
            yield _rehearsal(aws, arn, test, about)
    yield from _edges(aws, arn, _listed(aws, arn, "ListServiceTopologyEdges", "serviceTopologyEdgeSummaries"))
    yield from _calls(aws, arn, _listed(aws, arn, "ListDependencies", "dependencySummaries"), about)


def _listed(aws: Reader, service: str, operation: str, key: str, **params: Any) -> Rows:
    """A listing of one service; empty, and noted as unread, where it fails."""
    rows = part(
        aws, service, lambda: aws.list(_SERVICE, operation, key, serviceArn=service, **params), _action(operation)
    )
    return [] if isinstance(rows, Unread) else rows


def _identifier(item: Mapping[str, Any]) -> str:
    name = item.get("resource", {}).get("identifier") or item.get("resourceIdentifier", "")
    return name if _arn.is_arn(name) else ""


def _assessment(aws: Reader, row: Row, about: Sequence[str]) -> Fact:
    """Whether every target of its policy can be met, by the newest assessment that ended well."""
    arn = row["serviceArn"]
    done = [
        found
        for found in _listed(aws, arn, "ListFailureModeAssessments", "assessmentSummaries")
        if found.get("assessmentStatus") == "SUCCESS" and found.get("endedAt")
    ]
    last = max(done, key=lambda found: found["endedAt"], default={})
    answers = set((last.get("achievability") or row.get("achievability") or {}).values())
    return aws.fact(
        Assessment,
        resource=arn,
        name=row.get("name") or arn.rpartition("/")[2],
        product="resiliencehub",
        about=about,
        tool=_TOOL,
        assessed_at=last.get("endedAt"),
        compliant=_BREACHED not in answers if answers else None,
    )


def _rehearsal(aws: Reader, service: str, test: Row, about: Sequence[str]) -> Fact:
    """The newest run of a test that ended."""
    runs = _listed(aws, service, "ListTestRuns", "testRuns", testId=test["testId"]) if _has_runs(test) else []
    ended = [run for run in runs if run.get("status") in _RESULTS and _end_of(run)]
    last = max(ended, key=lambda run: _end_of(run) or aws.now, default=None)
    name = test.get("testTemplateArn", "").rpartition("/")[2] or test["testId"]
    return aws.fact(
        Rehearsal,
        resource=f"{service}/test/{test['testId']}",
        name=name,
        product="resiliencehub",
        tags={},
        about=about,
        kind=RehearsalKind.FAULT_INJECTION,
        at=None if last is None else _end_of(last),
        result=RehearsalResult.INCONCLUSIVE if last is None else _RESULTS[last["status"]],
        scope=f"aws/{aws.region}",
    )


def _has_runs(test: Mapping[str, Any]) -> bool:
    return bool(test.get("totalTestRuns", 1))


def _end_of(run: Mapping[str, Any]) -> datetime | None:
    return run.get("endedAt") or run.get("startedAt")


def _edges(aws: Reader, service: str, rows: Iterable[Row]) -> Iterator[Fact]:
    """The edges along which data flows; containment, observation and permissions are no dependencies."""
    for row in rows:
        source, target = row.get("sourceResourceIdentifier"), row.get("destinationResourceIdentifier")
        if source and target and any(kind.get("topologyType") == "DATA_FLOW" for kind in row.get("properties") or ()):
            yield _dependency(aws, f"{service}/edge/{source}>{target}", (source,), target)


def _calls(aws: Reader, service: str, rows: Iterable[Row], about: Sequence[str]) -> Iterator[Fact]:
    """The host names that the service was seen to look up."""
    for row in rows:
        if host := row.get("dnsName") or row.get("dependencyName"):
            seen = {"hard": _HARD.get(row.get("criticality", "")), "seen_at": row.get("lastDetectedTime")}
            yield _dependency(aws, f"{service}/dependency/{row.get('dependencyId') or host}", about, host, **seen)


def _dependency(aws: Reader, resource: str, about: Sequence[str], target: str, **told: Any) -> Fact:
    return aws.fact(
        ObservedDependency,
        resource=resource,
        name=target,
        product="resiliencehub",
        tags={},
        about=tuple(about),
        target=target,
        tool=_TOOL,
        **told,
    )


_OPERATIONS: Final = (
    *("ListServices", "ListResources", "ListFailureModeAssessments", "ListTests", "ListTestRuns"),
    *("ListServiceTopologyEdges", "ListDependencies"),
)

SOURCE = Source(
    name="aws_resilience_services",
    facts=(Assessment, Rehearsal, ObservedDependency),
    actions=(*(_action(operation) for operation in _OPERATIONS), "tag:GetResources"),
    read=read,
)
