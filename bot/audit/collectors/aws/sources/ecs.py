"""ECS services: zones, task counts, automatic rollback of deployments."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import ComputeGroup, ComputeKind, Fact, Maybe, Unread

_BATCH_SIZE = 10  # services in one DescribeServices call
_ON_INSTANCES = Unread("its tasks run on the EC2 instances of the cluster, whose zones are not linked to the service")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one ComputeGroup per service."""
    clusters = aws.list("ecs", "ListClusters", "clusterArns")
    services = [row for rows in aws.each(lambda arn: _services(aws, str(arn)), clusters) for row in rows]
    if not services:
        return
    subnets = Subnets.read(aws)
    limits = aws.maybe(lambda: _task_limits(aws))
    for row in services:
        if row.get("status") != "INACTIVE":
            yield _service(aws, row, subnets, limits)


def _services(aws: Reader, cluster: str) -> list[dict[str, Any]]:
    names = aws.list("ecs", "ListServices", "serviceArns", cluster=cluster, maxResults=100)
    batches = [names[start : start + _BATCH_SIZE] for start in range(0, len(names), _BATCH_SIZE)]
    responses = aws.each(
        lambda batch: aws.get("ecs", "DescribeServices", cluster=cluster, services=batch, include=["TAGS"]), batches
    )
    return [row for response in responses for row in response["services"]]


def _service(
    aws: Reader, row: dict[str, Any], subnets: Subnets, limits: "Maybe[Mapping[str, tuple[int, int]]]"
) -> Fact:
    subnet_ids = row.get("networkConfiguration", {}).get("awsvpcConfiguration", {}).get("subnets", ())
    desired = row.get("desiredCount", 0)
    key = f"service/{row['clusterArn'].rpartition('/')[2]}/{row['serviceName']}"
    least, most = (limits, limits) if isinstance(limits, Unread) else limits.get(key, (desired, desired))
    return aws.fact(
        ComputeGroup,
        resource=row["serviceArn"],
        name=row["serviceName"],
        product="ecs",
        tags=aws.tags(row["serviceArn"], tag_map(row["tags"]) if row.get("tags") else None),
        kind=ComputeKind.CONTAINERS,
        zones=subnets.zones(subnet_ids),
        zone_redundant=subnets.in_several_zones(subnet_ids) if subnet_ids else _ON_INSTANCES,
        min_size=least,
        max_size=most,
        desired=desired,
        running=row.get("runningCount"),
        traffic=bool(row.get("loadBalancers")),
        health_check="ELB" if row.get("loadBalancers") else "",
        free_addresses=subnets.free_addresses(subnet_ids) if subnet_ids else None,
        automatic_rollback=_rolls_back_automatically(row),
    )


def _rolls_back_automatically(row: Mapping[str, Any]) -> bool | None:
    """Whether ECS rolls back failed deployments; None if CodeDeploy or an external controller deploys."""
    if row.get("deploymentController", {}).get("type", "ECS") != "ECS":
        return None
    settings = row.get("deploymentConfiguration", {})
    keys = ("deploymentCircuitBreaker", "alarms")
    return any(settings.get(key, {}).get("enable") and settings[key].get("rollback") for key in keys)


def _task_limits(aws: Reader) -> dict[str, tuple[int, int]]:
    """The minimum and maximum task count of each autoscaled service."""
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
