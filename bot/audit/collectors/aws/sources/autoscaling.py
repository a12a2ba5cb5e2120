"""EC2 Auto Scaling -> ComputeGroup: groups of machines that replace themselves."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import ComputeGroup, ComputeKind, Fact


def read(aws: Reader) -> Iterator[Fact]:
    """One ComputeGroup each."""
    groups = aws.list("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups")
    subnets = Subnets.read(aws) if groups else Subnets({})
    for group in groups:
        yield _group(aws, group, subnets)


def _group(aws: Reader, group: dict[str, Any], subnets: Subnets) -> Fact:
    zones = aws.zone_ids(group.get("AvailabilityZones", ()))
    machines = group.get("Instances", [])
    serving = [machine for machine in machines if machine.get("LifecycleState") == "InService"]
    behind = ("TargetGroupARNs", "LoadBalancerNames", "TrafficSources")
    return aws.fact(
        ComputeGroup,
        resource=group["AutoScalingGroupARN"],
        name=group["AutoScalingGroupName"],
        product="autoscaling",
        tags=tag_map(group.get("Tags")),
        kind=ComputeKind.MACHINE_GROUP,
        zones=zones,
        zones_in_use=aws.zone_ids(machine["AvailabilityZone"] for machine in serving),
        zone_redundant=len(zones) > 1,
        min_size=group["MinSize"],
        max_size=group["MaxSize"],
        desired=group["DesiredCapacity"],
        running=len(serving),
        traffic=any(group.get(word) for word in behind),
        health_check=group.get("HealthCheckType", ""),
        machine_types=_types(group),
        suspended=tuple(sorted(process["ProcessName"] for process in group.get("SuspendedProcesses", ()))),
        free_addresses=subnets.free_addresses(group.get("VPCZoneIdentifier", "").split(",")),
    )


def _types(group: dict[str, Any]) -> tuple[str, ...]:
    mixed = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("Overrides", ())
    named = {override["InstanceType"] for override in mixed if "InstanceType" in override}
    return tuple(
        sorted(
            named or {machine["InstanceType"] for machine in group.get("Instances", ()) if "InstanceType" in machine}
        )
    )


SOURCE = Source(
    name="aws_machine_groups",
    facts=(ComputeGroup,),
    actions=(
        "autoscaling:DescribeAutoScalingGroups",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeSubnets",
    ),
    read=read,
)
