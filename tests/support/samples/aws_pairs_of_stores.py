"""Two of every store whose listing is not among the usual ones: serverless, elastic, shared file systems, directories."""

from datetime import timedelta
from typing import Any

from support.builders.aws_sources import arn
from support.builders.moment import NOW
from support.fakes.aws_script import Answer, Operation
from support.samples.aws_pair import NAMES, Row, both, named, of, zone

DAY = timedelta(days=1)


def places(name: str) -> list[str]:
    return [f"subnet-{name}"]


def namespace(name: str) -> Row:
    own = {"namespaceName": f"ns-{name}", "namespaceArn": arn("redshift-serverless", f"namespace/{name}")}
    return {**own, "status": "AVAILABLE", "kmsKeyId": arn("kms", f"key/{name}")}


def workgroup(name: str) -> Row:
    own = {"workgroupName": f"wg-{name}", "workgroupArn": arn("redshift-serverless", f"workgroup/{name}")}
    return {**own, "namespaceName": f"ns-{name}", "subnetIds": places(name), "status": "AVAILABLE"}


def schedule(name: str) -> Row:
    snapshot = {"namespaceName": f"ns-{name}", "retentionPeriod": 14, "snapshotNamePrefix": "p"}
    own = {"scheduledActionName": f"sa-{name}", "namespaceName": f"ns-{name}", "state": "ACTIVE"}
    return {"scheduledAction": {**own, "targetAction": {"createSnapshot": snapshot}}}


def collection(name: str) -> Row:
    own = {"id": f"id-{name}", "name": name, "arn": arn("aoss", f"collection/id-{name}"), "status": "ACTIVE"}
    return {**own, "kmsKeyArn": "auto"}


def whole_collection(name: str) -> Row:
    return {**collection(name), "type": "SEARCH", "standbyReplicas": "ENABLED", "deletionProtection": "ENABLED"}


def serverless_cache(name: str) -> Row:
    own = {"ServerlessCacheName": name, "ARN": arn("elasticache", f"serverlesscache:{name}"), "Status": "available"}
    return {**own, "Engine": "valkey", "SnapshotRetentionLimit": 7, "SubnetIds": places(name), "KmsKeyId": name}


