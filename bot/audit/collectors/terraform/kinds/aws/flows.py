"""Data Firehose and DMS. Defaults: Terraform's hashicorp/aws provider documentation of each type."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from bot.audit.collectors.terraform.aws_parts import key_of
from bot.audit.collectors.terraform.resource import PlanResource, kind, told
from checks import DataFlow, Fact, Maybe, Unread

_BUCKET: Final = "extended_s3"
_DAY: Final = timedelta(
    hours=24
)  # Firehose guide, "Handle data delivery failures": how long a delivery to S3 is repeated
_DESTINATIONS: Final = {
    _BUCKET: "S3",
    "s3": "S3",
    "redshift": "Redshift",
    "elasticsearch": "OpenSearch Service",
    "opensearch": "OpenSearch Service",
    "opensearchserverless": "OpenSearch Serverless",
    "splunk": "Splunk",
    "http_endpoint": "the HTTP endpoint",
    "snowflake": "Snowflake",
    "iceberg": "the Iceberg tables",
}
# API reference, `DurationInSeconds`: the seconds where none are set. Of the other destinations it names no default.
_RETRIES: Final = {"redshift": 3600, "elasticsearch": 300, "opensearch": 300, "opensearchserverless": 300}
_ONCE: Final = "full-load"


def _delivery(row: PlanResource) -> Iterable[Fact]:
    """A delivery stream, which is multi-AZ; its settings are a block that is named after the destination."""
    destination = row.plain("destination")
    if destination not in _DESTINATIONS:
        destination = next((name for name in _DESTINATIONS if told(row.blocks(f"{name}_configuration"), ())), "")
    block = f"{destination}_configuration"
    in_bucket = destination in (_BUCKET, "s3")
    unknown = Unread("destination is known only after apply")
    yield row.fact(
        DataFlow,
        product="firehose",
        destination=_DESTINATIONS.get(destination, ""),
        zone_redundant=True,
        keeps_failed=_keeps_failed(row, block, in_bucket=in_bucket) if destination else unknown,
        logs_errors=row.flag_of(f"{block}.cloudwatch_logging_options.enabled") if destination else unknown,
        retries_for=_retries_for(row, destination, in_bucket=in_bucket) if destination else unknown,
        encryption_key=key_of(row, "server_side_encryption.key_arn"),
    )


def _keeps_failed(row: PlanResource, block: str, *, in_bucket: bool) -> Maybe[bool | None]:
    """Whether refused records go to a bucket; None where the destination is the bucket. Older providers have it outside."""
    if in_bucket:
        return None
    found = [row.blocks(path) for path in (f"{block}.s3_configuration", "s3_configuration")]
    doubt = next((blocks for blocks in found if isinstance(blocks, Unread)), None)
    return any(told(blocks, ()) for blocks in found) or doubt or False


def _retries_for(row: PlanResource, destination: str, *, in_bucket: bool) -> Maybe[timedelta | None]:
    if in_bucket:
        return _DAY
    seconds = row.number_of(f"{destination}_configuration.retry_duration", _RETRIES.get(destination, -1))
    if isinstance(seconds, Unread):
        return seconds
    return Unread("the plan has no retry_duration") if seconds < 0 else timedelta(seconds=seconds)


def _replication(row: PlanResource) -> Iterable[Fact]:
    """A DMS replication instance, single-AZ unless set, with its tasks."""
    tasks = row.joined("aws_dms_replication_task", "replication_instance_arn")
    ongoing = any(task.plain("migration_type") != _ONCE for task in tasks.found)
    zone = row.plain("availability_zone")
    yield row.fact(
        DataFlow,
        product="dms",
        name=row.plain("replication_instance_id") or row.identity.name,
        continuous=ongoing or tasks.doubt or False,
        zone_redundant=row.flag_of("multi_az"),
        zones=(zone,) if zone else (),
        encryption_key=key_of(row, "kms_key_arn"),
    )


def _serverless(row: PlanResource) -> Iterable[Fact]:
    """A serverless replication, single-AZ unless set."""
    zone, kind_of = row.plain("compute_config.availability_zone"), row.text_of("replication_type")
    yield row.fact(
        DataFlow,
        product="dms",
        name=row.plain("replication_config_identifier") or row.identity.name,
        continuous=kind_of if isinstance(kind_of, Unread) else kind_of != _ONCE,
        zone_redundant=row.flag_of("compute_config.multi_az"),
        zones=(zone,) if zone else (),
        encryption_key=key_of(row, "compute_config.kms_key_id"),
    )


KINDS = (
    kind("aws_kinesis_firehose_delivery_stream", (DataFlow,), _delivery),
    kind("aws_dms_replication_instance", (DataFlow,), _replication),
    kind("aws_dms_replication_config", (DataFlow,), _serverless),
)
