"""What was practised: faults injected, zones left, regions switched; and what proves nothing."""

from datetime import timedelta
from typing import Any

import pytest
from support.builders.aws_sources import arn, named, read
from support.builders.moment import days_ago
from support.fakes.aws import Fault, fake_aws

from bot.audit.collectors.aws.sources import arc_region_switch as aws_region_switches
from bot.audit.collectors.aws.sources import arc_zonal_shift as aws_zonal_shifts
from bot.audit.collectors.aws.sources import fis as aws_experiments
from bot.audit.collectors.aws.sources.arc_region_switch import parse_duration
from bot.net.aws.errors import ReadError
from checks import Fact, Rehearsal, RehearsalKind, RehearsalResult, TrafficShift

MACHINE, BALANCER = arn("ec2", "instance/i-1"), arn("elasticloadbalancing", "loadbalancer/app/a/1")
Result = RehearsalResult


def experiment(key: str, status: str = "completed", *, days: float = 1, **told: Any) -> dict[str, Any]:
    action = {"actionId": "aws:ec2:stop-instances", "state": {"status": "completed"}}
    return {
        "id": key,
        "experimentTemplateId": "T1",
        "state": {"status": status},
        "creationTime": days_ago(days),
        "startTime": days_ago(days),
        "endTime": days_ago(days) + timedelta(minutes=10),
        "targets": {"all": {"resourceType": "aws:ec2:instance", "resourceArns": [MACHINE]}},
        "actions": {"stop": action},
        "experimentOptions": {"actionsMode": "run-all"},
    } | told


def experiments(*runs: dict[str, Any], resolved: list[dict[str, Any]] | None = None) -> list[Rehearsal]:
    template = {
        "id": "T1",
        "arn": arn("fis", "experiment-template/T1"),
        "description": "stop half",
        "tags": {"team": "a"},
    }
    with fake_aws() as aws:
        aws.on("fis", "ListExperimentTemplates", {"experimentTemplates": [template]})
        aws.on("fis", "ListExperiments", {"experiments": list(runs)})
        by_id = {run["id"]: run for run in runs}
        aws.on("fis", "GetExperiment", lambda asked: {"experiment": by_id[asked["id"]]})
        aws.on("fis", "ListExperimentResolvedTargets", {"resolvedTargets": resolved or []})
        return [reading for reading in read(aws, aws_experiments.SOURCE) if isinstance(reading, Rehearsal)]


def test_the_last_finished_run_of_a_template_is_told() -> None:
    runs = [experiment("old", days=90), experiment("last", days=3), experiment("now", "running", days=0)]
    (found,) = experiments(*runs)
    assert (found.resource, found.name, found.tags) == (
        arn("fis", "experiment-template/T1"),
        "stop half",
        {"team": "a"},
    )
    assert (found.kind, found.result) == (RehearsalKind.FAULT_INJECTION, Result.SUCCEEDED)
    assert found.at == days_ago(3) + timedelta(minutes=10)
    assert (found.about, found.scope) == ((MACHINE,), "aws/us-east-1/ec2")


def test_a_template_that_never_ran_says_so() -> None:
    (found,) = experiments()
    assert (found.at, found.result, found.about) == (None, Result.INCONCLUSIVE, ())


@pytest.mark.parametrize(
    ("status", "told", "result"),
    [
        ("stopped", {}, Result.FAILED),
        ("failed", {}, Result.FAILED),
        ("cancelled", {}, Result.FAILED),
        ("completed", {"experimentOptions": {"actionsMode": "skip-all"}}, Result.INCONCLUSIVE),
        ("completed", {"actions": {"a": {"state": {"status": "skipped"}}}}, Result.INCONCLUSIVE),
        ("completed", {"actions": {}}, Result.INCONCLUSIVE),
    ],
)
def test_a_run_cut_short_failed_and_one_that_touched_nothing_proves_nothing(
    status: str, told: dict[str, Any], result: RehearsalResult
) -> None:
    assert aws_experiments.result_of(experiment("e", status, **told)) is result


