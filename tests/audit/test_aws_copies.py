"""Copies are no primaries: they need no backup, protection or copy of their own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.builders.facts import service
from support.fakes.aws_script import Answer, Operation
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS

from checks import Outcome

Script = Mapping[Operation, Answer]
STRICT = service(rto=timedelta(minutes=15), rpo=timedelta(minutes=5))


def database(**told: Any) -> Script:
    own = {"DBInstanceIdentifier": "c", "DBInstanceArn": arn("rds", "db:c"), "Engine": "postgres"}
    row = {**own, "BackupRetentionPeriod": 0, "AvailabilityZone": "us-east-1a", **told}
    return {("rds", "DescribeDBInstances"): {"DBInstances": [row]}}


def cluster(**told: Any) -> Script:
    own = {"DBClusterIdentifier": "c", "DBClusterArn": arn("rds", "cluster:c"), "Engine": "docdb"}
    return {("rds", "DescribeDBClusters"): {"DBClusters": [{**own, "BackupRetentionPeriod": 0, **told}]}}


def file_system(protection: str = "", **replication: Any) -> Script:
    own = {"FileSystemId": "fs-1", "Name": "c", "FileSystemArn": arn("elasticfilesystem", "file-system/fs-1")}
    told = {"FileSystemProtection": {"ReplicationOverwriteProtection": protection}} if protection else {}
    return {
        ("efs", "DescribeFileSystems"): {"FileSystems": [{**own, **told}]},
        ("efs", "DescribeReplicationConfigurations"): {"Replications": [replication] if replication else []},
    }


TO_US: dict[str, Any] = {
    "SourceFileSystemId": "fs-0",
    "SourceFileSystemRegion": "eu-west-1",
    "SourceFileSystemArn": arn("elasticfilesystem", "file-system/fs-0", "eu-west-1"),
    "Destinations": [{"Status": "ENABLED", "FileSystemId": "fs-1", "Region": "us-east-1"}],
}
TO_THEM: dict[str, Any] = {
    **TO_US,
    "SourceFileSystemId": "fs-1",
    "Destinations": [{"FileSystemId": "fs-2", "Region": "eu-west-1"}],
}


def buckets(status: str = "Enabled", *, back: bool = False) -> Script:
    """`first` is replicated to `c` in the same region; with `back` both ways."""

    def rules(name: str) -> dict[str, Any]:
        other = "c" if name == "first" else "first" if back else ""
        rule = {"Status": status, "Destination": {"Bucket": f"arn:aws:s3:::{other}"}}
        return {"ReplicationConfiguration": {"Role": "r", "Rules": [rule] if other else []}}

    return {
        ("s3", "ListBuckets"): {"Buckets": [{"Name": name, "BucketRegion": "us-east-1"} for name in ("first", "c")]},
        ("s3", "GetBucketVersioning"): {"Status": "Enabled"},
        ("s3", "GetBucketReplication"): lambda params: rules(params["Bucket"]),
    }


def tables(**pitr: str) -> Script:
    """A global table in the regions of `pitr`, written `us_east_1`, with its point-in-time recovery there."""
    regions = [name.replace("_", "-") for name in pitr]
    copies = [{"RegionName": region, "ReplicaStatus": "ACTIVE"} for region in regions]
    statuses = iter(pitr.values())

    def recovery(_: Any) -> dict[str, Any]:
        told = {"PointInTimeRecoveryStatus": next(statuses)}
        return {
            "ContinuousBackupsDescription": {
                "ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": told,
            }
        }

    return {
        ("dynamodb", "ListTables"): {"TableNames": ["c"]},
        ("dynamodb", "DescribeTable"): {"Table": {"TableName": "c", "Replicas": copies}},
        ("dynamodb", "DescribeContinuousBackups"): recovery,
    }


def stream() -> Script:
    row = {"StreamName": "c", "StreamARN": arn("kinesis", "stream/c"), "StreamStatus": "ACTIVE"}
    return {("kinesis", "ListStreams"): {"StreamNames": [], "HasMoreStreams": False, "StreamSummaries": [row]}}


def search() -> Script:
    nodes = {"InstanceCount": 3, "ZoneAwarenessEnabled": True}
    row = {"DomainName": "c", "ARN": arn("es", "domain/c"), "DomainId": "1/c", "ClusterConfig": nodes}
    return {
        ("opensearch", "ListDomainNames"): {"DomainNames": [{"DomainName": "c"}]},
        ("opensearch", "DescribeDomains"): {"DomainStatusList": [row]},
    }


def cache(role: str) -> Script:
    info = {"GlobalReplicationGroupId": "world", "GlobalReplicationGroupMemberRole": role}
    nodes = [{"CacheClusterId": name, "PreferredAvailabilityZone": "us-east-1a"} for name in "ab"]
    own = {"ReplicationGroupId": "c", "ARN": arn("elasticache", "replicationgroup:c"), "MemberClusters": ["a", "b"]}
    row = {**own, "NodeGroups": [{"NodeGroupMembers": nodes}], "GlobalReplicationGroupInfo": info}
    return {("elasticache", "DescribeReplicationGroups"): {"ReplicationGroups": [row]}}


def each(title: str, outcome: Outcome, source: str, answers: Script, *checks: str) -> list[State]:
    return [State(title, check, outcome, answers, (source,), "c") for check in checks]


DB, FS = "aws_databases", "aws_file_systems"
OF_CLUSTER = {"ReadReplicaSourceDBClusterIdentifier": "main"}
OF_INSTANCE = {"ReadReplicaSourceDBInstanceIdentifier": "main"}
SECONDARY = {"ReplicationSourceIdentifier": arn("rds", "cluster:main", "eu-west-1")}
TWO = ("aws_tables", "aws_tables@us-west-2")

STATES = [
    *each(
        "replica of a DB cluster", NOT_APPLICABLE, DB, database(**OF_CLUSTER), "BK01", "BK04", "AU01", "RG02", "ZN08"
    ),
    *each("replica of a database", NOT_APPLICABLE, DB, database(**OF_INSTANCE), "BK01", "BK04", "AU01", "RG02"),
    *each("primary database", FAIL, DB, database(), "BK01", "BK04", "AU01", "RG02"),
    *each("replica of a cluster", NOT_APPLICABLE, DB, cluster(**SECONDARY), "BK01", "BK04", "AU01", "RG02"),
    *each("destination of a replication", NOT_APPLICABLE, FS, file_system(**TO_US), "BK01", "BK04", "RG02", "ZN08"),
    *each("destination by its protection", NOT_APPLICABLE, FS, file_system("REPLICATING"), "BK01", "BK04", "RG02"),
    *each("source of a replication", FAIL, FS, file_system("ENABLED", **TO_THEM), "BK01"),
    *each("file system alone", FAIL, FS, file_system("DISABLED"), "BK01", "BK04", "RG02"),
    *each("bucket that is replicated to", NOT_APPLICABLE, "aws_buckets", buckets(), "RG03"),
    *each("bucket, replication off", FAIL, "aws_buckets", buckets("Disabled"), "RG03"),
    *each("stream", NOT_APPLICABLE, "aws_streams", stream(), "BK01", "BK02", "BK04", "RG02"),
    *each("search domain", NOT_APPLICABLE, "aws_search", search(), "BK02", "BK04", "RG02"),
    *each("secondary of a global cache", NOT_APPLICABLE, "aws_caches", cache("SECONDARY"), "FO01"),
    *each("primary of a global cache", FAIL, "aws_caches", cache("PRIMARY"), "FO01"),
    State("only a stream", "RH02", NOT_APPLICABLE, stream(), ("aws_streams",)),
    State("only a database", "RH02", FAIL, database(), (DB,)),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_copies(state: State) -> None:
    state.hold(STRICT)


@pytest.mark.parametrize(
    ("home", "away", "right"),
    [
        ("ENABLED", "DISABLED", {"us-east-1": PASS, "us-west-2": NOT_APPLICABLE}),
        ("DISABLED", "ENABLED", {"us-east-1": NOT_APPLICABLE, "us-west-2": PASS}),
        ("DISABLED", "DISABLED", {"us-east-1": FAIL, "us-west-2": FAIL}),
    ],
)
def test_replicas_of_a_table_need_one_backup(home: str, away: str, right: dict[str, Outcome]) -> None:
    state = State("replicas", "BK01", PASS, tables(us_east_1=home, us_west_2=away), TWO)
    found = {finding.fact.region: finding.outcome for finding in state.findings(STRICT) if finding.fact}
    assert found == right
