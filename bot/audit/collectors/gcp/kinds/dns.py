"""Zones and record sets of Cloud DNS, and domains of Cloud Domains. Shapes: Cloud DNS API v1, Cloud Domains API v1."""

from collections.abc import Iterable, Iterator
from typing import Final

from bot.audit.collectors.engine.google_places import region_of
from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.gcp.asset import Asset
from bot.audit.collectors.gcp.kinds_of import kind
from checks import GLOBAL, DnsRecord, DnsZone, Fact, Maybe

ZONE: Final = "dns.googleapis.com/ManagedZone"
RECORDS: Final = "dns.googleapis.com/ResourceRecordSet"
LIST_RECORDS: Final = "dns.resourceRecordSets.list"
_DOMAIN: Final = "domains.googleapis.com/Registration"
RULES: Final = ("compute.googleapis.com/ForwardingRule", "compute.googleapis.com/GlobalForwardingRule")
_ROUTING: Final = frozenset({"A", "AAAA", "CNAME"})
_POLICIES: Final = {"primaryBackup": "failover", "wrr": "weighted", "geo": "geolocation"}
JOINED = (_DOMAIN,)


def _name(text: str) -> str:
    return text.rstrip(".").lower()


def _zone(asset: Asset) -> Iterable[Fact]:
    """A managed zone, with the registration of its domain where Cloud Domains has it."""
    name = _name(asset.text("dnsName"))
    domains = asset.estate.by_type.get(_DOMAIN, ())
    domain = next((found for found in domains if _name(found.word("domainName")) == name), None)
    settings = domain.row("managementSettings") if domain else Row({})
    yield asset.fact(
        DnsZone,
        product="dns",
        region=GLOBAL,
        name=name or asset.identity.name,
        private=asset.text("visibility").lower() == "private",
        records=len(asset.inside_this(RECORDS)),
        name_servers=tuple(sorted(_name(server) for server in asset.texts("nameServers"))),
        delegated_to=_delegation(domain) if domain else None,
        registrar_lock=settings.text("transferLockState") == "LOCKED" if domain else None,
        auto_renew=settings.text("renewalMethod") == "AUTOMATIC_RENEWAL" if domain else None,
        expires_at=domain.maybe(domain.when, "expireTime") if domain else None,
    )


def _delegation(domain: Asset) -> tuple[str, ...]:
    servers = [
        name for kind in ("customDns", "googleDomainsDns") for name in domain.texts(f"dnsSettings.{kind}.nameServers")
    ]
    return tuple(sorted(_name(name) for name in servers))


def _record(asset: Asset) -> Iterable[Fact]:
    """A record set that routes traffic; a routing policy steers by weight, place or health."""
    if asset.text("type") not in _ROUTING:
        return
    zone = asset.estate.find(asset.identity.resource.partition("/rrsets/")[0], ZONE)
    policy = next(
        (name for key, name in _POLICIES.items() if asset.value(f"routingPolicy.{key}") is not None), "simple"
    )
    items = list(_items(asset))
    targets = tuple(dict.fromkeys(_name(text) for row in (asset, *items) for text in row.texts("rrdatas")))
    balancers = [
        rule for target in targets for name in RULES for rule in asset.estate.naming(target, name, "IPAddress")
    ]
    check = asset.text("routingPolicy.healthCheck")
    regions = {place for row in items if (place := region_of(row.text("location"))) != GLOBAL}
    regions |= {rule.identity.region for rule in balancers} - {GLOBAL}
    yield asset.fact(
        DnsRecord,
        product="dns",
        region=GLOBAL,
        name=_name(asset.text("name")),
        about=tuple(dict.fromkeys(rule.identity.resource for rule in balancers)),
        zone=_name(zone.word("dnsName")) if zone else "",
        private_zone=zone.word("visibility").lower() == "private" if zone else None,
        type=asset.text("type"),
        policy=policy,
        ttl=asset.number("ttl"),
        targets=targets,
        target_regions=tuple(sorted(regions)),
        siblings=2 if policy == "failover" else max(len(items), 1),
        health_check=check,
        health_check_exists=_exists(asset, check),
        evaluates_target_health=policy == "failover" or any(_checked(row) for row in items) or None,
    )


def _items(asset: Asset) -> Iterator[Row]:
    """The alternatives between which a routing policy chooses."""
    for path in ("wrr.items", "geo.items", "primaryBackup.backupGeoTargets.items"):
        yield from asset.rows(f"routingPolicy.{path}")


def _checked(row: Row) -> bool:
    return row.value("healthCheckedTargets") is not None


def _exists(asset: Asset, check: str) -> Maybe[bool | None]:
    if not check:
        return None
    names = ("compute.googleapis.com/HealthCheck",)
    return asset.estate.find(check, *names) is not None


KINDS = (
    kind(ZONE, (DnsZone,), _zone),
    kind(RECORDS, (DnsRecord,), _record, LIST_RECORDS),
)
