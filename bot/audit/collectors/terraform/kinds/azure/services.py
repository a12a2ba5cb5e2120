"""Load balancing, messaging, DNS, keys, alarms and backups of Azure. Defaults: documentation of Terraform's azurerm provider."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from bot.audit.collectors.engine.azure_regions import paired_region
from bot.audit.collectors.engine.azure_signals import signal_of
from bot.audit.collectors.engine.iso_durations import duration
from bot.audit.collectors.terraform.azure_locks import locked
from bot.audit.collectors.terraform.gaps import NOT_USED, ONLY_AFTER_DEPLOYMENT
from bot.audit.collectors.terraform.resource import PlanResource, kind, told
from checks import (
    Alarm,
    BackupPlan,
    Datastore,
    Distribution,
    EncryptionKey,
    Fact,
    LoadBalancer,
    Maybe,
    Queue,
    StoreKind,
    Unread,
)

_EVERY: Final = {"Daily": timedelta(days=1), "Weekly": timedelta(days=7), "Hourly": timedelta(hours=24)}
_IN_DATA_PLANE: Final = Unread("the state of its keys is in the data plane of Key Vault, which is not read")
_PREMIUM: Final = ("Premium",)


def _balancer(row: PlanResource) -> Iterable[Fact]:
    """A load balancer: a public front end is in the zones of its address, a private one in those that it names."""
    addresses = row.linked("frontend_ip_configuration.public_ip_address_id", "azurerm_public_ip")
    zones = {zone for address in addresses for zone in told(address.maybe(address.texts, "zones"), ())}
    zones |= {
        zone
        for front in told(row.blocks("frontend_ip_configuration"), ())
        for zone in told(front.maybe(front.texts, "zones"), ())
    }
    public = row.links("frontend_ip_configuration.public_ip_address_id")
    yield row.fact(
        LoadBalancer,
        product="loadbalancer",
        kind="network",
        zones=tuple(sorted(zones)),
        internet_facing=bool(public.found or public.others or not public.complete),
        cross_zone=True,
        deletion_protection=locked(row),
        listeners=Unread(NOT_USED),
        targets=_targets(row),
        healthy_by_zone=Unread(ONLY_AFTER_DEPLOYMENT),
    )


_POOL: Final = "backend_address_pool_id"
_MACHINES: Final = ("azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine", "azurerm_virtual_machine")
_SETS: Final = tuple(f"azurerm_{name}_virtual_machine_scale_set" for name in ("linux", "windows", "orchestrated"))


def _targets(row: PlanResource) -> tuple[str, ...]:
    """What the pools send to: scale sets, machines by their network interfaces, and addresses."""
    pools = row.joined("azurerm_lb_backend_address_pool", "loadbalancer_id").found
    return tuple(dict.fromkeys(target for pool in pools for target in _members(pool)))


def _members(pool: PlanResource) -> Iterator[str]:
    path = "network_interface.ip_configuration.load_balancer_backend_address_pool_ids"
    for name in _SETS:
        yield from (found.identity.resource for found in pool.joined(name, path).found)
    for link in pool.joined("azurerm_network_interface_backend_address_pool_association", _POOL).found:
        for interface in link.linked("network_interface_id", "azurerm_network_interface"):
            users = (user for name in _MACHINES for user in interface.joined(name, "network_interface_ids").found)
            yield from (user.identity.resource for user in users)
    for address in pool.joined("azurerm_lb_backend_address_pool_address", _POOL).found:
        yield address.plain("ip_address") or address.identity.resource


def _gateway(row: PlanResource) -> Iterable[Fact]:
    """An application gateway in the zones that it names."""
    yield row.fact(
        LoadBalancer,
        product="applicationgateway",
        kind="application",
        zones=tuple(sorted(told(row.maybe(row.texts, "zones"), ()))),
        internet_facing=bool(told(row.blocks("frontend_ip_configuration"), ())),
        cross_zone=True,
        deletion_protection=locked(row),
        listeners=Unread(NOT_USED),
        targets=Unread(ONLY_AFTER_DEPLOYMENT),
        healthy_by_zone=Unread(ONLY_AFTER_DEPLOYMENT),
    )


def _front_door(row: PlanResource) -> Iterable[Fact]:
    """A profile of `azurerm_cdn_frontdoor_*`: an origin group of two origins fails over."""
    groups = row.joined("azurerm_cdn_frontdoor_origin_group", "cdn_frontdoor_profile_id").found
    origins = [group.joined("azurerm_cdn_frontdoor_origin", "cdn_frontdoor_origin_group_id").found for group in groups]
    yield row.fact(
        Distribution,
        product="frontdoor",
        region="global",
        origins=tuple(origin.plain("host_name") for found in origins for origin in found),
        origin_failover=bool(origins) and all(len(found) > 1 for found in origins),
        enabled=True,
    )


def _classic_front_door(row: PlanResource) -> Iterable[Fact]:
    """A profile of the classic `azurerm_frontdoor`: a backend pool of two backends fails over."""
    pools = told(row.blocks("backend_pool"), ())
    yield row.fact(
        Distribution,
        product="frontdoor",
        region="global",
        origins=tuple(backend.text("host_header") for pool in pools for backend in pool.rows("backend")),
        origin_failover=bool(pools) and all(len(pool.rows("backend")) > 1 for pool in pools),
    )


def _event_hubs(row: PlanResource) -> Iterable[Fact]:
    """A namespace of Event Hubs, which spans the zones of its region where that has several."""
    yield _namespace(row, "eventhubs", "kafka" if row.plain("sku") in {"Standard", *_PREMIUM} else "eventhubs")


def _service_bus(row: PlanResource) -> Iterable[Fact]:
    """A namespace of Service Bus; Basic and Standard span zones too since 2024, Premium where set in older providers."""
    yield _namespace(row, "servicebus", "servicebus")


def _namespace(row: PlanResource, product: str, engine: str) -> Datastore:
    set_off = row.entry.values.get("zone_redundant") is False
    pairs = row.joined(f"{row.resource_type}_disaster_recovery_config", "primary_namespace_id").found
    pairs = pairs or row.joined("azurerm_eventhub_namespace_disaster_recovery_config", "namespace_name").found
    partners = [other for pair in pairs for other in pair.linked("partner_namespace_id", row.resource_type)]
    regions = {other.identity.region for other in partners} - {"", row.identity.region}
    return row.fact(
        Datastore,
        product=product,
        kind=StoreKind.STREAM,
        engine=engine,
        zone_redundant=not set_off,
        replica_regions=tuple(sorted(regions)),
    )


def _queue(row: PlanResource) -> Iterable[Fact]:
    """A queue of Service Bus, which has a dead-letter queue of its own."""
    kept = row.text_of("default_message_ttl")
    limit = kept if isinstance(kept, Unread) else duration(kept)
    yield row.fact(Queue, product="servicebus", dead_letter=True, retention=limit, region=_region_of_namespace(row))


def _region_of_namespace(row: PlanResource) -> str:
    spaces = row.linked("namespace_id", "azurerm_servicebus_namespace")
    return spaces[0].identity.region if spaces else row.identity.region


def _vault(row: PlanResource) -> Iterable[Fact]:
    """A key vault, which Azure replicates within its region and to the paired region."""
    protected: Maybe[bool] = row.flag_of("purge_protection_enabled")
    yield row.fact(
        EncryptionKey,
        product="keyvault",
        multi_region=True,
        enabled=_IN_DATA_PLANE,
        pending_deletion=_IN_DATA_PLANE,
        in_use=False,  # services hold no grants: what uses a key names it
        aliases=(
            f"{row.plain('vault_uri', f'https://{row.identity.name}.vault.azure.net').rstrip('/')}/keys/".lower(),
        ),
        recovery_days=row.number_of("soft_delete_retention_days", 90) if protected is True else protected or 0,
        status="purge protection on" if protected is True else "",
    )


def _alert(row: PlanResource) -> Iterable[Fact]:
    """A metric alert; it reaches somebody through an action group with a receiver."""
    metric = row.plain("criteria.metric_name") or row.plain("dynamic_criteria.metric_name")
    groups = row.links("action.action_group_id", "azurerm_monitor_action_group")
    reached = any(_has_receiver(row.open_other(entry)) for entry in groups.found)
    outside = Unread("its action group is not in the plan")
    yield row.fact(
        Alarm,
        product="monitor",
        about=row.identities_of("scopes"),
        signal=signal_of(metric),
        metric=metric,
        enabled=row.flag_of("enabled", default=True),
        actions=row.identities_of("action.action_group_id"),
        reaches_someone=reached or (outside if groups.others or not groups.complete else False),
    )


def _has_receiver(group: PlanResource) -> bool:
    return any(name.endswith("_receiver") and value for name, value in group.entry.values.items())


def _backup_policy(row: PlanResource) -> Iterable[Fact]:
    """A backup policy of a Recovery Services vault, with the machines and shares that it protects."""
    vaults = row.linked("recovery_vault_name", "azurerm_recovery_services_vault")
    protected = [
        *(row.joined("azurerm_backup_protected_vm", "backup_policy_id").found),
        *(row.joined("azurerm_backup_protected_file_share", "backup_policy_id").found),
    ]
    about = [
        name
        for item in protected
        for path in ("source_vm_id", "source_storage_account_id")
        for name in item.identities_of(path)
    ]
    cross_region = any(told(vault.flag_of("cross_region_restore_enabled"), otherwise=False) for vault in vaults)
    region = vaults[0].identity.region if vaults else row.identity.region
    yield row.fact(
        BackupPlan,
        product="backup",
        region=region,
        about=tuple(dict.fromkeys(about)),
        every=_EVERY.get(row.plain("backup.frequency")),
        keep_days=told(row.number_of("retention_daily.count", 0), 0) or None,
        copy_regions=(paired_region(region),) if cross_region else (),
        selects=len(protected),
    )


KINDS = (
    kind("azurerm_lb", (LoadBalancer,), _balancer),
    kind("azurerm_application_gateway", (LoadBalancer,), _gateway),
    kind("azurerm_cdn_frontdoor_profile", (Distribution,), _front_door),
    kind("azurerm_frontdoor", (Distribution,), _classic_front_door),
    kind("azurerm_eventhub_namespace", (Datastore,), _event_hubs),
    kind("azurerm_servicebus_namespace", (Datastore,), _service_bus),
    kind("azurerm_servicebus_queue", (Queue,), _queue),
    kind("azurerm_key_vault", (EncryptionKey,), _vault),
    kind("azurerm_monitor_metric_alert", (Alarm,), _alert),
    kind("azurerm_backup_policy_vm", (BackupPlan,), _backup_policy),
    kind("azurerm_backup_policy_file_share", (BackupPlan,), _backup_policy),
)
