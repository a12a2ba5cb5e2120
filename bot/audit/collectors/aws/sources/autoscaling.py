"""EC2 Auto Scaling groups: zones, sizes, health checks."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import ComputeGroup, ComputeKind, Fact


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one ComputeGroup per Auto Scaling group."""
    groups = aws.list("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups")
    subnets = Subnets.read(aws) if groups else Subnets({})
    for group in groups:
        yield _group(aws, group, subnets)


def _group(aws: Reader, group: dict[str, Any], subnets: Subnets) -> Fact:
    zones = aws.zone_ids(group.get("AvailabilityZones", ()))
    instances = group.get("Instances", [])
    in_service = [instance for instance in instances if instance.get("LifecycleState") == "InService"]
    traffic_keys = ("TargetGroupARNs", "LoadBalancerNames", "TrafficSources")
    return aws.fact(
        ComputeGroup,
        resource=group["AutoScalingGroupARN"],
        name=group["AutoScalingGroupName"],
        product="autoscaling",
        tags=tag_map(group.get("Tags")),
        kind=ComputeKind.MACHINE_GROUP,
        zones=zones,
        zones_in_use=aws.zone_ids(instance["AvailabilityZone"] for instance in in_service),
        zone_redundant=len(zones) > 1,
        min_size=group["MinSize"],
        max_size=group["MaxSize"],
        desired=group["DesiredCapacity"],
        running=len(in_service),
        traffic=any(group.get(key) for key in traffic_keys),
        health_check=group.get("HealthCheckType", ""),
        machine_types=_instance_types(group),
        suspended=tuple(sorted(process["ProcessName"] for process in group.get("SuspendedProcesses", ()))),
        free_addresses=subnets.free_addresses(group.get("VPCZoneIdentifier", "").split(",")),
    )


def _instance_types(group: dict[str, Any]) -> tuple[str, ...]:
    overrides = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("Overrides", ())
    types = {override["InstanceType"] for override in overrides if "InstanceType" in override}
    return tuple(
        sorted(
            types or {instance["InstanceType"] for instance in group.get("Instances", ()) if "InstanceType" in instance}
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
