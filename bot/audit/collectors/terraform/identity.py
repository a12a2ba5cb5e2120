"""Who a resource of a plan is: its identity in its cloud, or its address until it has one; name, place and tags."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.audit.collectors.engine.resource import Identity
from bot.audit.collectors.terraform.configuration import Configuration
from bot.audit.collectors.terraform.entries import PlanEntry
from bot.audit.collectors.terraform.places import cloud_of, place_of

SOURCE: Final = "terraform"
STACK: Final = "terraform"
"""The stack of every resource of a plan: it is managed as code."""

_GROUPS: Final = "resourcegroups"
_IDENTITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws": ("arn",),
    "gcp": ("self_link", "id"),
    "azure": ("id",),
}
_NAMES: Final = (
    *("name", "identifier", "cluster_identifier", "bucket", "function_name", "replication_group_id", "cluster_id"),
    *("domain_name", "domain", "broker_name", "cluster_name", "alarm_name", "instance_id", "fqdn", "topic"),
)
_TAGS: Final = ("tags_all", "effective_labels", "terraform_labels", "tags", "labels", "resource_labels")


def identity_of(entry: PlanEntry, configuration: Configuration, now: datetime, default_region: str = "") -> Identity:
    """The identity of a resource. An unknown account or region is empty."""
    place = place_of(entry, configuration, default_region)
    tags = tags_of(entry, configuration)
    known = (entry.values.get(name) for name in _IDENTITIES.get(place.provider, ()))
    return Identity(
        provider=place.provider,
        account=place.account,
        region=place.region,
        resource=next((value for value in known if isinstance(value, str) and value), entry.address),
        name=_name_of(entry, tags),
        source=SOURCE,
        observed_at=now,
        tags=tags,
        stack=STACK,
        group=_group_of(entry),
    )


def _group_of(entry: PlanEntry) -> str:
    """The resource group of a resource of Azure, in lower case as Azure compares it; empty for others and where it is not known."""
    if cloud_of(entry.type) != "azure":
        return ""
    named = entry.values.get("resource_group_name")
    steps = str(entry.values.get("id") or "").lower().split("/")
    found = steps[steps.index(_GROUPS) + 1] if _GROUPS in steps[:-1] else ""
    return named.lower() if isinstance(named, str) and named else found


def tags_of(entry: PlanEntry, configuration: Configuration) -> Mapping[str, str]:
    """The tags or labels that a resource has after the provider's default tags, as far as they are known."""
    for name in _TAGS:
        found = entry.values.get(name)
        if isinstance(found, Mapping) and (found or name == "tags_all"):
            own = _texts(found)
            return own if name != "tags" else {**_default_tags(entry, configuration), **own}
    if isinstance(entry.values.get("tag"), list):  # Auto Scaling groups have blocks instead of a mapping
        rows = [row for row in entry.values["tag"] if isinstance(row, Mapping) and row.get("key")]
        return {str(row["key"]): str(row.get("value") or "") for row in rows}
    settings = entry.values.get("settings")
    if isinstance(settings, list) and settings and isinstance(settings[0], Mapping):  # Cloud SQL
        return _texts(settings[0].get("user_labels"))
    return _default_tags(entry, configuration)


def _default_tags(entry: PlanEntry, configuration: Configuration) -> Mapping[str, str]:
    if cloud_of(entry.type) != "aws":
        return {}
    return _texts(configuration.provider_constant(entry, "default_tags", "tags"))


def _texts(found: Any) -> Mapping[str, str]:
    if not isinstance(found, Mapping):
        return {}
    return {str(key): str(value) for key, value in found.items() if value is not None}


def _name_of(entry: PlanEntry, tags: Mapping[str, str]) -> str:
    if entry.type.startswith("aws_") and tags.get("Name"):
        return tags["Name"]
    known = (entry.values.get(name) for name in _NAMES)
    own = next((value for value in known if isinstance(value, str) and value), "")
    return own or (entry.name if entry.index is None else f"{entry.name}[{entry.index}]")
