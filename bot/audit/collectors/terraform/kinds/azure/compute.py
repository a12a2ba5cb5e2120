"""Virtual machines, scale sets, disks, AKS and App Service. Defaults: documentation of Terraform's hashicorp/azurerm provider."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.terraform.azure_locks import locked
from bot.audit.collectors.terraform.gaps import ONLY_AFTER_DEPLOYMENT
from bot.audit.collectors.terraform.resource import PlanResource, any_of, kind, told
from checks import ComputeGroup, ComputeKind, Fact, Maybe, Unread, Volume

_MACHINES: Final = ("azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine", "azurerm_virtual_machine")
_SCALE_SETS: Final = tuple(f"azurerm_{name}_virtual_machine_scale_set" for name in ("linux", "windows", "orchestrated"))
_PLANS: Final = ("azurerm_service_plan", "azurerm_app_service_plan")


def _machine(row: PlanResource) -> Iterable[Fact]:
    """A machine that nothing replaces; without a zone Azure puts it anywhere in its region."""
    zone = row.plain("zone") or next(iter(told(row.maybe(row.texts, "zones"), ())), "")
    yield row.fact(
        ComputeGroup,
        product="virtualmachines",
        kind=ComputeKind.MACHINE,
        zones=(zone,) if zone else (),
        desired=1,
        machine_types=tuple(filter(None, (row.plain("size") or row.plain("vm_size"),))),
        deletion_protection=locked(row),
    )


def _scale_set(row: PlanResource) -> Iterable[Fact]:
    """A scale set in the zones that it names; without any it is in one place of its region."""
    zones = row.maybe(row.texts, "zones")
    scalers = row.joined("azurerm_monitor_autoscale_setting", "target_resource_id").found
    size = row.number_of("instances", 0)
    least: Maybe[int] = scalers[0].number_of("profile.capacity.minimum", 0) if scalers else size
    most: Maybe[int] = scalers[0].number_of("profile.capacity.maximum", 0) if scalers else size
    repairs = _repairs(row)
    yield row.fact(
        ComputeGroup,
        product="virtualmachinescalesets",
        kind=ComputeKind.MACHINE_GROUP,
        zones=tuple(sorted(told(zones, ()))),
        zone_redundant=zones if isinstance(zones, Unread) else len(zones) > 1,
        one_zone=zones == (),
        min_size=least,
        max_size=most,
        desired=told(size, 0),
        traffic=_behind_balancer(row),
        deletion_protection=locked(row),
        health_check=repairs if isinstance(repairs, Unread) else "repairs" if repairs else "machine state",
        suspended=Unread(ONLY_AFTER_DEPLOYMENT) if repairs else None,
        machine_types=tuple(filter(None, (row.plain("sku") or row.plain("sku_name"),))),
    )


def _repairs(row: PlanResource) -> Maybe[bool]:
    blocks = row.blocks("automatic_instance_repair")
    if isinstance(blocks, Unread):
        return blocks
    return any_of(block.maybe(block.flag, "enabled") or False for block in blocks)


def _behind_balancer(row: PlanResource) -> bool:
    paths = ("load_balancer_backend_address_pool_ids", "application_gateway_backend_address_pool_ids")
    links = (row.links(f"network_interface.ip_configuration.{path}") for path in paths)
    return any(link.found or link.others or not link.complete for link in links)


def _disk(row: PlanResource) -> Iterable[Fact]:
    """A managed disk, attached by a resource of its own."""
    links = row.joined("azurerm_virtual_machine_data_disk_attachment", "managed_disk_id").found
    machines = tuple(name for link in links if (name := link.identity_of("virtual_machine_id", *_MACHINES)))
    yield row.fact(
        Volume,
        product="disks",
        zone=row.plain("zone"),
        zone_redundant=_in_several_zones(row),
        size_gib=told(row.number_of("disk_size_gb", 0), 0),
        attached_to=machines[0] if machines else "",
        last_snapshot_at=Unread(ONLY_AFTER_DEPLOYMENT),
        about=machines,
    )


def _in_several_zones(row: PlanResource) -> Maybe[bool | None]:
    kind_of = row.text_of("storage_account_type")
    if isinstance(kind_of, Unread):
        return kind_of
    return None if kind_of.lower().startswith(("ultrassd", "premiumv2")) else kind_of.lower().endswith("_zrs")


def _cluster(row: PlanResource) -> Iterable[Fact]:
    """An AKS cluster with its node pools; a pool is in the zones that it names."""
    pools = row.joined("azurerm_kubernetes_cluster_node_pool", "kubernetes_cluster_id").found
    default = row.row("default_node_pool")
    rows = [default, *pools]
    named = [pool.maybe(pool.texts, name) for pool in rows for name in ("zones", "availability_zones")]
    zones = sorted({zone for of_pool in named for zone in told(of_pool, ())})
    doubt = next((of_pool for of_pool in named if isinstance(of_pool, Unread)), None)
    least = [
        told(pool.maybe(pool.number, "min_count"), None) or told(pool.maybe(pool.number, "node_count"), None)
        for pool in rows
    ]
    most = [
        told(pool.maybe(pool.number, "max_count"), None) or told(pool.maybe(pool.number, "node_count"), None)
        for pool in rows
    ]
    version = row.plain("kubernetes_version")
    yield row.fact(
        ComputeGroup,
        product="aks",
        kind=ComputeKind.KUBERNETES,
        zones=tuple(zones),
        zone_redundant=True if len(zones) > 1 else doubt or False,
        one_zone=not zones and doubt is None,
        min_size=sum(count or 0 for count in least),
        max_size=sum(count or 0 for count in most),
        machine_types=tuple(sorted({told(pool.maybe(pool.text, "vm_size"), "") for pool in rows} - {""})),
        runtime=f"kubernetes {version}" if version else "",
    )


def _app(row: PlanResource) -> Iterable[Fact]:
    """A web or function app on its plan, which says how many workers there are and whether they are in several zones."""
    plans = row.linked("service_plan_id", *_PLANS) or row.linked("app_service_plan_id", *_PLANS)
    plan = plans[0] if plans else None
    functions = "function" in row.resource_type
    redundant: Maybe[bool] = Unread("its service plan is not in the plan")
    workers: Maybe[int] = Unread("its service plan is not in the plan")
    if plan is not None:
        redundant = plan.flag_of("zone_balancing_enabled")
        workers = plan.number_of("worker_count", 1)
    yield row.fact(
        ComputeGroup,
        product="functions" if functions else "appservice",
        kind=ComputeKind.FUNCTION if functions else ComputeKind.CONTAINERS,
        zone_redundant=redundant,
        one_zone=redundant is False,
        min_size=None if functions else workers,
        max_size=None
        if functions
        else plan.number_of("maximum_elastic_worker_count", told(workers, 1))
        if plan
        else workers,
        desired=None if isinstance(workers, Unread) else workers,
        traffic=None if functions else True,
        health_check=row.plain("site_config.health_check_path"),
    )


def _container_app(row: PlanResource) -> Iterable[Fact]:
    """A container app: its environment says whether it is in several zones."""
    environments = row.linked("container_app_environment_id", "azurerm_container_app_environment")
    redundant: Maybe[bool] = Unread("its environment is not in the plan")
    if environments:
        redundant = environments[0].flag_of("zone_redundancy_enabled")
    region = environments[0].identity.region if environments else row.identity.region
    yield row.fact(
        ComputeGroup,
        product="containerapps",
        region=region,
        kind=ComputeKind.CONTAINERS,
        zone_redundant=redundant,
        one_zone=redundant is False,
        min_size=row.number_of("template.min_replicas", 0),
        max_size=row.number_of("template.max_replicas", 10),
        deletion_protection=locked(row),
        traffic=bool(told(row.blocks("ingress"), ())),
    )


_APPS: Final = (
    *("azurerm_linux_web_app", "azurerm_windows_web_app", "azurerm_app_service"),
    *("azurerm_linux_function_app", "azurerm_windows_function_app", "azurerm_function_app"),
)
KINDS = (
    *(kind(name, (ComputeGroup,), _machine) for name in _MACHINES),
    *(kind(name, (ComputeGroup,), _scale_set) for name in _SCALE_SETS),
    kind("azurerm_managed_disk", (Volume,), _disk),
    kind("azurerm_kubernetes_cluster", (ComputeGroup,), _cluster),
    *(kind(name, (ComputeGroup,), _app) for name in _APPS),
    kind("azurerm_container_app", (ComputeGroup,), _container_app),
)
