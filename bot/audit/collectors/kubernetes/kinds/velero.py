"""Schedules, backups and restores of Velero.

Source: https://velero.io/docs/main/api-types/. What they are about: the volumes and workloads of the namespaces they include.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from cronsim import CronSim, CronSimError

from bot.audit.collectors.engine.kinds import Kind
from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.kubernetes.linked import LinkedObject, linked
from checks import Backup, BackupPlan, Fact, Maybe, Rehearsal, RehearsalKind, RehearsalResult, Unread

_EVERY: Final = {"@hourly": 1, "@daily": 24, "@midnight": 24, "@weekly": 168, "@monthly": 730, "@yearly": 8766}
"""Hours between two backups of a named schedule."""
_DEFAULT_DAYS: Final = 30  # Velero's default ttl: 720h
_RESULTS: Final = {
    "Completed": RehearsalResult.SUCCEEDED,
    "Failed": RehearsalResult.FAILED,
    "PartiallyFailed": RehearsalResult.FAILED,
}


def _schedule(item: LinkedObject) -> Iterator[Fact]:
    if item.flag("spec.paused"):
        return
    template, hours = item.row("spec.template"), _hours(item.text("spec.template.ttl"))
    about = item.view.volumes_of(template)
    yield item.fact(
        BackupPlan,
        product="velero",
        about=about,
        every=_interval(item.text("spec.schedule"), item.identity.observed_at),
        keep_days=_DEFAULT_DAYS if hours is None else hours // 24,
        copy_regions=_known_regions(_elsewhere(item, template)),
        selects=len(about),
    )


def _backup(item: LinkedObject) -> Iterator[Fact]:
    """The newest completed backup of a schedule, or one made by hand, where it holds data of volumes."""
    spec = item.row("spec")
    if item.text("status.phase") != "Completed" or not _holds_volumes(spec) or not item.view.newest_backup(item):
        return
    yield item.fact(
        Backup,
        product="velero",
        about=item.view.volumes_of(spec),
        latest_at=item.when("status.completionTimestamp"),
        copy_regions=_elsewhere(item, spec),
    )


def _restore(item: LinkedObject) -> Iterator[Fact]:
    done = item.when("status.completionTimestamp")
    yield item.fact(
        Rehearsal,
        product="velero",
        about=item.view.workloads_of(item.row("spec")),
        kind=RehearsalKind.RESTORE,
        at=done or item.when("status.startTimestamp"),
        result=_RESULTS.get(item.text("status.phase"), RehearsalResult.INCONCLUSIVE),
        scope=item.text("spec.backupName") or item.text("spec.scheduleName"),
        measured_rto=done - began if done and (began := item.when("status.startTimestamp")) else None,
    )


def _holds_volumes(spec: Row) -> bool:
    return spec.flag("snapshotVolumes") is not False or bool(spec.flag("defaultVolumesToFsBackup"))


def _elsewhere(item: LinkedObject, spec: Row) -> Maybe[tuple[str, ...]]:
    """The other region that the data is stored in. Snapshots stay with their volumes unless Velero moves their data."""
    if not (spec.flag("snapshotMoveData") or spec.flag("defaultVolumesToFsBackup")):
        return ()
    unread = item.view.unread("BackupStorageLocation")
    if unread is not None:
        return unread
    region = item.view.storage_region(spec.text("storageLocation", "default"))
    return (region,) if region and region != item.identity.region else ()


def _known_regions(regions: Maybe[tuple[str, ...]]) -> tuple[str, ...]:
    return () if isinstance(regions, Unread) else regions


def _interval(schedule: str, now: datetime) -> timedelta | None:
    """The time between two runs of a cron expression, `@daily` or `@every 6h`; None where it is none of these."""
    if schedule in _EVERY:
        return timedelta(hours=_EVERY[schedule])
    if schedule.startswith("@every "):
        hours = _hours(schedule.removeprefix("@every ").strip())
        return timedelta(hours=hours) if hours else None
    try:
        runs = CronSim(schedule.removeprefix("CRON_TZ=UTC ").strip(), now)
        first, second = next(runs), next(runs)
    except (CronSimError, StopIteration):
        return None
    return second - first


def _hours(duration: str) -> int | None:
    """The whole hours of a duration of Go: `720h0m0s`."""
    hours = duration.partition("h")[0]
    return int(hours) if "h" in duration and hours.isdigit() else None


KINDS = (
    Kind("Schedule", (BackupPlan,), linked(_schedule)),
    Kind("Backup", (Backup,), linked(_backup)),
    Kind("Restore", (Rehearsal,), linked(_restore)),
)
