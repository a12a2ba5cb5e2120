"""DNS, Traffic Manager, certificates and secrets of Azure. Defaults: documentation of Terraform's azurerm provider."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.audit.collectors.engine.azure_regions import azure_region, paired_region
from bot.audit.collectors.terraform.gaps import ONLY_AFTER_DEPLOYMENT
from bot.audit.collectors.terraform.resource import PlanResource, kind, told
from checks import Certificate, DnsRecord, DnsZone, Fact, HealthCheck, Maybe, Secret, Unread

_TYPES: Final = ("a", "aaaa", "cname")
_ENDPOINTS: Final = ("azure_endpoint", "external_endpoint", "nested_endpoint")
_POLICIES: Final = {
    "priority": "failover",
    "weighted": "weighted",
    "performance": "latency",
    "geographic": "geolocation",
    "multivalue": "multivalue",
    "subnet": "geolocation",
}
_ELSEWHERE: Final = Unread("whether a resource outside of the plan uses it is not known")
_DOMAINS: Final = ("azurerm_app_service_custom_hostname_binding", "azurerm_static_web_app_custom_domain")


def _traffic_manager(row: PlanResource) -> Iterable[Fact]:
    """A Traffic Manager profile: its probe, which fails after one more than the tolerated failures, and a record for each endpoint."""
    interval = told(row.number_of("monitor_config.interval_in_seconds", 30), 30)
    tolerated = told(row.number_of("monitor_config.tolerated_number_of_failures", 3), 3)
    off = row.plain("profile_status") == "Disabled"
    yield row.fact(
        HealthCheck,
        product="trafficmanager",
        region="global",
        target=row.plain("monitor_config.path"),
        detects_in=timedelta(seconds=interval * (tolerated + 1)),
        disabled=off,
    )
    found = [end for name in _ENDPOINTS for end in row.joined(f"azurerm_traffic_manager_{name}", "profile_id").found]
    endpoints = [endpoint for endpoint in found if told(endpoint.flag_of("enabled", default=True), otherwise=True)]
    for endpoint in () if off else endpoints:
        yield _endpoint(row, endpoint, endpoints)


def _endpoint(row: PlanResource, endpoint: PlanResource, endpoints: Sequence[PlanResource]) -> DnsRecord:
    """The record of an endpoint. Where the routing is by priority, the lowest one takes the traffic."""
    method = row.plain("traffic_routing_method").lower()
    order, first = _priority(endpoint), min(_priority(other) for other in endpoints)
    targets = endpoint.linked("target_resource_id")
    place = azure_region(endpoint.plain("endpoint_location"))
    regions = {target.identity.region for target in targets} or {place}
    return row.fact(
        DnsRecord,
        product="trafficmanager",
        region="global",
        resource=endpoint.identity.resource,
        zone="trafficmanager.net",
        type="CNAME",
        policy=_POLICIES.get(method, "simple"),
        role=("primary" if order == first else "secondary") if method == "priority" else "",
        ttl=told(row.number_of("dns_config.ttl", 60), 60),
        targets=tuple(filter(None, (endpoint.plain("target"),))),
        target_regions=tuple(sorted(regions - {"", "global"})),
        siblings=len(endpoints),
        health_check=row.identity.resource,
        health_check_exists=True,
        evaluates_target_health=True,
        private_zone=False,
    )


def _priority(endpoint: PlanResource) -> int:
    return told(endpoint.number_of("priority", 0), 0)


def _zone(row: PlanResource) -> Iterable[Fact]:
    """A DNS zone."""
    yield row.fact(
        DnsZone,
        product="dns",
        region="global",
        private=row.resource_type == "azurerm_private_dns_zone",
        records=told(row.number_of("number_of_record_sets", 0), 0),
        name_servers=tuple(sorted(name.rstrip(".") for name in told(row.maybe(row.texts, "name_servers"), ()))),
    )


def _record(row: PlanResource) -> Iterable[Fact]:
    """A record set: values, or an alias of a resource of Azure."""
    name, zone = row.plain("name", "@"), row.plain("zone_name").lower()
    alias = row.links("target_resource_id")
    aliased = bool(alias.found or alias.others or not alias.complete)
    values = (*told(row.maybe(row.texts, "records"), ()), *told(row.maybe(row.texts, "record"), ()))
    yield row.fact(
        DnsRecord,
        product="dns",
        region="global",
        name=zone if name == "@" else f"{name}.{zone}",
        zone=zone,
        type=row.resource_type.removesuffix("_record").rpartition("_")[2].upper(),
        ttl=None if aliased else told(row.number_of("ttl", 0), 0) or None,
        targets=row.identities_of("target_resource_id") if aliased else values,
        evaluates_target_health=bool(row.linked("target_resource_id", "azurerm_traffic_manager_profile"))
        or any("/trafficmanagerprofiles/" in target.lower() for target in alias.others),
        private_zone="private" in row.resource_type,
    )


def _certificate(row: PlanResource) -> Iterable[Fact]:
    """A certificate of App Service; a managed one is renewed."""
    path = "custom_hostname_binding_id"
    bound = any(row.joined("azurerm_app_service_certificate_binding", "certificate_id").found)
    bound = bound or bool(row.linked(path, *_DOMAINS))
    yield row.fact(
        Certificate,
        product="appservice",
        name=row.plain("friendly_name") or row.identity.name,
        expires_at=_end(row, "expiration_date"),
        renews_itself="managed" in row.resource_type,
        in_use=bound or _ELSEWHERE,
    )


def _in_vault(row: PlanResource) -> Iterable[Fact]:
    """A certificate in a key vault, which an issuer other than `Self` and `Unknown` renews where its policy says so."""
    issuer = row.plain("certificate_policy.issuer_parameters.name").lower()
    actions = row.maybe(row.texts, "certificate_policy.lifetime_action.action.action_type")
    renews = any(action.lower() == "autorenew" for action in told(actions, ()))
    users = [
        *row.joined("azurerm_application_gateway", "ssl_certificate.key_vault_secret_id").found,
        *row.joined("azurerm_app_service_certificate", "key_vault_secret_id").found,
        *row.joined("azurerm_cdn_frontdoor_secret", "secret.customer_certificate.key_vault_certificate_id").found,
    ]
    yield row.fact(
        Certificate,
        product="keyvault",
        region=_place(row),
        expires_at=_end(row, "certificate_attribute.expires"),
        renews_itself=renews and issuer not in ("", "unknown"),
        in_use=bool(users) or _ELSEWHERE,
    )


def _end(row: PlanResource, path: str) -> Maybe[datetime | None]:
    end = row.maybe(row.when, path)
    return Unread(ONLY_AFTER_DEPLOYMENT) if end is None else end


def _secret(row: PlanResource) -> Iterable[Fact]:
    """A secret in a key vault, which Azure replicates to the paired region ("Azure Key Vault availability and redundancy")."""
    region = _place(row)
    pair = paired_region(region)
    yield row.fact(Secret, product="keyvault", region=region, replica_regions=(pair,) if pair else (), rotates=None)


def _place(row: PlanResource) -> str:
    vaults = row.linked("key_vault_id", "azurerm_key_vault")
    return vaults[0].identity.region if vaults else row.identity.region


KINDS = (
    kind("azurerm_traffic_manager_profile", (HealthCheck, DnsRecord), _traffic_manager),
    kind("azurerm_dns_zone", (DnsZone,), _zone),
    kind("azurerm_private_dns_zone", (DnsZone,), _zone),
    *(
        kind(f"azurerm_{scope}dns_{name}_record", (DnsRecord,), _record)
        for scope in ("", "private_")
        for name in _TYPES
    ),
    kind("azurerm_app_service_certificate", (Certificate,), _certificate),
    kind("azurerm_app_service_managed_certificate", (Certificate,), _certificate),
    kind("azurerm_key_vault_certificate", (Certificate,), _in_vault),
    kind("azurerm_key_vault_secret", (Secret,), _secret),
)