def dsql(name: str) -> Row:
    peers = [arn("dsql", f"cluster/{name}"), arn("dsql", f"cluster/{name}-far", "us-east-2")]
    more = {"multiRegionProperties": {"witnessRegion": "us-west-2", "clusters": peers}, "tags": {"service": name}}
    own = {"identifier": name, "arn": arn("dsql", f"cluster/{name}"), "status": "ACTIVE", "creationTime": NOW}
    encryption = {"encryptionType": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyArn": name, "encryptionStatus": "ENABLED"}
    return {**own, **more, "deletionProtectionEnabled": True, "encryptionDetails": encryption}


def elastic(name: str) -> Row:
    return {"clusterName": name, "clusterArn": arn("docdb-elastic", f"cluster/{name}"), "status": "ACTIVE"}


def whole_elastic(name: str) -> Row:
    own: dict[str, Any] = {"adminUserName": "u", "authType": "PLAIN_TEXT", "clusterEndpoint": "e", "createTime": "t"}
    own |= {"kmsKeyId": name, "preferredMaintenanceWindow": "w", "shardCapacity": 2, "vpcSecurityGroupIds": []}
    own |= {"backupRetentionPeriod": 0, "shardCount": 2, "shardInstanceCount": 2, "subnetIds": places(name)}
    return {"cluster": {**elastic(name), **own}}


def elastic_snapshot(name: str) -> Row:
    own = {"snapshotArn": name, "snapshotName": name, "status": "ACTIVE"}
    return {**own, "clusterArn": elastic(name)["clusterArn"], "snapshotCreationTime": (NOW - DAY).isoformat()}


def shared_files(name: str) -> Row:
    own = {"FileSystemId": f"fs-{name}", "ResourceARN": arn("fsx", f"file-system/fs-{name}"), "Lifecycle": "AVAILABLE"}
    windows = {"DeploymentType": "MULTI_AZ_1", "AutomaticBackupRetentionDays": 0}
    more = {"FileSystemType": "WINDOWS", "WindowsConfiguration": windows, "SubnetIds": places(name)}
    return {**own, **more, "KmsKeyId": name, "Tags": named(name)}


def file_backup(name: str) -> Row:
    own = {"BackupId": name, "Lifecycle": "AVAILABLE", "Type": "USER_INITIATED", "CreationTime": NOW - DAY}
    return {**own, "FileSystem": {"FileSystemId": f"fs-{name}"}}


def graph(name: str) -> Row:
    own = {"id": f"g-{name}", "name": name, "arn": arn("neptune-graph", f"graph/g-{name}"), "status": "AVAILABLE"}
    return {**own, "replicaCount": 1, "deletionProtection": True, "kmsKeyIdentifier": name}


def graph_snapshot(name: str) -> Row:
    own = {"id": f"gs-{name}", "name": name, "arn": arn("neptune-graph", f"graph-snapshot/gs-{name}")}
    return {**own, "sourceGraphId": f"g-{name}", "snapshotCreateTime": NOW - DAY, "status": "AVAILABLE"}


def influx(name: str) -> Row:
    return {"id": f"id-{name}", "name": name, "arn": arn("timestream-influxdb", f"db-instance/id-{name}")}


def influx_cluster(name: str) -> Row:
    return {"id": f"c-{name}", "name": f"c-{name}", "arn": arn("timestream-influxdb", f"db-cluster/c-{name}")}


def whole_influx_cluster(name: str) -> Row:
    return {**influx_cluster(name), "status": "AVAILABLE", "failoverMode": "AUTOMATIC"}


def keyspace(name: str) -> Row:
    own = {"keyspaceName": name, "resourceArn": arn("cassandra", f"/keyspace/{name}/")}
    return {**own, "replicationStrategy": "MULTI_REGION", "replicationRegions": ["us-east-1", "eu-west-1"]}


def cassandra_table(name: str) -> Row:
    own = {"keyspaceName": name, "tableName": f"t_{name}"}
    return {**own, "resourceArn": arn("cassandra", f"/keyspace/{name}/table/t_{name}")}


def whole_cassandra_table(name: str) -> Row:
    told = {"status": "ACTIVE", "pointInTimeRecovery": {"status": "ENABLED"}}
    return {**cassandra_table(name), **told, "capacitySpecification": {"throughputMode": "PAY_PER_REQUEST"}}


def hsm_cluster(name: str) -> Row:
    modules = [{"HsmId": f"hsm-{zone}", "AvailabilityZone": f"us-east-1{zone}", "State": "ACTIVE"} for zone in "ab"]
    kept = {"BackupRetentionPolicy": {"Type": "DAYS", "Value": "90"}, "TagList": [{"Key": "Name", "Value": name}]}
    return {"ClusterId": f"cluster-{name}", "State": "ACTIVE", "Hsms": modules, **kept}


def gateway_volume(name: str) -> Row:
    gateway = arn("storagegateway", f"gateway/sgw-{name}")
    own = {"VolumeARN": f"{gateway}/volume/vol-{name}", "VolumeId": f"vol-{name}", "GatewayARN": gateway}
    return {**own, "VolumeSizeInBytes": 5 * 1024**3, "VolumeAttachmentStatus": "ATTACHED"}


def whole_influx(name: str) -> Row:
    own = {"status": "AVAILABLE", "deploymentType": "WITH_MULTIAZ_STANDBY", "vpcSubnetIds": [], "kmsKeyId": name}
    backups = [{"type": "DAILY", "retentionDays": 7, "enabled": True}]
    zones = {"availabilityZone": zone(name), "secondaryAvailabilityZone": zone(name, "b")}
    return {**influx(name), **own, **zones, "dbBackupConfigurations": backups}


def directory(name: str) -> Row:
    own = {"DirectoryId": f"d-{name}", "Name": f"{name}.example", "Stage": "Active", "Type": "MicrosoftAD"}
    network = {"VpcId": "v", "SubnetIds": [], "AvailabilityZones": [zone(name), zone(name, "b")]}
    regions = {"PrimaryRegion": "us-east-1", "AdditionalRegions": ["us-west-2"]}
    return {**own, "VpcSettings": network, "RegionsInfo": regions, "DesiredNumberOfDomainControllers": 2}


def directory_snapshot(name: str) -> Row:
    own = {"DirectoryId": f"d-{name}", "SnapshotId": f"s-{name}", "Type": "Auto", "Status": "Completed"}
    return {**own, "StartTime": NOW - DAY}


STORES: dict[Operation, Answer] = {
    ("redshift-serverless", "ListNamespaces"): {"namespaces": both(namespace)},
    ("redshift-serverless", "ListWorkgroups"): {"workgroups": both(workgroup)},
    ("redshift-serverless", "ListSnapshotCopyConfigurations"): {
        "snapshotCopyConfigurations": both(
            lambda name: {"namespaceName": f"ns-{name}", "destinationRegion": "us-west-2"}
        )
    },
    ("redshift-serverless", "ListScheduledActions"): {
        "scheduledActions": both(lambda name: {"namespaceName": f"ns-{name}", "scheduledActionName": f"sa-{name}"})
    },
    ("redshift-serverless", "GetScheduledAction"): of("scheduledActionName", schedule),
    ("opensearchserverless", "ListCollections"): {"collectionSummaries": both(collection)},
    ("opensearchserverless", "BatchGetCollection"): lambda params: {
        "collectionDetails": [whole_collection(name) for name in NAMES if f"id-{name}" in params["ids"]]
    },
    ("elasticache", "DescribeServerlessCaches"): {"ServerlessCaches": both(serverless_cache)},
    ("dsql", "ListClusters"): {"clusters": both(lambda name: {"identifier": name, "arn": dsql(name)["arn"]})},
    ("dsql", "GetCluster"): of("identifier", dsql),
    ("docdb-elastic", "ListClusters"): {"clusters": both(elastic)},
    ("docdb-elastic", "GetCluster"): of("clusterArn", whole_elastic),
    ("docdb-elastic", "ListClusterSnapshots"): {"snapshots": both(elastic_snapshot)},
    ("fsx", "DescribeFileSystems"): {"FileSystems": both(shared_files)},
    ("fsx", "DescribeBackups"): {"Backups": both(file_backup)},
    ("neptune-graph", "ListGraphs"): {"graphs": both(graph)},
    ("neptune-graph", "ListGraphSnapshots"): {"graphSnapshots": both(graph_snapshot)},
    ("timestream-influxdb", "ListDbInstances"): {"items": both(influx)},
    ("timestream-influxdb", "GetDbInstance"): of("identifier", whole_influx),
    ("timestream-influxdb", "ListDbClusters"): {"items": both(influx_cluster)},
    ("timestream-influxdb", "GetDbCluster"): of("dbClusterId", whole_influx_cluster),
    ("timestream-influxdb", "ListDbInstancesForCluster"): of("dbClusterId", lambda name: {"items": [influx(name)]}),
    ("keyspaces", "ListKeyspaces"): {"keyspaces": both(keyspace)},
    ("keyspaces", "ListTables"): of("keyspaceName", lambda name: {"tables": [cassandra_table(name)]}),
    ("keyspaces", "GetTable"): of("tableName", whole_cassandra_table),
    ("cloudhsmv2", "DescribeClusters"): {"Clusters": both(hsm_cluster)},
    ("storagegateway", "ListVolumes"): {"VolumeInfos": both(gateway_volume)},
    ("ds", "DescribeDirectories"): {"DirectoryDescriptions": both(directory)},
    ("ds", "DescribeSnapshots"): {"Snapshots": both(directory_snapshot)},
}
