"""Builders of facts about workloads and what their cluster gives them: in good order unless a test says otherwise."""

from typing import Any

from support.builders.moment import ZONES, fact

from checks import (
    AddOnKind,
    ClusterAddOn,
    ControlPlane,
    DisruptionBudget,
    ReplicaAutoscaler,
    Workload,
    WorkloadKind,
)

NODES = ("node-1", "node-2", "node-3")


def workload(name: str = "web", **fields: Any) -> Workload:
    """A Deployment of three replicas on three nodes in three zones, kept apart by rules."""
    return fact(
        Workload,
        name,
        fields,
        product="deployment",
        kind=WorkloadKind.DEPLOYMENT,
        replicas=3,
        running=3,
        nodes_in_use=NODES,
        zones_in_use=ZONES,
        spread_over=("node", "zone"),
        budgets=("web",),
        readiness_probe=True,
        priority="critical",
        update="RollingUpdate",
        images=("registry.acme.example/shop/web:1.4.2",),
    )


def budget(name: str = "web", **fields: Any) -> DisruptionBudget:
    """A budget that keeps two of three pods."""
    return fact(DisruptionBudget, name, fields, product="poddisruptionbudget", min_available="2", pods=3)


def autoscaler(name: str = "web", **fields: Any) -> ReplicaAutoscaler:
    """An autoscaler between three and nine replicas."""
    sound: dict[str, Any] = {"minimum": 3, "maximum": 9, "target": "Deployment web", "target_exists": True}
    return fact(ReplicaAutoscaler, name, fields, product="horizontalpodautoscaler", **sound)


def add_on(name: str = "coredns", **fields: Any) -> ClusterAddOn:
    """Cluster DNS with three replicas in three zones."""
    sound: dict[str, Any] = {"kind": AddOnKind.DNS, "replicas": 3, "nodes_in_use": NODES}
    return fact(ClusterAddOn, name, fields, product="deployment", zones_in_use=ZONES, cluster_zones=ZONES, **sound)


def control_plane(name: str = "prod", **fields: Any) -> ControlPlane:
    """Three nodes in three zones."""
    return fact(ControlPlane, name, fields, product="kubernetes", nodes=3, votes=(1, 1, 1))
