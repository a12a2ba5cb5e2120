"""Machines of Compute Engine and their groups. Shapes: Compute Engine API v1, `instances`, `instanceGroupManagers`, `autoscalers`."""

from collections.abc import Iterable, Mapping
from typing import Final

from bot.audit.collectors.engine.google_places import zone_in
from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.gcp.asset import Asset, AssetIndex
from bot.audit.collectors.gcp.kinds_of import kind
from checks import ComputeGroup, ComputeKind, Fact, Unread

MACHINE: Final = "compute.googleapis.com/Instance"
MANAGER: Final = "compute.googleapis.com/InstanceGroupManager"
GROUP: Final = "compute.googleapis.com/InstanceGroup"
BACKENDS: Final = ("compute.googleapis.com/BackendService", "compute.googleapis.com/RegionBackendService")
_TEMPLATE: Final = "compute.googleapis.com/InstanceTemplate"
_OF_ALL: Final = "allInstancesConfig.properties.labels"
_AUTOSCALER: Final = "compute.googleapis.com/Autoscaler"
_POOL: Final = "compute.googleapis.com/TargetPool"
_CLUSTER: Final = "container.googleapis.com/Cluster"
JOINED = (GROUP, *BACKENDS, _TEMPLATE, _AUTOSCALER, _POOL, "compute.googleapis.com/TargetInstance")
"""Types that are no facts of their own, and that others are completed from."""


def manager_of(machine: Asset) -> str:
    """The managed group that created a machine, empty for none: it notes that in the machine's metadata."""
    noted = (row.text("value") for row in machine.rows("metadata.items") if row.text("key") == "created-by")
    found = next(noted, "")
    return found if "/instanceGroupManagers/" in found else ""


def _machine(asset: Asset) -> Iterable[Fact]:
    """A machine that nothing replaces: those of managed groups belong to their group."""
    if manager_of(asset):
        return
    machine = asset.text("machineType").rpartition("/")[2]
    zones, status = zone_in(asset.text("zone") or asset.location), asset.text("status")
    runs = status == "RUNNING"
    yield asset.fact(
        ComputeGroup,
        product="compute",
        kind=ComputeKind.MACHINE,
        zones=zones,
        zones_in_use=zones if runs else (),
        desired=1,
        running=int(runs) if status else None,
        traffic=_takes_requests(asset),
        machine_types=(machine,) if machine else (),
        deletion_protection=bool(asset.flag("deletionProtection")),
        status=status,
    )


def _takes_requests(machine: Asset) -> bool | None:
    """Whether a load balancer sends a machine requests. None: a group of its zone may contain it, whose members are not listed."""
    names = ((_POOL, "instances"), ("compute.googleapis.com/TargetInstance", "instance"), (GROUP, "instances"))
    if any(machine.naming_this(*name) for name in (*names, (GROUP, "instance_urls"))):
        return True
    doubtful = machine.estate.once("zones of unmanaged groups", lambda: _zones_of_unmanaged(machine.estate))
    return None if doubtful.intersection(zone_in(machine.text("zone") or machine.location)) else False


def _zones_of_unmanaged(estate: AssetIndex) -> frozenset[str]:
    groups = (group for group in estate.by_type.get(GROUP, ()) if not group.naming_this(MANAGER, "instanceGroup"))
    return frozenset(group.location for group in groups)


def _group(asset: Asset) -> Iterable[Fact]:
    """A managed group in one zone, or over zones of its region. Those of GKE belong to their cluster."""
    if asset.identity.name.startswith("gke-") or asset.naming_this(_CLUSTER, "instanceGroupUrls"):
        return
    zones = zones_of(asset)
    size = asset.number("targetSize") or 0
    scalers = [scaler for scaler in asset.naming_this(_AUTOSCALER, "target") if _scales(scaler)]
    policy = scalers[0].value("autoscalingPolicy") if scalers else None
    scaling = Row(policy if isinstance(policy, dict) else {})
    yield asset.fact(
        ComputeGroup,
        product="compute",
        kind=ComputeKind.MACHINE_GROUP,
        zones=zones,
        zone_redundant=len(zones) > 1 or (not zones and bool(asset.text("region"))),
        min_size=scaling.maybe(scaling.number, "minNumReplicas") if scalers else size,
        max_size=scaling.maybe(scaling.number, "maxNumReplicas") if scalers else size,
        desired=size,
        traffic=_group_takes_requests(asset),
        suspended=("repairs",) if asset.text("instanceLifecyclePolicy.defaultActionOnFailure") == "DO_NOTHING" else (),
        health_check="autohealing" if asset.rows("autoHealingPolicies") else "machine state",
        machine_types=_machine_types(asset),
        tags=_labels(asset),
    )


def _scales(scaler: Asset) -> bool:
    return scaler.word("autoscalingPolicy.mode") != "OFF"


def zones_of(group: Asset) -> tuple[str, ...]:
    """The zones of a managed or unmanaged group, as far as they are told."""
    named = tuple(zone for row in group.rows("distributionPolicy.zones") for zone in zone_in(row.text("zone")))
    return tuple(sorted(named)) or zone_in(group.text("zone") or group.location)


def _group_takes_requests(asset: Asset) -> bool:
    if asset.texts("targetPools"):
        return True
    group = asset.text("instanceGroup")
    return bool(group) and any(asset.estate.naming(group, name, "backends[].group") for name in BACKENDS)


def _templates(asset: Asset) -> list[Asset]:
    names = [asset.text("instanceTemplate"), *(row.text("instanceTemplate") for row in asset.rows("versions"))]
    templates = (asset.estate.find(name, _TEMPLATE) for name in dict.fromkeys(names))
    return [template for template in templates if template is not None]


def _labels(asset: Asset) -> Mapping[str, str]:
    """Those that its machines get, for a group has none of its own: of its template, and of the settings of all machines."""
    found: dict[str, str] = {}
    for row, path in (*((template, "properties.labels") for template in _templates(asset)), (asset, _OF_ALL)):
        labels = row.maybe(row.labels, path)
        found |= {} if isinstance(labels, Unread) else labels
    return found


def _machine_types(asset: Asset) -> tuple[str, ...]:
    """Those of its templates, and those that its flexibility policy allows instead."""
    found = {kind for template in _templates(asset) if (kind := template.word("properties.machineType"))}
    selections = asset.value("instanceFlexibilityPolicy.instanceSelections")
    if isinstance(selections, dict):
        found |= {kind for row in selections.values() for kind in Row(row).texts("machineTypes")}
    return tuple(sorted(kind.rpartition("/")[2] for kind in found))


KINDS = (
    kind(MACHINE, (ComputeGroup,), _machine),
    kind(MANAGER, (ComputeGroup,), _group),
)
