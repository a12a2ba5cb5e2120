"""The account and region of a resource of a plan: from its own identity, zone or region, else from its provider."""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from bot.audit.collectors.engine.azure_regions import azure_region
from bot.audit.collectors.terraform.configuration import Configuration
from bot.audit.collectors.terraform.entries import PlanEntry
from checks import GLOBAL

CLOUDS: Final[Mapping[str, str]] = {"aws": "aws", "google": "gcp", "azurerm": "azure"}
"""The first word of a resource type -> the cloud, as facts name it."""

_AWS_ZONE: Final = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d+)[a-z](?:-[a-z0-9-]+)?")
_AWS_GLOBAL: Final = ("aws_route53_", "aws_cloudfront_", "aws_globalaccelerator_", "aws_iam_")
_AWS_REGIONAL: Final = ("aws_route53_resolver_",)
_GOOGLE_MULTI: Final = frozenset({"us", "eu", "asia", "nam4", "eur4", "asia1", "global"})
_SUBSCRIPTION: Final = re.compile(r"/subscriptions/([^/]+)", re.IGNORECASE)
_PROJECT: Final = re.compile(r"projects/([^/]+)/")


class ResourcePlace(NamedTuple):
    """The cloud, account (project, subscription) and region of a resource. Empty: the plan does not tell."""

    provider: str
    account: str
    region: str


def cloud_of(resource_type: str) -> str:
    """The cloud of a resource type, empty for another provider."""
    return CLOUDS.get(resource_type.partition("_")[0], "")


def place_of(entry: PlanEntry, configuration: Configuration, default_region: str = "") -> ResourcePlace:
    """Where a resource is. `default_region`: of AWS resources whose provider takes its region from the environment."""
    cloud = cloud_of(entry.type)
    if cloud == "aws":
        return _aws(entry, configuration, default_region)
    return _google(entry, configuration) if cloud == "gcp" else _azure(entry, configuration)


def _aws(entry: PlanEntry, configuration: Configuration, default_region: str) -> ResourcePlace:
    parts = _known(entry, "arn").split(":")
    account, region = (parts[4], parts[3]) if len(parts) > 5 else ("", "")
    role = configuration.provider_block(entry, "assume_role", "role_arn").split(":")
    account = (
        account
        or _known(entry, "owner_id")
        or configuration.provider_setting(entry, "allowed_account_ids")
        or (role[4] if len(role) > 5 else "")
    )
    if entry.type.startswith(_AWS_GLOBAL) and not entry.type.startswith(_AWS_REGIONAL):
        return ResourcePlace("aws", account, GLOBAL)
    zone = _AWS_ZONE.fullmatch(_known(entry, "availability_zone"))
    return ResourcePlace(
        "aws",
        account,
        region
        or _known(entry, "region")
        or (zone[1] if zone else "")
        or configuration.provider_setting(entry, "region")
        or default_region,
    )


def _google(entry: PlanEntry, configuration: Configuration) -> ResourcePlace:
    named = _PROJECT.search(f"{_known(entry, 'self_link')} {_known(entry, 'id')}")
    project = (
        _known(entry, "project") or (named[1] if named else "") or configuration.provider_setting(entry, "project")
    )
    place = (
        _last(_known(entry, "zone"))
        or _last(_known(entry, "region"))
        or _known(entry, "location").lower()
        or _known(entry, "location_id").lower()
        or configuration.provider_setting(entry, "region")
        or google_region(configuration.provider_setting(entry, "zone"))
    )
    region = GLOBAL if place in _GOOGLE_MULTI else google_region(place)
    if (
        not (_known(entry, "zone") or _known(entry, "region") or _known(entry, "location"))
        and entry.type in _EVERYWHERE
    ):
        region = GLOBAL
    return ResourcePlace("gcp", project, region)


_EVERYWHERE: Final = frozenset(
    {
        *("google_pubsub_topic", "google_pubsub_subscription", "google_dns_managed_zone", "google_dns_record_set"),
        *("google_compute_global_forwarding_rule", "google_compute_backend_service", "google_compute_url_map"),
        *("google_compute_network", "google_secret_manager_secret", "google_compute_instance_template"),
        *("google_monitoring_alert_policy", "google_compute_managed_ssl_certificate", "google_compute_health_check"),
    }
)
"""Types of Google that belong to no region unless they say so."""


def google_region(place: str) -> str:
    """The region of a zone (`us-east1-b`) or of a region (`us-east1`)."""
    parts = place.split("-")
    return "-".join(parts[:2]) if len(parts) == 3 and len(parts[2]) == 1 else place


def _azure(entry: PlanEntry, configuration: Configuration) -> ResourcePlace:
    found = _SUBSCRIPTION.search(_known(entry, "id"))
    subscription = found[1] if found else configuration.provider_setting(entry, "subscription_id")
    region = azure_region(_known(entry, "location"))
    return ResourcePlace("azure", subscription, region or (GLOBAL if entry.type in _AZURE_GLOBAL else ""))


_AZURE_GLOBAL: Final = frozenset(
    {
        *("azurerm_traffic_manager_profile", "azurerm_frontdoor", "azurerm_cdn_frontdoor_profile"),
        *("azurerm_cdn_frontdoor_endpoint", "azurerm_dns_zone", "azurerm_dns_a_record", "azurerm_dns_cname_record"),
    }
)


def _known(entry: PlanEntry, name: str) -> str:
    value: Any = entry.values.get(name)
    return value if isinstance(value, str) else ""


def _last(path: str) -> str:
    return path.rpartition("/")[2]
