from datetime import timedelta
from typing import Any

import pytest
from support.builders.facts import (
    ACCOUNT,
    HOME,
    backup,
    backup_plan,
    datastore,
    days_ago,
    gap,
    object_store,
    service,
    volume,
)
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, about, case

from checks import Backup, BackupPlan, Datastore, ObjectStore, StoreKind, Unread, Volume

UNREAD = Unread("access denied to test:Describe")
BARE = datastore(backup_days=0, point_in_time_recovery=False, replica_regions=())
NIGHTLY = datastore(backup_days=7, point_in_time_recovery=False)
DISK = volume(last_snapshot_at=None)


def cache(**fields: Any) -> Datastore:
    return datastore(kind=StoreKind.CACHE, **fields)


CASES = [
    case("BK01", PASS, datastore()),
    case("BK01", PASS, NIGHTLY, says="7 days"),
    case("BK01", PASS, datastore(backup_days=None, point_in_time_recovery=True)),
    case("BK01", PASS, datastore(backup_days=7, point_in_time_recovery=UNREAD)),
    case("BK01", PASS, BARE, backup(about=about(BARE)), says="2026-11-22"),
    case("BK01", FAIL, BARE, says="RDS instance orders has no backup"),
    case("BK01", FAIL, BARE, backup(about=("arn:other",))),
    case("BK01", FAIL, BARE, backup(about=about(BARE), latest_at=days_ago(40)), says="since 2026-10-14"),
    case("BK01", FAIL, datastore(backup_days=None, point_in_time_recovery=None)),
    case(
        "BK01",
        NOT_APPLICABLE,
        datastore(kind=StoreKind.SEARCH, backup_days=None, point_in_time_recovery=None),
        gaps=(gap(Backup),),
    ),
    case("BK01", NOT_APPLICABLE, datastore(kind=StoreKind.STREAM, backup_days=None, point_in_time_recovery=None)),
    case("BK01", NOT_APPLICABLE, datastore(kind=StoreKind.CACHE, backup_days=0, point_in_time_recovery=None)),
    case("BK01", UNKNOWN, datastore(backup_days=0, point_in_time_recovery=UNREAD), says="access denied"),
    case("BK01", UNKNOWN, datastore(backup_days=UNREAD, point_in_time_recovery=None)),
    case("BK01", UNKNOWN, BARE, gaps=(gap(Backup),)),
    case("BK01", PASS, datastore(), gaps=(gap(Backup),)),
    case("BK01", UNKNOWN, gaps=(gap(Datastore),)),
    case("BK02", PASS, datastore()),
    case("BK02", PASS, NIGHTLY, of=service(tier=3)),
    case("BK02", PASS, BARE, backup(about=about(BARE), latest_at=days_ago(0.005))),
    case("BK02", FAIL, NIGHTLY, says="misses the RPO of 15 min: it is backed up once a day"),
    case("BK02", FAIL, BARE, backup(about=about(BARE)), says="latest backup"),
    case("BK02", NOT_APPLICABLE, BARE),
    case("BK02", NOT_APPLICABLE, NIGHTLY, of=service(tier=4)),
    case("BK02", UNKNOWN, datastore(point_in_time_recovery=UNREAD)),
    case("BK02", UNKNOWN, BARE, gaps=(gap(Backup),)),
    case("BK03", PASS, datastore()),
    case("BK03", FAIL, datastore(backup_days=1), says="for 1 day;"),
    case("BK03", NOT_APPLICABLE, BARE),
    case("BK03", NOT_APPLICABLE, datastore(backup_days=None)),
    case("BK03", UNKNOWN, datastore(backup_days=UNREAD)),
    case("BK04", PASS, BARE, backup(about=about(BARE)), says="us-west-2"),
    case("BK04", PASS, BARE, backup_plan(about=about(BARE))),
    case("BK04", FAIL, BARE),
    case("BK04", FAIL, BARE, backup(about=about(BARE), copy_regions=(HOME,))),
    case("BK04", NOT_APPLICABLE, datastore()),
    case("BK04", NOT_APPLICABLE, datastore(kind=StoreKind.CACHE, replica_regions=())),
    case("BK04", UNKNOWN, BARE, backup(about=about(BARE), copy_regions=UNREAD)),
    case("BK04", UNKNOWN, BARE, gaps=(gap(BackupPlan),)),
    case("BK05", PASS, BARE, backup(about=about(BARE)), says="444455556666"),
    case("BK05", FAIL, BARE, backup(about=about(BARE), copy_accounts=(ACCOUNT,))),
    case("BK05", NOT_APPLICABLE, BARE),
    case("BK05", UNKNOWN, BARE, backup(about=about(BARE), copy_accounts=UNREAD)),
    case("BK05", UNKNOWN, BARE, gaps=(gap(Backup),)),
    case("BK06", PASS, volume()),
    case("BK06", PASS, DISK, backup(about=about(DISK))),
    case("BK06", FAIL, DISK),
    case("BK06", FAIL, volume(last_snapshot_at=days_ago(20)), says="2026-11-03"),
    case("BK06", NOT_APPLICABLE, volume(attached_to="", last_snapshot_at=None)),
    case("BK06", NOT_APPLICABLE, volume(disposable=True, last_snapshot_at=None), says="replaced together with"),
    case("BK06", UNKNOWN, volume(disposable=UNREAD, last_snapshot_at=None)),
    case("BK06", PASS, volume(disposable=UNREAD)),
    case("BK06", UNKNOWN, volume(last_snapshot_at=UNREAD)),
    case("BK06", UNKNOWN, gaps=(gap(Volume),)),
    case("BK07", PASS, object_store()),
    case("BK07", FAIL, object_store(versioning=False)),
    case("BK07", PASS, object_store(versioning=False, soft_delete_days=7), says="for 7 days (soft delete)"),
    case("BK07", PASS, object_store(versioning=UNREAD, soft_delete_days=7)),
    case("BK07", FAIL, object_store(versioning=False, soft_delete_days=0), says="versioning and soft delete off"),
    case("BK07", UNKNOWN, object_store(versioning=False, soft_delete_days=UNREAD)),
    case("BK07", NOT_APPLICABLE),
    case("BK07", UNKNOWN, object_store(versioning=UNREAD)),
    case("BK07", UNKNOWN, gaps=(gap(ObjectStore),)),
    case("BK01", PASS, BARE, backup(about=about(BARE), latest_at=days_ago(8))),
    case("BK01", FAIL, BARE, backup(about=about(BARE), latest_at=days_ago(8.01))),
    case("BK02", PASS, BARE, backup(about=about(BARE), latest_at=days_ago(1 / 24)), of=service(tier=2)),
    case(
        "BK02", FAIL, BARE, backup(about=about(BARE), latest_at=days_ago(1 / 24)), of=service(rpo=timedelta(minutes=59))
    ),
    case("BK03", PASS, datastore(backup_days=7)),
    case("BK03", FAIL, datastore(backup_days=6)),
    case("BK05", NOT_APPLICABLE, datastore(kind=StoreKind.CACHE)),
    case("BK06", PASS, volume(last_snapshot_at=days_ago(8))),
    case("BK06", FAIL, volume(last_snapshot_at=days_ago(8.01))),
    case("BK06", PASS, DISK, backup(about=about(DISK), latest_at=days_ago(8))),
    case("BK08", PASS, cache(evicts=False, backup_days=7), says="keeps automatic snapshots for 7 days"),
    case("BK08", FAIL, cache(evicts=False, backup_days=0), says="never evicts keys and has no automatic snapshots"),
    case("BK08", NOT_APPLICABLE, cache(evicts=True, backup_days=0), says="may drop keys"),
    case("BK08", NOT_APPLICABLE, cache(evicts=None, backup_days=None)),
    case("BK08", NOT_APPLICABLE, cache(evicts=False, backup_days=0, replica_of="primary")),
    case("BK08", NOT_APPLICABLE, datastore(evicts=False, backup_days=0)),
    case("BK08", UNKNOWN, cache(evicts=Unread("throttled"), backup_days=0), says="throttled"),
    case("BK08", UNKNOWN, gaps=(gap(Datastore),)),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_backup(row: Case) -> None:
    row.hold()


def test_the_rpo_of_the_service_itself_counts_before_that_of_its_tier() -> None:
    case("BK02", PASS, NIGHTLY, of=service(rpo=timedelta(days=2))).hold()