def test_targets_picked_by_tags_are_those_that_the_run_resolved() -> None:
    targets = {"all": {"resourceType": "aws:ec2:subnet", "parameters": {"availabilityZoneIdentifier": "us-east-1a"}}}
    resolved = [{"targetName": "all", "targetInformation": {"arn": MACHINE, "subnetId": "subnet-1"}}]
    (found,) = experiments(experiment("e", targets=targets), resolved=resolved)
    assert (found.about, found.scope) == ((MACHINE,), "aws/us-east-1/us-east-1a")


def test_without_templates_nothing_more_is_asked() -> None:
    with fake_aws() as aws:
        assert read(aws, aws_experiments.SOURCE) == []
        assert [call.operation for call in aws.calls] == ["ListExperimentTemplates"]


def shift(outcome: str, *, days: float = 1, kind: str = "PRACTICE_RUN", of: str = BALANCER) -> dict[str, Any]:
    return {
        "zonalShiftId": f"{outcome}-{days}",
        "resourceIdentifier": of,
        "awayFrom": "use1-az4",
        "startTime": days_ago(days),
        "expiryTime": days_ago(days) + timedelta(minutes=1),
        "status": "EXPIRED",
        "comment": "",
        "shiftType": kind,
        "practiceRunOutcome": outcome,
    }


def zonal(*shifts: dict[str, Any], **told: Any) -> list[Fact]:
    managed = {"arn": BALANCER, "name": "front", "availabilityZones": ["use1-az4"]} | told
    with fake_aws() as aws:
        aws.on("arc-zonal-shift", "ListManagedResources", {"items": [managed]})
        aws.on("arc-zonal-shift", "ListZonalShifts", {"items": list(shifts)})
        return read(aws, aws_zonal_shifts.SOURCE)


def test_what_arc_manages_can_leave_a_zone_by_itself_where_autoshift_is_on() -> None:
    on = named(zonal(zonalAutoshiftStatus="ENABLED"), TrafficShift)["front"]
    off = named(zonal(zonalAutoshiftStatus="DISABLED"), TrafficShift)["front"]
    assert (on.kind, on.automatic, on.protects, on.about) == ("zonal", True, (BALANCER,), (BALANCER,))
    assert off.automatic is False


def test_practice_runs_tell_their_latest_outcomes_and_no_recovery_time() -> None:
    runs = [
        shift("SUCCEEDED", days=30),
        shift("SUCCEEDED", days=9),
        shift("INTERRUPTED", days=2),
        shift("PENDING", days=0),
    ]
    facts = zonal(*runs, shift("CAPACITY_CHECK_FAILED", days=5), shift("SUCCEEDED", days=1, kind="ZONAL_SHIFT"))
    found = {fact.result: fact for fact in facts if isinstance(fact, Rehearsal)}
    good = found[Result.SUCCEEDED]
    assert set(found) == {Result.SUCCEEDED, Result.INCONCLUSIVE, Result.FAILED}
    assert (good.kind, good.at, good.about) == (RehearsalKind.ZONE_SHIFT, days_ago(9), (BALANCER,))
    assert (good.scope, good.measured_rto) == ("aws/us-east-1/use1-az4", None)
    assert found[Result.FAILED].at == days_ago(5)
    assert len({fact.resource for fact in facts}) == len(facts)


def test_practice_that_is_set_up_but_has_not_run_says_so() -> None:
    (found,) = [item for item in zonal(practiceRunStatus="ENABLED") if isinstance(item, Rehearsal)]
    assert (found.at, found.result) == (None, Result.INCONCLUSIVE)
    assert not [item for item in zonal(practiceRunStatus="DISABLED") if isinstance(item, Rehearsal)]


PLAN = arn("arc-region-switch", "plan/shop:1", region="")
CLUSTER = arn("rds", "cluster:shop")


def plan(**told: Any) -> dict[str, Any]:
    step = {
        "name": "database",
        "executionBlockType": "AuroraGlobalDatabase",
        "executionBlockConfiguration": {
            "globalAuroraConfig": {
                "databaseClusterArns": [CLUSTER],
                "crossAccountRole": "arn:aws:iam::111122223333:role/switch",
                "behavior": "switchoverOnly",
                "globalClusterIdentifier": "shop",
            }
        },
    }
    return {
        "arn": PLAN,
        "owner": "111122223333",
        "name": "shop",
        "regions": ["us-east-1", "us-west-2"],
        "primaryRegion": "us-east-1",
        "workflows": [{"steps": [step], "workflowTargetAction": "activate"}],
        "executionRole": "arn:aws:iam::111122223333:role/switch",
        "recoveryApproach": "activePassive",
    } | told


