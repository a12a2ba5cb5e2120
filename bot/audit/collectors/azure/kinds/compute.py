"""Virtual machines, scale sets and managed disks (REST references of Microsoft.Compute; Resource Graph adds `extended`)."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource, texts_at
from bot.audit.collectors.azure.kinds_of import kind
from bot.audit.collectors.azure.scaling import limits_of
from checks import ComputeGroup, ComputeKind, Fact, Maybe, Unread, Volume

_INSTANCES: Final = "microsoft.compute/virtualmachinescalesets/virtualmachines"
_VIEW: Final = "properties.extended.instanceView.powerState"
_POOLS: Final = ("loadBalancerBackendAddressPools[].id", "applicationGatewayBackendAddressPools[].id")
_NIC: Final = (
    "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties.ipConfigurations"
)
_SNAPSHOT: Final = "microsoft.compute/snapshots"


def _state(machine: AzureResource) -> str:
    """`VM running`, `VM deallocated`; empty where the answer does not tell it, as those of Azure Resource Manager do not."""
    code = machine.text(f"{_VIEW}.code") or next(
        (
            row.text("code")
            for row in machine.rows("properties.instanceView.statuses")
            if "PowerState" in row.text("code")
        ),
        "",
    )
    return machine.text(f"{_VIEW}.displayStatus") or code


def _running(state: str) -> bool | None:
    return state.lower().rpartition(" ")[2].rpartition("/")[2] == "running" if state else None


def _machine(machine: AzureResource) -> Iterable[Fact]:
    """A machine that nothing replaces: one of a scale set is a part of the scale set's fact."""
    if machine.told("properties.virtualMachineScaleSet.id"):
        return
    zones, state = machine.zones, _state(machine)
    running = _running(state)
    size = machine.text("properties.hardwareProfile.vmSize")
    yield machine.fact(
        ComputeGroup,
        product="virtualmachines",
        kind=ComputeKind.MACHINE,
        status=state or machine.text("properties.provisioningState"),
        zones=zones,
        zones_in_use=zones if running else (),
        desired=1,
        running=None if running is None else int(running),
        traffic=_behind_balancer(machine),
        machine_types=(size,) if size else (),
        deletion_protection=machine.locked,
    )


def _behind_balancer(machine: AzureResource) -> bool | None:
    """Whether a network interface of a machine is in a pool of a load balancer; None where none of them was read."""
    own = machine.linked("properties.networkProfile.networkInterfaces[].id", "microsoft.network/networkinterfaces")
    if not own:
        return None
    return any(nic.ids(f"properties.ipConfigurations[].properties.{pool}") for nic in own for pool in _POOLS)


def _scale_set(group: AzureResource) -> Iterable[Fact]:
    """A scale set in the zones that it names; without any, Azure puts it in one place of its region."""
    zones = group.zones
    members = [*group.children(_INSTANCES), *group.naming_this("microsoft.compute/virtualmachines", _SET)]
    states = [_running(_state(member)) for member in members]
    size = group.maybe(group.number, "sku.capacity")
    desired = None if isinstance(size, Unread) else size
    least, most = limits_of(group, desired)
    used = {
        zone for member, running in zip(members, states, strict=True) if running is not False for zone in member.zones
    }
    repairs = group.flag("properties.automaticRepairsPolicy.enabled")
    policy = group.flag("properties.upgradePolicy.automaticOSUpgradePolicy.enableAutomaticOSUpgrade")
    sizes = texts_at(group, "properties.skuProfile.vmSizes[].name") or group.texts("sku.name")
    yield group.fact(
        ComputeGroup,
        product="virtualmachinescalesets",
        kind=ComputeKind.MACHINE_GROUP,
        status=group.text("properties.provisioningState"),
        zones=zones,
        zones_in_use=tuple(sorted(used)),
        zone_redundant=len(zones) > 1,
        one_zone=not zones,
        min_size=least,
        max_size=most,
        desired=desired,
        running=sum(running is not False for running in states) if members else None,
        traffic=any(group.ids(f"{_NIC}[].properties.{pool}") for pool in _POOLS),
        health_check="repairs" if repairs else "machine state",
        suspended=_REPAIRS if repairs else None,
        machine_types=tuple(sorted(set(sizes))),
        automatic_rollback=not group.flag(_NO_ROLLBACK) if policy else None,
        deletion_protection=group.locked,
    )


_REPAIRS: Final = Unread("whether automatic repairs are suspended is in the instance view, which is not read")
_SET: Final = "properties.virtualMachineScaleSet.id"
_NO_ROLLBACK: Final = "properties.upgradePolicy.automaticOSUpgradePolicy.disableAutomaticRollback"


def _disk(disk: AzureResource) -> Iterable[Fact]:
    """A managed disk; one with zone-redundant storage is bound to no zone."""
    owner = disk.text("managedBy").lower()
    zones = disk.zones
    snapshots = disk.naming_this(_SNAPSHOT, "properties.creationData.sourceResourceId")
    taken = [found for snapshot in snapshots if (found := snapshot.when("properties.timeCreated"))]
    yield disk.fact(
        Volume,
        product="disks",
        status=disk.text("properties.diskState"),
        zone=zones[0] if len(zones) == 1 else "",
        zone_redundant=_in_several_zones(disk),
        size_gib=disk.number("properties.diskSizeGB") or 0,
        attached_to=owner,
        disposable="/virtualmachinescalesets/" in owner,
        last_snapshot_at=max(taken, default=None),
        about=(owner,) if owner else (),
        encryption_key=disk.text("properties.encryption.diskEncryptionSetId").lower(),
    )


def _in_several_zones(disk: AzureResource) -> Maybe[bool | None]:
    """Whether a disk has copies in several zones; Ultra disks and Premium SSD v2 cannot ("Redundancy options for managed disks")."""
    kind_of = disk.text("sku.name").lower()
    if not kind_of:
        return disk.missing("sku.name")
    return None if kind_of.startswith(("ultrassd", "premiumv2")) else kind_of.endswith("_zrs")


KINDS = (
    kind("Microsoft.Compute/virtualMachines", (ComputeGroup,), _machine),
    kind("Microsoft.Compute/virtualMachineScaleSets", (ComputeGroup,), _scale_set),
    kind("Microsoft.Compute/disks", (Volume,), _disk),
)
