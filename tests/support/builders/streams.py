"""Builders of facts about data in motion: everything in good order until a test says otherwise."""

from datetime import timedelta
from typing import Any

from support.builders.moment import fact

from checks import DataFlow, StreamRetention


def retention(name: str = "clicks", **fields: Any) -> StreamRetention:
    """A stream that keeps records for a week."""
    return fact(StreamRetention, name, fields, product="kinesis", period=timedelta(days=7))


def delivery(name: str = "to-search", **fields: Any) -> DataFlow:
    """A delivery stream that keeps what is refused, logs it, and retries for an hour."""
    sound: dict[str, Any] = {"destination": "OpenSearch Service", "zone_redundant": True, "keeps_failed": True}
    sound |= {"logs_errors": True, "retries_for": timedelta(hours=1)}
    return fact(DataFlow, name, fields, product="firehose", **sound)


def replication(name: str = "orders", **fields: Any) -> DataFlow:
    """A multi-AZ replication of ongoing changes."""
    return fact(DataFlow, name, fields, product="dms", zone_redundant=True)
