"""ECS -> ComputeGroup: container services, the zones of their subnets, and whether a bad deployment takes itself back."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import ComputeGroup, ComputeKind, Fact, Maybe, Unread

_AT_ONCE = 10  # services in one DescribeServices
_ON_MACHINES = Unread("its tasks run on the machines of their cluster, wherever those stand")


def read(aws: Reader) -> Iterator[Fact]:
    """One ComputeGroup for each service."""
    clusters = aws.list("ecs", "ListClusters", "clusterArns")
    services = [row for some in aws.each(lambda arn: _services(aws, str(arn)), clusters) for row in some]
    if not services:
        return
    subnets = Subnets.read(aws)
    bounds = aws.maybe(lambda: _bounds(aws))
    for row in services:
        if row.get("status") != "INACTIVE":
            yield _service(aws, row, subnets, bounds)


def _services(aws: Reader, cluster: str) -> list[dict[str, Any]]:
    names = aws.list("ecs", "ListServices", "serviceArns", cluster=cluster, maxResults=100)
    batches = [names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE)]
    told = aws.each(
        lambda some: aws.get("ecs", "DescribeServices", cluster=cluster, services=some, include=["TAGS"]), batches
    )
    return [row for answer in told for row in answer["services"]]


def _service(
    aws: Reader, row: dict[str, Any], subnets: Subnets, bounds: "Maybe[Mapping[str, tuple[int, int]]]"
) -> Fact:
    placed = row.get("networkConfiguration", {}).get("awsvpcConfiguration", {}).get("subnets", ())
    desired = row.get("desiredCount", 0)
    key = f"service/{row['clusterArn'].rpartition('/')[2]}/{row['serviceName']}"
    least, most = (bounds, bounds) if isinstance(bounds, Unread) else bounds.get(key, (desired, desired))
    return aws.fact(
        ComputeGroup,
        resource=row["serviceArn"],
        name=row["serviceName"],
        product="ecs",
        tags=aws.tags(row["serviceArn"], tag_map(row["tags"]) if row.get("tags") else None),
        kind=ComputeKind.CONTAINERS,
        zones=subnets.zones(placed),
        zone_redundant=subnets.in_several_zones(placed) if placed else _ON_MACHINES,
        min_size=least,
        max_size=most,
        desired=desired,
        running=row.get("runningCount"),
        traffic=bool(row.get("loadBalancers")),
        health_check="ELB" if row.get("loadBalancers") else "",
        free_addresses=subnets.free_addresses(placed) if placed else None,
        automatic_rollback=_rolls_back(row),
    )


def _rolls_back(row: Mapping[str, Any]) -> bool | None:
    """None where CodeDeploy or an external controller does the deployment and tells of it itself."""
    if row.get("deploymentController", {}).get("type", "ECS") != "ECS":
        return None
    settings = row.get("deploymentConfiguration", {})
    words = ("deploymentCircuitBreaker", "alarms")
    return any(settings.get(word, {}).get("enable") and settings[word].get("rollback") for word in words)


def _bounds(aws: Reader) -> dict[str, tuple[int, int]]:
    """Fewest and most tasks of the services that scale by themselves."""
    rows = aws.list("application-autoscaling", "DescribeScalableTargets", "ScalableTargets", ServiceNamespace="ecs")
    return {row["ResourceId"]: (row["MinCapacity"], row["MaxCapacity"]) for row in rows}


SOURCE = Source(
    name="aws_containers",
    facts=(ComputeGroup,),
    actions=(
        "ecs:ListClusters",
        "ecs:ListServices",
        "ecs:DescribeServices",
        "ec2:DescribeSubnets",
        "application-autoscaling:DescribeScalableTargets",
        "tag:GetResources",
    ),
    read=read,
)
