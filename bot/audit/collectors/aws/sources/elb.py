"""Application, network and gateway load balancers: zones, protection, healthy targets per zone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.parts.target_groups import instance_zones_of, target_groups, target_health
from bot.audit.collectors.aws.reader import NOT_READ, Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, LoadBalancer, Maybe, Unread

Target = Mapping[str, Any]
_UNCHECKED = "Target.HealthCheckDisabled"
_SHIFTED: Final = ("application", "network")
"""The types that zonal shift supports (Application Recovery Controller developer guide, "Supported resources")."""


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one LoadBalancer per load balancer."""
    balancers = aws.list("elbv2", "DescribeLoadBalancers", "LoadBalancers")
    if not balancers:
        return
    groups = aws.maybe(lambda: target_groups(aws))
    identity = ItemIdentity[dict[str, Any]](
        "elasticloadbalancing:DescribeLoadBalancers", lambda row: row["LoadBalancerArn"]
    )
    yield from facts_of(aws, lambda row: _balancer(aws, row, groups), balancers, identity)


def _balancer(aws: Reader, row: dict[str, Any], groups: "Maybe[dict[str, list[dict[str, Any]]]]") -> Fact:
    arn, application = row["LoadBalancerArn"], row.get("Type") == "application"
    attributes = part(aws, arn, lambda: _attributes(aws, arn), "elasticloadbalancing:DescribeLoadBalancerAttributes")
    health, unread = ([], groups) if isinstance(groups, Unread) else _health(aws, groups.get(arn, ()))
    serving: Sequence[Target] = [row.get("Target", {}) for row in health if _serves(row)]
    placed, unplaced = _by_zone(aws, serving)
    # A load balancer has one subnet in each of its zones.
    zones = [zone.get("ZoneName") or zone.get("SubnetId", "") for zone in row.get("AvailabilityZones", ())]
    return aws.fact(
        LoadBalancer,
        resource=arn,
        name=row.get("LoadBalancerName") or arn.split("/")[-2],
        product="elasticloadbalancing",
        status=row.get("State", {}).get("Code", ""),
        kind=row.get("Type", "application"),
        zones=aws.zone_ids(zones),
        zonal_shift=row.get("Type", "application") in _SHIFTED or None,
        internet_facing=row.get("Scheme") == "internet-facing",
        cross_zone=True if application else _flag(attributes, "load_balancing.cross_zone.enabled"),
        deletion_protection=_flag(attributes, "deletion_protection.enabled"),
        access_logs=_flag(attributes, "access_logs.s3.enabled"),
        listeners=NOT_READ,
        targets=unread if unread and not health else _target_arns(aws, health),
        healthy_by_zone=unread or placed,
        healthy_unplaced=unplaced,
        healthy_anywhere=sum(_is_bound_to_no_zone(target) for target in serving),
    )


def _attributes(aws: Reader, arn: str) -> dict[str, str]:
    rows = aws.get("elbv2", "DescribeLoadBalancerAttributes", LoadBalancerArn=arn)["Attributes"]
    return {row["Key"]: row["Value"] for row in rows if {"Key", "Value"} <= set(row)}


def _flag(attributes: "Maybe[dict[str, str]]", name: str) -> "Maybe[bool | None]":
    return attributes if isinstance(attributes, Unread) else attributes.get(name) == "true"


def _health(aws: Reader, groups: Iterable[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], Unread | None]:
    """The targets of those groups that were read; why others were not."""
    read = [target_health(aws, group) for group in groups]
    unread = next((health for health in read if isinstance(health, Unread)), None)
    return [row for health in read if not isinstance(health, Unread) for row in health], unread


def _target_arns(aws: Reader, health: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    ids = sorted({row.get("Target", {}).get("Id", "") for row in health} - {""})
    return tuple(aws.arn("ec2", f"instance/{name}") if name.startswith("i-") else name for name in ids)


def _serves(row: Mapping[str, Any]) -> bool:
    """Whether a target gets requests as a healthy one: without health checks (Lambda) its state is `unavailable`."""
    health = row.get("TargetHealth", {})
    unchecked = health.get("State") == "unavailable" and health.get("Reason", _UNCHECKED) == _UNCHECKED
    return bool(unchecked or health.get("State") == "healthy")


def _is_bound_to_no_zone(target: Target) -> bool:
    """Whether a target is a function, a load balancer, or an address outside the VPC, whose zone is `all`."""
    return str(target.get("Id", "")).startswith("arn:") or bool(target.get("AvailabilityZone") == "all")


def _by_zone(aws: Reader, targets: Iterable[Target]) -> tuple[Mapping[str, int], int]:
    """The number of targets per zone, and of those whose zone is not known.

    EC2 knows the zone of an instance, the target that of an address.
    """
    zones = [_zone_of(aws, target) for target in targets if not _is_bound_to_no_zone(target)]
    placed = Counter(aws.zone_id(zone) for zone in zones if zone)
    return dict(placed), zones.count("")


def _zone_of(aws: Reader, target: Target) -> str:
    """The name of a target's zone, empty where it is not known."""
    name, told = str(target.get("Id", "")), str(target.get("AvailabilityZone", ""))
    if not name.startswith("i-"):
        return told
    zones = aws.maybe(lambda: instance_zones_of(aws))
    return told if isinstance(zones, Unread) else zones.get(name) or told


SOURCE = Source(
    name="aws_load_balancers",
    facts=(LoadBalancer,),
    actions=(
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "ec2:DescribeInstances",
        "ec2:DescribeAvailabilityZones",
        "tag:GetResources",
    ),
    read=read,
)
