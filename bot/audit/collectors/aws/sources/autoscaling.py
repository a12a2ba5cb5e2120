"""EC2 Auto Scaling groups: zones, sizes, health checks, and the platform of an Elastic Beanstalk environment."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, if_exists, part
from bot.audit.collectors.aws.parts.beanstalk_platforms import ACTIONS, NO_PLATFORM, platform_of
from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import ComputeGroup, ComputeKind, Fact, Maybe, Unread

_TRAFFIC_KEYS = ("TargetGroupARNs", "LoadBalancerNames", "TrafficSources")
# User guide, "Suspend and resume Amazon EC2 Auto Scaling processes". The others scale, balance zones or follow a schedule.
_HEALS = frozenset({"Launch", "Terminate", "HealthCheck", "ReplaceUnhealthy"})


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one ComputeGroup per Auto Scaling group."""
    groups = aws.list("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups")
    subnets = Subnets.read(aws) if groups else Subnets({})
    identity = ItemIdentity[dict[str, Any]](
        "autoscaling:DescribeAutoScalingGroups",
        lambda group: group.get("AutoScalingGroupARN") or group["AutoScalingGroupName"],
        lambda group: tag_map(group.get("Tags")),
    )
    yield from facts_of(aws, lambda group: _group(aws, group, subnets), groups, identity)


def _group(aws: Reader, group: dict[str, Any], subnets: Subnets) -> Fact:
    zones = aws.zone_ids(group.get("AvailabilityZones", ()))
    instances = group.get("Instances", [])
    types = _instance_types(group)
    tags = tag_map(group.get("Tags"))
    platform = part(aws, group["AutoScalingGroupARN"], lambda: platform_of(aws, tags), ACTIONS[1])
    known = NO_PLATFORM if isinstance(platform, Unread) else platform
    in_service = [instance for instance in instances if instance.get("LifecycleState") == "InService"]
    return aws.fact(
        ComputeGroup,
        resource=group["AutoScalingGroupARN"],
        name=group.get("AutoScalingGroupName") or group["AutoScalingGroupARN"].rpartition("/")[2],
        product="autoscaling",
        zonal_shift=True,
        status=group.get("Status", ""),
        tags=tags,
        kind=ComputeKind.MACHINE_GROUP,
        zones=zones,
        zones_in_use=aws.zone_ids(instance.get("AvailabilityZone", "") for instance in in_service),
        zone_redundant=len(zones) > 1,
        min_size=group.get("MinSize", Unread("DescribeAutoScalingGroups returned no MinSize field")),
        max_size=group.get("MaxSize", Unread("DescribeAutoScalingGroups returned no MaxSize field")),
        desired=group.get("DesiredCapacity"),
        running=len(in_service),
        traffic=any(group.get(key) for key in _TRAFFIC_KEYS),
        health_check=group.get("HealthCheckType", ""),
        machine_types=types,
        machine_types_by_attributes=_by_attributes(aws, group) if len(types) < 2 else False,
        replaces_interrupted=_replaces_interrupted(group),
        suspended=_suspended_healing(group),
        free_addresses=subnets.free_addresses(group.get("VPCZoneIdentifier", "").split(",")),
        runtime=known.name,
        runtime_supported=platform if isinstance(platform, Unread) else platform.supported,
    )


def _suspended_healing(group: dict[str, Any]) -> tuple[str, ...]:
    """The suspended processes without which a failed instance is not replaced and put to work."""
    suspended = {process.get("ProcessName", "") for process in group.get("SuspendedProcesses", ())}
    behind_balancer = any(group.get(key) for key in _TRAFFIC_KEYS)
    heals = _HEALS | {"AddToLoadBalancer"} if behind_balancer else _HEALS
    return tuple(sorted(suspended & heals))


def _replaces_interrupted(group: dict[str, Any]) -> bool | None:
    """Whether Spot instances are replaced before their interruption; None unless the mix of instances asks for Spot."""
    mix = group.get("MixedInstancesPolicy", {}).get("InstancesDistribution", {})
    return bool(group.get("CapacityRebalance")) if mix.get("OnDemandPercentageAboveBaseCapacity", 100) < 100 else None


def _overrides(group: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("Overrides", [])
    return rows


def _by_attributes(aws: Reader, group: dict[str, Any]) -> Maybe[bool]:
    """Whether instance types are chosen by their attributes: every type that has them, not a list of names.

    The launch template asks for attributes where the group itself names neither attributes nor types (Auto Scaling user
    guide, "Create a mixed instances group using attribute-based instance type selection").
    """
    overrides = _overrides(group)
    if any(override.get("InstanceRequirements") for override in overrides):
        return True
    mixed = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("LaunchTemplateSpecification")
    template = group.get("LaunchTemplate") or mixed
    if not template or any(override.get("InstanceType") for override in overrides):
        return False
    versions = part(
        aws,
        group["AutoScalingGroupARN"],
        lambda: if_exists(lambda: _versions(aws, template)),
        "ec2:DescribeLaunchTemplateVersions",
    )
    if isinstance(versions, Unread):
        return versions
    return any(row.get("LaunchTemplateData", {}).get("InstanceRequirements") for row in versions or ())


def _versions(aws: Reader, template: dict[str, str]) -> list[dict[str, Any]]:
    """The version of a launch template that a group uses: without a number, the default one."""
    key = "LaunchTemplateId" if template.get("LaunchTemplateId") else "LaunchTemplateName"
    version = template.get("Version", "$Default")
    name = {key: template[key], "Versions": [version]}
    return aws.list("ec2", "DescribeLaunchTemplateVersions", "LaunchTemplateVersions", **name)


def _instance_types(group: dict[str, Any]) -> tuple[str, ...]:
    types = {override["InstanceType"] for override in _overrides(group) if "InstanceType" in override}
    return tuple(
        sorted(
            types or {instance["InstanceType"] for instance in group.get("Instances", ()) if "InstanceType" in instance}
        )
    )


SOURCE = Source(
    name="aws_machine_groups",
    facts=(ComputeGroup,),
    shapes=(ComputeKind.MACHINE_GROUP,),
    actions=(
        "autoscaling:DescribeAutoScalingGroups",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeSubnets",
        "ec2:DescribeLaunchTemplateVersions",
        *ACTIONS,
    ),
    read=read,
)
