"""How many replicas a workload wants and has, where they run, and what limits their number."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.kubernetes.add_ons import add_on_kind
from bot.audit.collectors.kubernetes.linked import LinkedObject
from bot.audit.collectors.kubernetes.templates import probe_handler
from bot.audit.collectors.kubernetes.view import NOT_IN_FILES, ReplicaLimits
from bot.audit.collectors.kubernetes.zones import allowed_zones
from checks import ClusterAddOn, ComputeGroup, ComputeKind, Unread, Workload, WorkloadKind

_NUMBERED = (WorkloadKind.DEPLOYMENT, WorkloadKind.STATEFUL_SET)


def usage(item: LinkedObject, kind: WorkloadKind) -> dict[str, Any]:
    """The fields of a `Workload` that the rest of the cluster tells."""
    view, labels = item.view, item.view.template_of(item, item.namespace).labels("metadata.labels")
    if kind is WorkloadKind.POD:
        labels = item.labels("metadata.labels")
    limits, count = view.limits(item.owner), view.count(item.owner)
    fields: dict[str, Any] = {
        "replicas": _wanted(item, kind),
        "autoscaled": limits if isinstance(limits, Unread) else limits is not None,
        "budgets": view.budgets(item.namespace, labels),
    }
    if isinstance(count, Unread):
        return fields | {"running": count, "nodes_in_use": count, "zones_in_use": count}
    if count is None:
        return fields
    nodes = tuple(sorted(node for node in count.ready_on if node)) if kind is not WorkloadKind.DAEMON_SET else ()
    zones = view.nodes if isinstance(view.nodes, Unread) else _zones(view.zone_of_node, count.ready_on)
    return fields | {"running": count.ready, "nodes_in_use": nodes, "zones_in_use": zones}


def _wanted(item: LinkedObject, kind: WorkloadKind) -> int | None:
    if kind is WorkloadKind.POD:
        return 1
    return item.number("spec.replicas") if kind in _NUMBERED else None


def _zones(zone_of_node: Mapping[str, str], nodes: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted({zone_of_node[node] for node in nodes if node in zone_of_node}))


def compute_group(item: LinkedObject, made: Workload, pod: Row, labels: Mapping[str, str]) -> ComputeGroup:
    """The same workload as the kind of fact that all clouds share."""
    view = item.view
    cluster_zones, limits = view.zones, view.limits(item.owner)
    zones = () if isinstance(cluster_zones, Unread) else allowed_zones(pod, cluster_zones, item.identity.region)
    minimum: Any = limits
    maximum: Any = limits
    if isinstance(limits, ReplicaLimits):
        minimum, maximum = limits
    elif limits is None:
        minimum = made.replicas
    wanted = item.number("status.desiredNumberScheduled") if made.kind is WorkloadKind.DAEMON_SET else made.replicas
    in_use, running = made.zones_in_use, made.running
    first = next(iter(pod.rows("containers")), Row({}))
    handler = probe_handler(first, "readinessProbe")
    return item.fact(
        ComputeGroup,
        product=made.product,
        kind=ComputeKind.CONTAINERS,
        zones=zones,
        zones_in_use=() if isinstance(in_use, Unread) else in_use,
        zone_redundant=cluster_zones if isinstance(cluster_zones, Unread) else len(zones) >= 2,
        min_size=minimum,
        max_size=maximum,
        desired=None if isinstance(wanted, Unread) else wanted,
        running=None if isinstance(running, Unread) else running,
        traffic=view.served(item.namespace, labels),
        health_check=handler[0] if handler else "",
        # EKS and the machine groups of EC2 have it; no other cloud does.
        zonal_shift=True if item.identity.host == "aws" else None,
    )


def add_ons(item: LinkedObject, made: Workload, labels: Mapping[str, str]) -> Iterator[ClusterAddOn]:
    """The same workload as an add-on, where the cluster needs it."""
    kind = add_on_kind(item.identity.name, {**item.labels("metadata.labels"), **labels}, made.images)
    if kind is None:
        return
    per_node, live = made.kind is WorkloadKind.DAEMON_SET, item.view.live
    yield item.fact(
        ClusterAddOn,
        product=made.product,
        kind=kind,
        per_node=per_node,
        replicas=None if per_node else made.replicas,
        nodes_in_use=made.nodes_in_use if live else NOT_IN_FILES,
        zones_in_use=made.zones_in_use if live else NOT_IN_FILES,
        cluster_zones=item.view.zones,
    )
