"""Classic ELB -> LoadBalancer: the old kind, whose machines are registered with it directly."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, LoadBalancer, Maybe, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """One LoadBalancer each."""
    balancers = aws.list("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions")
    yield from aws.each(lambda row: _balancer(aws, row), balancers)


def _balancer(aws: Reader, row: dict[str, Any]) -> Fact:
    name = row["LoadBalancerName"]
    machines = [machine["InstanceId"] for machine in row.get("Instances", ())]
    said = aws.maybe(
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
        cross_zone=_flag(said, "CrossZoneLoadBalancing"),
        access_logs=_flag(said, "AccessLog"),
        listeners=len(row.get("ListenerDescriptions", ())),
        targets=tuple(aws.arn("ec2", f"instance/{machine}") for machine in sorted(machines)),
        healthy_by_zone=aws.maybe(lambda: _healthy(aws, name)) if machines else {},
    )


def _flag(said: "Maybe[dict[str, Any]]", name: str) -> "Maybe[bool | None]":
    return said if isinstance(said, Unread) else bool(said.get(name, {}).get("Enabled"))


def _healthy(aws: Reader, name: str) -> Mapping[str, int]:
    states = aws.list("elb", "DescribeInstanceHealth", "InstanceStates", LoadBalancerName=name)
    serving = {state["InstanceId"] for state in states if state["State"] == "InService"}
    count: Counter[str] = Counter()
    for reservation in aws.list("ec2", "DescribeInstances", "Reservations"):
        for machine in reservation["Instances"]:
            if machine["InstanceId"] in serving:
                count[aws.zone_id(machine["Placement"]["AvailabilityZone"])] += 1
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
