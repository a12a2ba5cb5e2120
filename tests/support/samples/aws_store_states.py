"""Answers of AWS about one store called `c`, serverless, elastic or shared, in the states that the API reference names."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from support.builders.aws_sources import arn
from support.builders.moment import NOW
from support.fakes.aws_script import Answer, Operation

Script = Mapping[Operation, Answer]
YESTERDAY, LONG_AGO = NOW - timedelta(hours=20), NOW - timedelta(days=60)
SUBNETS = [{"SubnetId": f"sn-{letter}", "AvailabilityZoneId": f"use1-az{letter}"} for letter in "abc"]


def in_subnets(answers: Script) -> Script:
    return {("ec2", "DescribeSubnets"): {"Subnets": SUBNETS}, **answers}


def cluster(**told: Any) -> Script:
    """A provisioned Redshift cluster."""
    return {("redshift", "DescribeClusters"): {"Clusters": [{"ClusterIdentifier": "c", **told}]}}


def warehouse(*workgroups: str, **told: Any) -> Script:
    """A namespace; each workgroup is written as the zones of its subnets, `abc`."""
    listed = [
        {"workgroupName": zones, "namespaceName": "c", "subnetIds": [f"sn-{zone}" for zone in zones]}
        for zones in workgroups
    ]
    namespace = {"namespaceName": "c", "namespaceArn": arn("redshift-serverless", "namespace/1"), **told}
    own = {("redshift-serverless", "ListNamespaces"): {"namespaces": [namespace]}}
    return in_subnets({**own, ("redshift-serverless", "ListWorkgroups"): {"workgroups": listed}})


def copied(region: str) -> Script:
    row = {"namespaceName": "c", "destinationRegion": region}
    rows = {"snapshotCopyConfigurations": [row]}
    return {**warehouse("abc"), ("redshift-serverless", "ListSnapshotCopyConfigurations"): rows}


def scheduled(days: int, state: str = "ACTIVE") -> Script:
    action = {"createSnapshot": {"namespaceName": "c", "retentionPeriod": days, "snapshotNamePrefix": "p"}}
    row = {"namespaceName": "c", "scheduledActionName": "nightly"}
    found = {"scheduledAction": {**row, "state": state, "targetAction": action}}
    return {
        **warehouse("abc"),
        ("redshift-serverless", "ListScheduledActions"): {"scheduledActions": [row]},
        ("redshift-serverless", "GetScheduledAction"): found,
    }


def collection(**told: Any) -> Script:
    row = {"id": "1", "name": "c", "arn": arn("aoss", "collection/1"), "status": "ACTIVE"}
    return {
        ("opensearchserverless", "ListCollections"): {"collectionSummaries": [row]},
        ("opensearchserverless", "BatchGetCollection"): {"collectionDetails": [{**row, **told}]},
    }


def cache(**told: Any) -> Script:
    row = {"ServerlessCacheName": "c", "ARN": arn("elasticache", "serverlesscache:c"), "Engine": "valkey", **told}
    return {("elasticache", "DescribeServerlessCaches"): {"ServerlessCaches": [row]}}


def dsql(*peers: str, status: str = "ACTIVE", protected: bool = True) -> Script:
    row = {"identifier": "c", "arn": arn("dsql", "cluster/c")}
    clusters = [row["arn"], *(arn("dsql", "cluster/far", region) for region in peers)]
    regions = {"multiRegionProperties": {"witnessRegion": "us-west-2", "clusters": clusters}}
    own = {"status": status, "creationTime": NOW, "deletionProtectionEnabled": protected, **regions}
    return {("dsql", "ListClusters"): {"clusters": [row]}, ("dsql", "GetCluster"): {**row, **own}}


def elastic(zones: str = "abc", snapshot: Any = None, status: str = "ACTIVE", **told: Any) -> Script:
    row = {"clusterName": "c", "clusterArn": arn("docdb-elastic", "cluster/c"), "status": status}
    own = {"kmsKeyId": "AWS_OWNED_KMS_KEY", "shardCount": 2, "subnetIds": [f"sn-{zone}" for zone in zones]}
    taken = {"clusterArn": row["clusterArn"], "snapshotArn": "s", "snapshotName": "s", "status": "ACTIVE"}
    rows = [{**taken, "snapshotCreationTime": str(snapshot)}] if snapshot else []
    return in_subnets(
        {
            ("docdb-elastic", "ListClusters"): {"clusters": [row]},
            ("docdb-elastic", "GetCluster"): {"cluster": {**row, **own, **told}},
            ("docdb-elastic", "ListClusterSnapshots"): {"snapshots": rows},
        }
    )


CONFIGURATIONS = {"WINDOWS": "Windows", "ONTAP": "Ontap", "OPENZFS": "OpenZFS", "LUSTRE": "Lustre"}


def files(kind: str, deployment: str, days: int | None = 7, backup: Any = None, **told: Any) -> Script:
    own = {"FileSystemId": "c", "ResourceARN": arn("fsx", "file-system/c"), "FileSystemType": kind, **told}
    settings = {"DeploymentType": deployment} | ({} if days is None else {"AutomaticBackupRetentionDays": days})
    taken = {"BackupId": "b", "Lifecycle": "AVAILABLE", "Type": "USER_INITIATED", "CreationTime": backup}
    rows = [{**taken, "FileSystem": {"FileSystemId": "c"}}] if backup else []
    return in_subnets(
        {
            ("fsx", "DescribeFileSystems"): {
                "FileSystems": [{**own, "SubnetIds": ["sn-a"], f"{CONFIGURATIONS[kind]}Configuration": settings}]
            },
            ("fsx", "DescribeBackups"): {"Backups": rows},
        }
    )


def graph(snapshot: Any = None, **told: Any) -> Script:
    row = {"id": "1", "name": "c", "arn": arn("neptune-graph", "graph/1"), **told}
    taken = {"id": "s", "name": "s", "arn": "s", "sourceGraphId": "1", "snapshotCreateTime": snapshot}
    rows = [{**taken, "status": "AVAILABLE"}] if snapshot else []
    return {
        ("neptune-graph", "ListGraphs"): {"graphs": [row]},
        ("neptune-graph", "ListGraphSnapshots"): {"graphSnapshots": rows},
    }


def influx(deployment: str | None, *kept: int, enabled: bool = True) -> Script:
    row = {"id": "1", "name": "c", "arn": arn("timestream-influxdb", "db-instance/1")}
    plans = [{"type": "DAILY", "retentionDays": days, "enabled": enabled} for days in kept]
    own = {"status": "AVAILABLE", "dbBackupConfigurations": plans}
    found = {**row, **own, **({"deploymentType": deployment} if deployment else {})}
    return {
        ("timestream-influxdb", "ListDbInstances"): {"items": [row]},
        ("timestream-influxdb", "GetDbInstance"): found,
    }


def influx_cluster(*zones: str, failover: str = "AUTOMATIC") -> Script:
    """A cluster with a member in each of these zones; an empty zone is not told."""
    named = {"name": "c", "arn": arn("timestream-influxdb", "db-cluster/c")}
    members = [
        {"id": str(at), "name": f"c-{at}", "arn": arn("timestream-influxdb", f"db-instance/{at}")}
        for at, _ in enumerate(zones)
    ]
    places = [{"availabilityZone": f"us-east-1{zone}"} if zone else {} for zone in zones]
    return {
        ("timestream-influxdb", "ListDbInstances"): {"items": members},
        ("timestream-influxdb", "GetDbInstance"): lambda asked: {
            **members[int(asked["identifier"])],
            **places[int(asked["identifier"])],
            "dbClusterId": "c",
        },
        ("timestream-influxdb", "ListDbClusters"): {"items": [{"id": "c", **named}]},
        ("timestream-influxdb", "GetDbCluster"): {"id": "c", **named, "failoverMode": failover},
        ("timestream-influxdb", "ListDbInstancesForCluster"): {"items": members},
    }


def keyspaces_table(*regions: str, pitr: str | None = "ENABLED", mode: str = "PAY_PER_REQUEST") -> Script:
    strategy = "MULTI_REGION" if regions else "SINGLE_REGION"
    own = {"keyspaceName": "shop", "tableName": "c", "resourceArn": arn("cassandra", "/keyspace/shop/table/c")}
    space = {
        "keyspaceName": "shop",
        "resourceArn": arn("cassandra", "/keyspace/shop/"),
        "replicationStrategy": strategy,
    }
    system = {**space, "keyspaceName": "system_schema", "replicationStrategy": "SINGLE_REGION"}
    restores = {"pointInTimeRecovery": {"status": pitr}} if pitr else {}
    table = {**own, "status": "ACTIVE", "capacitySpecification": {"throughputMode": mode}, **restores}
    return {
        ("keyspaces", "ListKeyspaces"): {"keyspaces": [system, {**space, "replicationRegions": list(regions)}]},
        ("keyspaces", "ListTables"): {"tables": [own]},
        ("keyspaces", "GetTable"): table,
    }


def hsm_cluster(*zones: str, state: str = "ACTIVE", days: str | None = "90") -> Script:
    """A cluster with a module in each of these zones; an empty zone is not told."""
    modules = [
        {"HsmId": f"hsm-{at}", "State": state} | ({"AvailabilityZone": f"us-east-1{zone}"} if zone else {})
        for at, zone in enumerate(zones)
    ]
    kept = {"BackupRetentionPolicy": {"Type": "DAYS", "Value": days}} if days else {}
    return {("cloudhsmv2", "DescribeClusters"): {"Clusters": [{"ClusterId": "c", "Hsms": modules, **kept}]}}


def gateway_volume(snapshot: Any = None, attached: str = "ATTACHED") -> Script:
    gateway = arn("storagegateway", "gateway/sgw-1")
    own = {"VolumeARN": f"{gateway}/volume/vol-1AB", "VolumeId": "vol-1AB", "GatewayARN": gateway}
    taken = [{"VolumeId": "vol-1ab", "State": "completed", "StartTime": snapshot}] if snapshot else []
    return {
        ("storagegateway", "ListVolumes"): {"VolumeInfos": [{**own, "VolumeAttachmentStatus": attached}]},
        ("ec2", "DescribeSnapshots"): {"Snapshots": taken},
    }


def directory(zones: str = "ab", regions: Any = (), snapshot: Any = None, **told: Any) -> Script:
    network = {"AvailabilityZones": [f"us-east-1{zone}" for zone in zones]}
    spread = {"PrimaryRegion": "us-east-1", "AdditionalRegions": list(regions)}
    own = {"DirectoryId": "d-1", "Name": "c", "Type": "MicrosoftAD", "Stage": "Active", "VpcSettings": network}
    taken = {"DirectoryId": "d-1", "SnapshotId": "s", "Type": "Auto", "Status": "Completed", "StartTime": snapshot}
    return {
        ("ds", "DescribeDirectories"): {"DirectoryDescriptions": [{**own, "RegionsInfo": spread, **told}]},
        ("ds", "DescribeSnapshots"): {"Snapshots": [taken] if snapshot else []},
    }
