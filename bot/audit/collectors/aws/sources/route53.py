"""Route 53's zones -> DnsZone, and those of their records that steer traffic -> DnsRecord."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.audit.collectors.aws.parts.dns_records import record_id, record_sets_of
from bot.audit.collectors.aws.parts.dns_targets import DnsTargets, normalised_name, regions_in_names
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from bot.net.aws.errors import ReadError
from checks import DnsRecord, DnsZone, Fact, Maybe, Unread

STEERING: Final = ("A", "AAAA", "CNAME")
_CHAIN: Final = 4  # aliases that lead to aliases; a longer chain or a circle is followed no further
_POLICIES: Final = {
    "Failover": "failover",
    "Region": "latency",
    "Weight": "weighted",
    "GeoLocation": "geolocation",
    "GeoProximityLocation": "geoproximity",
    "MultiValueAnswer": "multivalue",
    "CidrRoutingConfig": "ip",
}
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Zone:
    """A hosted zone as listed, with its records, or why they could not be read."""

    id: str
    name: str
    private: bool
    row: dict[str, Any]
    records: "Rows | ReadError"

    def named(self, name: str, type: str) -> tuple[str, ...] | None:
        """Values of one record set, None where there is none or nothing could be read."""
        if isinstance(self.records, ReadError):
            return None
        rows = (row for row in self.records if row["Type"] == type and normalised_name(row["Name"]) == name)
        found = next(rows, None)
        return (
            None
            if found is None
            else tuple(normalised_name(record["Value"]) for record in found.get("ResourceRecords", ()))
        )


def read(aws: Reader) -> Iterator[Fact]:
    """Zones first, then the records of those that could be read; one zone that could not makes the rest a gap."""
    listed = aws.list("route53", "ListHostedZones", "HostedZones")
    if not listed:
        return
    zones = aws.each(lambda row: _zone(aws, row), listed)
    registered = aws.maybe(
        lambda: {
            normalised_name(row["DomainName"]): row for row in aws.list("route53domains", "ListDomains", "Domains")
        }
    )
    for zone in zones:
        yield _zone_fact(aws, zone, zones, registered)
    checks = aws.maybe(lambda: {row["Id"] for row in aws.list("route53", "ListHealthChecks", "HealthChecks")})
    targets = DnsTargets(aws)
    for zone in zones:
        if not isinstance(zone.records, ReadError):
            yield from _records(aws, zone, zone.records, checks, targets)
    for zone in zones:
        if isinstance(zone.records, ReadError):
            raise zone.records


def _zone(aws: Reader, row: dict[str, Any]) -> _Zone:
    key = row["Id"].rpartition("/")[2]
    records: Rows | ReadError
    try:
        records = record_sets_of(aws, key)
    except ReadError as error:
        records = error
    return _Zone(key, normalised_name(row["Name"]), bool(row.get("Config", {}).get("PrivateZone")), row, records)


def _arn(aws: Reader, zone: _Zone) -> str:
    return aws.rootless_arn("route53", f"hostedzone/{zone.id}")


def _zone_fact(
    aws: Reader, zone: _Zone, zones: Sequence[_Zone], registered: "Mapping[str, dict[str, Any]] | Unread"
) -> Fact:
    domain: dict[str, Any] | None = None
    unread: Unread | None = None
    if not zone.private:
        unread = registered if isinstance(registered, Unread) else None
        domain = None if isinstance(registered, Unread) else registered.get(zone.name)
    delegated = None if zone.private else _delegated_to(aws, zone, zones, domain, unread)
    return aws.fact(
        DnsZone,
        resource=_arn(aws, zone),
        name=zone.name,
        product="route53",
        private=zone.private,
        records=zone.row.get("ResourceRecordSetCount", 0),
        name_servers=_served_by(aws, zone, certain=isinstance(delegated, tuple)),
        delegated_to=delegated,
        registrar_lock=domain["TransferLock"] if domain else unread,
        auto_renew=domain["AutoRenew"] if domain else unread,
        expires_at=domain.get("Expiry") if domain else unread,
    )


def _served_by(aws: Reader, zone: _Zone, *, certain: bool) -> tuple[str, ...]:
    """The zone's own name servers: as assigned where they are to be compared, else as its apex says, which costs no call."""
    if certain:
        told = aws.maybe(lambda: aws.get("route53", "GetHostedZone", Id=zone.id)["DelegationSet"]["NameServers"])
        if not isinstance(told, Unread):
            return tuple(sorted(normalised_name(name) for name in told))
    return tuple(sorted(zone.named(zone.name, "NS") or ()))


