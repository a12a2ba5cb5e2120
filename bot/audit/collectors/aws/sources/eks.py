"""EKS clusters: zones of their node groups, sizes, Kubernetes version."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, if_exists, part
from bot.audit.collectors.aws.parts.phases import phase_of
from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from bot.audit.collectors.aws.support_dates import kubernetes_supported
from checks import ComputeGroup, ComputeKind, Fact, LifePhase, Maybe, Unread

_NO_NODES = (LifePhase.DELETED, LifePhase.STOPPED)  # a node group that is being deleted, or could not be created


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one ComputeGroup per cluster, from its description and those of its node groups."""
    names: list[Any] = aws.list("eks", "ListClusters", "clusters")
    subnets = Subnets.read(aws) if names else Subnets({})
    identity = ItemIdentity[str]("eks:DescribeCluster", lambda name: aws.arn("eks", f"cluster/{name}"))
    yield from facts_of(aws, lambda name: _cluster(aws, name, subnets), names, identity)


def _cluster(aws: Reader, name: str, subnets: Subnets) -> Fact | None:
    """The fact of one cluster; None for one that is only registered here and runs elsewhere."""
    row = aws.get("eks", "DescribeCluster", name=name)["cluster"]
    if row.get("connectorConfig"):
        return None
    arn = row.get("arn") or aws.arn("eks", f"cluster/{name}")
    groups, unread = _node_groups(aws, arn, name)
    own = list(row.get("resourcesVpcConfig", {}).get("subnetIds", ()))
    subnet_ids = [subnet for group in groups for subnet in group.get("subnets", ())] or ([] if unread else own)
    several = subnets.in_several_zones(subnet_ids)
    version = row.get("version", "")
    return aws.fact(
        ComputeGroup,
        resource=arn,
        name=name,
        product="eks",
        zonal_shift=True,
        status=row.get("status", ""),
        encryption_key=_encryption_key(row),
        tags=aws.tags(arn, row.get("tags") or None),
        kind=ComputeKind.KUBERNETES,
        zones=subnets.zones(subnet_ids),
        zone_redundant=unread if unread and several is not True else several,
        min_size=unread or _total(groups, "minSize"),
        max_size=unread or _total(groups, "maxSize"),
        desired=None if unread else _total(groups, "desiredSize"),
        machine_types=tuple(sorted({kind for group in groups for kind in group.get("instanceTypes", ())})),
        free_addresses=subnets.free_addresses(subnet_ids),
        deletion_protection=bool(row.get("deletionProtection")),
        runtime=f"kubernetes {version}",
        runtime_supported=kubernetes_supported(version, aws.now),
    )


def _encryption_key(row: dict[str, Any]) -> str:
    """The key of ours that encrypts the cluster's secrets."""
    keys = (config.get("provider", {}).get("keyArn", "") for config in row.get("encryptionConfig") or ())
    return next(filter(None, keys), "")


def _node_groups(aws: Reader, arn: str, name: str) -> tuple[list[dict[str, Any]], Unread | None]:
    """The node groups of a cluster that were read, without those that are gone meanwhile; why others were not."""

    def names() -> list[Any]:
        return aws.list("eks", "ListNodegroups", "nodegroups", clusterName=name)

    listed = part(aws, arn, names, "eks:ListNodegroups")
    if isinstance(listed, Unread):
        return [], listed

    def read(group: str) -> Maybe[dict[str, Any] | None]:
        return part(aws, arn, lambda: if_exists(lambda: _node_group(aws, name, group)), "eks:DescribeNodegroup")

    found = aws.each(read, listed)
    unread = next((group for group in found if isinstance(group, Unread)), None)
    groups = [group for group in found if group and not isinstance(group, Unread)]
    return [group for group in groups if phase_of(group.get("status", "")) not in _NO_NODES], unread


def _node_group(aws: Reader, cluster: str, name: str) -> dict[str, Any]:
    group: dict[str, Any] = aws.get("eks", "DescribeNodegroup", clusterName=cluster, nodegroupName=name)["nodegroup"]
    return group


def _total(groups: list[dict[str, Any]], key: str) -> int | None:
    if not groups:
        return None
    return sum(int(group.get("scalingConfig", {}).get(key, 0)) for group in groups)


SOURCE = Source(
    name="aws_clusters",
    facts=(ComputeGroup,),
    shapes=(ComputeKind.KUBERNETES,),
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
