"""Networks and their NAT gateways, and the quotas of Compute Engine. Shapes: Compute Engine API v1, `networks`, `routers`, `regions`."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.engine.google_places import region_of, zone_in
from bot.audit.collectors.gcp.asset import Asset
from bot.audit.collectors.gcp.kinds.compute import MACHINE
from bot.audit.collectors.gcp.kinds_of import kind
from checks import GLOBAL, Fact, Network, Quota, Unread

REGION: Final = "compute.googleapis.com/Region"
COMPUTE_PROJECT: Final = "compute.googleapis.com/Project"
LIST_REGIONS: Final = "compute.regions.list"
GET_PROJECT: Final = "compute.projects.get"
_NETWORK: Final = "compute.googleapis.com/Network"
_ROUTER: Final = "compute.googleapis.com/Router"
_ROUTE: Final = "compute.googleapis.com/Route"
_EVERYWHERE: Final = "0.0.0.0/0"
JOINED = (_ROUTER, _ROUTE)


def zones_in_region(asset: Asset) -> tuple[str, ...]:
    """All zones of the region that an asset is in, as far as they could be listed."""
    account, region = asset.identity.account, asset.identity.region
    return _zones(asset, account, region)


def _zones(asset: Asset, account: str, region: str) -> tuple[str, ...]:
    found = asset.estate.find(f"projects/{account}/regions/{region}", REGION)
    names = found.maybe(found.texts, "zones") if found else ()
    return () if isinstance(names, Unread) else tuple(sorted(zone for name in names for zone in zone_in(name)))


def _network(asset: Asset) -> Iterable[Fact]:
    """A network in each region where it has a router or a machine. Its subnets, and Cloud NAT, span all zones of a region."""
    routers = asset.naming_this(_ROUTER, "network")
    machines = asset.estate.naming(asset.identity.resource, MACHINE, "networkInterfaces[].network")
    gateways = _own_gateways(asset)
    for region in sorted({other.identity.region for other in (*routers, *machines)} - {GLOBAL}):
        zones = _zones(asset, asset.identity.account, region)
        translated = any(router.rows("nats") for router in routers if router.identity.region == region)
        own = tuple(sorted(zone for zone in gateways if region_of(zone) == region))
        borrowed = ((f"subnets in {region}", zone, own[0]) for zone in zones if own and zone not in own)
        yield asset.fact(
            Network,
            product="compute",
            resource=f"{asset.identity.resource}/regions/{region}",
            region=region,
            zones=zones,
            nat_zones=zones if translated else own,
            private_subnet_zones=zones if translated or own else (),
            borrowed_egress=() if translated else tuple(borrowed),
            default=asset.identity.name == "default",
        )


def _own_gateways(asset: Asset) -> set[str]:
    """The zones of the machines that default routes of a network lead to, where somebody runs a NAT gateway of his own."""
    routes = asset.naming_this(_ROUTE, "network")
    hops = [route.word("nextHopInstance") for route in routes if route.word("destRange") == _EVERYWHERE]
    return {zone for hop in hops for zone in zone_in(hop.partition("/zones/")[2].partition("/")[0])}


def _quotas(asset: Asset) -> Iterable[Fact]:
    """The quotas that a project uses somewhere: in each region, also where nothing runs yet, and those of the whole project."""
    everywhere = asset.resource_type == COMPUTE_PROJECT
    others = (asset,) if everywhere else asset.estate.inside(f"projects/{asset.identity.account}", REGION)
    used = {metric for other in others for metric in _used_in(other)}
    for row in asset.rows("quotas"):
        metric, limit = row.text("metric"), float(row.text("limit", "0"))
        if metric in used and limit > 0:
            yield asset.fact(
                Quota,
                product="compute",
                resource=f"{asset.identity.resource}/quotas/{metric}",
                name=metric,
                region=GLOBAL if everywhere else asset.identity.name,
                limit=limit,
                used=float(row.text("usage", "0")),
            )


def _used_in(place: Asset) -> tuple[str, ...]:
    """The quotas that are used in a region or project; none of one that is odd, which costs the others nothing."""
    try:
        return tuple(row.text("metric") for row in place.rows("quotas") if float(row.text("usage", "0")) > 0)
    except ValueError:
        return ()


KINDS = (
    kind(_NETWORK, (Network,), _network),
    kind(REGION, (Quota,), _quotas, LIST_REGIONS),
    kind(COMPUTE_PROJECT, (Quota,), _quotas, GET_PROJECT),
)
