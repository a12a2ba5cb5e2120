"""Which targets of a load balancer are healthy, and in which zones: also those that are bound to none."""

from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.fakes.aws_script import Answer, Operation
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from checks import Outcome

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
FRONT = arn("elasticloadbalancing", "loadbalancer/app/front/1")
GROUP = arn("elasticloadbalancing", "targetgroup/front/1")
FUNCTION = arn("lambda", "function:charge")
OTHER_BALANCER = arn("elasticloadbalancing", "loadbalancer/app/inner/2")
Target = dict[str, Any]


def target(name: str, zone: str = "", state: str = "healthy", reason: str = "") -> Target:
    where = {"AvailabilityZone": zone} if zone else {}
    why = {"Reason": reason} if reason else {}
    return {"Target": {"Id": name, "Port": 80, **where}, "TargetHealth": {"State": state, **why}}


def state(title: str, outcome: Outcome, *targets: Target, kind: str = "application", says: str = "") -> State:
    zones = [{"ZoneName": zone} for zone in ZONES]
    front = {"LoadBalancerArn": FRONT, "LoadBalancerName": "front", "Type": kind, "AvailabilityZones": zones}
    machines = [
        {"InstanceId": f"i-{place}", "Placement": {"AvailabilityZone": zone}} for place, zone in enumerate(ZONES)
    ]
    answers: dict[Operation, Answer] = {
        ("elbv2", "DescribeLoadBalancers"): {"LoadBalancers": [front]},
        ("elbv2", "DescribeLoadBalancerAttributes"): {"Attributes": []},
        ("elbv2", "DescribeTargetGroups"): {
            "TargetGroups": [{"TargetGroupArn": GROUP, "LoadBalancerArns": [FRONT]}],
        },
        ("elbv2", "DescribeTargetHealth"): {"TargetHealthDescriptions": list(targets)},
        ("ec2", "DescribeInstances"): {"Reservations": [{"Instances": machines}]},
    }
    return State(title, "ZN05", outcome, answers, ("aws_load_balancers",), "front", says)


UNCHECKED = ("unavailable", "Target.HealthCheckDisabled")
STATES = [
    state("function", NOT_APPLICABLE, target(FUNCTION, "all"), says="bound to no AZ"),
    state("function without health checks", NOT_APPLICABLE, target(FUNCTION, "all", *UNCHECKED)),
    state("function, zone not told", NOT_APPLICABLE, target(FUNCTION)),
    state("unhealthy function", FAIL, target(FUNCTION, "all", "unhealthy"), says="no healthy target"),
    state("load balancer as target", NOT_APPLICABLE, target(OTHER_BALANCER), kind="network"),
    state("unhealthy load balancer as target", FAIL, target(OTHER_BALANCER, state="unhealthy"), kind="network"),
    state("addresses outside the VPC", NOT_APPLICABLE, target("10.9.0.1", "all"), target("10.9.0.2", "all")),
    state("one address inside, most outside", PASS, target("10.0.0.1", ZONES[0]), target("10.9.0.1", "all")),
    state(
        "most inside in one zone, one outside",
        FAIL,
        *(target(f"10.0.0.{number}", ZONES[0]) for number in range(4)),
        target("10.9.0.1", "all"),
        says="4 of 5",
    ),
    state("addresses in two zones", PASS, target("10.0.0.1", ZONES[0]), target("10.0.1.1", ZONES[1])),
    state("address, zone not told", UNKNOWN, target("10.0.0.1")),
    state("machines in three zones", PASS, target("i-0"), target("i-1"), target("i-2")),
    state("machines in one zone", FAIL, target("i-0"), target("i-1", state="unhealthy")),
    state("machine of another account", UNKNOWN, target("i-0"), target("i-9")),
    state("state not known to AWS", FAIL, target("i-0", "", "unavailable", "Elb.InternalError")),
    state("all draining", FAIL, target("i-0", state="draining"), target("i-1", state="unhealthy.draining")),
    state("no targets", NOT_APPLICABLE),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_target_health(state: State) -> None:
    state.hold()
