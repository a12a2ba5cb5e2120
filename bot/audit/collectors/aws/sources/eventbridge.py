"""EventBridge global endpoints: their two regions, their health check and whether they replicate events."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.parts.token_pages import all_pages
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import EventEndpoint, Fact


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one EventEndpoint per global endpoint of the region, from the listing alone."""
    rows = all_pages(aws, "events", "ListEndpoints", "Endpoints")
    identity = ItemIdentity[dict[str, Any]]("events:ListEndpoints", lambda row: row["Arn"])
    yield from facts_of(aws, lambda row: _endpoint(aws, row), rows, identity, calls=False)


def _endpoint(aws: Reader, row: dict[str, Any]) -> Fact:
    """An endpoint has no tags; those of its event bus in the region name its service."""
    buses = [bus["EventBusArn"] for bus in row.get("EventBuses", ()) if _arn.is_arn(bus.get("EventBusArn"))]
    regions = {_arn.parse_arn(bus).region: bus for bus in buses}
    failover = row.get("RoutingConfig", {}).get("FailoverConfig", {})
    secondary = failover.get("Secondary", {}).get("Route", "")
    return aws.fact(
        EventEndpoint,
        resource=row["Arn"],
        name=row.get("Name") or row["Arn"].rpartition("/")[2],
        product="events",
        status=row.get("State", ""),
        tags=aws.tags(regions[aws.region]) if aws.region in regions else {},
        about=tuple(buses),
        regions=tuple(sorted({*regions, secondary} - {""})),
        replicates=row.get("ReplicationConfig", {}).get("State", "DISABLED") == "ENABLED",
        health_check=failover.get("Primary", {}).get("HealthCheck", ""),
    )


SOURCE = Source(
    name="aws_event_endpoints",
    facts=(EventEndpoint,),
    actions=("events:ListEndpoints", "tag:GetResources"),
    read=read,
)
