"""Kinesis streams, which span all zones of their region and no other region."""

from collections.abc import Iterator

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, StoreKind


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per stream, from the listing alone."""
    for row in aws.list("kinesis", "ListStreams", "StreamSummaries"):
        on_demand = row.get("StreamModeDetails", {}).get("StreamMode") == "ON_DEMAND"
        yield aws.fact(
            Datastore,
            resource=row["StreamARN"],
            name=row["StreamName"],
            product="kinesis",
            kind=StoreKind.STREAM,
            engine="kinesis",
            zone_redundant=True,
            capacity=Capacity.ON_DEMAND if on_demand else Capacity.FIXED,
        )


SOURCE = Source(
    name="aws_streams",
    facts=(Datastore,),
    actions=("kinesis:ListStreams", "tag:GetResources"),
    read=read,
)
