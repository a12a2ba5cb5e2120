"""Data Firehose streams: what happens to records that the destination refuses."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import DataFlow, Fact, Maybe, Unread

_MOST = 10_000  # API reference, `ListDeliveryStreams`: twice the quota of streams in a region
_DAY = timedelta(hours=24)  # developer guide, "Handle data delivery failures": how long a delivery to S3 is repeated
# API reference, `DurationInSeconds`: the seconds where none are set. Of the other destinations it names no default.
_DEFAULT_RETRIES = {
    "Redshift": 3600,
    "Elasticsearch": 300,
    "Amazonopensearchservice": 300,
    "AmazonOpenSearchServerless": 300,
}
_DESTINATIONS = {
    "Redshift": "Redshift",
    "Elasticsearch": "OpenSearch Service",
    "Amazonopensearchservice": "OpenSearch Service",
    "AmazonOpenSearchServerless": "OpenSearch Serverless",
    "Splunk": "Splunk",
    "HttpEndpoint": "the HTTP endpoint",
    "Snowflake": "Snowflake",
    "Iceberg": "the Iceberg tables",
    "ExtendedS3": "S3",
    "S3": "S3",
}


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one DataFlow per delivery stream. Firehose runs in several zones of its region."""
    names: Any = aws.list("firehose", "ListDeliveryStreams", "DeliveryStreamNames", Limit=_MOST)
    identity = ItemIdentity[str]("firehose:ListDeliveryStreams", lambda name: _arn(aws, name))
    yield from facts_of(aws, lambda name: _stream(aws, name), names, identity)


def _arn(aws: Reader, name: str) -> str:
    return aws.arn("firehose", f"deliverystream/{name}")


def _stream(aws: Reader, name: str) -> Fact:
    found = aws.get("firehose", "DescribeDeliveryStream", DeliveryStreamName=name)["DeliveryStreamDescription"]
    kind, settings = _destination(found["Destinations"])
    return aws.fact(
        DataFlow,
        resource=found["DeliveryStreamARN"],
        name=name,
        product="firehose",
        status=found["DeliveryStreamStatus"],
        destination=_DESTINATIONS.get(kind, ""),
        zone_redundant=True,
        keeps_failed=_keeps_failed(kind, settings),
        logs_errors=settings.get("CloudWatchLoggingOptions", {}).get("Enabled", False) if kind else _not_told(),
        retries_for=_retries_for(kind, settings),
        encryption_key=found.get("DeliveryStreamEncryptionConfiguration", {}).get("KeyARN", ""),
    )


def _destination(rows: list[dict[str, Any]]) -> tuple[str, Mapping[str, Any]]:
    """The kind of the destination and its settings. A stream to S3 is described twice, in the older shape too."""
    for kind in _DESTINATIONS:
        for row in rows:
            if row.get(f"{kind}DestinationDescription"):
                return kind, row[f"{kind}DestinationDescription"]
    return "", {}


def _keeps_failed(kind: str, settings: Mapping[str, Any]) -> "Maybe[bool | None]":
    """Whether refused records go to a bucket; None where the destination is the bucket."""
    if not kind:
        return _not_told()
    return None if kind in ("ExtendedS3", "S3") else bool(settings.get("S3DestinationDescription"))


def _retries_for(kind: str, settings: Mapping[str, Any]) -> "Maybe[timedelta]":
    if not kind:
        return _not_told()
    if kind in ("ExtendedS3", "S3"):
        return _DAY
    seconds = settings.get("RetryOptions", {}).get("DurationInSeconds", _DEFAULT_RETRIES.get(kind))
    return Unread("DescribeDeliveryStream returned no RetryOptions") if seconds is None else timedelta(seconds=seconds)


def _not_told() -> Unread:
    return Unread("DescribeDeliveryStream returned no known destination")


SOURCE = Source(
    name="aws_delivery_streams",
    facts=(DataFlow,),
    actions=("firehose:ListDeliveryStreams", "firehose:DescribeDeliveryStream", "tag:GetResources"),
    read=read,
)
