"""A copy protects from a lost machine; only a backup protects from a lost table. A replica repeats the mistake within a second.

What counts is what can be restored: recent enough for the recovery point, old enough for a fault found late, and out of
reach of what destroyed the original.
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
from checks._words import counted, listed, span

_RECENT = timedelta(days=8)
_DAILY = timedelta(hours=24)
_KEEP_DAYS = 7
_REBUILDABLE = (StoreKind.STREAM, StoreKind.SEARCH)


def _latest(store: Datastore | Volume, backups: Iterable[Backup]) -> datetime | None:
    points = [known(backup.latest_at) for backup in backups if store.resource in backup.about]
    return max((point for point in points if point), default=None)


def _makes_its_own(store: Datastore) -> str:
    """What backup the product makes, empty where it makes none.

    Raises:
        NotKnownError: none was seen, and not all could be read.
    """
    doubt: NotKnownError | None = None
    try:
        if known(store.point_in_time_recovery):
            return "it can go back to any moment"
    except NotKnownError as reason:
        doubt = reason
    days = known(store.backup_days)
    if days:
        return f"automatic backups are kept for {days} days"
    if doubt is not None:
        raise doubt
    return ""


@check(
    id="BK01",
    title="Each primary datastore has a backup that can be restored",
    severity=Severity.CRITICAL,
    lesson="On 31 January 2017 the data directory of GitLab's primary database was removed by hand; its replica was no "
    "help, the nightly dumps had failed unseen, and a snapshot taken by chance six hours before saved the rest.",
    remediation="DynamoDB: `aws dynamodb update-continuous-backups --point-in-time-recovery-specification "
    "PointInTimeRecoveryEnabled=true`; RDS: `aws rds modify-db-instance --backup-retention-period 14`; others: "
    "`aws backup create-backup-selection` in a daily plan.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/back-up-data.html",
)
def restorable_backup(service: Service, store: Datastore, backups: tuple[Backup, ...], now: datetime) -> Verdict:
    """The product's own backups, or a recovery point of the last week."""
    if not store.primary:
        return not_applicable(f"{store.name} holds no data of its own")
    if store.kind in _REBUILDABLE and store.backup_days is None and store.point_in_time_recovery is None:
        return not_applicable(f"{store.name} is filled from elsewhere and its product keeps no backups")
    doubt: NotKnownError | None = None
    try:
        own = _makes_its_own(store)
        if own:
            return passed(f"{store.name} can be restored: {own}")
    except NotKnownError as reason:
        doubt = reason
    latest = _latest(store, backups)
    if latest is not None and now - latest <= _RECENT:
        return passed(f"{store.name} can be restored to {latest:%Y-%m-%d %H:%M} UTC", latest_at=latest.isoformat())
    if doubt is not None:
        raise doubt
    since = f" since {latest:%Y-%m-%d}" if latest else ""
    return failed(
        f"{store.name} of {service.name} has no backup{since}", latest_at=latest.isoformat() if latest else None
    )


@check(
    id="BK02",
    title="Backups are frequent enough for the recovery point",
    severity=Severity.HIGH,
    lesson="A nightly backup restored at six in the evening loses a day of orders, and nobody had been told that this was "
    "the deal.",
    remediation="Turn continuous backup on: `aws dynamodb update-continuous-backups`, a retention above 0 on RDS, "
    "`EnableContinuousBackup: true` in the AWS Backup rule.",
    docs="https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html",
)
def recovery_point(service: Service, store: Datastore, backups: tuple[Backup, ...], now: datetime) -> Verdict:
    """Against the service's recovery point objective. No backup at all is asked apart."""
    target = service.rpo_target
    if not store.primary or target is None or store.kind in _REBUILDABLE:
        return not_applicable(f"{store.name} has no recovery point to meet")
    if known(store.point_in_time_recovery):
        return passed(f"{store.name} can go back to any moment")
    daily = bool(known(store.backup_days))
    if daily and target >= _DAILY:
        return passed(f"{store.name} is backed up every day")
    latest = _latest(store, backups)
    if latest is None and not daily:
        return not_applicable(f"{store.name} has no backup to judge the age of")
    if latest is not None and now - latest <= target:
        return passed(f"{store.name} was backed up at {latest:%Y-%m-%d %H:%M} UTC", latest_at=latest.isoformat())
    have = f"its newest backup is of {latest:%Y-%m-%d %H:%M} UTC" if latest else "it is backed up once a day"
    return failed(
        f"{store.name} may lose {span(target)} of data, but {have}", target_seconds=int(target.total_seconds())
    )


