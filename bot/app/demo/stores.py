"""AWS responses about data: tables, databases, search domains, buckets, queues and backups."""

from collections.abc import Sequence

from bot.app.demo.region import ACCOUNT, Region


def table(
    at: Region,
    service: str,
    name: str,
    *,
    copies: Sequence[str] = (),
    point_in_time: bool = True,
    protected: bool = True,
) -> str:
    """An on-demand DynamoDB table. `copies`: its replica regions; `point_in_time`: whether PITR is enabled."""
    arn = at.arn("dynamodb", f"table/{name}")
    at.tagged(arn, service)
    at.listed("dynamodb", "ListTables", "TableNames", name)
    table = {
        "TableName": name,
        "TableArn": arn,
        "TableStatus": "ACTIVE",
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        "DeletionProtectionEnabled": protected,
        "Replicas": [{"RegionName": region, "ReplicaStatus": "ACTIVE"} for region in copies],
    }
    at.detail("dynamodb", "DescribeTable", name, {"Table": table})
    recovery = {"PointInTimeRecoveryStatus": "ENABLED" if point_in_time else "DISABLED"}
    described = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery}
    at.detail("dynamodb", "DescribeContinuousBackups", name, {"ContinuousBackupsDescription": described})
    return arn


def aurora(at: Region, service: str, name: str, *, zones: int, backup_days: int = 14, protected: bool = True) -> str:
    """An Aurora cluster with an instance in each of the first `zones`."""
    arn = at.arn("rds", f"cluster:{name}")
    tags = at.tagged(arn, service)
    members = [f"{name}-{index}" for index in range(zones)]
    cluster = {
        "DBClusterIdentifier": name,
        "DBClusterArn": arn,
        "Engine": "aurora-postgresql",
        "Status": "available",
        "MultiAZ": zones > 1,
        "BackupRetentionPeriod": backup_days,
        "DeletionProtection": protected,
        "TagList": tags,
        "DBClusterMembers": [
            {"DBInstanceIdentifier": member, "IsClusterWriter": member == members[0]} for member in members
        ],
    }
    at.listed("rds", "DescribeDBClusters", "DBClusters", cluster)
    for index, member in enumerate(members):
        row = {
            "DBInstanceIdentifier": member,
            "DBInstanceArn": at.arn("rds", f"db:{member}"),
            "DBClusterIdentifier": name,
            "Engine": "aurora-postgresql",
            "AvailabilityZone": at.zone(index),
            "AutoMinorVersionUpgrade": True,
        }
        at.listed("rds", "DescribeDBInstances", "DBInstances", row)
    return arn


def database(at: Region, service: str, name: str, *, standby: bool, backup_days: int) -> str:
    """A standalone RDS instance; `standby`: multi-AZ."""
    arn = at.arn("rds", f"db:{name}")
    row = {
        "DBInstanceIdentifier": name,
        "DBInstanceArn": arn,
        "Engine": "postgres",
        "DBInstanceStatus": "available",
        "AvailabilityZone": at.zone(0),
        "MultiAZ": standby,
        "BackupRetentionPeriod": backup_days,
        "DeletionProtection": False,
        "AllocatedStorage": 100,
        "AutoMinorVersionUpgrade": True,
        "TagList": at.tagged(arn, service),
    }
    if standby:
        row["SecondaryAvailabilityZone"] = at.zone(1)
    at.listed("rds", "DescribeDBInstances", "DBInstances", row)
    return arn


def search(at: Region, service: str, name: str, *, nodes: int, aware: bool) -> str:
    """An OpenSearch domain."""
    arn = at.arn("es", f"domain/{name}")
    at.tagged(arn, service)
    at.listed("opensearch", "ListDomainNames", "DomainNames", {"DomainName": name, "EngineType": "OpenSearch"})
    config = {"InstanceType": "m6g.large.search", "InstanceCount": nodes, "ZoneAwarenessEnabled": aware}
    if aware:
        config["ZoneAwarenessConfig"] = {"AvailabilityZoneCount": min(nodes, 3)}
    status = {
        "DomainId": f"{ACCOUNT}/{name}",
        "DomainName": name,
        "ARN": arn,
        "Created": True,
        "Deleted": False,
        "EngineVersion": "OpenSearch_2.13",
        "ClusterConfig": config,
        "SnapshotOptions": {"AutomatedSnapshotStartHour": 3},
    }
    at.listed("opensearch", "DescribeDomains", "DomainStatusList", status)
    return arn


def bucket(home: Region, at: Region, service: str, name: str, *, versioned: bool, copy_in: str = "") -> str:
    """A bucket in `at`; S3 lists all buckets in `home`. `copy_in`: the bucket that it replicates to."""
    arn = f"arn:aws:s3:::{name}"
    at.tagged(arn, service)
    home.listed(
        "s3", "ListBuckets", "Buckets", {"Name": name, "BucketRegion": at.name, "CreationDate": at.ago(days=900)}
    )
    at.detail("s3", "GetBucketVersioning", name, {"Status": "Enabled"} if versioned else {})
    if copy_in:
        rule = {"ID": "all", "Status": "Enabled", "Prefix": "", "Destination": {"Bucket": f"arn:aws:s3:::{copy_in}"}}
        replication = {"Role": f"arn:aws:iam::{ACCOUNT}:role/replication", "Rules": [rule]}
        at.detail("s3", "GetBucketReplication", name, {"ReplicationConfiguration": replication})
    return arn


def queue(at: Region, service: str, name: str, *, dead_letters: bool) -> str:
    """An SQS queue, with or without a dead-letter queue. Returns its ARN."""
    arn = at.arn("sqs", name)
    at.tagged(arn, service)
    attributes = {"QueueArn": arn, "MessageRetentionPeriod": "1209600"}
    if dead_letters:
        failed = at.arn("sqs", f"{name}-failed")
        redrive = f'{{"deadLetterTargetArn":"{failed}","maxReceiveCount":5}}'
        _queue(at, f"{name}-failed", {"QueueArn": failed, "MessageRetentionPeriod": "1209600"})
        at.tagged(failed, service)
        attributes["RedrivePolicy"] = redrive
    _queue(at, name, attributes)
    return arn


def _queue(at: Region, name: str, attributes: dict[str, str]) -> None:
    url = f"https://sqs.{at.name}.amazonaws.com/{ACCOUNT}/{name}"
    at.listed("sqs", "ListQueues", "QueueUrls", url)
    at.detail("sqs", "GetQueueAttributes", url, {"Attributes": attributes})


def recovery_point(at: Region, arn: str, *, days_ago: float) -> None:
    """A recovery point of a resource in AWS Backup."""
    row = {"ResourceArn": arn, "ResourceType": "Aurora", "LastBackupTime": at.ago(days=days_ago)}
    at.listed("backup", "ListProtectedResources", "Results", row)


def restore_test(at: Region, arn: str, *, days_ago: float, validated: bool) -> None:
    """A completed restore test of a resource, validated or not."""
    job = {
        "RestoreJobId": f"restore-{len(at.rows)}",
        "SourceResourceArn": arn,
        "Status": "COMPLETED",
        "ValidationStatus": "SUCCESSFUL" if validated else "FAILED",
        "CreationDate": at.ago(days=days_ago),
        "CompletionDate": at.ago(days=days_ago, minutes=-40),
        "CreatedBy": {"RestoreTestingPlanArn": at.arn("backup", "restore-testing-plan:weekly")},
    }
    at.listed("backup", "ListRestoreJobs", "RestoreJobs", job)
