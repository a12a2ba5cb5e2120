"""Databases, tables, file systems and caches as facts, field by field."""

from typing import Any

import pytest
from support.builders.aws_sources import arn, named, read
from support.fakes.aws import Fault, fake_aws

from bot.audit.collectors.aws.sources import dynamodb as aws_tables
from bot.audit.collectors.aws.sources import efs as aws_file_systems
from bot.audit.collectors.aws.sources import elasticache as aws_caches
from bot.audit.collectors.aws.sources import rds as aws_databases
from checks import Capacity, Datastore, StoreKind, Unread


def instance(name: str, **told: Any) -> dict[str, Any]:
    return {"DBInstanceIdentifier": name, "DBInstanceArn": arn("rds", f"db:{name}"), "Engine": "postgres", **told}


def test_a_database_with_a_standby_and_copies_elsewhere() -> None:
    copies = ["near", arn("rds", "db:far", "us-west-2")]
    rows = [
        instance(
            "main",
            MultiAZ=True,
            AvailabilityZone="us-east-1a",
            SecondaryAvailabilityZone="us-east-1b",
            BackupRetentionPeriod=7,
            DeletionProtection=True,
            AllocatedStorage=100,
            MaxAllocatedStorage=500,
            AutoMinorVersionUpgrade=True,
            KmsKeyId="key",
            ReadReplicaDBInstanceIdentifiers=copies,
            TagList=[{"Key": "service", "Value": "shop"}],
        ),
        instance("near", ReadReplicaSourceDBInstanceIdentifier="main", BackupRetentionPeriod=0, AllocatedStorage=100),
    ]
    with fake_aws() as aws:
        aws.on("rds", "DescribeDBInstances", {"DBInstances": rows})
        found = named(read(aws, aws_databases.SOURCE), Datastore)
        assert not aws.asked("rds", "DescribeGlobalClusters")
    main, near = found["main"], found["near"]
    assert (main.kind, main.engine, main.product, main.tags) == (
        StoreKind.RELATIONAL,
        "postgres",
        "rds",
        {"service": "shop"},
    )
    assert (main.zones, main.zone_redundant, main.nodes) == (("us-east-1a", "us-east-1b"), True, 2)
    assert (main.automatic_failover, main.replica_regions, main.replica_of) == (True, ("us-west-2",), "")
    assert (main.backup_days, main.point_in_time_recovery, main.deletion_protection) == (7, True, True)
    assert (main.capacity, main.storage_autoscaling, main.minor_upgrades) == (Capacity.FIXED, True, True)
    assert main.encryption_key == "key"
    assert (near.replica_of, near.primary) == (main.resource, False)
    assert (near.backup_days, near.point_in_time_recovery, near.storage_autoscaling) == (0, False, False)


def clusters() -> dict[str, Any]:
    def cluster(name: str, engine: str, **told: Any) -> dict[str, Any]:
        return {"DBClusterIdentifier": name, "DBClusterArn": arn("rds", f"cluster:{name}"), "Engine": engine, **told}

    two = [{"DBInstanceIdentifier": "a-0"}, {"DBInstanceIdentifier": "a-1"}]
    return {
        "DBClusters": [
            cluster("aur", "aurora-postgresql", BackupRetentionPeriod=7, DBClusterMembers=two, DeletionProtection=True),
            cluster("doc", "docdb", BackupRetentionPeriod=1, ServerlessV2ScalingConfiguration={"MinCapacity": 1}),
        ]
    }


def members() -> dict[str, Any]:
    told = {"DBClusterIdentifier": "aur", "AutoMinorVersionUpgrade": True}
    return {
        "DBInstances": [
            instance("a-0", AvailabilityZone="us-east-1a", **told),
            instance("a-1", AvailabilityZone="us-east-1b", **told),
        ]
    }


def test_clusters_and_their_global_database() -> None:
    away = arn("rds", "cluster:aur", "us-west-2")
    world = {
        "GlobalClusterMembers": [
            {"DBClusterArn": arn("rds", "cluster:aur"), "IsWriter": False},
            {"DBClusterArn": away, "IsWriter": True},
        ]
    }
    with fake_aws() as aws:
        aws.on("rds", "DescribeDBInstances", members())
        aws.on("rds", "DescribeDBClusters", clusters())
        aws.on("rds", "DescribeGlobalClusters", {"GlobalClusters": [world]})
        found = named(read(aws, aws_databases.SOURCE), Datastore)
    aurora, document = found["aur"], found["doc"]
    assert set(found) == {"aur", "doc"}
    assert (aurora.zones, aurora.zone_redundant, aurora.nodes) == (("us-east-1a", "us-east-1b"), True, 2)
    assert (aurora.automatic_failover, aurora.replica_regions, aurora.replica_of) == (True, ("us-west-2",), away)
    assert (aurora.backup_days, aurora.deletion_protection, aurora.storage_autoscaling) == (7, True, True)
    assert (aurora.minor_upgrades, aurora.capacity) == (True, Capacity.FIXED)
    assert (document.kind, document.product, document.capacity) == (StoreKind.DOCUMENT, "docdb", Capacity.AUTOSCALED)
    assert (document.replica_regions, document.zone_redundant, document.automatic_failover) == ((), False, False)