@check(
    id="BK03",
    title="Backups are kept for at least a week",
    severity=Severity.MEDIUM,
    lesson="Corruption is often found on Monday and made on Thursday: a backup of yesterday then holds the corruption.",
    remediation="`aws rds modify-db-instance --backup-retention-period 14`, "
    "`aws elasticache modify-replication-group --snapshot-retention-limit 14`.",
    docs="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html",
)
def kept_long_enough(service: Service, store: Datastore) -> Verdict:
    """Automatic backups that are on."""
    days = known(store.backup_days)
    if not store.primary or not days:
        return not_applicable(f"{store.name} makes no automatic backups")
    if days >= _KEEP_DAYS:
        return passed(f"Backups of {store.name} are kept for {days} days", days=days)
    return failed(f"Backups of {store.name} of {service.name} are gone after {counted(days, 'day')}", days=days)


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
    title="Data without a live copy elsewhere has a backup in another region",
    severity=Severity.HIGH,
    lesson="Backups in the region that is lost are as far away as the data itself; in October 2025 they were for 15 hours.",
    remediation="A copy action in the plan's rule (`aws backup update-backup-plan`, `CopyActions` to a vault in another "
    "region); RDS: `aws rds start-db-instance-automated-backups-replication`.",
    docs="https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-region-backup.html",
)
def backup_elsewhere(
    service: Service, store: Datastore, backups: tuple[Backup, ...], plans: tuple[BackupPlan, ...]
) -> Verdict:
    """A live copy answers the loss of a region already."""
    if not store.primary or store.kind in _REBUILDABLE:
        return not_applicable(f"{store.name} holds no data of its own")
    if known(store.replica_regions):
        return not_applicable(f"{store.name} has a live copy in another region")
    regions, _ = _copies(store, backups, plans)
    if regions:
        return passed(f"Backups of {store.name} are copied to {listed(regions)}")
    return failed(f"No backup of {store.name} of {service.name} leaves {store.region}", region=store.region)


@check(
    id="BK05",
    title="Copied backups are out of reach of the account that they protect",
    severity=Severity.MEDIUM,
    lesson="Code Spaces ended in June 2014 within twelve hours: whoever held its one account deleted the machines, the "
    "volumes and the backups.",
    remediation="Copy to a vault of another account (`aws backup update-backup-plan`, destination in a backup account) "
    "under a vault lock (`aws backup put-backup-vault-lock-configuration`).",
    docs="https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html",
)
def other_account(
    service: Service, store: Datastore, backups: tuple[Backup, ...], plans: tuple[BackupPlan, ...]
) -> Verdict:
    """Asked where backups are copied at all."""
    if not store.primary:
        return not_applicable(f"{store.name} holds no data of its own")
    regions, accounts = _copies(store, backups, plans)
    if accounts:
        return passed(f"Backups of {store.name} are copied to the account {listed(accounts)}")
    if not regions:
        return not_applicable(f"No backup of {store.name} is copied anywhere yet")
    return failed(f"Whoever holds the account of {service.name} can delete {store.name} and all its backups")


@check(
    id="BK06",
    title="Attached volumes have a snapshot of the last week",
    severity=Severity.MEDIUM,
    lesson="When power came back to use1-az4 in December 2021 some volumes did not: they had to be restored, by those who "
    "could.",
    remediation="`aws dlm create-lifecycle-policy` with a daily schedule over a tag, or the volume in an AWS Backup plan.",
    docs="https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-lifecycle.html",
)
def volume_snapshots(service: Service, volume: Volume, backups: tuple[Backup, ...], now: datetime) -> Verdict:
    """Snapshots, or recovery points of a backup plan."""
    if not volume.attached_to:
        return not_applicable(f"{volume.name} is attached to nothing")
    own = known(volume.last_snapshot_at)
    if own is not None and now - own <= _RECENT:
        return passed(f"{volume.name} has a snapshot of {own:%Y-%m-%d}", last_snapshot_at=own.isoformat())
    latest = _latest(volume, backups)
    if latest is not None and now - latest <= _RECENT:
        return passed(f"{volume.name} has a recovery point of {latest:%Y-%m-%d}", latest_at=latest.isoformat())
    last = max((at for at in (own, latest) if at), default=None)
    told = f"; the newest is of {last:%Y-%m-%d}" if last else ""
    return failed(f"{volume.name} of {service.name} has no snapshot of the last week{told}")


@check(
    id="BK07",
    title="Object stores keep earlier versions",
    severity=Severity.MEDIUM,
    lesson="Without versions an overwritten or deleted object is gone at once, in every region that it is replicated to.",
    remediation="`aws s3api put-bucket-versioning --versioning-configuration Status=Enabled`, with a lifecycle rule that "
    "ends old versions.",
    docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
)
def versions_kept(service: Service, bucket: ObjectStore) -> Verdict:
    """Versioning on the bucket."""
    if known(bucket.versioning):
        return passed(f"{bucket.name} keeps earlier versions")
    return failed(f"What is deleted from {bucket.name} of {service.name} is gone")
