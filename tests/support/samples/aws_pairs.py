"""Two resources of every kind that AWS is read for, `alpha` and `beta`, as the API reference shapes the answers.

They share nothing: what happens to alpha may change no fact of beta. `PAIRS` maps (service, operation) to the answer, or to
a function of the request.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from support.builders.aws_sources import arn
from support.builders.moment import NOW
from support.fakes.aws_script import Answer, Operation
from support.samples.aws_pair import NAMES, Row, both, named, of, zone
from support.samples.aws_pairs_of_flows import FLOWS
from support.samples.aws_pairs_of_networks import NETWORKS
from support.samples.aws_pairs_of_practices import PRACTICES
from support.samples.aws_pairs_of_resilience import RESILIENCE
from support.samples.aws_pairs_of_runners import RUNNERS
from support.samples.aws_pairs_of_stores import STORES


def tagged(name: str) -> Row:
    return {"ResourceARN": arn("dynamodb", f"table/{name}"), "Tags": named(name)}


def table(name: str) -> Row:
    return {
        "Table": {
            "TableName": name,
            "TableArn": arn("dynamodb", f"table/{name}"),
            "TableStatus": "ACTIVE",
            "DeletionProtectionEnabled": True,
            "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
            "Replicas": [{"RegionName": "us-west-2", "ReplicaStatus": "ACTIVE"}],
            "SSEDescription": {"Status": "ENABLED", "KMSMasterKeyArn": arn("kms", f"key/{name}")},
        }
    }


def recovery(name: str) -> Row:
    point_in_time = {"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 14}
    status = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": point_in_time}
    return {"ContinuousBackupsDescription": status}


def scalable(params: Mapping[str, Any]) -> Row:
    kind = {"ServiceNamespace": params["ServiceNamespace"], "RoleARN": "r", "CreationTime": NOW}
    limits = {"MinCapacity": 1, "MaxCapacity": 9}
    if params["ServiceNamespace"] == "ecs":
        one = "ecs:service:DesiredCount"
        rows = both(lambda name: {"ResourceId": f"service/{name}/{name}", "ScalableDimension": one, **limits, **kind})
        return {"ScalableTargets": rows}
    sides = [f"dynamodb:table:{side}CapacityUnits" for side in ("Read", "Write")]
    return {
        "ScalableTargets": [
            {"ResourceId": f"table/{name}", "ScalableDimension": side, **limits, **kind}
            for name in NAMES
            for side in sides
        ]
    }


def instance(name: str) -> Row:
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceArn": arn("rds", f"db:{name}"),
        "Engine": "postgres",
        "MultiAZ": True,
        "AvailabilityZone": zone(name),
        "SecondaryAvailabilityZone": zone(name, "b"),
        "BackupRetentionPeriod": 7,
        "DeletionProtection": True,
        "AllocatedStorage": 10,
        "MaxAllocatedStorage": 20,
        "AutoMinorVersionUpgrade": True,
        "KmsKeyId": arn("kms", f"key/{name}"),
        "ReadReplicaDBInstanceIdentifiers": [arn("rds", f"db:{name}", "us-west-2")],
        "TagList": named(name),
    }


def member(name: str) -> Row:
    own = {"DBInstanceIdentifier": f"{name}-0", "DBInstanceArn": arn("rds", f"db:{name}-0"), "Engine": "aurora-mysql"}
    return {**own, "DBClusterIdentifier": f"c-{name}", "AvailabilityZone": zone(name), "AutoMinorVersionUpgrade": True}


def cluster(name: str) -> Row:
    return {
        "DBClusterIdentifier": f"c-{name}",
        "DBClusterArn": arn("rds", f"cluster:c-{name}"),
        "Engine": "aurora-mysql",
        "BackupRetentionPeriod": 7,
        "DeletionProtection": True,
        "DBClusterMembers": [{"DBInstanceIdentifier": f"{name}-0", "IsClusterWriter": True}],
        "KmsKeyId": arn("kms", f"key/{name}"),
        "TagList": named(name),
    }


def global_cluster(name: str) -> Row:
    regions = ("us-east-1", "us-west-2")
    members = [
        {"DBClusterArn": arn("rds", f"cluster:c-{name}", region), "IsWriter": region == "us-east-1"}
        for region in regions
    ]
    return {"GlobalClusterIdentifier": name, "GlobalClusterMembers": members}


def replication_group(name: str) -> Row:
    nodes = [{"CacheClusterId": f"{name}-1", "PreferredAvailabilityZone": zone(name)}]
    return {
        "ReplicationGroupId": f"g-{name}",
        "ARN": arn("elasticache", f"replicationgroup:g-{name}"),
        "Engine": "redis",
        "MultiAZ": "enabled",
        "AutomaticFailover": "enabled",
        "MemberClusters": [f"{name}-1"],
        "NodeGroups": [{"NodeGroupId": name, "NodeGroupMembers": nodes}],
        "GlobalReplicationGroupInfo": {
            "GlobalReplicationGroupId": f"w-{name}",
            "GlobalReplicationGroupMemberRole": "PRIMARY",
        },
        "SnapshotRetentionLimit": 5,
        "KmsKeyId": arn("kms", f"key/{name}"),
    }


def cache(name: str, group: str = "") -> Row:
    return {
        "CacheClusterId": f"{name}-1" if group else name,
        "ARN": arn("elasticache", f"cluster:{name}-1" if group else f"cluster:{name}"),
        "Engine": "redis",
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": zone(name),
        "CacheNodes": [{"CacheNodeId": "0001", "CustomerAvailabilityZone": zone(name)}],
        "AutoMinorVersionUpgrade": True,
        "CacheParameterGroup": {"CacheParameterGroupName": f"params-{name}"},
        **({"ReplicationGroupId": group} if group else {}),
    }


def global_store(name: str) -> Row:
    member = {"ReplicationGroupId": f"g-{name}", "ReplicationGroupRegion": "us-west-2", "Role": "SECONDARY"}
    return {"GlobalReplicationGroupId": f"w-{name}", "Members": [member]}


def file_system(name: str) -> Row:
    own = {"FileSystemId": f"fs-{name}", "FileSystemArn": arn("elasticfilesystem", f"file-system/fs-{name}")}
    return {**own, "Name": name, "KmsKeyId": arn("kms", f"key/{name}"), "Tags": named(name)}


def mount(name: str, letter: str) -> Row:
    where = {"AvailabilityZoneId": f"{zone(name, letter)}-id", "AvailabilityZoneName": zone(name, letter)}
    return {"MountTargetId": f"m-{name}", "FileSystemId": f"fs-{name}", **where}


def replication(name: str) -> Row:
    copy = {"Status": "ENABLED", "Region": "us-west-2", "FileSystemId": "fs-far"}
    return {"SourceFileSystemId": f"fs-{name}", "Destinations": [copy]}


def domain(name: str) -> Row:
    return {
        "DomainName": name,
        "ARN": arn("es", f"domain/{name}"),
        "EngineVersion": "OpenSearch_2.11",
        "ClusterConfig": {"InstanceCount": 3, "ZoneAwarenessEnabled": True},
        "SoftwareUpdateOptions": {"AutoSoftwareUpdateEnabled": True},
        "EncryptionAtRestOptions": {"Enabled": True, "KmsKeyId": arn("kms", f"key/{name}")},
    }


def broker_cluster(name: str) -> Row:
    brokers = {"ZoneIds": [f"{name}-z1", f"{name}-z2"], "ClientSubnets": [f"s-{name}"], "InstanceType": "kafka.m5"}
    volume = {"EncryptionAtRest": {"DataVolumeKMSKeyId": arn("kms", f"key/{name}")}}
    made = {"BrokerNodeGroupInfo": brokers, "NumberOfBrokerNodes": 3, "EncryptionInfo": volume}
    own = {"ClusterName": name, "ClusterArn": arn("kafka", f"cluster/{name}/1-2-3"), "Tags": {"service": name}}
    return {**own, "ClusterType": "PROVISIONED", "Provisioned": made}


def cache_cluster(name: str) -> Row:
    node = {"AvailabilityZone": zone(name), "NodeId": name}
    return {"ClusterName": name, "ClusterArn": arn("dax", f"cache/{name}"), "TotalNodes": 2, "Nodes": [node]}


def memory(name: str) -> Row:
    shard = {"Name": "1", "NumberOfNodes": 2, "Nodes": [{"Name": name, "AvailabilityZone": zone(name)}]}
    own = {"Name": name, "ARN": arn("memorydb", f"cluster/{name}"), "Engine": "redis", "AvailabilityMode": "MultiAZ"}
    more = {"SnapshotRetentionLimit": 3, "AutoMinorVersionUpgrade": True, "KmsKeyId": arn("kms", f"key/{name}")}
    return {**own, "Shards": [shard], **more}


def warehouse(name: str) -> Row:
    own = {"ClusterIdentifier": name, "ClusterVersion": "1.0", "AvailabilityZone": zone(name), "MultiAZ": "Enabled"}
    more = {"NumberOfNodes": 2, "AutomatedSnapshotRetentionPeriod": 7, "AllowVersionUpgrade": True}
    second = {"MultiAZSecondary": {"AvailabilityZone": zone(name, "b")}, "KmsKeyId": arn("kms", f"key/{name}")}
    return {**own, **more, **second, "Tags": named(name)}


def broker(name: str) -> Row:
    own = {"BrokerArn": arn("mq", f"broker:{name}:b-{name}"), "BrokerName": name, "BrokerId": f"b-{name}"}
    return {**own, "EngineType": "RABBITMQ", "DeploymentMode": "CLUSTER_MULTI_AZ"}


def stream(name: str) -> Row:
    own = {"StreamName": name, "StreamARN": arn("kinesis", f"stream/{name}"), "StreamStatus": "ACTIVE"}
    return {**own, "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}


def stream_key(name: str) -> Row:
    own = {"StreamName": name, "StreamARN": arn("kinesis", f"stream/{name}"), "EncryptionType": "KMS"}
    return {"StreamDescriptionSummary": {**own, "KeyId": f"alias/{name}", "RetentionPeriodHours": 168}}


def broker_key(name: str) -> Row:
    return {"EncryptionOptions": {"UseAwsOwnedKey": False, "KmsKeyId": f"alias/{name}"}}


def bucket_key(name: str) -> Row:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": f"alias/{name}"}
    return {"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}}


def bucket_copies(name: str) -> Row:
    rule = {"Status": "Enabled", "Destination": {"Bucket": f"arn:aws:s3:::{name}-far"}}
    return {"ReplicationConfiguration": {"Role": "r", "Rules": [rule]}}


def access_point(name: str) -> Row:
    parts = [{"Bucket": name, "Region": "us-east-1"}, {"Bucket": f"{name}-far", "Region": "us-west-2"}]
    return {"Name": name, "Status": "READY", "Regions": parts}


def volume(name: str) -> Row:
    attached = {"InstanceId": f"i-{name}", "State": "attached"}
    own = {"VolumeId": f"vol-{name}", "AvailabilityZone": zone(name), "Size": 8, "Tags": named(name)}
    return {**own, "Attachments": [attached]}


def snapshot(name: str) -> Row:
    own = {"VolumeId": f"vol-{name}", "StartTime": NOW - timedelta(days=1), "State": "completed"}
    return {**own, "SnapshotId": f"s-{name}"}


def queue(name: str) -> Row:
    redrive = json.dumps({"deadLetterTargetArn": arn("sqs", f"{name}-dead"), "maxReceiveCount": 3})
    text = {"QueueArn": arn("sqs", name), "RedrivePolicy": redrive, "MessageRetentionPeriod": "345600"}
    return {"Attributes": text}


PAIRS: dict[Operation, Answer] = (
    PRACTICES
    | NETWORKS
    | RUNNERS
    | STORES
    | FLOWS
    | RESILIENCE
    | {
        ("resourcegroupstaggingapi", "GetResources"): {"ResourceTagMappingList": both(tagged)},
        ("dynamodb", "ListTables"): {"TableNames": list(NAMES)},
        ("dynamodb", "DescribeTable"): of("TableName", table),
        ("dynamodb", "DescribeContinuousBackups"): of("TableName", recovery),
        ("application-autoscaling", "DescribeScalableTargets"): scalable,
        ("rds", "DescribeDBInstances"): {"DBInstances": [*both(instance), *both(member)]},
        ("rds", "DescribeDBClusters"): {"DBClusters": both(cluster)},
        ("rds", "DescribeGlobalClusters"): {"GlobalClusters": both(global_cluster)},
        ("elasticache", "DescribeReplicationGroups"): {"ReplicationGroups": both(replication_group)},
        ("elasticache", "DescribeCacheClusters"): {
            "CacheClusters": [*both(cache), *both(lambda name: cache(name, f"g-{name}"))]
        },
        ("elasticache", "DescribeCacheParameters"): of(
            "CacheParameterGroupName",
            lambda _: {"Parameters": [{"ParameterName": "maxmemory-policy", "ParameterValue": "noeviction"}]},
        ),
        ("elasticache", "DescribeGlobalReplicationGroups"): {"GlobalReplicationGroups": both(global_store)},
        ("efs", "DescribeFileSystems"): {"FileSystems": both(file_system)},
        ("efs", "DescribeMountTargets"): of(
            "FileSystemId", lambda name: {"MountTargets": [mount(name, "a"), mount(name, "b")]}
        ),
        ("efs", "DescribeBackupPolicy"): of("FileSystemId", lambda _: {"BackupPolicy": {"Status": "ENABLED"}}),
        ("efs", "DescribeReplicationConfigurations"): {"Replications": both(replication)},
        ("opensearch", "ListDomainNames"): {"DomainNames": both(lambda name: {"DomainName": name})},
        ("opensearch", "DescribeDomains"): lambda params: {
            "DomainStatusList": [domain(n) for n in params["DomainNames"]]
        },
        ("kafka", "ListClustersV2"): {"ClusterInfoList": both(broker_cluster)},
        ("dax", "DescribeClusters"): {"Clusters": both(cache_cluster)},
        ("memorydb", "DescribeClusters"): {"Clusters": both(memory)},
        ("redshift", "DescribeClusters"): {"Clusters": both(warehouse)},
        ("mq", "ListBrokers"): {"BrokerSummaries": both(broker)},
        ("mq", "DescribeBroker"): of("BrokerId", broker_key),
        ("kinesis", "ListStreams"): {"StreamSummaries": both(stream)},
        ("kinesis", "DescribeStreamSummary"): of("StreamARN", stream_key),
        ("s3", "ListBuckets"): {"Buckets": both(lambda name: {"Name": name})},
        ("s3", "GetBucketLocation"): of("Bucket", lambda _: {"LocationConstraint": "us-east-1"}),
        ("s3", "GetBucketVersioning"): of("Bucket", lambda _: {"Status": "Enabled"}),
        ("s3", "GetBucketReplication"): of("Bucket", bucket_copies),
        ("s3", "GetBucketEncryption"): of("Bucket", bucket_key),
        ("s3control", "ListMultiRegionAccessPoints"): {"AccessPoints": both(access_point)},
        ("ec2", "DescribeVolumes"): {"Volumes": both(volume)},
        ("ec2", "DescribeSnapshots"): {"Snapshots": both(snapshot)},
        ("sqs", "ListQueues"): {"QueueUrls": both(lambda name: f"https://sqs.us-east-1.amazonaws.com/1/{name}")},
        ("sqs", "GetQueueAttributes"): of("QueueUrl", queue),
    }
)
