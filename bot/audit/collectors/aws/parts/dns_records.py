"""Route 53's record sets: read once for all who ask, and named so that other facts can point at them."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from bot.audit.collectors.aws.parts.dns_targets import plain
from bot.audit.collectors.aws.reader import Reader, Rows
from checks import Unread


def records_of(aws: Reader, zone: str) -> Rows:
    """Every record set of a hosted zone, by the zone's bare id."""
    return aws.list("route53", "ListResourceRecordSets", "ResourceRecordSets", HostedZoneId=zone)


def record_id(aws: Reader, zone: str, row: Mapping[str, Any]) -> str:
    """What names a record set for ever: its zone, name, type and, among several, its identifier."""
    parts = (plain(row["Name"]), row["Type"], row.get("SetIdentifier", ""))
    return aws.rootless_arn("route53", f"hostedzone/{zone}/" + "/".join(filter(None, parts)))


def attached_records(aws: Reader) -> Mapping[str, list[str]]:
    """Health check -> the records that hang on it, of every zone that can be read."""
    found = defaultdict(list)
    listed = aws.maybe(lambda: aws.list("route53", "ListHostedZones", "HostedZones"))
    zones = [] if isinstance(listed, Unread) else [row["Id"].rpartition("/")[2] for row in listed]
    for zone, rows in zip(
        zones, aws.each(lambda zone_id: aws.maybe(lambda: records_of(aws, zone_id)), zones), strict=True
    ):
        for row in () if isinstance(rows, Unread) else rows:
            if row.get("HealthCheckId"):
                found[row["HealthCheckId"]].append(record_id(aws, zone, row))
    return found
