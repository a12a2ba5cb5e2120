"""ECS services: zones, task counts, automatic rollback of deployments."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of, facts_of, if_exists, in_batches, part
from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import ComputeGroup, ComputeKind, Fact, Maybe, Unread

_BATCH_SIZE = 10  # services in one DescribeServices call
_TASKS_AT_ONCE = 100  # in one DescribeTasks call
_Limits = Mapping[str, tuple[int, int]]
_ON_INSTANCES = Unread("its tasks run on the EC2 instances of the cluster, whose zones are not linked to the service")

# Developer guide, "Amazon ECS clusters for external instances".
_ON_OWN_MACHINES = Unread("its tasks run on machines of your own, outside of AWS and its AZs")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one ComputeGroup per service."""
    clusters: list[Any] = aws.list("ecs", "ListClusters", "clusterArns")
    cluster = ItemIdentity[str]("ecs:ListServices", lambda arn: arn)
    services = [row for rows in each_of(aws, lambda arn: _services(aws, arn), clusters, cluster) for row in rows]
    if not services:
        return
    subnets = Subnets.read(aws)
    limits = aws.maybe(lambda: _task_limits(aws))
    zones = _zones_in_use(aws, sorted({row["clusterArn"] for row in services}))
    active = [row for row in services if row.get("status") != "INACTIVE"]
    identity = ItemIdentity[dict[str, Any]]("ecs:DescribeServices", lambda row: row["serviceArn"], _own_tags)
    yield from facts_of(aws, lambda row: _service(aws, row, subnets, limits, zones), active, identity, calls=False)


def _own_tags(row: dict[str, Any]) -> Mapping[str, str] | None:
    return tag_map(row["tags"]) if row.get("tags") else None


def _services(aws: Reader, cluster: str) -> list[dict[str, Any]]:
    names: list[Any] = aws.list("ecs", "ListServices", "serviceArns", cluster=cluster, maxResults=100)
    identity = ItemIdentity[str]("ecs:DescribeServices", lambda arn: arn)
    return list(in_batches(aws, lambda batch: _described(aws, cluster, batch), names, _BATCH_SIZE, identity))


def _described(aws: Reader, cluster: str, services: Sequence[str]) -> list[dict[str, Any]]:
    """The descriptions of some services, each with the ARN of its cluster."""
    response = aws.get("ecs", "DescribeServices", cluster=cluster, services=list(services), include=["TAGS"])
    return [{"clusterArn": cluster, **row} for row in response.get("services", ())]


def _zones_in_use(aws: Reader, clusters: Sequence[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """The zones in which the running tasks of each service (cluster, name) are; none where one of them was not told."""

    def of_cluster(cluster: str) -> list[tuple[tuple[str, str], str]]:
        tasks = part(aws, cluster, lambda: if_exists(lambda: _running_tasks(aws, cluster)), "ecs:DescribeTasks")
        found = () if isinstance(tasks, Unread) else tasks or ()
        return [((cluster, task.get("group", "")), task.get("availabilityZone", "")) for task in found]

    zones: dict[tuple[str, str], set[str]] = {}
    for tasks in aws.each(of_cluster, clusters):
        for service, zone in tasks:
            zones.setdefault(service, set()).add(zone)
    return {service: aws.zone_ids(found) for service, found in zones.items() if "" not in found}


def _running_tasks(aws: Reader, cluster: str) -> list[dict[str, Any]]:
    arns: list[Any] = aws.list("ecs", "ListTasks", "taskArns", cluster=cluster, desiredStatus="RUNNING")
    batches = [arns[start : start + _TASKS_AT_ONCE] for start in range(0, len(arns), _TASKS_AT_ONCE)]
    described = aws.each(lambda batch: aws.get("ecs", "DescribeTasks", cluster=cluster, tasks=batch), batches)
    tasks = [task for answer in described for task in answer.get("tasks", ())]
    return [task for task in tasks if task.get("lastStatus", "RUNNING") == "RUNNING"]


def _service(
    aws: Reader,
    row: dict[str, Any],
    subnets: Subnets,
    limits: Maybe[_Limits],
    zones_in_use: Mapping[tuple[str, str], tuple[str, ...]],
) -> Fact:
    subnet_ids = row.get("networkConfiguration", {}).get("awsvpcConfiguration", {}).get("subnets", ())
    desired = row.get("desiredCount", 0)
    arn = row["serviceArn"]
    name = row.get("serviceName") or arn.rpartition("/")[2]
    key = f"service/{row['clusterArn'].rpartition('/')[2]}/{name}"
    in_use = zones_in_use.get((row["clusterArn"], f"service:{name}"), ())
    external = row.get("launchType") == "EXTERNAL"
    # Tasks in two zones prove that it can run there.
    several = True if len(in_use) > 1 else _ON_OWN_MACHINES if external else _ON_INSTANCES
    least, most = (limits, limits) if isinstance(limits, Unread) else limits.get(key, (desired, desired))
    return aws.fact(
        ComputeGroup,
        resource=arn,
        name=name,
        product="ecs",
        zonal_shift=not external or None,
        status=row.get("status", ""),
        tags=aws.tags(arn, _own_tags(row)),
        kind=ComputeKind.CONTAINERS,
        zones=subnets.zones(subnet_ids) if subnet_ids or len(in_use) < 2 else in_use,
        zones_in_use=in_use,
        zone_redundant=subnets.in_several_zones(subnet_ids) if subnet_ids else several,
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
    fields = {"ResourceId", "MinCapacity", "MaxCapacity"}
    return {row["ResourceId"]: (row["MinCapacity"], row["MaxCapacity"]) for row in rows if fields <= set(row)}


SOURCE = Source(
    name="aws_containers",
    facts=(ComputeGroup,),
    shapes=(ComputeKind.CONTAINERS,),
    actions=(
        "ecs:ListClusters",
        "ecs:ListServices",
        "ecs:DescribeServices",
        "ecs:ListTasks",
        "ecs:DescribeTasks",
        "ec2:DescribeSubnets",
        "application-autoscaling:DescribeScalableTargets",
        "tag:GetResources",
    ),
    read=read,
)
