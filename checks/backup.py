"""A replica protects from a lost machine; only a backup protects from a lost table. A replica repeats a wrong delete within a second.

What counts is what can be restored: recent enough for the recovery point objective (RPO), old enough for a fault
found late, and out of reach of what destroyed the original.
"""

import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from checks._backup_copies import copy_accounts, copy_regions, locked
from checks._check import check
from checks._facts import (
    Backup,
    BackupPlan,
    Datastore,
    Maybe,
    NotKnownError,
    ObjectStore,
    StoreKind,
    Unread,
    Volume,
    known,
    settling,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed
from checks._nouns import holds_no_data, named, not_primary, subject
from checks._places import region_of
from checks._words import counted, duration, listed

_RECENT = timedelta(days=8)
_DAILY = timedelta(hours=24)
_KEEP_DAYS = 7


def _points(store: Datastore | Volume, backups: Iterable[Backup]) -> Iterator[Maybe[datetime | None]]:
    yield store.last_snapshot_at
    for backup in backups:
        if store.resource in backup.about:
            yield backup.latest_at


def _latest(store: Datastore | Volume, backups: Iterable[Backup]) -> datetime | None:
    points = [known(point) for point in _points(store, backups)]
    return max((point for point in points if point), default=None)


def _recent(points: Iterable[Maybe[datetime | None]], now: datetime, age: timedelta = _RECENT) -> datetime | None:
    """A recovery point of at most this age, None where there is none. One that cannot be read hides no other."""
    return settling(at if isinstance(at, Unread) or (at and now - at <= age) else None for at in points)


def _own_backup(store: Datastore) -> str:
    """The backup feature of the product that is enabled, empty where none is.

    Raises:
        NotKnownError: none is known to be enabled, and not all were read.
    """
    days, pitr = store.backup_days, store.point_in_time_recovery
    for_days = f" ({counted(days, 'day')})" if isinstance(days, int) and days else ""
    ways = (
        pitr if isinstance(pitr, Unread) else f"PITR enabled{for_days}" if pitr else "",
        days if isinstance(days, Unread) else f"automated backups{for_days}" if days else "",
    )
    return settling(ways) or ""


def _replica_with_backup(
    store: Datastore, stores: Iterable[Datastore], backups: Iterable[Backup], now: datetime
) -> Datastore | None:
    """Another of several equal replicas (a table of a global table) that has a backup."""
    regions = known(store.replica_regions)

    def backed_up(other: Datastore) -> Maybe[Datastore | None]:
        equal = (other.product, other.name) == (store.product, store.name) and other.region in regions
        try:
            mutual = equal and not other.replica_of and store.region in known(other.replica_regions)
            return other if mutual and (_own_backup(other) or _recent(_points(other, backups), now)) else None
        except NotKnownError as reason:
            return Unread(str(reason))

    return settling(backed_up(other) for other in stores) if regions else None


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
def restorable_backup(
    _: Service, store: Datastore, backups: tuple[Backup, ...], stores: tuple[Datastore, ...], now: datetime
) -> Verdict:
    """Accept the product's own backups, a recovery point from the last 8 days, or a backup of another of equal replicas."""
    if not store.primary or (
        not store.holds_data and store.backup_days is None and store.point_in_time_recovery is None
    ):
        return not_applicable(holds_no_data(store))
    doubt: NotKnownError | None = None
    try:
        own = _own_backup(store)
        if own:
            return passed(f"{subject(store)} has {own}")
    except NotKnownError as reason:
        doubt = reason
    recent = _recent(_points(store, backups), now)
    if recent:
        return passed(
            f"{subject(store)} has a recovery point of {recent:%Y-%m-%d %H:%M} UTC", latest_at=recent.isoformat()
        )
    if doubt is not None:
        raise doubt
    latest = _latest(store, backups)
    replica = _replica_with_backup(store, stores, backups, now)
    if replica is not None:
        return not_applicable(f"{subject(store)} is a replica of the one in {replica.region}, which has a backup")
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
    if not store.holds_data or target is None:
        return not_applicable(f"{subject(store)} has no RPO to meet")
    pitr, days = store.point_in_time_recovery, store.backup_days
    if pitr is True:
        return passed(f"{subject(store)} has PITR enabled, which meets the RPO of {duration(target)}")
    if days and not isinstance(days, Unread) and target >= _DAILY:
        return passed(f"{subject(store)} is backed up daily, which meets the RPO of {duration(target)}")
    own_unread = (read for read in (pitr, days) if isinstance(read, Unread))
    recent = _recent(itertools.chain(own_unread, _points(store, backups)), now, target)
    if recent:
        return passed(f"{subject(store)} was backed up at {recent:%Y-%m-%d %H:%M} UTC", latest_at=recent.isoformat())
    latest = _latest(store, backups)
    if latest is None and not days:
        return not_applicable(f"{subject(store)} has no backup, see BK01")
    actual = f"its latest backup is from {latest:%Y-%m-%d %H:%M} UTC" if latest else "it is backed up once a day"
    return failed(
        f"{subject(store)} misses the RPO of {duration(target)}: {actual}", target_seconds=int(target.total_seconds())
    )


@check(
    id="BK03",
    title="Automated backups are kept for at least 7 days",
    severity=Severity.MEDIUM,
    lesson="Corruption is often found days after it happened: yesterday's backup then holds the corruption too.",
    remediation="`aws rds modify-db-instance --backup-retention-period 14`, `aws rds modify-db-cluster "
    "--backup-retention-period 14`, `aws elasticache modify-replication-group --snapshot-retention-limit 14`, `aws "
    "memorydb update-cluster --snapshot-retention-limit 14`, `aws redshift modify-cluster "
    "--automated-snapshot-retention-period 14`.",
    docs="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html",
)
def kept_long_enough(_: Service, store: Datastore) -> Verdict:
    """Apply where automated backups are on."""
    if not store.primary:
        return not_applicable(not_primary(store))
    days = known(store.backup_days)
    if not days:
        return not_applicable(f"{subject(store)} has no automated backups")
    if days >= _KEEP_DAYS:
        return passed(f"{subject(store)} keeps automated backups for {counted(days, 'day')}", days=days)
    return failed(
        f"{subject(store)} keeps automated backups for {counted(days, 'day')}; the minimum is {_KEEP_DAYS} days",
        days=days,
    )


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
    if not store.holds_data:
        return not_applicable(holds_no_data(store))
    replicas = store.replica_regions
    if replicas and not isinstance(replicas, Unread):
        return not_applicable(f"{subject(store)} has a replica in another region")
    doubt = [replicas] if isinstance(replicas, Unread) else []
    regions = settling(itertools.chain(doubt, copy_regions(store, backups, plans)))
    if regions:
        return passed(f"Backups of {named(store)} are copied to {listed(regions)}")
    return failed(
        f"{subject(store)} has no backup copy outside {region_of(store)}; losing that region loses data and backups",
        region=store.region,
    )


@check(
    id="BK05",
    title="Backups are copied to another account or locked",
    severity=Severity.MEDIUM,
    lesson="In June 2014 Code Spaces went out of business within twelve hours: an attacker with access to its one "
    "AWS account deleted the machines, the volumes and the backups.",
    remediation="Copy to a vault in a separate backup account (`aws backup update-backup-plan`), or lock the vault in "
    "compliance mode (`aws backup put-backup-vault-lock-configuration --changeable-for-days 3`).",
    docs="https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html",
)
def other_account(_: Service, store: Datastore, backups: tuple[Backup, ...], plans: tuple[BackupPlan, ...]) -> Verdict:
    """Apply where backups are copied at all."""
    if not store.primary:
        return not_applicable(not_primary(store))
    doubt: NotKnownError | None = None
    try:
        accounts = settling(copy_accounts(store, backups, plans))
        if accounts:
            return passed(f"Backups of {named(store)} are copied to account {listed(accounts)}")
    except NotKnownError as reason:
        doubt = reason
    if settling(locked(store, backups)):
        return passed(f"Backups of {named(store)} are in a locked vault, from which nobody can delete them early")
    if doubt is not None:
        raise doubt
    if not settling(copy_regions(store, backups, plans)):
        return not_applicable(f"Backups of {named(store)} are not copied, see BK04")
    return failed(
        f"All backups of {named(store)} are in its own account; one compromised account can delete data and backups"
    )


@check(
    id="BK06",
    title="Attached volume has a snapshot from the last 8 days",
    severity=Severity.MEDIUM,
    lesson="When power returned to use1-az4 in December 2021 some volumes were damaged; only those with a snapshot "
    "could be restored. The root volume of a machine that is replaced when it fails needs none: its replacement gets a new "
    "one from the image.",
    remediation="Create a daily schedule over a tag with `aws dlm create-lifecycle-policy`, or add the volume to an "
    "AWS Backup plan; a Storage Gateway volume: `aws storagegateway update-snapshot-schedule`.",
    docs="https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-lifecycle.html",
)
def volume_snapshots(_: Service, volume: Volume, backups: tuple[Backup, ...], now: datetime) -> Verdict:
    """Accept snapshots, or recovery points of a backup plan."""
    if not volume.attached_to:
        return not_applicable(f"{subject(volume)} is not attached")
    if volume.disposable is True:
        return not_applicable(f"{subject(volume)} is replaced together with its machine")
    own = volume.last_snapshot_at
    if own and not isinstance(own, Unread) and now - own <= _RECENT:
        return passed(f"{subject(volume)} has a snapshot from {own:%Y-%m-%d}", last_snapshot_at=own.isoformat())
    recent = _recent(_points(volume, backups), now)
    if recent:
        return passed(f"{subject(volume)} has a recovery point from {recent:%Y-%m-%d}", latest_at=recent.isoformat())
    known(volume.disposable)
    last = _latest(volume, backups)
    newest = f"; the latest is from {last:%Y-%m-%d}" if last else ""
    return failed(f"{subject(volume)} has no snapshot from the last {_RECENT.days} days{newest}")


@check(
    id="BK07",
    title="Object store has versioning or soft delete enabled",
    severity=Severity.MEDIUM,
    lesson="Without versioning an overwritten or deleted object is gone at once, in every region it is replicated to.",
    remediation="Enable versioning: `aws s3api put-bucket-versioning --versioning-configuration Status=Enabled`, "
    "with a lifecycle rule that expires old versions.",
    docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
)
def versions_kept(_: Service, bucket: ObjectStore) -> Verdict:
    """Accept versions, or soft delete, which keeps deleted and overwritten objects too."""
    if bucket.versioning is True:
        return passed(f"{subject(bucket)} has versioning enabled")
    days = bucket.soft_delete_days
    if days and not isinstance(days, Unread):
        return passed(f"{subject(bucket)} keeps deleted objects for {counted(days, 'day')} (soft delete)", days=days)
    known(bucket.versioning)
    off = "versioning off" if known(days) is None else "versioning and soft delete off"
    return failed(f"Objects deleted from {named(bucket)} cannot be recovered ({off})")


@check(
    id="BK08",
    title="Cache that never evicts keys has automatic snapshots",
    severity=Severity.LOW,
    lesson="A cache set to refuse writes when it is full holds what cannot be fetched again: sessions, carts, locks, queued "
    "jobs. Without snapshots the loss of its nodes, or one FLUSHALL, is final.",
    remediation="Run `aws elasticache modify-replication-group --snapshot-retention-limit 7`, and move data that may not "
    "lose a write to MemoryDB; or let the cache evict: `maxmemory-policy` of its parameter group.",
    docs="https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-automatic.html",
)
def kept_cache(_: Service, store: Datastore) -> Verdict:
    """Apply to caches that are known to keep every key; whether another store has the same data is not visible."""
    if store.kind is not StoreKind.CACHE or store.replica_of:
        return not_applicable(f"{subject(store)} is not a primary cache")
    evicts = known(store.evicts)
    if evicts is None or evicts:
        return not_applicable(f"{subject(store)} is a cache that may drop keys, so it is filled again from elsewhere")
    days = known(store.backup_days)
    if days:
        return passed(f"{subject(store)} keeps automatic snapshots for {counted(days, 'day')}", days=days)
    return failed(f"{subject(store)} never evicts keys and has no automatic snapshots; keys that only it has are lost")