def test_copies_of_a_cluster_are_unread_when_global_databases_are_denied() -> None:
    with fake_aws() as aws:
        aws.on("rds", "DescribeDBInstances", members())
        aws.on("rds", "DescribeDBClusters", clusters())
        aws.on("rds", "DescribeGlobalClusters", Fault("AccessDenied", 403))
        found = named(read(aws, aws_databases.SOURCE), Datastore)
    assert found["aur"].replica_regions == Unread("access denied to rds:DescribeGlobalClusters")


def table(name: str, **told: Any) -> dict[str, Any]:
    return {"Table": {"TableName": name, "TableArn": arn("dynamodb", f"table/{name}"), **told}}


def test_tables() -> None:
    copies = [
        {"RegionName": "us-west-2", "ReplicaStatus": "ACTIVE"},
        {"RegionName": "us-east-1", "ReplicaStatus": "ACTIVE"},
        {"RegionName": "eu-west-1", "ReplicaStatus": "CREATING"},
    ]
    rows = {
        "world": table(
            "world",
            Replicas=copies,
            DeletionProtectionEnabled=True,
            BillingModeSummary={"BillingMode": "PAY_PER_REQUEST"},
        ),
        "scaled": table("scaled"),
        "half": table("half"),
    }
    back = {"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 20}
    pitr = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": back}
    none = {"ContinuousBackupsStatus": "ENABLED"}
    scaling = [
        {"ResourceId": f"table/{name}", "ScalableDimension": f"dynamodb:table:{way}CapacityUnits"}
        for name, way in (("scaled", "Read"), ("scaled", "Write"), ("half", "Read"))
    ]
    with fake_aws() as aws:
        aws.on("dynamodb", "ListTables", {"TableNames": list(rows)})
        aws.on("dynamodb", "DescribeTable", lambda asked: rows[asked["TableName"]])
        aws.on(
            "dynamodb",
            "DescribeContinuousBackups",
            lambda asked: {"ContinuousBackupsDescription": pitr if asked["TableName"] == "world" else none},
        )
        aws.on("application-autoscaling", "DescribeScalableTargets", {"ScalableTargets": scaling})
        found = named(read(aws, aws_tables.SOURCE), Datastore)
    world = found["world"]
    assert (world.kind, world.product, world.zone_redundant) == (StoreKind.KEY_VALUE, "dynamodb", True)
    assert (world.replica_regions, world.deletion_protection) == (("us-west-2",), True)
    assert (world.point_in_time_recovery, world.backup_days, world.capacity) == (True, 20, Capacity.ON_DEMAND)
    assert (found["scaled"].capacity, found["scaled"].point_in_time_recovery) == (Capacity.AUTOSCALED, False)
    assert (found["half"].capacity, found["half"].backup_days, found["half"].deletion_protection) == (
        Capacity.FIXED,
        0,
        False,
    )


def test_what_of_a_table_is_denied_is_unread() -> None:
    with fake_aws() as aws:
        aws.on("dynamodb", "ListTables", {"TableNames": ["t"]})
        aws.on("dynamodb", "DescribeTable", table("t"))
        aws.on("dynamodb", "DescribeContinuousBackups", Fault("AccessDeniedException"))
        aws.on("application-autoscaling", "DescribeScalableTargets", Fault("AccessDeniedException"))
        found = named(read(aws, aws_tables.SOURCE), Datastore)["t"]
    assert found.point_in_time_recovery == Unread("access denied to dynamodb:DescribeContinuousBackups")
    assert found.backup_days == found.point_in_time_recovery
    assert found.capacity == Unread("access denied to application-autoscaling:DescribeScalableTargets")


def test_file_systems() -> None:
    def system(name: str, **told: Any) -> dict[str, Any]:
        return {"FileSystemId": name, "FileSystemArn": arn("elasticfilesystem", f"file-system/{name}"), **told}

    rows = [system("fs-1", Name="shared"), system("fs-2", AvailabilityZoneId="use1-az4"), system("fs-3")]
    mounts = {"fs-1": ["use1-az4", "use1-az6"], "fs-2": ["use1-az4"], "fs-3": ["use1-az4"]}
    copy = {"SourceFileSystemId": "fs-1", "Destinations": [{"Status": "ENABLED", "Region": "us-west-2"}]}
    with fake_aws() as aws:
        aws.on("efs", "DescribeFileSystems", {"FileSystems": rows})
        aws.on(
            "efs",
            "DescribeMountTargets",
            lambda asked: {"MountTargets": [{"AvailabilityZoneId": zone} for zone in mounts[asked["FileSystemId"]]]},
        )
        aws.on(
            "efs",
            "DescribeBackupPolicy",
            lambda asked: (
                {"BackupPolicy": {"Status": "ENABLED"}}
                if asked["FileSystemId"] == "fs-1"
                else Fault("PolicyNotFound", 404)
            ),
        )
        aws.on("efs", "DescribeReplicationConfigurations", {"Replications": [copy]})
        found = named(read(aws, aws_file_systems.SOURCE), Datastore)
    shared = found["shared"]
    assert (shared.kind, shared.zones, shared.zone_redundant) == (StoreKind.FILE, ("use1-az4", "use1-az6"), True)
    assert (shared.replica_regions, shared.backup_days) == (("us-west-2",), 35)
    assert (found["fs-2"].zone_redundant, found["fs-2"].zones, found["fs-2"].backup_days) == (False, ("use1-az4",), 0)
    assert (found["fs-3"].zone_redundant, found["fs-3"].replica_regions) == (False, ())


@pytest.mark.parametrize(
    ("code", "copies"),
    [
        ("ReplicationNotFound", ()),
        ("AccessDeniedException", Unread("access denied to elasticfilesystem:DescribeReplicationConfigurations")),
    ],
)
def test_copies_of_a_file_system_are_none_or_unread(code: str, copies: Any) -> None:
    row = {"FileSystemId": "fs-1", "FileSystemArn": arn("elasticfilesystem", "file-system/fs-1")}
    with fake_aws() as aws:
        aws.on("efs", "DescribeFileSystems", {"FileSystems": [row]})
        aws.on("efs", "DescribeReplicationConfigurations", Fault(code, 404))
        assert named(read(aws, aws_file_systems.SOURCE), Datastore)["fs-1"].replica_regions == copies


def test_caches_and_their_global_datastore() -> None:
    group = {
        "ReplicationGroupId": "rg",
        "ARN": arn("elasticache", "replicationgroup:rg"),
        "MemberClusters": ["rg-1", "rg-2"],
        "NodeGroups": [
            {
                "NodeGroupMembers": [
                    {"PreferredAvailabilityZone": "us-east-1a"},
                    {"PreferredAvailabilityZone": "us-east-1b"},
                ]
            }
        ],
        "AutomaticFailover": "enabled",
        "MultiAZ": "enabled",
        "SnapshotRetentionLimit": 7,
        "AutoMinorVersionUpgrade": True,
        "GlobalReplicationGroupInfo": {
            "GlobalReplicationGroupId": "world",
            "GlobalReplicationGroupMemberRole": "SECONDARY",
        },
    }
    lone = {
        "CacheClusterId": "mem",
        "Engine": "memcached",
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": "us-east-1a",
    }
    world = [
        {"ReplicationGroupId": "main", "ReplicationGroupRegion": "us-west-2", "Role": "PRIMARY"},
        {"ReplicationGroupId": "rg", "ReplicationGroupRegion": "us-east-1", "Role": "SECONDARY"},
    ]
    with fake_aws() as aws:
        aws.on("elasticache", "DescribeReplicationGroups", {"ReplicationGroups": [group]})
        aws.on("elasticache", "DescribeCacheClusters", {"CacheClusters": [lone]})
        rows = [{"GlobalReplicationGroupId": "world", "Members": world}]
        aws.on("elasticache", "DescribeGlobalReplicationGroups", {"GlobalReplicationGroups": rows})
        found = named(read(aws, aws_caches.SOURCE), Datastore)
    cache = found["rg"]
    assert (cache.kind, cache.zones, cache.nodes) == (StoreKind.CACHE, ("us-east-1a", "us-east-1b"), 2)
    assert (cache.zone_redundant, cache.automatic_failover, cache.backup_days, cache.minor_upgrades) == (
        True,
        True,
        7,
        True,
    )
    assert cache.replica_regions == ("us-west-2",)
    assert cache.replica_of == arn("elasticache", "replicationgroup:main", "us-west-2")
    assert (found["mem"].engine, found["mem"].zone_redundant, found["mem"].automatic_failover) == (
        "memcached",
        False,
        None,
    )
