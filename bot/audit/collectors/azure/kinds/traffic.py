"""Load balancers, application gateways and API Management (REST references of Microsoft.Network and Microsoft.ApiManagement)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from bot.audit.collectors.azure.backend_health import health_of
from bot.audit.collectors.azure.estate import AzureResource, texts_at, top_of
from bot.audit.collectors.azure.kinds_of import kind
from bot.audit.collectors.engine.azure_regions import azure_region
from checks import Fact, Gateway, LoadBalancer, Maybe, Unread

_ADDRESS: Final = "microsoft.network/publicipaddresses"
_NIC: Final = "microsoft.network/networkinterfaces"
_MEMBERS: Final = "properties.backendAddressPools[].properties.backendIPConfigurations[].id"
_ADDRESSES: Final = (
    "properties.backendAddressPools[].properties.backendAddresses",
    "properties.backendAddressPools[].properties.loadBalancerBackendAddresses[].properties",
)


def _balancer(balancer: AzureResource) -> Iterable[Fact]:
    """A load balancer: a public front end is in the zones of its address, a private one in those that it names."""
    fronts = "properties.frontendIPConfigurations[]"
    public = balancer.ids(f"{fronts}.properties.publicIPAddress.id") or balancer.ids(
        f"{fronts}.properties.publicIPPrefix.id"
    )
    zones = {
        zone
        for address in balancer.linked(f"{fronts}.properties.publicIPAddress.id", _ADDRESS)
        for zone in address.zones
    }
    zones |= set(texts_at(balancer, f"{fronts}.zones"))
    yield balancer.fact(
        LoadBalancer,
        product="loadbalancer",
        kind="network",
        status=balancer.text("properties.provisioningState"),
        zones=tuple(sorted(zones)),
        internet_facing=bool(public),
        cross_zone=True,
        deletion_protection=balancer.locked,
        listeners=len(balancer.rows("properties.loadBalancingRules")),
        targets=tuple(dict.fromkeys(_targets(balancer))),
        **_health(balancer),
    )


def _health(balancer: AzureResource) -> dict[str, Any]:
    """The fields of a load balancer that say which of its targets are healthy."""
    found = health_of(balancer)
    if isinstance(found, Unread):
        return {"healthy_by_zone": found}
    return {
        "healthy_by_zone": found.by_zone,
        "healthy_anywhere": found.anywhere,
        "healthy_unplaced": found.unplaced,
    }


def _targets(balancer: AzureResource) -> Iterator[str]:
    """What a pool sends to: machines, scale sets, and addresses that belong to none of them."""
    for arm in balancer.ids(_MEMBERS):
        owner = balancer.estate.by_id.get(top_of(arm))
        machine = owner.text("properties.virtualMachine.id").lower() if owner and owner.resource_type == _NIC else ""
        yield machine or top_of(arm)
    for path in _ADDRESSES:
        for name in ("fqdn", "ipAddress"):
            yield from balancer.ids(f"{path}[].{name}" if path.endswith("Addresses") else f"{path}.{name}")


def _gateway(gateway: AzureResource) -> Iterable[Fact]:
    """An application gateway in the zones that it names."""
    yield gateway.fact(
        LoadBalancer,
        product="applicationgateway",
        kind="application",
        status=gateway.text("properties.operationalState") or gateway.text("properties.provisioningState"),
        zones=gateway.zones,
        internet_facing=bool(gateway.ids("properties.frontendIPConfigurations[].properties.publicIPAddress.id")),
        cross_zone=True,
        deletion_protection=gateway.locked,
        listeners=len(gateway.rows("properties.httpListeners")),
        targets=tuple(dict.fromkeys(_targets(gateway))),
        **_health(gateway),
    )


def _api_management(service: AzureResource) -> Iterable[Fact]:
    """An API Management service with a gateway in each of its regions; in an internal network they are private."""
    private = service.text("properties.virtualNetworkType").lower() == "internal"
    names = [row.text("hostName") for row in service.rows("properties.hostnameConfigurations")]
    parts = {azure_region(row.text("location")): row for row in service.rows("properties.additionalLocations")}
    zones = {region: tuple(sorted(row.texts("zones"))) for region, row in parts.items()} | {
        service.region: service.zones
    }
    more = set(parts)
    for region in (service.region, *sorted(more - {service.region, ""})):
        yield service.fact(
            Gateway,
            product="apimanagement",
            region=region,
            resource=service.arm if region == service.region else f"{service.arm}/locations/{region}",
            kind="private" if private else "regional",
            status=service.text("properties.provisioningState"),
            zones=zones.get(region, ()),
            zone_redundant=_several_zones(service, zones.get(region, ())),
            custom_domain=any(name and ".azure-api." not in name for name in names),
        )


def _several_zones(service: AzureResource, zones: Sequence[str]) -> Maybe[bool]:
    """Whether a gateway is in several zones. Only Premium tiers are; without named zones Azure may have chosen them itself.

    Source: "Reliability in Azure API Management", availability zone support.
    """
    tier = service.text("sku.name").lower()
    if not tier:
        return service.missing("sku.name")
    if not tier.startswith("premium"):
        return False
    return len(zones) > 1 if zones else Unread("the answer names no zones: Azure may have placed the units itself")


KINDS = (
    kind("Microsoft.Network/loadBalancers", (LoadBalancer,), _balancer),
    kind("Microsoft.Network/applicationGateways", (LoadBalancer,), _gateway),
    kind("Microsoft.ApiManagement/service", (Gateway,), _api_management),
)
