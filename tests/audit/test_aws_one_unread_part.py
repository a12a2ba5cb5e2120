"""One part of a resource that AWS denies: the readable parts still settle what they can."""

from collections.abc import Mapping
from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.fakes.aws import Fault
from support.fakes.aws_script import Answer, Operation
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from checks import ComputeGroup, LoadBalancer, Outcome

Script = dict[Operation, Answer]
DENIED = Fault("AccessDeniedException", 403)
SUBNETS = [{"SubnetId": f"s-{letter}", "AvailabilityZoneId": f"use1-az{letter}"} for letter in "ab"]
SIZES = {"minSize": 1, "maxSize": 4, "desiredSize": 2}


def cluster(**groups: str) -> Script:
    """A cluster with node groups by name, each with the letters of its zones; `denied`: it cannot be read."""

    def group(params: Mapping[str, Any]) -> Any:
        zones = groups[params["nodegroupName"]]
        subnets = [f"s-{letter}" for letter in zones]
        return DENIED if zones == "denied" else {"nodegroup": {"subnets": subnets, "scalingConfig": SIZES}}

    own = {"name": "main", "arn": arn("eks", "cluster/main"), "resourcesVpcConfig": {"subnetIds": ["s-a", "s-b"]}}
    return {
        ("ec2", "DescribeSubnets"): {"Subnets": SUBNETS},
        ("eks", "ListClusters"): {"clusters": ["main"]},
        ("eks", "DescribeCluster"): {"cluster": own},
        ("eks", "ListNodegroups"): {"nodegroups": list(groups)},
        ("eks", "DescribeNodegroup"): group,
    }


def kubernetes(title: str, check: str, outcome: Outcome, script: Script) -> State:
    return State(title, check, outcome, script, ("aws_clusters",), "main")


def network(**denied: Any) -> Script:
    """A VPC with a firewall endpoint in another zone than one of its subnets, and what is denied of it."""
    subnets = [{"SubnetId": f"s-{letter}", "VpcId": "v", "AvailabilityZoneId": f"use1-az{letter}"} for letter in "ab"]
    wall = {"VpcEndpointId": "vpce-1", "VpcId": "v", "VpcEndpointType": "GatewayLoadBalancer", "SubnetIds": ["s-a"]}
    through = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "vpce-1", "State": "active"}
    table = {"VpcId": "v", "Associations": [{"SubnetId": "s-b"}], "Routes": [through]}
    return {
        ("ec2", "DescribeVpcs"): {"Vpcs": [{"VpcId": "v"}]},
        ("ec2", "DescribeSubnets"): {"Subnets": subnets},
        ("ec2", "DescribeVpcEndpoints"): {"VpcEndpoints": [wall]},
        ("ec2", "DescribeRouteTables"): {"RouteTables": [table]},
        **{("ec2", name): fault for name, fault in denied.items()},
    }


FRONT = arn("elasticloadbalancing", "loadbalancer/app/front/1")
ZONES = [{"ZoneName": "us-east-1a"}, {"ZoneName": "us-east-1b"}]


def balancer(**groups: tuple[str, ...]) -> Script:
    """A load balancer with target groups by name, each with the zones of its healthy targets; none: it cannot be read."""

    def health(params: Mapping[str, Any]) -> Any:
        zones = groups[params["TargetGroupArn"]]
        targets = [{"Id": f"10.0.0.{at}", "AvailabilityZone": zone} for at, zone in enumerate(zones)]
        rows = [{"Target": target, "TargetHealth": {"State": "healthy"}} for target in targets]
        return {"TargetHealthDescriptions": rows} if zones else DENIED

    front = {"LoadBalancerArn": FRONT, "LoadBalancerName": "front", "Type": "application", "AvailabilityZones": ZONES}
    return {
        ("elbv2", "DescribeLoadBalancers"): {"LoadBalancers": [front]},
        ("elbv2", "DescribeTargetGroups"): {
            "TargetGroups": [{"TargetGroupArn": name, "LoadBalancerArns": [FRONT]} for name in groups]
        },
        ("elbv2", "DescribeTargetHealth"): health,
    }


def spread(title: str, outcome: Outcome, *zones: str) -> State:
    return State(title, "ZN05", outcome, balancer(web=zones), ("aws_load_balancers",), "front")


A, B, UNTOLD = "us-east-1a", "us-east-1b", ""
STATES = [
    kubernetes("one node group denied, others over two zones", "ZN01", PASS, cluster(x="a", y="b", z="denied")),
    kubernetes("one node group denied, the other in one zone", "ZN01", UNKNOWN, cluster(x="a", z="denied")),
    kubernetes("every node group denied", "ZN01", UNKNOWN, cluster(z="denied")),
    kubernetes("one node group denied", "CA03", UNKNOWN, cluster(x="a", y="b", z="denied")),
    kubernetes("node groups in one zone", "ZN01", FAIL, cluster(x="a", y="a")),
    spread("zone of one of five targets not told", PASS, A, A, B, B, UNTOLD),
    spread("zone of one of five targets not told, the others in one", FAIL, A, A, A, A, UNTOLD),
    spread("zone of half of the targets not told", UNKNOWN, A, B, UNTOLD, UNTOLD),
    State(
        "one target group denied",
        "ZN05",
        UNKNOWN,
        balancer(web=(A, B), other=()),
        ("aws_load_balancers",),
        "front",
        "elasticloadbalancing:DescribeTargetHealth",
    ),
    State("nothing denied", "ZN07", NOT_APPLICABLE, network(), ("aws_networks",), "v"),
    State("NAT gateways denied", "ZN07", UNKNOWN, network(DescribeNatGateways=DENIED), ("aws_networks",), "v"),
    State("NAT gateways denied", "CN03", FAIL, network(DescribeNatGateways=DENIED), ("aws_networks",), "v"),
    State("endpoints denied", "ZN07", NOT_APPLICABLE, network(DescribeVpcEndpoints=DENIED), ("aws_networks",), "v"),
    State("endpoints denied", "CN03", UNKNOWN, network(DescribeVpcEndpoints=DENIED), ("aws_networks",), "v"),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_verdicts(state: State) -> None:
    state.hold()


def test_the_targets_of_a_readable_group_still_tell_whose_load_balancer_it_is() -> None:
    (front,) = State("", "ZN05", UNKNOWN, balancer(web=(A,), other=()), ("aws_load_balancers",)).facts()
    assert isinstance(front, LoadBalancer)
    assert front.targets == ("10.0.0.0",)


def test_denied_target_groups_hide_no_classic_load_balancer() -> None:
    instances = [
        {"InstanceId": "i-1", "State": {"Name": "running"}},
        {"InstanceId": "i-2", "State": {"Name": "running"}},
    ]
    script: Script = {
        ("ec2", "DescribeInstances"): {"Reservations": [{"Instances": instances}]},
        ("elbv2", "DescribeTargetGroups"): lambda _: DENIED,
        ("elb", "DescribeLoadBalancers"): {
            "LoadBalancerDescriptions": [{"LoadBalancerName": "old", "Instances": [{"InstanceId": "i-1"}]}]
        },
    }
    found = State("", "ZN02", NOT_APPLICABLE, script, ("aws_machines",)).facts()
    assert [machine.traffic for machine in found if isinstance(machine, ComputeGroup)] == [True, None]
