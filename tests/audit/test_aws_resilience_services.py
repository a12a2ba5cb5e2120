"""Services of the next generation Resilience Hub: assessments, test runs and discovered dependencies."""

from datetime import timedelta
from typing import Any

import pytest
from support.builders.aws_sources import arn, read, read_with_gaps
from support.builders.moment import days_ago
from support.builders.resources import compute, datastore
from support.fakes.aws import Fault, fake_aws

from bot.audit.attribution import group_resources
from bot.audit.collectors.aws.sources import resilience_services
from bot.audit.collectors.engine.needs import needed_kinds
from checks import Assessment, Fact, ObservedDependency, Rehearsal, RehearsalKind, RehearsalResult

SHOP = arn("resiliencehub", "service/shop")
WEB, ORDERS = arn("ecs", "service/prod/web"), arn("dynamodb", "table/orders")
TEMPLATE = arn("resiliencehub", "test-template/az-power")
Result = RehearsalResult


def run(status: str, days: float, **told: Any) -> dict[str, Any]:
    ended = {} if status == "RUNNING" else {"endedAt": days_ago(days) + timedelta(minutes=20)}
    own = {"testRunId": f"r{days}", "status": status, "startedAt": days_ago(days), "testTemplateArn": TEMPLATE}
    return own | ended | told


def edge(source: str, target: str, *kinds: str) -> dict[str, Any]:
    ends = {"sourceResourceIdentifier": source, "destinationResourceIdentifier": target}
    return {**ends, "properties": [{"topologyType": kind} for kind in kinds]}


def call(host: str, criticality: str = "HARD") -> dict[str, Any]:
    place = {"location": "us-east-1", "sourceRegions": ["us-east-1"], "lastDetectedTime": days_ago(1)}
    times = {"startTime": days_ago(2), "endTime": days_ago(1), "granularity": "DAILY", "dataPoints": []}
    own = {"dependencyId": f"d-{host}", "serviceArn": SHOP, "dependencyName": host, "dnsName": host}
    return {**own, **place, "queryRange": times, "criticality": criticality}


def reached(**targets: str) -> dict[str, Any]:
    own = {"assessmentId": "1", "serviceArn": SHOP, "assessmentStatus": "SUCCESS", "endedAt": days_ago(2)}
    return {**own, "achievability": targets}


def facts(
    *,
    runs: tuple[dict[str, Any], ...] = (),
    tests: int = 1,
    edges: tuple[dict[str, Any], ...] = (),
    calls: tuple[dict[str, Any], ...] = (),
    assessments: tuple[dict[str, Any], ...] = (),
) -> list[Fact]:
    test = {"testId": "t", "testTemplateArn": TEMPLATE, "serviceArn": SHOP, "creationTime": days_ago(90)}
    counts = {"totalTestRuns": len(runs), "successfulTestRuns": 0}
    resource = {"resourceIdentifier": WEB, "resource": {"identifier": WEB}}
    with fake_aws() as aws:
        aws.on("resiliencehubv2", "ListServices", {"serviceSummaries": [{"serviceArn": SHOP, "name": "shop"}]})
        aws.on("resiliencehubv2", "ListResources", {"serviceResources": [resource]})
        aws.on("resiliencehubv2", "ListFailureModeAssessments", {"assessmentSummaries": list(assessments)})
        aws.on("resiliencehubv2", "ListTests", {"tests": [{**test, **counts}] * tests})
        aws.on("resiliencehubv2", "ListTestRuns", {"testRuns": list(runs)})
        aws.on("resiliencehubv2", "ListServiceTopologyEdges", {"serviceTopologyEdgeSummaries": list(edges)})
        aws.on("resiliencehubv2", "ListDependencies", {"dependencySummaries": list(calls)})
        return read(aws, resilience_services.SOURCE)


def of(kind: type[Fact], found: list[Fact]) -> list[Any]:
    return [fact for fact in found if isinstance(fact, kind)]