def execution(key: str, state: str = "completed", **told: Any) -> dict[str, Any]:
    return {
        "planArn": PLAN,
        "executionId": key,
        "startTime": days_ago(7),
        "endTime": days_ago(7) + timedelta(minutes=20),
        "mode": "ungraceful",
        "executionState": state,
        "executionAction": "activate",
        "executionRegion": "us-west-2",
        "actualRecoveryTime": "PT14M30S",
    } | told


def switches(region: str, *runs: dict[str, Any], **told: Any) -> list[Fact]:
    with fake_aws() as aws:
        aws.on("arc-region-switch", "ListPlansInRegion", {"plans": [plan()]})
        aws.on("arc-region-switch", "GetPlanInRegion", {"plan": plan(**told)})
        aws.on("arc-region-switch", "ListPlanExecutions", {"items": list(runs)})
        return read(aws, aws_region_switches.SOURCE, region)


def test_a_plan_that_was_carried_out_measures_the_recovery_time() -> None:
    (found,) = [switch for switch in switches("us-west-2", execution("e1")) if isinstance(switch, Rehearsal)]
    assert (found.resource, found.name) == (f"{PLAN}/execution/e1", "shop (ungraceful)")
    assert (found.kind, found.result, found.scope) == (RehearsalKind.FAILOVER, Result.SUCCEEDED, "aws/us-east-1")
    assert found.measured_rto == timedelta(minutes=14, seconds=30)
    assert found.at == days_ago(7) + timedelta(minutes=20)
    assert found.about == (PLAN, CLUSTER)


def test_a_plan_is_told_once_by_its_first_region() -> None:
    home = named(switches("us-east-1", execution("e1")), TrafficShift)
    assert (home["shop"].resource, home["shop"].kind, home["shop"].protects) == (PLAN, "region_switch", (CLUSTER,))
    assert home["shop"].automatic is False
    assert not named(switches("us-west-2"), TrafficShift)
    assert not [switch for switch in switches("us-east-1", execution("e1")) if isinstance(switch, Rehearsal)]


def test_a_plan_with_triggers_acts_by_itself() -> None:
    trigger = {
        "targetRegion": "us-west-2",
        "action": "activate",
        "minDelayMinutesBetweenExecutions": 30,
        "conditions": [],
    }
    assert named(switches("us-east-1", triggers=[trigger]), TrafficShift)["shop"].automatic is True


@pytest.mark.parametrize(
    ("state", "result"),
    [
        ("completedWithExceptions", Result.INCONCLUSIVE),
        ("failed", Result.FAILED),
        ("canceled", Result.FAILED),
        ("planExecutionTimedOut", Result.FAILED),
        ("completedMonitoringApplicationHealth", None),
        ("inProgress", None),
    ],
)
def test_what_an_execution_proves(state: str, result: RehearsalResult | None) -> None:
    found = [switch.result for switch in switches("us-west-2", execution("e", state)) if isinstance(switch, Rehearsal)]
    assert found == ([result] if result else [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT90S", timedelta(seconds=90)),
        ("PT1H2M", timedelta(hours=1, minutes=2)),
        ("P1DT0.5S", timedelta(days=1, seconds=0.5)),
        ("P", None),
        ("", None),
        ("14 minutes", None),
    ],
)
def test_durations(text: str, expected: timedelta | None) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    ("source", "service", "operation"),
    [
        (aws_experiments.SOURCE, "fis", "ListExperimentTemplates"),
        (aws_zonal_shifts.SOURCE, "arc-zonal-shift", "ListManagedResources"),
        (aws_region_switches.SOURCE, "arc-region-switch", "ListPlansInRegion"),
    ],
)
def test_a_denied_listing_names_the_permission(source: Any, service: str, operation: str) -> None:
    with fake_aws() as aws:
        aws.on(service, operation, Fault("AccessDeniedException", 403))
        with pytest.raises(ReadError, match=f"access denied to {service}:{operation}"):
            read(aws, source)
