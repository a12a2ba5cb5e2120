"""How long Kinesis streams keep records."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bot.audit.collectors.aws.parts.kinesis_streams import facts_of_streams, name_of, summary_of
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, StreamRetention


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one StreamRetention per stream: the listing does not contain it, so it takes a call for each."""
    yield from facts_of_streams(aws, lambda row, arn: _retention(aws, row, arn))


def _retention(aws: Reader, row: dict[str, Any], arn: str) -> Fact:
    return aws.fact(
        StreamRetention,
        resource=f"{arn}/retention",
        name=name_of(row, arn),
        product="kinesis",
        status=row.get("StreamStatus", ""),
        about=(arn,),
        tags=aws.tags(arn),
        period=timedelta(hours=summary_of(aws, arn)["RetentionPeriodHours"]),
    )


SOURCE = Source(
    name="aws_stream_retention",
    facts=(StreamRetention,),
    actions=("kinesis:ListStreams", "kinesis:DescribeStreamSummary", "tag:GetResources"),
    read=read,
)
