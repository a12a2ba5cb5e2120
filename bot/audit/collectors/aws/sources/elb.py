"""Application, network and gateway load balancers: zones, protection, healthy targets per zone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.parts.target_groups import target_groups, target_health
from bot.audit.collectors.aws.reader import NOT_READ, Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, LoadBalancer, Maybe, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one LoadBalancer per load balancer."""
    balancers = aws.list("elbv2", "DescribeLoadBalancers", "LoadBalancers")
    if not balancers:
        return
    groups = aws.maybe(lambda: target_groups(aws))
    yield from aws.each(lambda row: _balancer(aws, row, groups), balancers)


def _balancer(aws: Reader, row: dict[str, Any], groups: "Maybe[dict[str, list[dict[str, Any]]]]") -> Fact:
    arn, application = row["LoadBalancerArn"], row.get("Type") == "application"
    attributes = aws.maybe(lambda: _attributes(aws, arn))
    health = groups if isinstance(groups, Unread) else _health(aws, groups.get(arn, ()))
    zones = [zone.get("ZoneName", "") for zone in row.get("AvailabilityZones", ())]
    return aws.fact(
        LoadBalancer,
        resource=arn,
        name=row["LoadBalancerName"],
        product="elasticloadbalancing",
        kind=row.get("Type", "application"),
        zones=aws.zone_ids(zones),
        internet_facing=row.get("Scheme") == "internet-facing",
        cross_zone=True if application else _flag(attributes, "load_balancing.cross_zone.enabled"),
        deletion_protection=_flag(attributes, "deletion_protection.enabled"),
        access_logs=_flag(attributes, "access_logs.s3.enabled"),
        listeners=NOT_READ,
        targets=health if isinstance(health, Unread) else _target_arns(aws, health),
        healthy_by_zone=health if isinstance(health, Unread) else _healthy_by_zone(aws, health),
    )


def _attributes(aws: Reader, arn: str) -> dict[str, str]:
    rows = aws.get("elbv2", "DescribeLoadBalancerAttributes", LoadBalancerArn=arn)["Attributes"]
    return {row["Key"]: row.get("Value", "") for row in rows}


def _flag(attributes: "Maybe[dict[str, str]]", name: str) -> "Maybe[bool | None]":
    return attributes if isinstance(attributes, Unread) else attributes.get(name) == "true"


def _health(aws: Reader, groups: Iterable[Mapping[str, Any]]) -> "Maybe[list[dict[str, Any]]]":
    found: list[dict[str, Any]] = []
    for group in groups:
        health = target_health(aws, group)
        if isinstance(health, Unread):
            return health
        found.extend(health)
    return found


def _target_arns(aws: Reader, health: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    ids = sorted({row["Target"]["Id"] for row in health})
    return tuple(aws.arn("ec2", f"instance/{name}") if name.startswith("i-") else name for name in ids)


def _healthy_by_zone(aws: Reader, health: Iterable[Mapping[str, Any]]) -> "Maybe[Mapping[str, int]]":
    """The number of healthy targets per zone. EC2 knows the zone of an instance, the target that of an address."""
    instance_zones = aws.maybe(lambda: _instance_zones(aws))
    count: Counter[str] = Counter()
    for row in health:
        if row.get("TargetHealth", {}).get("State") != "healthy":
            continue
        target = row["Target"]
        zone = target.get("AvailabilityZone", "")
        if target["Id"].startswith("i-"):
            if isinstance(instance_zones, Unread):
                return instance_zones
            zone = instance_zones.get(target["Id"], "")
        if zone and zone != "all":
            count[aws.zone_id(zone)] += 1
    return dict(count)


def _instance_zones(aws: Reader) -> dict[str, str]:
    reservations = aws.list("ec2", "DescribeInstances", "Reservations")
    return {
        instance["InstanceId"]: instance["Placement"]["AvailabilityZone"]
        for reservation in reservations
        for instance in reservation["Instances"]
    }


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
