"""The zone and region of nodes and volumes, by the labels that Kubernetes and its clouds give them.

Sources: https://kubernetes.io/docs/reference/labels-annotations-taints/ and the CSI drivers of AWS, Google Cloud and Azure.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.kubernetes.hosts import UNKNOWN, Host, machine_place
from checks import GLOBAL

HOST: Final = frozenset({"kubernetes.io/hostname"})
ZONE: Final = frozenset(
    {
        "topology.kubernetes.io/zone",
        "failure-domain.beta.kubernetes.io/zone",
        "topology.ebs.csi.aws.com/zone",
        "topology.gke.io/zone",
        "topology.disk.csi.azure.com/zone",
    }
)
_REGION: Final = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
_CONTROL_PLANE: Final = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")


@dataclass(frozen=True, slots=True)
class Node:
    """A node. `zone`: empty where neither a label nor its id tells; `control_plane`: it runs the control plane."""

    name: str
    zone: str
    region: str
    control_plane: bool
    host: Host = UNKNOWN


def node(item: Mapping[str, object]) -> Node | None:
    """The node of an item of a list; None for one without a name."""
    row = Row(item)
    labels, name = row.labels("metadata.labels"), row.text("metadata.name")
    if not name:
        return None
    machine = machine_place(row, labels)
    region = next((labels[key] for key in _REGION if labels.get(key)), machine.region)
    found = next((labels[key] for key in sorted(ZONE, reverse=True) if labels.get(key)), machine.zone)
    return Node(name, zone_name(found, region), region, any(key in labels for key in _CONTROL_PLANE), machine.host)


def zone_name(label: str, region: str) -> str:
    """A zone as its cloud names it: Azure's label `westeurope-1` is the zone `1`."""
    bare = label.removeprefix(f"{region}-") if region else label
    return bare if bare.isdigit() else label


def region_of(nodes: Iterable[Node]) -> str:
    """The region of most nodes; `global` where none has a label."""
    return next((region for region, _ in Counter(n.region for n in nodes if n.region).most_common(1)), GLOBAL)


def zones_of(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The zones of nodes, sorted."""
    return tuple(sorted({node.zone for node in nodes if node.zone}))


def volume_zones(volume: Row, region: str, zone_of_node: Mapping[str, str]) -> tuple[str, ...]:
    """The zones in which a persistent volume exists; empty where it is bound to none."""
    found: set[str] = set()
    for key, value in _required(volume, "spec.nodeAffinity.required.nodeSelectorTerms"):
        if key in ZONE and value:
            found.add(zone_name(value, region))
        elif key in HOST and zone_of_node.get(value):
            found.add(zone_of_node[value])
    return tuple(sorted(found))


def allowed_zones(pod: Row, zones: tuple[str, ...], region: str) -> tuple[str, ...]:
    """Those of a cluster's zones in which a pod template lets its pods run."""
    wanted = {zone_name(value, region) for key, value in pod.labels("nodeSelector").items() if key in ZONE}
    terms = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
    wanted |= {zone_name(value, region) for key, value in _required(pod, terms) if key in ZONE}
    return tuple(zone for zone in zones if not wanted or zone in wanted)


def _required(row: Row, path: str) -> Iterator[tuple[str, str]]:
    """The keys and values of the terms of a required node affinity, of which one term has to match."""
    for term in row.rows(path):
        for rule in term.rows("matchExpressions"):
            if rule.text("operator") == "In":
                yield from ((rule.text("key"), value) for value in rule.texts("values"))
