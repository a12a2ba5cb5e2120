"""Lists Kinesis streams, for the sources that read something of each."""

from collections.abc import Callable, Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.reader import Reader
from checks import Fact


def facts_of_streams(aws: Reader, read: Callable[[dict[str, Any], str], Fact]) -> Iterator[Fact]:
    """The fact that `read` makes of each stream: of its row of ListStreams, and its ARN.

    Raises:
        ReadError: the streams cannot be listed.
    """
    identity = ItemIdentity[dict[str, Any]]("kinesis:ListStreams", lambda row: _arn_of(aws, row))
    listed = aws.list("kinesis", "ListStreams", "StreamSummaries")
    yield from facts_of(aws, lambda row: read(row, _arn_of(aws, row)), listed, identity)


def summary_of(aws: Reader, arn: str) -> dict[str, Any]:
    """What the listing lacks of a stream; one call, shared by all sources.

    Raises:
        ReadError: it failed.
    """
    found: dict[str, Any] = aws.get("kinesis", "DescribeStreamSummary", StreamARN=arn)["StreamDescriptionSummary"]
    return found


def name_of(row: dict[str, Any], arn: str) -> str:
    """A stream's name, which ends its ARN."""
    return str(row.get("StreamName") or arn.rpartition("/")[2])


def _arn_of(aws: Reader, row: dict[str, Any]) -> str:
    return str(row.get("StreamARN") or aws.arn("kinesis", f"stream/{row['StreamName']}"))
