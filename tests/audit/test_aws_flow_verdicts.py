"""Kinesis, Data Firehose and Database Migration Service: what each of their states means to each check."""

from typing import Any

import pytest
from support.builders.aws_sources import arn, read_with_gaps
from support.builders.moment import NOW
from support.fakes.aws import Fault, fake_aws
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN
from support.samples.aws_store_states import Script

from bot.audit.collectors.aws.sources import dms, firehose
from checks import DataFlow, Outcome

BUCKET = {"RoleARN": "r", "BucketARN": "arn:aws:s3:::b", "CompressionFormat": "GZIP"}
LOGGED = {"CloudWatchLoggingOptions": {"Enabled": True}}
KEPT = {"S3DestinationDescription": BUCKET, **LOGGED}


def stream(hours: int) -> Script:
    row = {"StreamName": "c", "StreamARN": arn("kinesis", "stream/c"), "StreamStatus": "ACTIVE"}
    more: dict[str, Any] = {"StreamCreationTimestamp": NOW, "EnhancedMonitoring": [], "OpenShardCount": 1}
    summary = {**row, **more, "RetentionPeriodHours": hours}
    return {
        ("kinesis", "ListStreams"): {"StreamSummaries": [row], "StreamNames": ["c"], "HasMoreStreams": False},
        ("kinesis", "DescribeStreamSummary"): {"StreamDescriptionSummary": summary},
    }


def delivery(kind: str, settings: dict[str, Any], *, status: str = "ACTIVE") -> Script:
    target = {"DestinationId": "1", **({f"{kind}DestinationDescription": settings} if kind else {})}
    own = {"DeliveryStreamName": "c", "DeliveryStreamARN": arn("firehose", "deliverystream/c")}
    more = {"DeliveryStreamType": "DirectPut", "VersionId": "1", "Destinations": [target]}
    found = {**own, **more, "DeliveryStreamStatus": status}
    return {
        ("firehose", "ListDeliveryStreams"): {"DeliveryStreamNames": ["c"], "HasMoreDeliveryStreams": False},
        ("firehose", "DescribeDeliveryStream"): {"DeliveryStreamDescription": found},
    }


def retried(kind: str, seconds: int | None) -> Script:
    return delivery(kind, KEPT if seconds is None else {**KEPT, "RetryOptions": {"DurationInSeconds": seconds}})


def replication(task: str = "cdc", status: str = "running", **told: Any) -> Script:
    row = {"ReplicationInstanceIdentifier": "c", "ReplicationInstanceArn": arn("dms", "rep:1"), **told}
    runs = {"MigrationType": task, "Status": status, "ReplicationInstanceArn": arn("dms", "rep:1")}
    return {
        ("dms", "DescribeReplicationInstances"): {"ReplicationInstances": [row]},
        ("dms", "DescribeReplicationTasks"): {"ReplicationTasks": [runs]},
    }


def serverless(kind: str, **compute: Any) -> Script:
    own = {"ReplicationConfigIdentifier": "c", "ReplicationConfigArn": arn("dms", "replication-config:1")}
    row = {**own, "ReplicationType": kind, "ComputeConfig": compute}
    return {("dms", "DescribeReplicationConfigs"): {"ReplicationConfigs": [row]}}


def rows(source: str, *states: tuple[str, str, Outcome, Script]) -> list[State]:
    return [State(title, check, outcome, answers, (source,), on="c") for title, check, outcome, answers in states]