def _delegated_to(
    aws: Reader, zone: _Zone, zones: Sequence[_Zone], domain: dict[str, Any] | None, unread: Unread | None
) -> Maybe[tuple[str, ...] | None]:
    """Whom the level above names: the registrar where the domain is registered here, else the parent zone where it is hosted here."""
    if domain:
        return aws.maybe(
            lambda: tuple(
                sorted(
                    normalised_name(server["Name"])
                    for server in aws.get("route53domains", "GetDomainDetail", DomainName=zone.name)["Nameservers"]
                )
            )
        )
    above = [candidate for candidate in zones if not candidate.private and zone.name.endswith(f".{candidate.name}")]
    if not above:
        return unread
    parent = max(above, key=lambda candidate: len(candidate.name))
    if isinstance(parent.records, ReadError):
        return Unread(parent.records.reason)
    return tuple(sorted(parent.named(zone.name, "NS") or ()))


def _records(
    aws: Reader, zone: _Zone, rows: Rows, checks: "set[str] | Unread", targets: DnsTargets
) -> Iterator[DnsRecord]:
    steering = [row for row in rows if row["Type"] in STEERING and not row["Name"].startswith("_")]
    siblings = Counter((row["Name"], row["Type"]) for row in steering)
    tags = aws.tags(_arn(aws, zone))
    by_name: dict[str, set[str]] = defaultdict(set)
    for row in steering:
        by_name[normalised_name(row["Name"])].update(_values(row))
    for row in steering:
        values = _values(row)
        ends = _ends(values, by_name)
        behind = targets.resources_of(ends)
        policy = next((word for key, word in _POLICIES.items() if key in row), "simple")
        attached = row.get("HealthCheckId", "")
        exists = checks if isinstance(checks, Unread) else attached in checks
        yield aws.fact(
            DnsRecord,
            resource=record_id(aws, zone.id, row),
            name=normalised_name(row["Name"]),
            product="route53",
            tags=tags,
            about=behind,
            zone=zone.name,
            type=row["Type"],
            policy=policy,
            role=row.get("Failover", "").lower(),
            ttl=row.get("TTL"),
            targets=values,
            target_regions=regions_in_names((*ends, *behind)) or tuple(filter(None, (row.get("Region"),))),
            siblings=siblings[row["Name"], row["Type"]],
            health_check=attached,
            health_check_exists=exists if attached else None,
            evaluates_target_health=row.get("AliasTarget", {}).get("EvaluateTargetHealth"),
        )


def _ends(values: Sequence[str], by_name: Mapping[str, Collection[str]], depth: int = 0) -> tuple[str, ...]:
    """Where an alias leads in the end: it may name another record of its zone, which may name a third."""
    found = dict.fromkeys(values)
    for name in values:
        if name in by_name and depth < _CHAIN:
            found |= dict.fromkeys(_ends(tuple(sorted(by_name[name])), by_name, depth + 1))
    return tuple(found)


def _values(row: Mapping[str, Any]) -> tuple[str, ...]:
    alias = row.get("AliasTarget")
    if alias:
        return (normalised_name(alias["DNSName"]),)
    return tuple(normalised_name(record["Value"]) for record in row.get("ResourceRecords", ()))


SOURCE = Source(
    name="aws_dns",
    facts=(DnsZone, DnsRecord),
    where="global",
    actions=(
        "route53:ListHostedZones",
        "route53:ListResourceRecordSets",
        "route53:ListHealthChecks",
        "route53:GetHostedZone",
        "route53domains:ListDomains",
        "route53domains:GetDomainDetail",
        "cloudfront:ListDistributions",
        "elasticloadbalancing:DescribeLoadBalancers",
        "ec2:DescribeInstances",
    ),
    read=read,
)
