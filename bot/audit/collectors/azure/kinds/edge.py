"""Azure CDN with its AFD tiers, and Traffic Manager (REST references "Profiles - Get", "AFD Origins - List")."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource, regions_of
from bot.audit.collectors.azure.kinds_of import kind
from bot.audit.collectors.engine.azure_regions import azure_region
from bot.audit.collectors.engine.row import Row
from checks import GLOBAL, Distribution, DnsRecord, Fact, HealthCheck, Unread

_POLICIES: Final = {
    "priority": "failover",
    "performance": "latency",
    "weighted": "weighted",
    "geographic": "geolocation",
    "multivalue": "multivalue",
    "subnet": "geolocation",
}
_SECONDS, _TOLERATED, _TTL = 30, 3, 60  # what Azure sets where nothing is said


def _profile(profile: AzureResource) -> Iterable[Fact]:
    """A profile of an AFD tier: an origin group of two enabled origins fails over. Other profiles have endpoints instead."""
    groups = profile.detail("originGroups")
    if "azurefrontdoor" not in profile.text("sku.name").lower() or isinstance(groups, Unread):
        return
    found = [profile.estate.details.get(f"{row.text('id')}/origins".lower()) for row in groups.rows("value")]
    lists = [_enabled(listed.rows("value")) for listed in found if isinstance(listed, Row)]
    if len(lists) < len(found):
        return
    yield profile.fact(
        Distribution,
        product="frontdoor",
        region=GLOBAL,
        status=profile.text("properties.resourceState"),
        origins=tuple(row.text("properties.hostName") for rows in lists for row in rows),
        origin_failover=bool(lists) and all(len(rows) > 1 for rows in lists),
    )


def _enabled(rows: Sequence[Row]) -> Sequence[Row]:
    return [row for row in rows if row.text("properties.enabledState").lower() != "disabled"]


def _classic(door: AzureResource) -> Iterable[Fact]:
    """A classic `frontDoors` resource: a backend pool of two enabled backends fails over."""
    pools = [
        [row for row in pool.rows("properties.backends") if row.text("enabledState").lower() != "disabled"]
        for pool in door.rows("properties.backendPools")
    ]
    yield door.fact(
        Distribution,
        product="frontdoor",
        region=GLOBAL,
        status=door.text("properties.resourceState"),
        origins=tuple(row.text("address") for pool in pools for row in pool),
        origin_failover=bool(pools) and all(len(pool) > 1 for pool in pools),
        enabled=door.text("properties.enabledState").lower() != "disabled",
    )


def _endpoint(endpoint: AzureResource) -> Iterable[Fact]:
    """An endpoint of Azure CDN: it fails over where its default origin group has two origins."""
    wanted = endpoint.text("properties.defaultOriginGroup.id").lower()
    groups = [row for row in endpoint.rows("properties.originGroups") if _is_group(row, wanted)]
    yield endpoint.fact(
        Distribution,
        product="cdn",
        region=GLOBAL,
        status=endpoint.text("properties.resourceState"),
        origins=tuple(row.text("properties.hostName") for row in endpoint.rows("properties.origins")),
        origin_failover=any(len(row.rows("properties.origins")) > 1 for row in groups),
    )


def _is_group(row: Row, wanted: str) -> bool:
    return bool(wanted) and wanted.rpartition("/")[2] == row.text("name").lower()


def _traffic_manager(profile: AzureResource) -> Iterable[Fact]:
    """A profile: its probe, which fails after one more than the tolerated failures, and a DNS record for each endpoint."""
    interval = profile.number("properties.monitorConfig.intervalInSeconds") or _SECONDS
    tolerated = profile.number("properties.monitorConfig.toleratedNumberOfFailures")
    off = profile.text("properties.profileStatus").lower() == "disabled"
    yield profile.fact(
        HealthCheck,
        product="trafficmanager",
        region=GLOBAL,
        target=profile.text("properties.monitorConfig.path"),
        detects_in=timedelta(seconds=interval * ((_TOLERATED if tolerated is None else tolerated) + 1)),
        disabled=off,
    )
    endpoints = [
        row
        for row in profile.rows("properties.endpoints")
        if row.text("properties.endpointStatus").lower() != "disabled"
    ]
    for endpoint in () if off else endpoints:
        yield _record(profile, endpoint, endpoints)


def _record(profile: AzureResource, endpoint: Row, endpoints: Sequence[Row]) -> DnsRecord:
    """The record of an endpoint. Where the routing is by priority, the lowest one takes the traffic."""
    method = profile.text("properties.trafficRoutingMethod").lower()
    order = endpoint.number("properties.priority") or 0
    first = min((row.number("properties.priority") or 0 for row in endpoints), default=0)
    target = profile.estate.by_id.get(endpoint.text("properties.targetResourceId").lower())
    place = azure_region(endpoint.text("properties.endpointLocation"))
    return profile.fact(
        DnsRecord,
        product="trafficmanager",
        region=GLOBAL,
        resource=endpoint.text("id").lower() or f"{profile.arm}/{endpoint.text('name').lower()}",
        zone="trafficmanager.net",
        type="CNAME",
        policy=_POLICIES.get(method, "simple"),
        role=("primary" if order == first else "secondary") if method == "priority" else "",
        ttl=profile.number("properties.dnsConfig.ttl") or _TTL,
        targets=tuple(filter(None, (endpoint.text("properties.target"),))),
        target_regions=regions_of([target]) if target else (place,) if place else (),
        siblings=len(endpoints),
        health_check=profile.arm,
        health_check_exists=True,
        evaluates_target_health=True,
        private_zone=False,
    )


KINDS = (
    kind("Microsoft.Cdn/profiles", (Distribution,), _profile),
    kind("Microsoft.Cdn/profiles/endpoints", (Distribution,), _endpoint),
    kind("Microsoft.Network/frontDoors", (Distribution,), _classic),
    kind("Microsoft.Network/trafficManagerProfiles", (HealthCheck, DnsRecord), _traffic_manager),
)
