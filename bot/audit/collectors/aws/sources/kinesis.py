"""Kinesis streams, which span all zones of their region and no other region."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import part
from bot.audit.collectors.aws.parts.kinesis_streams import facts_of_streams, name_of, summary_of
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, StoreKind


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per stream; the key that encrypts it takes one call each."""
    yield from facts_of_streams(aws, lambda row, arn: _stream(aws, row, arn))


def _stream(aws: Reader, row: dict[str, Any], arn: str) -> Fact:
    on_demand = row.get("StreamModeDetails", {}).get("StreamMode") == "ON_DEMAND"
    return aws.fact(
        Datastore,
        resource=arn,
        name=name_of(row, arn),
        product="kinesis",
        status=row.get("StreamStatus", ""),
        encryption_key=part(aws, arn, lambda: _encryption_key(aws, arn), "kinesis:DescribeStreamSummary"),
        kind=StoreKind.STREAM,
        engine="kinesis",
        zone_redundant=True,
        capacity=Capacity.ON_DEMAND if on_demand else Capacity.FIXED,
    )


def _encryption_key(aws: Reader, arn: str) -> str:
    """The key that encrypts a stream, empty where none does."""
    return str(summary_of(aws, arn).get("KeyId", ""))


SOURCE = Source(
    name="aws_streams",
    facts=(Datastore,),
    shapes=(StoreKind.STREAM,),
    actions=("kinesis:ListStreams", "kinesis:DescribeStreamSummary", "tag:GetResources"),
    read=read,
)
