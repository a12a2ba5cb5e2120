"""The estate as Kubernetes describes it: a Deployment behind a Service, with an autoscaler, a budget, nodes and pods."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from support.samples import kubernetes_objects as k8s


class Described(NamedTuple):
    """The nodes, the pods and the objects by kind."""

    nodes: list[dict[str, Any]]
    pods: list[dict[str, Any]]
    objects: Mapping[str, list[dict[str, Any]]]


def _api(size: int) -> Described:
    zones = [f"eu-west-1{letter}" for letter in "abc"[:size]]
    nodes = [
        k8s.node(f"n{at}", zone) | {"spec": {"providerID": f"aws:///{zone}/i-{at}"}} for at, zone in enumerate(zones)
    ]
    pods = [k8s.pod_of("api", at, f"n{at}") for at in range(size)]
    objects = {
        "Deployment": [k8s.deployment("api", size)],
        "Service": [k8s.service("api")],
        "HorizontalPodAutoscaler": [
            k8s.autoscaler("api", size) | {"spec": k8s.autoscaler("api", size)["spec"] | {"maxReplicas": 2 * size}}
        ],
        "PodDisruptionBudget": [k8s.budget("api", minAvailable=max(size - 1, 1))] if size > 1 else [],
    }
    return Described(nodes, pods, objects)


ESTATE: Mapping[str, Described] = {"bare containers": _api(1), "sound containers": _api(3)}
