"""EKS clusters: zones of their node groups, sizes, Kubernetes version."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import ComputeGroup, ComputeKind, Fact, Maybe, Unread

# Ends of standard support: EKS user guide, "Amazon EKS release calendar". Later versions count as supported.
_SUPPORT_ENDS = {
    "1.28": date(2024, 11, 26),
    "1.29": date(2025, 3, 23),
    "1.30": date(2025, 7, 23),
    "1.31": date(2025, 11, 26),
    "1.32": date(2026, 3, 23),
    "1.33": date(2026, 7, 29),
}


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one ComputeGroup per cluster, from its description and those of its node groups."""
    names = aws.list("eks", "ListClusters", "clusters")
    subnets = Subnets.read(aws) if names else Subnets({})
    yield from aws.each(lambda name: _cluster(aws, str(name), subnets), names)


def _cluster(aws: Reader, name: str, subnets: Subnets) -> Fact:
    row = aws.get("eks", "DescribeCluster", name=name)["cluster"]
    groups = aws.maybe(lambda: _node_groups(aws, name))
    own = list(row.get("resourcesVpcConfig", {}).get("subnetIds", ()))
    known_groups = [] if isinstance(groups, Unread) else groups
    subnet_ids = [subnet for group in known_groups for subnet in group.get("subnets", ())] or own
    version = row.get("version", "")
    return aws.fact(
        ComputeGroup,
        resource=row["arn"],
        name=name,
        product="eks",
        tags=aws.tags(row["arn"], row.get("tags") or None),
        kind=ComputeKind.KUBERNETES,
        zones=subnets.zones(subnet_ids),
        zone_redundant=groups if isinstance(groups, Unread) else subnets.in_several_zones(subnet_ids),
        min_size=_total(groups, "minSize"),
        max_size=_total(groups, "maxSize"),
        desired=_total(groups, "desiredSize"),
        machine_types=tuple(sorted({kind for group in known_groups for kind in group.get("instanceTypes", ())})),
        free_addresses=subnets.free_addresses(subnet_ids),
        deletion_protection=bool(row.get("deletionProtection")),
        runtime=f"kubernetes {version}",
        runtime_supported=aws.now.date() < _SUPPORT_ENDS.get(version, date.max) and _minor(version) >= 28,
    )


def _node_groups(aws: Reader, name: str) -> list[dict[str, Any]]:
    names = aws.list("eks", "ListNodegroups", "nodegroups", clusterName=name)
    return list(
        aws.each(
            lambda group: aws.get("eks", "DescribeNodegroup", clusterName=name, nodegroupName=group)["nodegroup"], names
        )
    )


def _total(groups: "Maybe[list[dict[str, Any]]]", key: str) -> int | None:
    if isinstance(groups, Unread) or not groups:
        return None
    return sum(int(group.get("scalingConfig", {}).get(key, 0)) for group in groups)


def _minor(version: str) -> int:
    minor = version.partition(".")[2]
    return int(minor) if minor.isdigit() else 0


SOURCE = Source(
    name="aws_clusters",
    facts=(ComputeGroup,),
    actions=(
        "eks:ListClusters",
        "eks:DescribeCluster",
        "eks:ListNodegroups",
        "eks:DescribeNodegroup",
        "ec2:DescribeSubnets",
        "tag:GetResources",
    ),
    read=read,
)