def test_the_last_run_of_a_test_that_ended_is_told() -> None:
    (found,) = of(Rehearsal, facts(runs=(run("FAILED", 30), run("PASSED", 3), run("RUNNING", 0))))
    assert (found.name, found.kind, found.result) == ("az-power", RehearsalKind.FAULT_INJECTION, Result.SUCCEEDED)
    assert found.at == days_ago(3) + timedelta(minutes=20)
    assert (found.about, found.scope) == ((WEB,), "aws/us-east-1")


@pytest.mark.parametrize(
    ("status", "result"), [("FAILED", Result.FAILED), ("STOPPED", Result.FAILED), ("ERROR", Result.INCONCLUSIVE)]
)
def test_a_run_that_did_not_pass_proves_nothing(status: str, result: RehearsalResult) -> None:
    (found,) = of(Rehearsal, facts(runs=(run(status, 1),)))
    assert found.result is result


def test_a_test_that_never_ran_says_so() -> None:
    (found,) = of(Rehearsal, facts())
    assert (found.at, found.result) == (None, Result.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("assessments", "compliant"),
    [
        ((), None),
        ((reached(multiAzRtoRpo="ACHIEVABLE"),), True),
        ((reached(multiAzRtoRpo="ACHIEVABLE", availabilitySlo="NOT_ACHIEVABLE"),), False),
        (({**reached(multiAzRtoRpo="NOT_ACHIEVABLE"), "assessmentStatus": "FAILED"},), None),
    ],
)
def test_an_assessment_tells_whether_every_target_can_be_met(assessments: Any, compliant: bool | None) -> None:
    (found,) = of(Assessment, facts(assessments=assessments))
    assert (found.compliant, found.assessed_at is None) == (compliant, compliant is None)
    assert (found.tool, found.about) == ("AWS Resilience Hub", (WEB,))


def test_edges_of_data_and_looked_up_hosts_are_dependencies() -> None:
    edges = (edge(WEB, ORDERS, "DATA_FLOW"), edge(WEB, "vpc-1", "CONTAINMENT"), edge(WEB, "log"))
    found = of(ObservedDependency, facts(edges=edges, calls=(call("api.pay.example"), call("x.example", "UNKNOWN"))))
    assert [(fact.about, fact.target, fact.hard) for fact in found] == [
        ((WEB,), ORDERS, None),
        ((WEB,), "api.pay.example", True),
        ((WEB,), "x.example", None),
    ]


def test_a_listing_that_is_denied_costs_no_other_and_is_named() -> None:
    with fake_aws() as aws:
        aws.on("resiliencehubv2", "ListServices", {"serviceSummaries": [{"serviceArn": SHOP, "name": "shop"}]})
        for name in ("ListResources", "ListFailureModeAssessments", "ListTests", "ListServiceTopologyEdges"):
            aws.on("resiliencehubv2", name, Fault("AccessDeniedException", 403))
        aws.on("resiliencehubv2", "ListDependencies", {"dependencySummaries": [call("api.pay.example")]})
        found, unread = read_with_gaps(aws, resilience_services.SOURCE)
    assert [fact.name for fact in found] == ["shop", "api.pay.example"]
    assert sorted(gap.error.action for gap in unread) == [
        "resiliencehub:ListFailureModeAssessments",
        "resiliencehub:ListResources",
        "resiliencehub:ListServiceTopologyEdges",
        "resiliencehub:ListTests",
    ]


def test_a_region_without_the_service_has_none() -> None:
    with fake_aws() as aws:
        aws.on("resiliencehubv2", "ListServices", Fault("Unreachable"))
        assert not [fact for fact in read(aws, resilience_services.SOURCE) if fact]


def test_what_was_seen_becomes_a_dependency_of_a_guessed_service() -> None:
    web = compute("web", resource=WEB, tags={"service": "shop"})
    orders = datastore("orders", resource=ORDERS, tags={"service": "ledger"})
    seen = of(ObservedDependency, facts(edges=(edge(WEB, ORDERS, "DATA_FLOW"),)))
    shop = next(group for group in group_resources([web, orders, *seen]).groups if group.name == "shop")
    assert [(guess.value, guess.reason) for guess in shop.dependencies] == [
        ("ledger", f"AWS Resilience Hub saw calls to {ORDERS}")
    ]


def test_dependencies_are_read_although_no_check_needs_them() -> None:
    assert ObservedDependency in needed_kinds()
