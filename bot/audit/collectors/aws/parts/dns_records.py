"""Reads Route 53 record sets and gives each a stable id."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from bot.audit.collectors.aws.guarded import if_exists, part
from bot.audit.collectors.aws.parts.dns_targets import normalised_name
from bot.audit.collectors.aws.reader import Reader, Rows
from checks import Unread


def record_sets_of(aws: Reader, zone: str) -> Rows:
    """All record sets of a hosted zone. `zone` is its id without the prefix `/hostedzone/`."""
    return aws.list("route53", "ListResourceRecordSets", "ResourceRecordSets", HostedZoneId=zone)


def record_id(aws: Reader, zone: str, row: Mapping[str, Any]) -> str:
    """The stable id of a record set: its zone, name, type and, among several, its set identifier."""
    parts = (normalised_name(row["Name"]), row["Type"], row.get("SetIdentifier", ""))
    return aws.rootless_arn("route53", f"hostedzone/{zone}/" + "/".join(filter(None, parts)))


def records_by_health_check(aws: Reader) -> Mapping[str, list[str]]:
    """The ids of the records that use each health check, in all zones that can be read."""
    found = defaultdict(list)
    listing = aws.maybe(lambda: aws.list("route53", "ListHostedZones", "HostedZones"))
    zones = [] if isinstance(listing, Unread) else [row["Id"].rpartition("/")[2] for row in listing if row.get("Id")]
    for zone, rows in zip(zones, aws.each(lambda zone_id: _known_records(aws, zone_id), zones), strict=True):
        for row in rows:
            if row.get("HealthCheckId") and row.get("Name") and row.get("Type"):
                found[row["HealthCheckId"]].append(record_id(aws, zone, row))
    return found


def _known_records(aws: Reader, zone: str) -> Rows:
    """The record sets of a zone; none of one that is gone or cannot be read, which is then in `aws.unread`."""
    arn = aws.rootless_arn("route53", f"hostedzone/{zone}")
    rows = part(aws, arn, lambda: if_exists(lambda: record_sets_of(aws, zone)))
    return [] if rows is None or isinstance(rows, Unread) else rows
