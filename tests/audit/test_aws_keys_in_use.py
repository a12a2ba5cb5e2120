"""A key belongs to whom it encrypts data for, wherever its own tags point."""

from collections.abc import Mapping
from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.builders.facts import NOW, service
from support.fakes.aws import Fault
from support.fakes.aws_script import Answer, Operation
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from bot.audit.attribution import RelevanceFilter, attribute
from bot.catalogue import CatalogueEntry, Selector
from checks import Outcome, discover, evaluate

Script = Mapping[Operation, Answer]
ID = "11111111-2222-3333-4444-555555555555"
KEY = arn("kms", f"key/{ID}")
PENDING: dict[str, Any] = {"KeyState": "PendingDeletion", "Enabled": False}
DISABLED: dict[str, Any] = {"KeyState": "Disabled", "Enabled": False}
ENABLED: dict[str, Any] = {"KeyState": "Enabled", "Enabled": True}
TAGS = [{"Key": "service", "Value": "pay"}]


def key(tags: Mapping[str, str] | None = None, **state: Any) -> Script:
    told = [{"ResourceARN": KEY, "Tags": [{"Key": name, "Value": value} for name, value in (tags or {}).items()]}]
    names = [{"AliasName": f"alias/{name}", "TargetKeyId": ID} for name in ("orders", "later")]
    return {
        ("kms", "ListKeys"): {"Keys": [{"KeyId": ID, "KeyArn": KEY}]},
        ("kms", "ListAliases"): {"Aliases": names},
        ("kms", "DescribeKey"): {"KeyMetadata": {"KeyId": ID, "Arn": KEY, "KeyManager": "CUSTOMER", **state}},
        ("resourcegroupstaggingapi", "GetResources"): {"ResourceTagMappingList": told},
    }


def database(name: str = KEY) -> tuple[str, Script]:
    row = {"DBInstanceIdentifier": "c", "DBInstanceArn": arn("rds", "db:c"), "KmsKeyId": name, "TagList": TAGS}
    return "aws_databases", {("rds", "DescribeDBInstances"): {"DBInstances": [row]}}


def cluster() -> tuple[str, Script]:
    row = {"DBClusterIdentifier": "c", "DBClusterArn": arn("rds", "cluster:c"), "KmsKeyId": KEY, "TagList": TAGS}
    return "aws_databases", {("rds", "DescribeDBClusters"): {"DBClusters": [row]}}


def volume() -> tuple[str, Script]:
    return "aws_volumes", {
        ("ec2", "DescribeVolumes"): {"Volumes": [{"VolumeId": "v-1", "KmsKeyId": KEY, "Tags": TAGS}]}
    }


def secret(name: str) -> tuple[str, Script]:
    row = {"ARN": arn("secretsmanager", "secret:c"), "Name": "c", "KmsKeyId": name, "Tags": TAGS}
    return "aws_secrets", {("secretsmanager", "ListSecrets"): {"SecretList": [row]}}


def bucket() -> tuple[str, Script]:
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}}
    return "aws_buckets", {
        **tagged("arn:aws:s3:::c"),
        ("s3", "ListBuckets"): {"Buckets": [{"Name": "c", "BucketRegion": "us-east-1"}]},
        ("s3", "GetBucketEncryption"): {"ServerSideEncryptionConfiguration": {"Rules": [default]}},
    }


def stream() -> tuple[str, Script]:
    name = arn("kinesis", "stream/c")
    return "aws_streams", {
        **tagged(name),
        ("kinesis", "ListStreams"): {"StreamSummaries": [{"StreamName": "c", "StreamARN": name}]},
        ("kinesis", "DescribeStreamSummary"): {"StreamDescriptionSummary": {"EncryptionType": "KMS", "KeyId": KEY}},
    }


def broker() -> tuple[str, Script]:
    name = arn("mq", "broker:c:b-1")
    return "aws_brokers", {
        **tagged(name),
        ("mq", "ListBrokers"): {"BrokerSummaries": [{"BrokerName": "c", "BrokerArn": name, "BrokerId": "b-1"}]},
        ("mq", "DescribeBroker"): {"EncryptionOptions": {"UseAwsOwnedKey": False, "KmsKeyId": KEY}},
    }


def topic() -> tuple[str, Script]:
    name = arn("sns", "c")
    return "aws_topics", {
        **tagged(name),
        ("sns", "ListTopics"): {"Topics": [{"TopicArn": name}]},
        ("sns", "GetTopicAttributes"): {"Attributes": {"KmsMasterKeyId": "alias/orders"}},
    }


def backup() -> tuple[str, Script]:
    vault, table = arn("backup", "backup-vault:main"), arn("dynamodb", "table/c")
    return "aws_backups", {
        **tagged(table),
        ("backup", "ListProtectedResources"): {"Results": [{"ResourceArn": table, "LastBackupVaultArn": vault}]},
        ("backup", "ListBackupVaults"): {"BackupVaultList": [{"BackupVaultArn": vault, "EncryptionKeyArn": KEY}]},
    }


