"""What a check tells people to do makes it pass: each remediation's state goes through its check, and so do its half-done siblings."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.builders.facts import NOW, service
from support.fakes.aws import Fault
from support.fakes.aws_script import Answer, Operation
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from checks import Outcome

Script = dict[Operation, Answer]
STRICT = service(rto=timedelta(minutes=15), rpo=timedelta(hours=24))
DAY, OLD = NOW - timedelta(hours=20), NOW - timedelta(days=100)
DENIED = Fault("AccessDeniedException", 403, "no")
DB = arn("rds", "db:c")


def denied(_: Any) -> Any:
    return DENIED


def database(**told: Any) -> Script:
    row = {"DBInstanceIdentifier": "c", "DBInstanceArn": DB, "Engine": "postgres", "BackupRetentionPeriod": 0}
    return {("rds", "DescribeDBInstances"): {"DBInstances": [{**row, **told}]}}


def snapshot(at: datetime, status: str = "available", of: str = "c") -> Script:
    row = {"DBInstanceIdentifier": of, "SnapshotCreateTime": at, "Status": status, "SnapshotType": "manual"}
    return database() | {("rds", "DescribeDBSnapshots"): {"DBSnapshots": [row]}}


def cluster_snapshot(at: datetime) -> Script:
    row = {"DBClusterIdentifier": "c", "DBClusterArn": arn("rds", "cluster:c"), "Engine": "docdb"}
    made = {"DBClusterIdentifier": "c", "SnapshotCreateTime": at, "Status": "available", "SnapshotType": "manual"}
    return {
        ("rds", "DescribeDBClusters"): {"DBClusters": [{**row, "BackupRetentionPeriod": 0}]},
        ("rds", "DescribeDBClusterSnapshots"): {"DBClusterSnapshots": [made]},
    }


def replicated(*regions: str) -> Script:
    copies = [{"DBInstanceAutomatedBackupsArn": arn("rds", "auto-backup:ab-1", region)} for region in regions]
    return database(BackupRetentionPeriod=7, DBInstanceAutomatedBackupsReplications=copies)


def warehouse(days: int = 1, at: datetime | None = None, **told: Any) -> Script:
    made = [{"ClusterIdentifier": "c", "SnapshotCreateTime": at, "Status": "available"}] if at else []
    return {
        ("redshift", "DescribeClusters"): {
            "Clusters": [{"ClusterIdentifier": "c", "AutomatedSnapshotRetentionPeriod": days, **told}]
        },
        ("redshift", "DescribeClusterSnapshots"): {"Snapshots": made},
    }


def memory(*regions: str, answer: Answer | None = None, at: datetime | None = None) -> Script:
    name = {"MultiRegionClusterName": "world"} if regions or answer else {}
    members = [{"ClusterName": "c", "Region": region} for region in regions]
    shards = {"Name": "c", "Shards": [{"Name": "1", "SnapshotCreationTime": at}]}
    made = [{"Name": "s", "Status": "available", "ClusterConfiguration": shards}] if at else []
    row = {"Name": "c", "ARN": arn("memorydb", "cluster/c"), "SnapshotRetentionLimit": 0, **name}
    world = {"MultiRegionClusters": [{"MultiRegionClusterName": "world", "Clusters": members}]}
    return {
        ("memorydb", "DescribeClusters"): {"Clusters": [row]},
        ("memorydb", "DescribeMultiRegionClusters"): answer or world,
        ("memorydb", "DescribeSnapshots"): {"Snapshots": made},
    }


def table(at: datetime, status: str = "AVAILABLE") -> Script:
    made = {"TableName": "c", "BackupCreationDateTime": at, "BackupStatus": status}
    recovery = {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}}
    told = {"ContinuousBackupsStatus": "ENABLED", **recovery}
    return {
        ("dynamodb", "ListTables"): {"TableNames": ["c"]},
        ("dynamodb", "DescribeTable"): {"Table": {"TableName": "c"}},
        ("dynamodb", "DescribeContinuousBackups"): {"ContinuousBackupsDescription": told},
        ("dynamodb", "ListBackups"): {"BackupSummaries": [made]},
    }


VAULT = arn("backup", "backup-vault:main")
AWAY = arn("backup", "backup-vault:copies", "us-west-2")


def vault(**lock: Any) -> Script:
    last = {"LastBackupTime": DAY, "LastBackupVaultArn": VAULT}
    return database() | {
        ("backup", "ListProtectedResources"): {"Results": [{"ResourceArn": DB, **last}]},
        ("backup", "ListBackupVaults"): {"BackupVaultList": [{"BackupVaultArn": VAULT, **lock}]},
        ("backup", "ListCopyJobs"): {"CopyJobs": [{"ResourceArn": DB, "DestinationBackupVaultArn": AWAY}]},
    }


def each(title: str, outcome: Outcome, source: str, answers: Script, *checks: str) -> list[State]:
    return [State(title, check, outcome, answers, tuple(source.split()), "c") for check in checks]


RDS, BOTH = "aws_databases", "aws_databases aws_backups"
STATES = [
    *each("snapshot of yesterday", PASS, RDS, snapshot(DAY), "BK01", "BK02"),
    *each("snapshot of old", FAIL, RDS, snapshot(OLD), "BK01", "BK02"),
    *each("snapshot that is being made", FAIL, RDS, snapshot(DAY, "creating"), "BK01"),
    *each("snapshot of another", FAIL, RDS, snapshot(DAY, of="d"), "BK01"),
    *each("snapshots denied", UNKNOWN, RDS, database() | {("rds", "DescribeDBSnapshots"): denied}, "BK01"),
    *each("snapshots denied, not needed", PASS, RDS, replicated() | {("rds", "DescribeDBSnapshots"): denied}, "BK01"),
    *each("cluster snapshot", PASS, RDS, cluster_snapshot(DAY), "BK01", "BK02"),
    *each("old cluster snapshot", FAIL, RDS, cluster_snapshot(OLD), "BK01"),
    *each("automated backups replicated", PASS, RDS, replicated("us-west-2"), "BK04"),
    *each("automated backups not replicated", FAIL, RDS, replicated(), "BK04"),
    *each(
        "warehouse, copies",
        PASS,
        "aws_redshift",
        warehouse(ClusterSnapshotCopyStatus={"DestinationRegion": "us-west-2"}),
        "BK04",
    ),
    *each("warehouse, no copies", FAIL, "aws_redshift", warehouse(), "BK04"),
    *each("warehouse, manual snapshot", PASS, "aws_redshift", warehouse(0, DAY), "BK01"),
    *each("warehouse, no snapshot", FAIL, "aws_redshift", warehouse(0), "BK01"),
    *each("multi-region", PASS, "aws_memorydb", memory("us-east-1", "us-west-2"), "RG02"),
    *each("multi-region of one", FAIL, "aws_memorydb", memory("us-east-1"), "RG02"),
    *each("multi-region denied", UNKNOWN, "aws_memorydb", memory(answer=denied), "RG02"),
    *each("multi-region not told", UNKNOWN, "aws_memorydb", memory(answer={"MultiRegionClusters": []}), "RG02"),
    *each("one region", FAIL, "aws_memorydb", memory(), "RG02"),
    *each("memory snapshot", PASS, "aws_memorydb", memory(at=DAY), "BK01"),
    *each("no memory snapshot", FAIL, "aws_memorydb", memory(), "BK01"),
    *each("backup on demand", PASS, "aws_tables", table(DAY), "BK01"),
    *each("old backup on demand", FAIL, "aws_tables", table(OLD), "BK01"),
    *each("backup being made", FAIL, "aws_tables", table(DAY, "CREATING"), "BK01"),
    *each("vault locked for good", PASS, BOTH, vault(Locked=True, LockDate=OLD), "BK05"),
    *each("vault lock that may be removed", FAIL, BOTH, vault(Locked=True), "BK05"),
    *each("vault lock not final yet", FAIL, BOTH, vault(Locked=True, LockDate=NOW + timedelta(days=2)), "BK05"),
    *each("vault without lock", FAIL, BOTH, vault(Locked=False), "BK05"),
    *each("vaults denied", UNKNOWN, BOTH, vault() | {("backup", "ListBackupVaults"): denied}, "BK05"),
    *each("copied", PASS, BOTH, vault(), "BK04"),
    *each("nothing backed up", NOT_APPLICABLE, BOTH, database(), "BK05"),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_remedies(state: State) -> None:
    state.hold(STRICT)
