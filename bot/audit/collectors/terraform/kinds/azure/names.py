"""DNS records, certificates and secrets of Azure. Defaults: documentation of Terraform's azurerm provider."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.audit.collectors.engine.azure_regions import paired_region
from bot.audit.collectors.terraform.gaps import ONLY_AFTER_DEPLOYMENT
from bot.audit.collectors.terraform.resource import PlanResource, kind, told
from checks import Certificate, DnsRecord, Fact, Maybe, Secret, Unread

_TYPES: Final = ("a", "aaaa", "cname")
_ELSEWHERE: Final = Unread("whether a resource outside of the plan uses it is not known")
_DOMAINS: Final = ("azurerm_app_service_custom_hostname_binding", "azurerm_static_web_app_custom_domain")


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
