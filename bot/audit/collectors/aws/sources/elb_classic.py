"""Classic load balancers, whose instances are registered directly."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, LoadBalancer, Maybe, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one LoadBalancer per classic load balancer."""
    balancers = aws.list("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions")
    yield from aws.each(lambda row: _balancer(aws, row), balancers)


def _balancer(aws: Reader, row: dict[str, Any]) -> Fact:
    name = row["LoadBalancerName"]
    instances = [instance["InstanceId"] for instance in row.get("Instances", ())]
    attributes = aws.maybe(
        lambda: aws.get("elb", "DescribeLoadBalancerAttributes", LoadBalancerName=name)["LoadBalancerAttributes"]
    )
    return aws.fact(
        LoadBalancer,
        resource=aws.arn("elasticloadbalancing", f"loadbalancer/{name}"),
        name=name,
        product="elasticloadbalancing",
        kind="classic",
        zones=aws.zone_ids(row.get("AvailabilityZones", ())),
        internet_facing=row.get("Scheme") == "internet-facing",
        cross_zone=_flag(attributes, "CrossZoneLoadBalancing"),
        access_logs=_flag(attributes, "AccessLog"),
        listeners=len(row.get("ListenerDescriptions", ())),
        targets=tuple(aws.arn("ec2", f"instance/{instance}") for instance in sorted(instances)),
        healthy_by_zone=aws.maybe(lambda: _healthy_by_zone(aws, name)) if instances else {},
    )


def _flag(attributes: "Maybe[dict[str, Any]]", name: str) -> "Maybe[bool | None]":
    return attributes if isinstance(attributes, Unread) else bool(attributes.get(name, {}).get("Enabled"))


def _healthy_by_zone(aws: Reader, name: str) -> Mapping[str, int]:
    states = aws.list("elb", "DescribeInstanceHealth", "InstanceStates", LoadBalancerName=name)
    in_service = {state["InstanceId"] for state in states if state["State"] == "InService"}
    count: Counter[str] = Counter()
    for reservation in aws.list("ec2", "DescribeInstances", "Reservations"):
        for instance in reservation["Instances"]:
            if instance["InstanceId"] in in_service:
                count[aws.zone_id(instance["Placement"]["AvailabilityZone"])] += 1
    return dict(count)


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
