"""The estate as Kubernetes describes it: a Deployment behind a Service, with an autoscaler, a budget, nodes and pods; a certificate."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from support.builders.moment import NOW
from support.samples import kubernetes_objects as k8s


class Described(NamedTuple):
    """The nodes, the pods and the objects by kind."""

    nodes: list[dict[str, Any]]
    pods: list[dict[str, Any]]
    objects: Mapping[str, list[dict[str, Any]]]


def application(name: str, size: int) -> Described:
    zones = [f"eu-west-1{letter}" for letter in "abc"[:size]]
    nodes = [
        k8s.node(f"n{at}", zone) | {"spec": {"providerID": f"aws:///{zone}/i-{at}"}} for at, zone in enumerate(zones)
    ]
    pods = [k8s.pod_of(name, at, f"n{at}") for at in range(size)]
    objects = {
        "Deployment": [k8s.deployment(name, size)],
        "Service": [k8s.service(name)],
        "HorizontalPodAutoscaler": [
            k8s.autoscaler(name, size) | {"spec": k8s.autoscaler(name, size)["spec"] | {"maxReplicas": 2 * size}}
        ],
        "PodDisruptionBudget": [k8s.budget(name, minAvailable=max(size - 1, 1))] if size > 1 else [],
    }
    return Described(nodes, pods, objects)


def _certificate(days: int) -> Described:
    """A Certificate of cert-manager that an Ingress uses."""
    own = {
        "metadata": k8s.metadata("shop.example.com"),
        "spec": {"secretName": "shop-tls", "dnsNames": ["shop.example.com"]},
        "status": {"notAfter": (NOW + timedelta(days)).isoformat()},
    }
    ingress = {"metadata": k8s.metadata("shop"), "spec": {"tls": [{"secretName": "shop-tls"}], "rules": []}}
    return Described([], [], {"Certificate": [own], "Ingress": [ingress]})


ESTATE: Mapping[str, Described] = {
    "bare containers": application("api", 1),
    "sound containers": application("api", 3),
    "bare balancer": application("front", 1),
    "sound balancer": application("front", 3),
    "bare certificate": _certificate(10),
    "sound certificate": _certificate(200),
}
