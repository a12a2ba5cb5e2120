"""Recognises what the other workloads of a cluster need: its DNS and its ingress controllers.

Labels as their own charts and manifests set them: CoreDNS and kube-dns (`k8s-app: kube-dns`), OpenShift's `dns-default`, and
`app.kubernetes.io/name` of the controllers' Helm charts.
"""

from collections.abc import Mapping
from typing import Final

from checks import AddOnKind

_DNS_APPS: Final = frozenset({"coredns", "kube-dns", "rke2-coredns"})
_INGRESS_NAMES: Final = frozenset(
    {
        "ambassador",
        "apisix",
        "contour",
        "emissary-ingress",
        "envoy",
        "haproxy-ingress",
        "ingress-nginx",
        "kong",
        "kubernetes-ingress",
        "nginx-ingress",
        "rke2-ingress-nginx",
        "router",
        "skipper-ingress",
        "traefik",
        "traefik-ingress",
    }
)
_INGRESS_IMAGES: Final = (
    "/ingress-nginx/controller",
    "/kubernetes-ingress-controller",
    "/nginx-ingress-controller",
    "library/traefik",
    "nginx/nginx-ingress",
)
_NO_CONTROLLERS: Final = frozenset({"admission-webhook", "default-backend", "defaultbackend"})


def add_on_kind(name: str, labels: Mapping[str, str], images: tuple[str, ...]) -> AddOnKind | None:
    """What the cluster needs a workload for; None for a workload like any other."""
    app = labels.get("app.kubernetes.io/name", "")
    if labels.get("k8s-app") in _DNS_APPS or app in _DNS_APPS or name in _DNS_APPS or name == "dns-default":
        return None if "autoscaler" in name else AddOnKind.DNS
    if labels.get("app.kubernetes.io/component", "") in _NO_CONTROLLERS or "backend" in name:
        return None
    by_label = app in _INGRESS_NAMES or "ingressgateway" in (
        labels.get("istio", ""),
        labels.get("app", "").rpartition("-")[2],
    )
    by_image = any(part in image for part in _INGRESS_IMAGES for image in images)
    return AddOnKind.INGRESS if by_label or by_image else None
