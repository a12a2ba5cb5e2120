"""Route 53 zones, records and health checks. Defaults: Terraform's hashicorp/aws provider documentation of each type."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from bot.audit.collectors.terraform.resource import PlanResource, kind, told
from checks import DnsRecord, DnsZone, Fact, HealthCheck, Maybe, Unread

_ROUTING: Final = ("A", "AAAA", "CNAME")
_POLICIES: Final = ("failover", "latency", "weighted", "geolocation", "geoproximity", "cidr")
_THRESHOLD: Final = 3


def _zone(row: PlanResource) -> Iterable[Fact]:
    """A hosted zone; its name servers are known once it exists."""
    yield row.fact(
        DnsZone,
        product="route53",
        name=row.plain("name").rstrip(".").lower() or row.identity.name,
        private=bool(_is_private(row)),
        records=len(row.joined("aws_route53_record", "zone_id").found),
        name_servers=tuple(sorted(told(row.maybe(row.texts, "name_servers"), ()))),
    )


def _is_private(zone: PlanResource) -> bool | None:
    """Whether only VPCs see a zone: one that the plan makes says in which, a data source says it outright."""
    if zone.entry.data:
        return told(zone.maybe(zone.flag, "private_zone"), None)
    return bool(zone.entry.values.get("vpc")) or not zone.known("vpc")


def _record(row: PlanResource) -> Iterable[Fact]:
    """A record set that routes traffic; validation records begin with an underscore and route none."""
    name, kind_of = row.plain("name").rstrip(".").lower(), row.text("type")
    if kind_of not in _ROUTING or name.startswith("_"):
        return
    path = "alias.name" if told(row.blocks("alias"), ()) else "records"
    links = row.links(path)
    behind = [row.open_other(entry) for entry in links.found if not entry.data]
    region = row.plain("latency_routing_policy.region")
    zones = row.linked("zone_id", "aws_route53_zone")
    zone_name = zones[0].plain("name").rstrip(".").lower() if zones else ""
    regions = {other.identity.region for other in behind} - {""}
    yield row.fact(
        DnsRecord,
        product="route53",
        name=f"{name}.{zone_name}"
        if zone_name and name != zone_name and not name.endswith(f".{zone_name}")
        else name or zone_name,
        about=tuple(other.identity.resource for other in behind),
        zone=zone_name or row.plain("zone_id"),
        type=kind_of,
        policy=_policy(row),
        role=row.plain("failover_routing_policy.type").lower(),
        ttl=told(row.number_of("ttl", 0), 0) or None if path == "records" else None,
        targets=links.others or tuple(other.identity.name for other in behind),
        target_regions=tuple(sorted(regions)) or ((region,) if region else ()),
        siblings=_siblings(row),
        health_check=_health_check(row),
        health_check_exists=_exists(row),
        evaluates_target_health=told(row.flag_of("alias.evaluate_target_health"), otherwise=False)
        if path != "records"
        else None,
        private_zone=_is_private(zones[0]) if zones else None,
    )


def _policy(row: PlanResource) -> str:
    found = next((name for name in _POLICIES if told(row.blocks(f"{name}_routing_policy"), ())), "")
    if not found:
        return "multivalue" if told(row.flag_of("multivalue_answer_routing_policy"), otherwise=False) else "simple"
    return "ip" if found == "cidr" else found


def _siblings(row: PlanResource) -> int:
    """How many record sets share name and type. The address of the zone distinguishes several instances of it."""
    counts = row.view.once("record sets", lambda: Counter(_key(other) for other in row.others("aws_route53_record")))
    return counts[_key(row)]


def _key(row: PlanResource) -> tuple[str, str, str]:
    return row.identity_of("zone_id", "aws_route53_zone"), row.plain("name"), row.plain("type")


def _health_check(row: PlanResource) -> str:
    return row.identity_of("health_check_id", "aws_route53_health_check")


def _exists(row: PlanResource) -> Maybe[bool | None]:
    links = row.links("health_check_id", "aws_route53_health_check")
    if links.found:
        return True
    return Unread(f"health check {links.others[0]} is not in the plan") if links.others else None


def _check(row: PlanResource) -> Iterable[Fact]:
    """A health check: it detects a failure after its interval times its threshold; one on an alarm, after the alarm's periods."""
    alarms = row.linked("cloudwatch_alarm_name", "aws_cloudwatch_metric_alarm")
    if alarms:
        seconds = told(alarms[0].number_of("period", 0), 0) * told(alarms[0].number_of("evaluation_periods", 0), 0)
    else:
        interval = told(row.number_of("request_interval", 0), 0)
        seconds = interval * told(row.number_of("failure_threshold", _THRESHOLD), _THRESHOLD)
    host = row.plain("fqdn") or row.plain("ip_address")
    protocol = row.plain("type").partition("_")[0].lower()
    records = row.joined("aws_route53_record", "health_check_id").found
    yield row.fact(
        HealthCheck,
        product="route53",
        name=row.identity.tags.get("Name") or host or row.identity.name,
        about=tuple(record.identity.resource for record in records),
        target=f"{protocol}://{host}{row.plain('resource_path')}" if host else row.plain("cloudwatch_alarm_name"),
        detects_in=timedelta(seconds=seconds),
        disabled=told(row.flag_of("disabled"), otherwise=False),
    )


KINDS = (
    kind("aws_route53_zone", (DnsZone,), _zone),
    kind("aws_route53_record", (DnsRecord,), _record),
    kind("aws_route53_health_check", (HealthCheck,), _check),
)
