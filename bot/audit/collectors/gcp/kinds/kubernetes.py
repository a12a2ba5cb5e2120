"""Clusters of Google Kubernetes Engine. Shape: Kubernetes Engine API v1, `projects.locations.clusters`."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.audit.collectors.engine.google_places import zone_in
from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.gcp.asset import Asset, key_of
from bot.audit.collectors.gcp.kinds_of import kind
from checks import ComputeGroup, ComputeKind, Fact

_POOL: Final = "container.googleapis.com/NodePool"
_ZONES: Final = 3  # GKE spreads the nodes of a regional cluster over three zones unless it is told which
JOINED = (_POOL,)


def _cluster(asset: Asset) -> Iterable[Fact]:
    """A cluster: its location is a region or a zone, which is that of its control plane, wherever its nodes run."""
    location = asset.text("location") or asset.text("zone") or asset.location
    pools: Sequence[Row] = asset.rows("nodePools") or asset.inside_this(_POOL)
    own = asset.texts("locations")
    zones = {*own, *zone_in(location), *(zone for pool in pools for zone in pool.texts("locations"))}
    count = len(own) or (1 if zone_in(location) else _ZONES)
    sizes = [] if asset.flag("autopilot.enabled") else [_pool_size(pool, count) for pool in pools]
    version = asset.text("currentMasterVersion") or asset.text("initialClusterVersion")
    machines = {name for pool in pools if (name := pool.text("config.machineType"))}
    yield asset.fact(
        ComputeGroup,
        product="gke",
        kind=ComputeKind.KUBERNETES,
        zones=tuple(sorted(zones)),
        zone_redundant=not zone_in(location),
        min_size=sum(least for least, _ in sizes) if sizes else None,
        max_size=sum(most for _, most in sizes) if sizes else None,
        running=asset.number("currentNodeCount"),
        machine_types=tuple(sorted(machines)),
        runtime=f"kubernetes {version}" if version else "",
        encryption_key=key_of(asset.text("databaseEncryption.keyName")),
        status=asset.text("status"),
    )


def _pool_size(pool: Row, zones: int) -> tuple[int, int]:
    """The least and most nodes of a pool over all its zones. Limits count nodes for each zone, or in total."""
    zones = len(pool.texts("locations")) or zones
    count = (pool.number("initialNodeCount") or 0) * zones
    if not pool.flag("autoscaling.enabled"):
        return count, count
    total = pool.number("autoscaling.totalMaxNodeCount")
    if total:
        return pool.number("autoscaling.totalMinNodeCount") or 0, total
    least, most = pool.number("autoscaling.minNodeCount") or 0, pool.number("autoscaling.maxNodeCount") or 0
    return least * zones, most * zones


KINDS = (kind("container.googleapis.com/Cluster", (ComputeGroup,), _cluster),)
