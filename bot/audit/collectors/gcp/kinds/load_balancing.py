"""Load balancers: a forwarding rule, and the groups behind its proxy, URL map and backend services.

Shapes: Compute Engine API v1, `forwardingRules`, `target*Proxies`, `urlMaps`, `backendServices`, `networkEndpointGroups`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bot.audit.collectors.engine.google_places import zone_in
from bot.audit.collectors.gcp.asset import Asset
from bot.audit.collectors.gcp.kinds.compute import BACKENDS, GROUP, MACHINE, MANAGER, zones_of
from bot.audit.collectors.gcp.kinds.networks import zones_in_region
from bot.audit.collectors.gcp.kinds_of import kind
from checks import Fact, LoadBalancer, Maybe, Unread

_PROXIES: Final = tuple(f"compute.googleapis.com/Target{name}Proxy" for name in ("Http", "Https", "Grpc", "Ssl", "Tcp"))
_MAP: Final = "compute.googleapis.com/UrlMap"
_ENDPOINTS: Final = "compute.googleapis.com/NetworkEndpointGroup"
_POOL: Final = "compute.googleapis.com/TargetPool"
_NO_BALANCER: Final = ("/targetVpnGateways/", "/serviceAttachments/")
_NO_ZONE: Final = frozenset({"INTERNET_FQDN_PORT", "INTERNET_IP_PORT", "NON_GCP_PRIVATE_IP_PORT"})
"""Endpoints elsewhere, which are in no zone of Google's."""
_UNLISTED: Final = Unread("its backend services were not listed")
JOINED = (*_PROXIES, _MAP, _ENDPOINTS, _POOL, "compute.googleapis.com/BackendBucket")


def _rule(asset: Asset) -> Iterable[Fact]:
    """A forwarding rule that sends requests to backends, and not through a VPN or to a service of somebody else."""
    target = asset.text("target")
    if any(word in target for word in _NO_BALANCER) or (target and "/" not in target):
        return
    services = _services(asset)
    backends = [row for service in services for row in service.rows("backends")]
    groups = [_Group(asset, row.text("group")) for row in backends]
    machines = _machines(asset)
    everywhere = asset.resource_type.endswith("/GlobalForwardingRule") or "/regions/" not in asset.path
    zones = {zone for group in groups for zone in group.zones}
    zones |= {zone for machine in machines for zone in zones_of(machine)}
    scheme = asset.text("loadBalancingScheme", "EXTERNAL")
    targets = tuple(
        dict.fromkeys([group.resource for group in groups] + [found.identity.resource for found in machines])
    )
    logs = [service.maybe(service.flag, "logConfig.enable") for service in services]
    yield asset.fact(
        LoadBalancer,
        product="load-balancing",
        region="global" if everywhere else asset.identity.region,
        kind="global" if everywhere else "regional",
        zones=tuple(sorted(zones)),
        internet_facing=scheme.startswith("EXTERNAL"),
        access_logs=_all(logs) if logs else None,
        targets=targets if targets or not _names_backends(asset) else _UNLISTED,
        healthy_by_zone=Unread("the health of backends is not part of a listing"),
        healthy_anywhere=sum(group.elsewhere for group in groups),
    )


def _all(logs: Sequence[Maybe[bool | None]]) -> Maybe[bool]:
    """False where one backend service logs nothing, else why one is not known, else True."""
    if any(not log for log in logs):
        return False
    return next((log for log in logs if isinstance(log, Unread)), True)


def _names_backends(asset: Asset) -> bool:
    """Whether the listing has none of what the rule names: another project has it, or it could not be read."""
    return not any(asset.named_in(name) for name in ("backendService", "target"))


def _services(asset: Asset) -> list[Asset]:
    """The listed backend services of a rule: its own, and those of its proxy and URL map."""
    names = [*asset.texts("backendService")]
    for proxy in asset.named_in("target", *_PROXIES):
        names += proxy.texts("service")
        names += [name for paths in proxy.named_in("urlMap", _MAP) for name in _of_map(paths)]
    found = (asset.estate.find(name, *BACKENDS) for name in dict.fromkeys(names))
    return [service for service in found if service is not None]


def _of_map(paths: Asset) -> Iterator[str]:
    """All services that a URL map names."""
    yield paths.text("defaultService")
    for matcher in paths.rows("pathMatchers"):
        yield matcher.text("defaultService")
        yield from (rule.text("service") for name in ("pathRules", "routeRules") for rule in matcher.rows(name))


def _machines(asset: Asset) -> list[Asset]:
    """The machines of a target pool or target instance."""
    pools = asset.named_in("target", _POOL)
    single = asset.named_in("target", "compute.googleapis.com/TargetInstance")
    found = [machine for pool in pools for machine in pool.named_in("instances", MACHINE)]
    return found + [machine for target in single for machine in target.named_in("instance", MACHINE)]


class _Group:
    """A group behind a backend: its zones as far as they are known, and the resource that a fact of it has."""

    def __init__(self, asset: Asset, reference: str) -> None:
        estate = asset.estate
        managers = estate.naming(reference, MANAGER, "instanceGroup")
        found = managers[0] if managers else estate.find(reference, GROUP, _ENDPOINTS)
        self.resource = found.identity.resource if found else f"//compute.googleapis.com/{estate.path(reference)}"
        self.elsewhere = found is not None and found.text("networkEndpointType") in _NO_ZONE
        self.zones = _zones_at(reference)
        if found is not None and not self.zones:
            serverless = found.text("networkEndpointType") == "SERVERLESS"
            self.zones = zones_in_region(found) if serverless else zones_of(found)


def _zones_at(reference: str) -> tuple[str, ...]:
    """The zone in the address of a zonal group."""
    return zone_in(reference.partition("/zones/")[2].partition("/")[0])


KINDS = (
    kind("compute.googleapis.com/ForwardingRule", (LoadBalancer,), _rule),
    kind("compute.googleapis.com/GlobalForwardingRule", (LoadBalancer,), _rule),
)
