"""A replica protects from a lost machine; only a backup protects from a lost table. A replica repeats a wrong delete within a second.

What counts is what can be restored: recent enough for the recovery point objective (RPO), old enough for a fault
found late, and out of reach of what destroyed the original.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from checks._check import check
from checks._facts import (
    Backup,
    BackupPlan,
    Datastore,
    NotKnownError,
    ObjectStore,
    StoreKind,
    Volume,
    known,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed
from checks._nouns import named, not_primary, subject
from checks._words import counted, duration, listed

_RECENT = timedelta(days=8)
_DAILY = timedelta(hours=24)
_KEEP_DAYS = 7
_REBUILDABLE = (StoreKind.STREAM, StoreKind.SEARCH)


def _latest(store: Datastore | Volume, backups: Iterable[Backup]) -> datetime | None:
    points = [known(backup.latest_at) for backup in backups if store.resource in backup.about]
    return max((point for point in points if point), default=None)


def _own_backup(store: Datastore) -> str:
    """The backup feature of the product that is enabled, empty where none is.

    Raises:
        NotKnownError: none is known to be enabled, and not all were read.
    """
    doubt: NotKnownError | None = None
    try:
        if known(store.point_in_time_recovery):
            days = store.backup_days
            return f"PITR enabled ({counted(days, 'day')})" if isinstance(days, int) and days else "PITR enabled"
    except NotKnownError as reason:
        doubt = reason
    days = known(store.backup_days)
    if days:
        return f"automated backups ({counted(days, 'day')})"
    if doubt is not None:
        raise doubt
    return ""


@check(
    id="BK01",
    title="Primary datastore has a restorable backup",
    severity=Severity.CRITICAL,
    lesson="On 31 January 2017 GitLab deleted the data directory of its primary database by mistake. The replica was "
    "no help, the nightly dumps had failed unnoticed, and a snapshot taken by chance six hours earlier saved the "
    "rest.",
    remediation="DynamoDB: `aws dynamodb update-continuous-backups --point-in-time-recovery-specification "
    "PointInTimeRecoveryEnabled=true`; RDS: `aws rds modify-db-instance --backup-retention-period 14`; others: `aws "
    "backup create-backup-selection` in a daily plan.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/back-up-data.html",
)
def restorable_backup(_: Service, store: Datastore, backups: tuple[Backup, ...], now: datetime) -> Verdict:
    """Accept the product's own backups, or a recovery point from the last 8 days."""
    if not store.primary:
        return not_applicable(not_primary(store))
    if store.kind in _REBUILDABLE and store.backup_days is None and store.point_in_time_recovery is None:
        return not_applicable(f"{subject(store)} is rebuilt from another source and has no backup feature")
    doubt: NotKnownError | None = None
    try:
        own = _own_backup(store)
        if own:
            return passed(f"{subject(store)} has {own}")
    except NotKnownError as reason:
        doubt = reason
    latest = _latest(store, backups)
    if latest is not None and now - latest <= _RECENT:
        return passed(
            f"{subject(store)} has a recovery point of {latest:%Y-%m-%d %H:%M} UTC", latest_at=latest.isoformat()
        )
    if doubt is not None:
        raise doubt
    since = f" since {latest:%Y-%m-%d}" if latest else "; deleted or corrupted data cannot be recovered"
    return failed(f"{subject(store)} has no backup{since}", latest_at=latest.isoformat() if latest else None)


@check(
    id="BK02",
    title="Backups are frequent enough for the RPO",
    severity=Severity.HIGH,
    lesson="Restoring last night's backup at six in the evening loses a day of orders.",
    remediation="Enable continuous backup: `aws dynamodb update-continuous-backups`, a retention above 0 on RDS, "
    "`EnableContinuousBackup: true` in the AWS Backup rule.",
    docs="https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html",
)
def recovery_point(service: Service, store: Datastore, backups: tuple[Backup, ...], now: datetime) -> Verdict:
    """Compare with the service's recovery point objective (RPO). Having no backup at all is BK01."""
    target = service.rpo_target
    if not store.primary or target is None or store.kind in _REBUILDABLE:
        return not_applicable(f"{subject(store)} has no RPO to meet")
    if known(store.point_in_time_recovery):
        return passed(f"{subject(store)} has PITR enabled, which meets the RPO of {duration(target)}")
    daily = bool(known(store.backup_days))
    if daily and target >= _DAILY:
        return passed(f"{subject(store)} is backed up daily, which meets the RPO of {duration(target)}")
    latest = _latest(store, backups)
    if latest is None and not daily:
        return not_applicable(f"{subject(store)} has no backup, see BK01")
    if latest is not None and now - latest <= target:
        return passed(f"{subject(store)} was backed up at {latest:%Y-%m-%d %H:%M} UTC", latest_at=latest.isoformat())
    actual = f"its latest backup is from {latest:%Y-%m-%d %H:%M} UTC" if latest else "it is backed up once a day"
    return failed(
        f"{subject(store)} misses the RPO of {duration(target)}: {actual}", target_seconds=int(target.total_seconds())
    )