TABLE = [
    *rows(
        "aws_stream_retention",
        ("a week", "ST01", PASS, stream(168)),
        ("three days", "ST01", PASS, stream(72)),
        ("a day, the default", "ST01", FAIL, stream(24)),
    ),
    *rows(
        "aws_delivery_streams",
        *[
            (f"{kind} has a bucket for what it refuses", "ST03", PASS, delivery(kind, KEPT))
            for kind in ("Redshift", "Amazonopensearchservice", "Elasticsearch", "Splunk", "HttpEndpoint", "Iceberg")
        ],
        ("no bucket", "ST03", FAIL, delivery("HttpEndpoint", LOGGED)),
        ("errors are not logged", "ST03", FAIL, delivery("Splunk", {"S3DestinationDescription": BUCKET})),
        ("to S3 with a log", "ST03", PASS, delivery("ExtendedS3", {**BUCKET, **LOGGED})),
        ("to S3 without a log", "ST03", FAIL, delivery("ExtendedS3", BUCKET)),
        ("destination not told", "ST03", UNKNOWN, delivery("", {})),
        ("an hour", "ST04", PASS, retried("Splunk", 3600)),
        ("none", "ST04", FAIL, retried("HttpEndpoint", 0)),
        ("a minute", "ST04", FAIL, retried("Snowflake", 60)),
        ("the default of OpenSearch", "ST04", PASS, retried("Amazonopensearchservice", None)),
        ("no default is named", "ST04", UNKNOWN, retried("Snowflake", None)),
        ("a day to S3", "ST04", PASS, delivery("ExtendedS3", BUCKET)),
        ("several zones", "ST02", PASS, delivery("Splunk", KEPT)),
        ("creation failed", "ST02", UNKNOWN, delivery("Splunk", KEPT, status="CREATING_FAILED")),
        ("deletion failed", "ST02", PASS, delivery("Splunk", KEPT, status="DELETING_FAILED")),
        ("is being created", "ST03", NOT_APPLICABLE, delivery("Splunk", {}, status="CREATING")),
    ),
    *rows(
        "aws_replications",
        ("standby", "ST02", PASS, replication(MultiAZ=True)),
        ("single", "ST02", FAIL, replication(MultiAZ=False)),
        ("a task that failed should run", "ST02", FAIL, replication("cdc", "failed", MultiAZ=False)),
        ("one migration", "ST02", NOT_APPLICABLE, replication("full-load", MultiAZ=False)),
        ("task is stopped", "ST02", NOT_APPLICABLE, replication("cdc", "stopped", MultiAZ=False)),
        ("not told", "ST02", UNKNOWN, replication()),
        ("disk is full", "ST02", UNKNOWN, replication(MultiAZ=True, ReplicationInstanceStatus="storage-full")),
        ("serverless standby", "ST02", PASS, serverless("cdc", MultiAZ=True)),
        ("serverless single", "ST02", FAIL, serverless("full-load-and-cdc", MultiAZ=False)),
        ("serverless migration", "ST02", NOT_APPLICABLE, serverless("full-load", MultiAZ=False)),
        ("serverless not told", "ST02", UNKNOWN, serverless("cdc")),
    ),
]


@pytest.mark.parametrize("state", TABLE, ids=str)
def test_a_flow_is_judged_by_its_state(state: State) -> None:
    state.hold()


def test_denied_tasks_leave_only_a_single_zone_in_doubt() -> None:
    row = {"ReplicationInstanceIdentifier": "c", "ReplicationInstanceArn": arn("dms", "rep:1"), "MultiAZ": False}
    with fake_aws() as aws:
        aws.on("dms", "DescribeReplicationInstances", {"ReplicationInstances": [row]})
        aws.on("dms", "DescribeReplicationTasks", Fault("AccessDeniedException", 403))
        [flow], unread = read_with_gaps(aws, dms.SOURCE)
    assert isinstance(flow, DataFlow)
    assert "access denied to dms:DescribeReplicationTasks" in str(flow.continuous)
    assert (flow.zone_redundant, unread) == (False, [])


def test_serverless_replications_are_listed_to_the_last_page() -> None:
    def page(name: str, marker: str = "") -> dict[str, Any]:
        return {"ReplicationConfigs": [{"ReplicationConfigArn": arn("dms", f"replication-config:{name}")}]} | (
            {"Marker": marker} if marker else {}
        )

    with fake_aws() as aws:
        aws.on(
            "dms",
            "DescribeReplicationConfigs",
            lambda asked: page("2") if asked.get("Marker") == "m" else page("1", "m"),
        )
        found, _ = read_with_gaps(aws, dms.SOURCE)
    assert [fact.name for fact in found] == ["1", "2"]


def test_one_denied_delivery_stream_costs_no_other_one() -> None:
    found: Any = delivery("Splunk", KEPT)["firehose", "DescribeDeliveryStream"]
    with fake_aws() as aws:
        aws.on("firehose", "ListDeliveryStreams", {"DeliveryStreamNames": ["c", "d"], "HasMoreDeliveryStreams": False})
        aws.on(
            "firehose",
            "DescribeDeliveryStream",
            lambda asked: found if asked["DeliveryStreamName"] == "c" else Fault("AccessDeniedException", 403),
        )
        facts, unread = read_with_gaps(aws, firehose.SOURCE)
    assert [fact.name for fact in facts] == ["c"]
    assert [(row.resource, row.error.action) for row in unread] == [
        (arn("firehose", "deliverystream/d"), "firehose:DescribeDeliveryStream")
    ]
