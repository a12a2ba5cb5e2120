"""The cloud below a cluster: which provider's machines its nodes are, by `spec.providerID` or the labels of managed clusters.

Sources: the node controllers of the clouds, each of which writes its own scheme (https://github.com/kubernetes/cloud-provider-aws,
cloud-provider-gcp, https://github.com/kubernetes-sigs/cloud-provider-azure, the repositories of DigitalOcean, Exoscale, Hetzner,
Linode and Scaleway), and https://docs.aws.amazon.com/eks/latest/userguide/fargate.html.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from bot.audit.collectors.engine.row import Row

_SCHEMES: Final[Mapping[str, tuple[str, str]]] = {
    "aws": ("aws", "ec2"),
    "azure": ("azure", "compute"),
    "digitalocean": ("digitalocean", ""),
    "exoscale": ("exoscale", ""),
    "gce": ("gcp", "compute"),
    "hcloud": ("hetzner", ""),
    "linode": ("linode", ""),
    "scaleway": ("scaleway", ""),
}
_LABELS: Final[Mapping[str, str]] = {
    "eks.amazonaws.com/nodegroup": "aws",
    "eks.amazonaws.com/compute-type": "aws",
    "cloud.google.com/gke-nodepool": "gce",
    "kubernetes.azure.com/cluster": "azure",
}
_TELLS_NOTHING: Final = ("k3s://", "rke2://")
"""Schemes of distributions that run on the machines of any cloud."""
_AWS_ZONE: Final = re.compile(r"aws:///(?P<zone>(?P<region>[a-z-]+-\d+)[a-z])/")
_GCE_ZONE: Final = re.compile(r"gce://[^/]+/(?P<zone>(?P<region>[a-z]+-[a-z]+\d+)-[a-z])/")


class Host(NamedTuple):
    """A provider and its product for machines. The provider is empty for machines of no cloud, None where nodes do not tell."""

    provider: str | None
    product: str = ""


UNKNOWN: Final = Host(None)
_OWN: Final = Host("")


class MachinePlace(NamedTuple):
    """Whose machine a node is, and where as far as its id tells."""

    host: Host
    region: str = ""
    zone: str = ""


def machine_place(node: Row, labels: Mapping[str, str]) -> MachinePlace:
    """The machine behind a node: `aws:///eu-west-1a/i-0abc` is one of EC2 in eu-west-1."""
    machine = node.text("spec.providerID")
    by_label = next((_LABELS[key] for key in _LABELS if key in labels), "")
    scheme = machine.partition("://")[0] if "://" in machine and not machine.startswith(_TELLS_NOTHING) else by_label
    host = Host(*_SCHEMES[scheme]) if scheme in _SCHEMES else _OWN if scheme else UNKNOWN
    if scheme == "aws" and ("/fargate-" in machine or labels.get("eks.amazonaws.com/compute-type") == "fargate"):
        host = Host("aws", "fargate")
    found = _AWS_ZONE.match(machine) or _GCE_ZONE.match(machine)
    return MachinePlace(host, found["region"] if found else "", found["zone"] if found else "")


def host_of(hosts: Iterable[Host]) -> Host:
    """The host of most nodes of a cluster."""
    return next((host for host, _ in Counter(hosts).most_common(1)), UNKNOWN)
