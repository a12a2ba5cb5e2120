"""Disks, their snapshots and snapshot schedules. Shapes: Compute Engine API v1, `disks`, `snapshots`, `resourcePolicies`."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from bot.audit.collectors.engine.google_places import region_of, zone_in
from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.audit.collectors.gcp.asset import Asset, key_of, path_of
from bot.audit.collectors.gcp.kinds.compute import MACHINE, manager_of
from bot.audit.collectors.gcp.kinds_of import kind
from checks import BackupPlan, Fact, Maybe, Unread, Volume

DISK: Final = "compute.googleapis.com/Disk"
REGIONAL_DISK: Final = "compute.googleapis.com/RegionDisk"
_SNAPSHOT: Final = "compute.googleapis.com/Snapshot"
_WEEK: Final = timedelta(days=7)
JOINED = (_SNAPSHOT,)


def _disk(asset: Asset) -> Iterable[Fact]:
    """A persistent disk. A regional one is in two zones, so that no one zone takes it away: its `zone` is empty."""
    zone = () if asset.texts("replicaZones") else zone_in(asset.text("zone") or asset.location)
    users = asset.texts("users")
    machines = tuple(f"//compute.googleapis.com/{path_of(user)}" for user in users)
    yield asset.fact(
        Volume,
        product="persistent-disk",
        zone=zone[0] if zone else "",
        zone_redundant=_in_several_zones(asset),
        size_gib=asset.number("sizeGb") or 0,
        attached_to=machines[0] if machines else "",
        disposable=_disposable(asset, users),
        last_snapshot_at=asset.newest(_SNAPSHOT, "sourceDisk", "creationTimestamp"),
        about=machines,
        encryption_key=key_of(asset.text("diskEncryptionKey.kmsKeyName")),
        status=asset.text("status"),
    )


def _in_several_zones(asset: Asset) -> bool | None:
    """Whether it is a regional disk; Extreme disks are zonal alone ("About regional persistent disk")."""
    several = bool(asset.texts("replicaZones")) or asset.resource_type == REGIONAL_DISK
    return None if not several and asset.text("type").endswith("-extreme") else several


def _disposable(asset: Asset, users: Sequence[str]) -> Maybe[bool]:
    try:
        return any(_goes_with(asset, user) for user in users)
    except OddFieldError as error:
        return Unread(f"its machine is odd: {error}")


def _goes_with(disk: Asset, user: str) -> bool:
    """Whether a managed group replaces the machine, and the disk is deleted with it."""
    machine = disk.estate.find(user, MACHINE)
    if machine is None or not manager_of(machine):
        return False
    own = (row for row in machine.rows("disks") if disk.estate.path(row.text("source")) == disk.path)
    return any(bool(row.flag("autoDelete")) for row in own)


def _schedule(asset: Asset) -> Iterable[Fact]:
    """A snapshot schedule with the disks that use it. Other resource policies make no backups."""
    if asset.value("snapshotSchedulePolicy") is None:
        return
    policy, region = asset.row("snapshotSchedulePolicy"), asset.identity.region
    disks = [disk for name in (DISK, REGIONAL_DISK) for disk in asset.naming_this(name, "resourcePolicies")]
    places = policy.texts("snapshotProperties.storageLocations")
    yield asset.fact(
        BackupPlan,
        product="persistent-disk",
        every=_interval(policy.row("schedule")),
        keep_days=policy.number("retentionPolicy.maxRetentionDays"),
        copy_regions=tuple(sorted(place.lower() for place in places if region_of(place) != region)),
        selects=len(disks),
        about=tuple(sorted(disk.identity.resource for disk in disks)),
        status=asset.text("status"),
    )


def _interval(schedule: Row) -> timedelta | None:
    hours, days = schedule.number("hourlySchedule.hoursInCycle"), schedule.number("dailySchedule.daysInCycle")
    if hours:
        return timedelta(hours=hours)
    if days:
        return timedelta(days=days)
    weekly = schedule.rows("weeklySchedule.dayOfWeeks")
    return _WEEK / len(weekly) if weekly else None


KINDS = (
    kind(DISK, (Volume,), _disk),
    kind(REGIONAL_DISK, (Volume,), _disk),
    kind("compute.googleapis.com/ResourcePolicy", (BackupPlan,), _schedule),
)
