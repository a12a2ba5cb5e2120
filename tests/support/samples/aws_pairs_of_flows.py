"""Two of all that carries data: delivery streams, replications."""

from support.builders.aws_sources import arn
from support.fakes.aws_script import Answer, Operation
from support.samples.aws_pair import NAMES, Row, both, of, zone


def delivery(name: str) -> Row:
    own = {"DeliveryStreamName": name, "DeliveryStreamARN": arn("firehose", f"deliverystream/{name}")}
    bucket = {"RoleARN": "r", "BucketARN": f"arn:aws:s3:::{name}", "CompressionFormat": "GZIP"}
    settings = {"S3BackupMode": "FailedDocumentsOnly", "S3DestinationDescription": bucket}
    settings |= {"RetryOptions": {"DurationInSeconds": 600}, "CloudWatchLoggingOptions": {"Enabled": True}}
    target = {"DestinationId": name, "AmazonopensearchserviceDestinationDescription": settings}
    more = {"DeliveryStreamType": "DirectPut", "VersionId": "1", "Destinations": [target]}
    key = {"DeliveryStreamEncryptionConfiguration": {"KeyARN": arn("kms", f"key/{name}")}}
    return {"DeliveryStreamDescription": {**own, "DeliveryStreamStatus": "ACTIVE", **more, **key}}


def replication_instance(name: str) -> Row:
    own = {"ReplicationInstanceIdentifier": name, "ReplicationInstanceArn": arn("dms", f"rep:{name}")}
    more = {"MultiAZ": True, "AvailabilityZone": zone(name), "SecondaryAvailabilityZone": zone(name, "b")}
    return {**own, **more, "ReplicationInstanceStatus": "available", "KmsKeyId": arn("kms", f"key/{name}")}


def task(name: str) -> Row:
    own = {"ReplicationTaskIdentifier": name, "ReplicationInstanceArn": arn("dms", f"rep:{name}")}
    return {**own, "MigrationType": "cdc", "Status": "running"}


def serverless_replication(name: str) -> Row:
    own = {"ReplicationConfigIdentifier": name, "ReplicationConfigArn": arn("dms", f"replication-config:{name}")}
    compute = {"MultiAZ": True, "AvailabilityZone": zone(name), "KmsKeyId": arn("kms", f"key/{name}")}
    return {**own, "ReplicationType": "full-load-and-cdc", "ComputeConfig": compute}


FLOWS: dict[Operation, Answer] = {
    ("firehose", "ListDeliveryStreams"): {"DeliveryStreamNames": list(NAMES), "HasMoreDeliveryStreams": False},
    ("firehose", "DescribeDeliveryStream"): of("DeliveryStreamName", delivery),
    ("dms", "DescribeReplicationInstances"): {"ReplicationInstances": both(replication_instance)},
    ("dms", "DescribeReplicationTasks"): {"ReplicationTasks": both(task)},
    ("dms", "DescribeReplicationConfigs"): {"ReplicationConfigs": both(serverless_replication)},
}