def delivery() -> tuple[str, Script]:
    name = arn("firehose", "deliverystream/c")
    own = {"DeliveryStreamName": "c", "DeliveryStreamARN": name, "DeliveryStreamStatus": "ACTIVE", "Destinations": []}
    encryption = {"KeyARN": KEY, "KeyType": "CUSTOMER_MANAGED_CMK", "Status": "ENABLED"}
    told = {**own, "DeliveryStreamEncryptionConfiguration": encryption}
    return "aws_delivery_streams", {
        **tagged(name),
        ("firehose", "ListDeliveryStreams"): {"DeliveryStreamNames": ["c"]},
        ("firehose", "DescribeDeliveryStream"): {"DeliveryStreamDescription": told},
    }


def replication() -> tuple[str, Script]:
    name = arn("dms", "rep:c")
    row = {"ReplicationInstanceArn": name, "ReplicationInstanceIdentifier": "c", "KmsKeyId": KEY}
    return "aws_replications", {
        **tagged(name),
        ("dms", "DescribeReplicationInstances"): {"ReplicationInstances": [row]},
    }


def machine() -> tuple[str, Script]:
    name = arn("states", "stateMachine:c")
    encryption = {"kmsKeyId": KEY, "type": "CUSTOMER_MANAGED_KMS_KEY"}
    own = {"stateMachineArn": name, "name": "c", "type": "STANDARD", "creationDate": NOW}
    return "aws_workflows", {
        **tagged(name),
        ("stepfunctions", "ListStateMachines"): {"stateMachines": [own]},
        ("stepfunctions", "DescribeStateMachine"): {**own, "definition": "{}", "encryptionConfiguration": encryption},
    }


def pool() -> tuple[str, Script]:
    name = arn("cognito-idp", "userpool/us-east-1_1")
    encryption = {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": KEY}
    return "aws_user_directories", {
        **tagged(name),
        ("cognito-idp", "ListUserPools"): {"UserPools": [{"Id": "us-east-1_1", "Name": "c"}]},
        ("cognito-idp", "DescribeUserPool"): {"UserPool": {"Id": "us-east-1_1", "KeyConfiguration": encryption}},
    }


def runner() -> tuple[str, Script]:
    name = arn("apprunner", "service/c/1")
    return "aws_app_runner", {
        **tagged(name),
        ("apprunner", "ListServices"): {"ServiceSummaryList": [{"ServiceArn": name, "ServiceName": "c"}]},
        ("apprunner", "DescribeService"): {"Service": {"EncryptionConfiguration": {"KmsKey": KEY}}},
    }


def tagged(*names: str) -> Script:
    told = [{"ResourceARN": name, "Tags": TAGS} for name in names]
    return {("resourcegroupstaggingapi", "GetResources"): {"ResourceTagMappingList": told}}


def outcomes(user: tuple[str, Script], told: Script) -> dict[str, Outcome]:
    """The verdicts on the key of the services `pay`, which owns its user, and `other`."""
    source, answers = user
    facts = State("", "AU10", PASS, {**told, **answers}, ("aws_keys", source)).facts()
    names = ("pay", "other")
    entries = [CatalogueEntry(service(name), Selector(tags={"service": (name,)})) for name in names]
    rules = [rule for rule in discover() if rule.id == "AU10"]
    found = evaluate(attribute(entries, RelevanceFilter(entries)(facts), ()), now=NOW, rules=rules)
    return {finding.service.name: finding.outcome for finding in found}


@pytest.mark.parametrize(
    ("user", "state", "right"),
    [
        (database(), PENDING, FAIL),
        (database(), DISABLED, FAIL),
        (database(), ENABLED, PASS),
        (database(ID), PENDING, FAIL),
        (database(arn("kms", "key/another")), DISABLED, NOT_APPLICABLE),
        (cluster(), PENDING, FAIL),
        (volume(), DISABLED, FAIL),
        (secret(KEY), DISABLED, FAIL),
        (secret("alias/orders"), DISABLED, FAIL),
        (secret(arn("kms", "alias/orders")), DISABLED, FAIL),
        (bucket(), DISABLED, FAIL),
        (bucket(), PENDING, FAIL),
        (stream(), DISABLED, FAIL),
        (broker(), PENDING, FAIL),
        (topic(), DISABLED, FAIL),
        (backup(), PENDING, FAIL),
        (delivery(), DISABLED, FAIL),
        (replication(), PENDING, FAIL),
        (machine(), DISABLED, FAIL),
        (pool(), PENDING, FAIL),
        (runner(), DISABLED, FAIL),
    ],
)
def test_a_key_fails_whose_data_it_encrypts(user: tuple[str, Script], state: dict[str, Any], right: Outcome) -> None:
    found = outcomes(user, key(**state))
    assert found["pay"] is right
    assert found["other"] is not FAIL


def test_an_unread_key_of_a_bucket_leaves_the_key_unknown() -> None:
    source, answers = bucket()
    denied: Script = {("s3", "GetBucketEncryption"): lambda _: Fault("AccessDenied", 403)}
    found = outcomes((source, {**answers, **denied, **tagged("arn:aws:s3:::c", KEY)}), key(**DISABLED))
    assert found["pay"] is UNKNOWN


def test_the_tags_of_a_key_hide_it_from_nobody() -> None:
    assert outcomes(database(), key({"service": "other"}, **PENDING)) == {"pay": FAIL, "other": NOT_APPLICABLE}
    assert outcomes(database(), key({"service": "other"}, **DISABLED)) == {"pay": FAIL, "other": NOT_APPLICABLE}
