"""Machines, groups, functions, containers and clusters as facts, field by field."""

from typing import Any

import pytest
from support.builders.aws_sources import arn, named, read
from support.builders.moment import NOW
from support.fakes.aws import FakeAws, Fault, fake_aws

from bot.audit.collectors.aws.sources import autoscaling as aws_machine_groups
from bot.audit.collectors.aws.sources import ec2 as aws_machines
from bot.audit.collectors.aws.sources import ecs as aws_containers
from bot.audit.collectors.aws.sources import eks as aws_clusters
from bot.audit.collectors.aws.sources import lambda_functions as aws_functions
from checks import ComputeGroup, ComputeKind, Unread

TAGS = [{"Key": "service", "Value": "shop"}, {"Key": "Name", "Value": "web"}]


def zones(aws: FakeAws) -> None:
    """us-east-1a is use1-az4, us-east-1b is use1-az6; a subnet in each, s-a and s-b, with 11 and 22 free addresses."""
    rows = [{"ZoneName": "us-east-1a", "ZoneId": "use1-az4"}, {"ZoneName": "us-east-1b", "ZoneId": "use1-az6"}]
    aws.on("ec2", "DescribeAvailabilityZones", {"AvailabilityZones": rows})
    subnets = [
        {"SubnetId": "s-a", "VpcId": "vpc-1", "AvailabilityZoneId": "use1-az4", "AvailableIpAddressCount": 11},
        {"SubnetId": "s-b", "VpcId": "vpc-1", "AvailabilityZoneId": "use1-az6", "AvailableIpAddressCount": 22},
    ]
    aws.on("ec2", "DescribeSubnets", {"Subnets": subnets})


