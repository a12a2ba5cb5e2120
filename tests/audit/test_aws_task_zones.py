"""ECS services: the zones that their tasks run in now, and what a listing that cannot be read costs."""

from collections.abc import Mapping
from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.fakes.aws import Fault
from support.fakes.aws_script import Answer, Operation, ScriptedAws
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from bot.audit.collectors.aws.sources.ecs import SOURCE
from checks import ComputeGroup, Outcome

CLUSTER = arn("ecs", "cluster/main")
ZONE_ROWS = [{"ZoneName": f"us-east-1{letter}", "ZoneId": f"use1-az{letter}"} for letter in "ab"]
SUBNETS = [{"SubnetId": f"s-{letter}", "AvailabilityZoneId": f"use1-az{letter}"} for letter in "ab"]
FARGATE = {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s-a", "s-b"]}}}


def task(zone: str, group: str = "service:web", **told: Any) -> dict[str, Any]:
    place = {"availabilityZone": f"us-east-1{zone}"} if zone else {}
    return {"group": group, "lastStatus": "RUNNING", **place, **told}


def script(*tasks: dict[str, Any], **service: Any) -> dict[Operation, Answer]:
    web = {"serviceArn": arn("ecs", "service/main/web"), "serviceName": "web", "status": "ACTIVE", "desiredCount": 2}
    numbered = {f"{number}": row for number, row in enumerate(tasks)}

    def described(params: Mapping[str, Any]) -> dict[str, Any]:
        assert len(params["tasks"]) <= 100
        return {"tasks": [numbered[name] for name in params["tasks"]]}

    return {
        ("ec2", "DescribeAvailabilityZones"): {"AvailabilityZones": ZONE_ROWS},
        ("ec2", "DescribeSubnets"): {"Subnets": SUBNETS},
        ("ecs", "ListClusters"): {"clusterArns": [CLUSTER]},
        ("ecs", "ListServices"): {"serviceArns": [web["serviceArn"]]},
        ("ecs", "DescribeServices"): {"services": [{**web, "runningCount": len(tasks), **service}]},
        ("ecs", "ListTasks"): {"taskArns": list(numbered)},
        ("ecs", "DescribeTasks"): described,
    }


def state(title: str, outcome: Outcome, answers: dict[Operation, Answer], check: str = "ZN03") -> State:
    return State(title, check, outcome, answers, ("aws_containers",), "web")


BOTH, ONE = (task("a"), task("b")), (task("a"), task("a"))
DENIED: dict[Operation, Answer] = {("ecs", "DescribeTasks"): lambda _: Fault("AccessDeniedException", 403)}
STATES = [
    state("Fargate tasks in two zones", PASS, script(*BOTH, **FARGATE)),
    state("Fargate tasks in one zone", FAIL, script(*ONE, **FARGATE)),
    state("a task of another service elsewhere", FAIL, script(*ONE, task("b", "service:other"), **FARGATE)),
    state("a task that only starts elsewhere", FAIL, script(*ONE, task("b", lastStatus="PENDING"), **FARGATE)),
    state("zone of a task not told", UNKNOWN, script(*ONE, task(""), **FARGATE)),
    state("tasks denied", UNKNOWN, script(*BOTH, **FARGATE) | DENIED),
    state("more tasks than one call takes", PASS, script(*(ONE * 60), task("b"), **FARGATE)),
    state("tasks on instances in two zones", PASS, script(*BOTH)),
    state("tasks on instances in two zones", PASS, script(*BOTH), "ZN01"),
    state("tasks on instances in one zone", UNKNOWN, script(*ONE)),
    state("tasks on instances in one zone", UNKNOWN, script(*ONE), "ZN01"),
    state("scaled to zero", NOT_APPLICABLE, script(desiredCount=0, **FARGATE)),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_zones_of_tasks(state: State) -> None:
    state.hold()


def test_tasks_that_cannot_be_read_are_listed_as_unread() -> None:
    reader = ScriptedAws(script(*BOTH, **FARGATE) | DENIED).reader("aws_containers")
    (web,) = SOURCE.read(reader)
    assert isinstance(web, ComputeGroup)
    assert (web.zones_in_use, web.zones) == ((), ("use1-aza", "use1-azb"))
    assert [(unread.resource, unread.error.action) for unread in reader.unread] == [(CLUSTER, "ecs:DescribeTasks")]
