"""Route 53 hosted zones and the records that route traffic."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of, facts_of, if_exists, note_unread, part
from bot.audit.collectors.aws.parts.dns_records import record_id, record_sets_of
from bot.audit.collectors.aws.parts.dns_targets import DnsTargets, normalised_name, regions_in_names
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from bot.net.aws.errors import ReadError
from checks import DnsRecord, DnsZone, Fact, Maybe, Unread

ROUTING_TYPES: Final = ("A", "AAAA", "CNAME")
_NOT_TOLD: Final = Unread("ListDomains returned no such field")
_CHAIN: Final = 4  # maximum length of a chain of alias records
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
    """A hosted zone with its records, or why they could not be read."""

    id: str
    name: str
    private: bool
    row: dict[str, Any]
    records: "Rows | ReadError"

    def values_of(self, name: str, type: str) -> tuple[str, ...] | None:
        """The values of one record set; None if it does not exist or the records could not be read."""
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
    """Yield all zones, then the records of those whose records can be read."""
    listed = aws.list("route53", "ListHostedZones", "HostedZones")
    if not listed:
        return
    by_row = ItemIdentity[dict[str, Any]](
        "route53:ListHostedZones", lambda row: aws.rootless_arn("route53", f"hostedzone/{_id_of(row)}")
    )
    zones = list(each_of(aws, lambda row: _zone(aws, row), listed, by_row))
    registered = aws.maybe(lambda: _registered_domains(aws))
    identity = ItemIdentity[_Zone]("route53:ListHostedZones", lambda zone: _arn(aws, zone))
    yield from facts_of(aws, lambda zone: _zone_fact(aws, zone, zones, registered), zones, identity)
    checks = aws.maybe(lambda: {row.get("Id", "") for row in aws.list("route53", "ListHealthChecks", "HealthChecks")})
    targets = DnsTargets(aws)
    of_records = replace(identity, action="route53:ListResourceRecordSets", kinds=(DnsRecord,))
    readable = []
    for zone in zones:
        if isinstance(zone.records, ReadError):
            note_unread(aws, zone, of_records, zone.records)
        else:
            readable.append((zone, zone.records))
    by_zone = ItemIdentity[tuple[_Zone, Rows]](
        of_records.action, lambda item: _arn(aws, item[0]), kinds=of_records.kinds
    )
    yield from facts_of(aws, lambda item: _records(aws, *item, checks, targets), readable, by_zone, calls=False)


def _registered_domains(aws: Reader) -> dict[str, dict[str, Any]]:
    """The domains that are registered in this account, by name."""
    return {
        normalised_name(row.get("DomainName", "")): row for row in aws.list("route53domains", "ListDomains", "Domains")
    }


def _id_of(row: dict[str, Any]) -> str:
    return str(row["Id"].rpartition("/")[2])


def _zone(aws: Reader, row: dict[str, Any]) -> _Zone:
    key = _id_of(row)
    records: Rows | ReadError
    try:
        records = record_sets_of(aws, key)
    except ReadError as error:
        if error.gone or error.fatal:
            raise
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
        name_servers=_name_servers(aws, zone, assigned=isinstance(delegated, tuple)),
        delegated_to=delegated,
        registrar_lock=domain.get("TransferLock", _NOT_TOLD) if domain else unread,
        auto_renew=domain.get("AutoRenew", _NOT_TOLD) if domain else unread,
        expires_at=domain.get("Expiry", _NOT_TOLD) if domain else unread,
    )


def _name_servers(aws: Reader, zone: _Zone, *, assigned: bool) -> tuple[str, ...]:
    """The zone's name servers: as assigned by Route 53 if `assigned`, else from its NS record, which needs no call."""
    if assigned:
        servers = part(
            aws,
            _arn(aws, zone),
            lambda: aws.get("route53", "GetHostedZone", Id=zone.id)["DelegationSet"]["NameServers"],
            "route53:GetHostedZone",
        )
        if not isinstance(servers, Unread):
            return tuple(sorted(normalised_name(name) for name in servers))
    return tuple(sorted(zone.values_of(zone.name, "NS") or ()))


def _delegated_to(
    aws: Reader, zone: _Zone, zones: Sequence[_Zone], domain: dict[str, Any] | None, unread: Unread | None
) -> Maybe[tuple[str, ...] | None]:
    """The name servers that the parent delegates to: from the registrar, else from the parent zone, if in this account."""
    if domain:
        detail = part(aws, _arn(aws, zone), lambda: if_exists(lambda: _domain_detail(aws, zone.name)))
        if detail is None or isinstance(detail, Unread):
            return detail
        return tuple(sorted(normalised_name(server["Name"]) for server in detail.get("Nameservers", ())))
    parents = [candidate for candidate in zones if not candidate.private and zone.name.endswith(f".{candidate.name}")]
    if not parents:
        return unread
    parent = max(parents, key=lambda candidate: len(candidate.name))
    if isinstance(parent.records, ReadError):
        return Unread(parent.records.reason)
    return tuple(sorted(parent.values_of(zone.name, "NS") or ()))


def _domain_detail(aws: Reader, name: str) -> dict[str, Any]:
    return aws.get("route53domains", "GetDomainDetail", DomainName=name)


def _records(
    aws: Reader, zone: _Zone, rows: Rows, checks: "set[str] | Unread", targets: DnsTargets
) -> Iterator[DnsRecord]:
    routing = [row for row in rows if row["Type"] in ROUTING_TYPES and not row["Name"].startswith("_")]
    siblings = Counter((row["Name"], row["Type"]) for row in routing)
    tags = aws.tags(_arn(aws, zone))
    by_name: dict[str, set[str]] = defaultdict(set)
    for row in routing:
        by_name[normalised_name(row["Name"])].update(_values(row))
    for row in routing:
        values = _values(row)
        end_names = _alias_targets(values, by_name)
        resources = targets.resources_of(end_names)
        policy = next((policy for key, policy in _POLICIES.items() if key in row), "simple")
        health_check = row.get("HealthCheckId", "")
        exists = checks if isinstance(checks, Unread) else health_check in checks
        yield aws.fact(
            DnsRecord,
            resource=record_id(aws, zone.id, row),
            name=normalised_name(row["Name"]),
            product="route53",
            tags=tags,
            about=resources,
            private_zone=zone.private,
            zone=zone.name,
            type=row["Type"],
            policy=policy,
            role=row.get("Failover", "").lower(),
            ttl=row.get("TTL"),
            targets=values,
            target_regions=regions_in_names((*end_names, *resources)) or tuple(filter(None, (row.get("Region"),))),
            siblings=siblings[row["Name"], row["Type"]],
            health_check=health_check,
            health_check_exists=exists if health_check else None,
            evaluates_target_health=row.get("AliasTarget", {}).get("EvaluateTargetHealth"),
        )


def _alias_targets(values: Sequence[str], by_name: Mapping[str, Collection[str]], depth: int = 0) -> tuple[str, ...]:
    """The values with aliases followed: an alias may point to another record of its zone, which may be an alias too."""
    found = dict.fromkeys(values)
    for name in values:
        if name in by_name and depth < _CHAIN:
            found |= dict.fromkeys(_alias_targets(tuple(sorted(by_name[name])), by_name, depth + 1))
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
