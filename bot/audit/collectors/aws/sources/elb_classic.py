"""Classic load balancers, whose instances are registered directly."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.parts.target_groups import instance_zones_of
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, LoadBalancer, Maybe, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one LoadBalancer per classic load balancer."""
    balancers = aws.list("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions")
    identity = ItemIdentity[dict[str, Any]](
        "elasticloadbalancing:DescribeLoadBalancers",
        lambda row: aws.arn("elasticloadbalancing", f"loadbalancer/{row['LoadBalancerName']}"),
    )
    yield from facts_of(aws, lambda row: _balancer(aws, row), balancers, identity)


def _balancer(aws: Reader, row: dict[str, Any]) -> Fact:
    name = row["LoadBalancerName"]
    instances = [instance["InstanceId"] for instance in row.get("Instances", ()) if instance.get("InstanceId")]
    arn = aws.arn("elasticloadbalancing", f"loadbalancer/{name}")
    attributes = part(
        aws,
        arn,
        lambda: aws.get("elb", "DescribeLoadBalancerAttributes", LoadBalancerName=name)["LoadBalancerAttributes"],
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
    )
    return aws.fact(
        LoadBalancer,
        resource=arn,
        name=name,
        product="elasticloadbalancing",
        kind="classic",
        zones=aws.zone_ids(row.get("AvailabilityZones", ())),
        internet_facing=row.get("Scheme") == "internet-facing",
        cross_zone=_flag(attributes, "CrossZoneLoadBalancing"),
        access_logs=_flag(attributes, "AccessLog"),
        listeners=len(row.get("ListenerDescriptions", ())),
        targets=tuple(aws.arn("ec2", f"instance/{instance}") for instance in sorted(instances)),
        healthy_by_zone=part(aws, arn, lambda: _healthy_by_zone(aws, name)) if instances else {},
    )


def _flag(attributes: "Maybe[dict[str, Any]]", name: str) -> "Maybe[bool | None]":
    return attributes if isinstance(attributes, Unread) else bool(attributes.get(name, {}).get("Enabled"))


def _healthy_by_zone(aws: Reader, name: str) -> Mapping[str, int]:
    states = aws.list("elb", "DescribeInstanceHealth", "InstanceStates", LoadBalancerName=name)
    in_service = {state.get("InstanceId") for state in states if state.get("State") == "InService"}
    zones = [zone for instance, zone in instance_zones_of(aws).items() if instance in in_service and zone]
    return dict(Counter(aws.zone_id(zone) for zone in zones))


SOURCE = Source(
    name="aws_classic_load_balancers",
    facts=(LoadBalancer,),
    actions=(
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeInstanceHealth",
        "ec2:DescribeInstances",
        "ec2:DescribeAvailabilityZones",
        "tag:GetResources",
    ),
    read=read,
)