@check(
    id="BK03",
    title="Automated backups are kept for at least 7 days",
    severity=Severity.MEDIUM,
    lesson="Corruption is often found days after it happened: yesterday's backup then holds the corruption too.",
    remediation="`aws rds modify-db-instance --backup-retention-period 14`, `aws elasticache "
    "modify-replication-group --snapshot-retention-limit 14`.",
    docs="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html",
)
def kept_long_enough(_: Service, store: Datastore) -> Verdict:
    """Apply where automated backups are on."""
    days = known(store.backup_days)
    if not store.primary:
        return not_applicable(not_primary(store))
    if not days:
        return not_applicable(f"{subject(store)} has no automated backups")
    if days >= _KEEP_DAYS:
        return passed(f"{subject(store)} keeps automated backups for {days} days", days=days)
    return failed(
        f"{subject(store)} keeps automated backups for {counted(days, 'day')}; the minimum is {_KEEP_DAYS} days",
        days=days,
    )


def _copies(store: Datastore, backups: Iterable[Backup], plans: Iterable[BackupPlan]) -> tuple[set[str], set[str]]:
    """Regions and accounts that recovery points of this store are copied to."""
    regions: set[str] = set()
    accounts: set[str] = set()
    for backup in backups:
        if store.resource in backup.about:
            regions.update(known(backup.copy_regions))
            accounts.update(known(backup.copy_accounts))
    for plan in plans:
        if store.resource in plan.about:
            regions.update(plan.copy_regions)
            accounts.update(plan.copy_accounts)
    return regions - {store.region}, accounts - {store.account}


@check(
    id="BK04",
    title="Datastore without a replica in another region has a cross-region backup copy",
    severity=Severity.HIGH,
    lesson="Backups in the failed region are as unavailable as the data itself: in October 2025 for 15 hours.",
    remediation="Add a copy action to the plan's rule (`aws backup update-backup-plan`, `CopyActions` to a vault in "
    "another region); RDS: `aws rds start-db-instance-automated-backups-replication`.",
    docs="https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-region-backup.html",
)
def backup_elsewhere(
    _: Service, store: Datastore, backups: tuple[Backup, ...], plans: tuple[BackupPlan, ...]
) -> Verdict:
    """Apply to datastores without a replica in another region."""
    if not store.primary:
        return not_applicable(not_primary(store))
    if store.kind in _REBUILDABLE:
        return not_applicable(f"{subject(store)} is rebuilt from another source")
    if known(store.replica_regions):
        return not_applicable(f"{subject(store)} has a replica in another region")
    regions, _accounts = _copies(store, backups, plans)
    if regions:
        return passed(f"Backups of {named(store)} are copied to {listed(regions)}")
    return failed(
        f"{subject(store)} has no backup copy outside {store.region}; losing that region loses data and backups",
        region=store.region,
    )


@check(
    id="BK05",
    title="Backups are copied to another account",
    severity=Severity.MEDIUM,
    lesson="In June 2014 Code Spaces went out of business within twelve hours: an attacker with access to its one "
    "AWS account deleted the machines, the volumes and the backups.",
    remediation="Copy to a vault in a separate backup account (`aws backup update-backup-plan`) with a vault lock "
    "(`aws backup put-backup-vault-lock-configuration`).",
    docs="https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html",
)
def other_account(_: Service, store: Datastore, backups: tuple[Backup, ...], plans: tuple[BackupPlan, ...]) -> Verdict:
    """Apply where backups are copied at all."""
    if not store.primary:
        return not_applicable(not_primary(store))
    regions, accounts = _copies(store, backups, plans)
    if accounts:
        return passed(f"Backups of {named(store)} are copied to account {listed(accounts)}")
    if not regions:
        return not_applicable(f"Backups of {named(store)} are not copied, see BK04")
    return failed(
        f"All backups of {named(store)} are in its own account; one compromised account can delete data and backups"
    )


@check(
    id="BK06",
    title="Attached volume has a snapshot from the last 8 days",
    severity=Severity.MEDIUM,
    lesson="When power returned to use1-az4 in December 2021 some volumes were damaged; only those with a snapshot "
    "could be restored.",
    remediation="Create a daily schedule over a tag with `aws dlm create-lifecycle-policy`, or add the volume to an "
    "AWS Backup plan.",
    docs="https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-lifecycle.html",
)
def volume_snapshots(_: Service, volume: Volume, backups: tuple[Backup, ...], now: datetime) -> Verdict:
    """Accept snapshots, or recovery points of a backup plan."""
    if not volume.attached_to:
        return not_applicable(f"{subject(volume)} is not attached")
    own = known(volume.last_snapshot_at)
    if own is not None and now - own <= _RECENT:
        return passed(f"{subject(volume)} has a snapshot from {own:%Y-%m-%d}", last_snapshot_at=own.isoformat())
    latest = _latest(volume, backups)
    if latest is not None and now - latest <= _RECENT:
        return passed(f"{subject(volume)} has a recovery point from {latest:%Y-%m-%d}", latest_at=latest.isoformat())
    last = max((at for at in (own, latest) if at), default=None)
    newest = f"; the latest is from {last:%Y-%m-%d}" if last else ""
    return failed(f"{subject(volume)} has no snapshot from the last {_RECENT.days} days{newest}")


@check(
    id="BK07",
    title="Object store has versioning enabled",
    severity=Severity.MEDIUM,
    lesson="Without versioning an overwritten or deleted object is gone at once, in every region it is replicated to.",
    remediation="Enable versioning: `aws s3api put-bucket-versioning --versioning-configuration Status=Enabled`, "
    "with a lifecycle rule that expires old versions.",
    docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
)
def versions_kept(_: Service, bucket: ObjectStore) -> Verdict:
    """Judge the bucket's versioning setting."""
    if known(bucket.versioning):
        return passed(f"{subject(bucket)} has versioning enabled")
    return failed(f"Objects deleted from {named(bucket)} cannot be recovered (versioning off)")
