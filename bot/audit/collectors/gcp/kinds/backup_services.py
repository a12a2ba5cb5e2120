"""Backup and DR, and Backup for GKE. Shapes: Backup and DR API v1, `backupPlans`, `backupPlanAssociations`, `backupVaults`;
Backup for GKE API v1, `backupPlans` and `backups`.
"""  # noqa: D205 - the first sentence names both

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.gcp.asset import Asset, newest
from bot.audit.collectors.gcp.kinds.compute import MACHINE
from bot.audit.collectors.gcp.kinds.disks import DISK, REGIONAL_DISK
from bot.audit.collectors.gcp.kinds_of import kind
from bot.audit.collectors.gcp.moments import duration_of
from checks import Backup, BackupPlan, Fact, Maybe, Unread

_ASSOCIATION: Final = "backupdr.googleapis.com/BackupPlanAssociation"
_VAULT: Final = "backupdr.googleapis.com/BackupVault"
_GKE_BACKUP: Final = "gkebackup.googleapis.com/Backup"
_PERIODS: Final = {
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(days=7),
    "MONTHLY": timedelta(days=31),
    "YEARLY": timedelta(days=366),
}
JOINED = (_VAULT, _GKE_BACKUP)


def _plan(asset: Asset) -> Iterable[Fact]:
    """A backup plan of Backup and DR with the resources that are associated with it."""
    rules = asset.rows("backupRules")
    vault = asset.estate.find(asset.text("backupVault"), _VAULT)
    associations = asset.naming_this(_ASSOCIATION, "backupPlan")
    yield asset.fact(
        BackupPlan,
        product="backupdr",
        every=min((period for rule in rules if (period := _period(rule))), default=None),
        keep_days=max((days for rule in rules if (days := rule.number("backupRetentionDays"))), default=None),
        copy_regions=_elsewhere(vault, asset.identity.region),
        copy_accounts=_other_account(vault, asset),
        selects=len(associations),
        about=tuple(name for association in associations for name in _protected(association)),
        status=asset.text("state"),
    )


def _period(rule: Row) -> timedelta | None:
    schedule = rule.row("standardSchedule")
    hours = schedule.number("hourlyFrequency")
    return timedelta(hours=hours) if hours else _PERIODS.get(schedule.text("recurrenceType"))


def _elsewhere(vault: Asset | None, region: str) -> tuple[str, ...]:
    return (vault.identity.region,) if vault and vault.identity.region != region else ()


def _other_account(vault: Asset | None, asset: Asset) -> tuple[str, ...]:
    return (vault.identity.account,) if vault and vault.identity.account != asset.identity.account else ()


def _protected(association: Asset) -> tuple[str, ...]:
    """The resource of an association; of a machine, its disks too, which are backed up with it."""
    reference = association.text("resource")
    found = association.estate.find(reference)
    if found is None:
        return (f"//{reference}",) if reference and not reference.startswith("//") else (reference,)
    if found.resource_type != MACHINE:
        return (found.identity.resource,)
    disks = [disk for name in (DISK, REGIONAL_DISK) for disk in found.naming_this(name, "users")]
    return found.identity.resource, *(disk.identity.resource for disk in disks)


def _association(asset: Asset) -> Iterable[Fact]:
    """The backups of one resource. Those in a vault with an enforced retention cannot be deleted before it ends."""
    if not asset.text("resource"):
        return
    plan = asset.estate.find(asset.text("backupPlan"), "backupdr.googleapis.com/BackupPlan")
    vault = asset.estate.find(plan.text("backupVault"), _VAULT) if plan else None
    enforced = vault.text("backupMinimumEnforcedRetentionDuration") if vault else ""
    unread = Unread("the vault of its backup plan was not listed")
    yield asset.fact(
        Backup,
        product="backupdr",
        about=_protected(asset),
        latest_at=_latest(asset.rows("rulesConfigInfo")),
        copy_regions=_elsewhere(vault, asset.identity.region) if vault else unread,
        copy_accounts=_other_account(vault, asset) if vault else unread,
        locked=bool(duration_of(enforced)) if vault else unread,
    )


def _latest(rules: Sequence[Row]) -> Maybe[datetime | None]:
    moments = [rule.maybe(rule.when, "lastSuccessfulBackupConsistencyTime") for rule in rules]
    known = [moment for moment in moments if isinstance(moment, datetime)]
    return max(known) if known else next((moment for moment in moments if isinstance(moment, Unread)), None)


def _gke_plan(asset: Asset) -> Iterable[Fact]:
    """A backup plan of a cluster, and its backups."""
    cluster = asset.estate.find(asset.text("cluster"), "container.googleapis.com/Cluster")
    about = (cluster.identity.resource,) if cluster else ()
    minutes = asset.number("backupSchedule.rpoConfig.targetRpoMinutes")
    yield asset.fact(
        BackupPlan,
        product="gkebackup",
        every=timedelta(minutes=minutes) if minutes else None,
        keep_days=asset.number("retentionPolicy.backupRetainDays"),
        selects=1,
        about=about,
        status="DISABLED" if asset.flag("deactivated") else asset.text("state"),
    )
    done = [backup for backup in asset.inside_this(_GKE_BACKUP) if backup.word("state") == "SUCCEEDED"]
    if done:
        yield asset.fact(
            Backup,
            product="gkebackup",
            resource=f"{asset.identity.resource}/backups",
            about=about,
            latest_at=newest(done, "completeTime"),
            copy_regions=_elsewhere(asset, cluster.identity.region) if cluster else (),
        )


KINDS = (
    kind("backupdr.googleapis.com/BackupPlan", (BackupPlan,), _plan),
    kind(_ASSOCIATION, (Backup,), _association),
    kind("gkebackup.googleapis.com/BackupPlan", (BackupPlan, Backup), _gke_plan),
)