def machine(name: str, state: str = "running", tags: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return {
        "InstanceId": name,
        "InstanceType": "t3.medium",
        "State": {"Name": state},
        "Placement": {"AvailabilityZone": "us-east-1a"},
        "Monitoring": {"State": "enabled" if name == "i-1" else "disabled"},
        "Tags": tags or [],
    }


def test_machines_that_no_group_keeps() -> None:
    grouped = machine("i-3", tags=[{"Key": "aws:autoscaling:groupName", "Value": "web"}])
    rows = [machine("i-1", tags=TAGS), machine("i-2", "stopped"), grouped, machine("i-4", "terminated")]
    with fake_aws() as aws:
        zones(aws)
        aws.on("ec2", "DescribeInstances", {"Reservations": [{"Instances": rows}]})
        aws.on(
            "elbv2", "DescribeTargetGroups", {"TargetGroups": [{"TargetGroupArn": "tg", "LoadBalancerArns": ["lb"]}]}
        )
        aws.on("elbv2", "DescribeTargetHealth", {"TargetHealthDescriptions": [{"Target": {"Id": "i-1"}}]})
        found = named(read(aws, aws_machines.SOURCE), ComputeGroup)
    assert set(found) == {"web", "i-2"}
    web = found["web"]
    assert (web.resource, web.product, web.kind) == (arn("ec2", "instance/i-1"), "ec2", ComputeKind.MACHINE)
    assert (web.zones, web.zones_in_use, web.zone_redundant) == (("use1-az4",), ("use1-az4",), False)
    assert (web.desired, web.running, web.traffic, web.detailed_monitoring) == (1, 1, True, True)
    assert (web.machine_types, web.tags["service"]) == (("t3.medium",), "shop")
    assert (found["i-2"].running, found["i-2"].zones_in_use, found["i-2"].traffic) == (0, (), False)


def test_whether_a_machine_has_traffic_is_not_guessed() -> None:
    with fake_aws() as aws:
        aws.on("ec2", "DescribeInstances", {"Reservations": [{"Instances": [machine("i-1")]}]})
        aws.on("elbv2", "DescribeTargetGroups", Fault("AccessDenied", 403))
        assert named(read(aws, aws_machines.SOURCE), ComputeGroup)["i-1"].traffic is None


def test_a_group_of_machines() -> None:
    members = [
        {
            "InstanceId": "i-1",
            "AvailabilityZone": "us-east-1a",
            "LifecycleState": "InService",
            "InstanceType": "t3.small",
        },
        {
            "InstanceId": "i-2",
            "AvailabilityZone": "us-east-1b",
            "LifecycleState": "Pending",
            "InstanceType": "t3.small",
        },
    ]
    group = {
        "AutoScalingGroupARN": arn("autoscaling", "group/web"),
        "AutoScalingGroupName": "web",
        "AvailabilityZones": ["us-east-1a", "us-east-1b"],
        "MinSize": 1,
        "MaxSize": 4,
        "DesiredCapacity": 2,
        "HealthCheckType": "ELB",
        "TargetGroupARNs": ["tg"],
        "VPCZoneIdentifier": "s-a,s-b",
        "Instances": members,
        "SuspendedProcesses": [{"ProcessName": "ReplaceUnhealthy"}],
        "Tags": TAGS,
    }
    with fake_aws() as aws:
        zones(aws)
        aws.on("autoscaling", "DescribeAutoScalingGroups", {"AutoScalingGroups": [group]})
        web = named(read(aws, aws_machine_groups.SOURCE), ComputeGroup)["web"]
    assert (web.kind, web.zones, web.zone_redundant) == (ComputeKind.MACHINE_GROUP, ("use1-az4", "use1-az6"), True)
    assert (web.zones_in_use, web.running) == (("use1-az4",), 1)
    assert (web.min_size, web.max_size, web.desired, web.traffic) == (1, 4, 2, True)
    assert (web.health_check, web.machine_types, web.suspended) == ("ELB", ("t3.small",), ("ReplaceUnhealthy",))
    assert (web.free_addresses, web.tags["service"]) == (33, "shop")


def test_functions_in_and_outside_a_network() -> None:
    rows = [
        {"FunctionName": "plain", "FunctionArn": arn("lambda", "function:plain"), "Runtime": "python3.8"},
        {
            "FunctionName": "placed",
            "FunctionArn": arn("lambda", "function:placed"),
            "Runtime": "python3.14",
            "VpcConfig": {"SubnetIds": ["s-a"]},
            "DeadLetterConfig": {"TargetArn": arn("sqs", "failed")},
        },
        {
            "FunctionName": "image",
            "FunctionArn": arn("lambda", "function:image"),
            "VpcConfig": {"SubnetIds": ["s-a", "s-b"]},
        },
    ]
    kept = {"DestinationConfig": {"OnFailure": {"Destination": arn("sns", "failed")}}}

    def destinations(asked: dict[str, Any]) -> dict[str, Any]:
        return {"FunctionEventInvokeConfigs": [kept] if asked["FunctionName"] == "image" else []}

    with fake_aws() as aws:
        zones(aws)
        aws.on("lambda", "ListFunctions", {"Functions": rows})
        aws.on("lambda", "ListFunctionEventInvokeConfigs", destinations)
        found = named(read(aws, aws_functions.SOURCE), ComputeGroup)
        asked = aws.asked("lambda", "ListFunctionEventInvokeConfigs")
    plain, placed, image = found["plain"], found["placed"], found["image"]
    assert (plain.kind, plain.zone_redundant, plain.zones) == (ComputeKind.FUNCTION, True, ())
    assert (plain.runtime, plain.runtime_supported, plain.dead_letter) == ("python3.8", False, False)
    assert (placed.zone_redundant, placed.zones, placed.free_addresses) == (False, ("use1-az4",), 11)
    assert (placed.dead_letter, placed.runtime_supported) == (True, True)
    assert (image.zone_redundant, image.runtime_supported, image.dead_letter) == (True, None, True)
    assert {call.params["FunctionName"] for call in asked} == {"plain", "image"}


def test_a_function_whose_network_or_destinations_are_denied() -> None:
    row = {"FunctionName": "f", "FunctionArn": arn("lambda", "function:f"), "VpcConfig": {"SubnetIds": ["s-a"]}}
    with fake_aws() as aws:
        aws.on("lambda", "ListFunctions", {"Functions": [row]})
        aws.on("lambda", "ListFunctionEventInvokeConfigs", Fault("AccessDeniedException", 403))
        aws.on("ec2", "DescribeSubnets", Fault("UnauthorizedOperation", 403))
        found = named(read(aws, aws_functions.SOURCE), ComputeGroup)["f"]
    assert found.zone_redundant == found.free_addresses == Unread("access denied to ec2:DescribeSubnets")
    assert found.dead_letter == Unread("access denied to lambda:ListFunctionEventInvokeConfigs")


def service(name: str, **told: Any) -> dict[str, Any]:
    return {
        "serviceName": name,
        "serviceArn": arn("ecs", f"service/main/{name}"),
        "clusterArn": arn("ecs", "cluster/main"),
        "status": "ACTIVE",
        "desiredCount": 2,
        "runningCount": 1,
        **told,
    }


def test_container_services_ten_at_a_time() -> None:
    placed = {"awsvpcConfiguration": {"subnets": ["s-a", "s-b"]}}
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    rows = {
        "web": service(
            "web", networkConfiguration=placed, deploymentConfiguration=breaker, loadBalancers=[{"targetGroupArn": "t"}]
        ),
        "batch": service("batch", tags=[{"key": "service", "value": "shop"}]),
        "blue": service("blue", deploymentController={"type": "CODE_DEPLOY"}),
    } | {f"extra-{number}": service(f"extra-{number}") for number in range(9)}
    scaling = [{"ResourceId": "service/main/web", "MinCapacity": 1, "MaxCapacity": 9}]
    with fake_aws() as aws:
        zones(aws)
        aws.on("ecs", "ListClusters", {"clusterArns": [arn("ecs", "cluster/main")]})
        aws.on("ecs", "ListServices", {"serviceArns": [row["serviceArn"] for row in rows.values()]})
        aws.on(
            "ecs",
            "DescribeServices",
            lambda asked: {"services": [rows[name.rpartition("/")[2]] for name in asked["services"]]},
        )
        aws.on("application-autoscaling", "DescribeScalableTargets", {"ScalableTargets": scaling})
        found = named(read(aws, aws_containers.SOURCE), ComputeGroup)
        asked = aws.asked("ecs", "DescribeServices")
    web, batch = found["web"], found["batch"]
    assert sorted(len(call.params["services"]) for call in asked) == [2, 10]
    assert (web.kind, web.zones, web.zone_redundant) == (ComputeKind.CONTAINERS, ("use1-az4", "use1-az6"), True)
    assert (web.min_size, web.max_size, web.desired, web.running) == (1, 9, 2, 1)
    assert (web.traffic, web.automatic_rollback, web.free_addresses) == (True, True, 33)
    assert (batch.min_size, batch.max_size, batch.traffic, batch.automatic_rollback) == (2, 2, False, False)
    assert isinstance(batch.zone_redundant, Unread)
    assert batch.tags == {"service": "shop"}
    assert found["blue"].automatic_rollback is None


@pytest.mark.parametrize(("version", "supported"), [("1.30", False), ("1.36", True), ("1.19", False)])
def test_a_kubernetes_cluster(version: str, supported: bool) -> None:
    cluster = {
        "name": "main",
        "arn": arn("eks", "cluster/main"),
        "version": version,
        "resourcesVpcConfig": {"subnetIds": ["s-a", "s-b"]},
        "tags": {"service": "shop"},
        "createdAt": NOW,
    }
    group = {
        "subnets": ["s-a"],
        "scalingConfig": {"minSize": 1, "maxSize": 3, "desiredSize": 2},
        "instanceTypes": ["m5.large"],
    }
    with fake_aws() as aws:
        zones(aws)
        aws.on("eks", "ListClusters", {"clusters": ["main"]})
        aws.on("eks", "DescribeCluster", {"cluster": cluster})
        aws.on("eks", "ListNodegroups", {"nodegroups": ["g"]})
        aws.on("eks", "DescribeNodegroup", {"nodegroup": group})
        found = named(read(aws, aws_clusters.SOURCE), ComputeGroup)["main"]
    assert (found.kind, found.zones, found.zone_redundant) == (ComputeKind.KUBERNETES, ("use1-az4",), False)
    assert (found.min_size, found.max_size, found.desired, found.machine_types) == (1, 3, 2, ("m5.large",))
    assert (found.runtime, found.runtime_supported) == (f"kubernetes {version}", supported)
    assert (found.tags, found.deletion_protection) == ({"service": "shop"}, False)
