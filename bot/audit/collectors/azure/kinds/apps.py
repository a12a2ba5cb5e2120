"""AKS, App Service, Functions, Container Apps and Container Instances (their REST references, "Get")."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource
from bot.audit.collectors.azure.kinds_of import kind
from bot.audit.collectors.azure.scaling import is_scaled, limits_of
from bot.audit.collectors.engine.row import Row
from checks import Certificate, ComputeGroup, ComputeKind, Fact, Maybe, Unread

_NODES: Final = "microsoft.compute/virtualmachinescalesets/virtualmachines"
_PLAN: Final = "microsoft.web/serverfarms"
_ON_DEMAND: Final = ("y1", "fc1")  # Consumption and Flex Consumption: as many workers as there are requests


def _cluster(cluster: AzureResource) -> Iterable[Fact]:
    """An AKS cluster with its node pools; a pool is in the zones that it names."""
    pools = cluster.rows("properties.agentPoolProfiles")
    zones = tuple(sorted({zone for pool in pools for zone in pool.texts("availabilityZones")}))
    counts = [pool.number("count") or 0 for pool in pools]
    version = cluster.text("properties.currentKubernetesVersion") or cluster.text("properties.kubernetesVersion")
    state = cluster.text("properties.powerState.code")
    yield cluster.fact(
        ComputeGroup,
        product="aks",
        kind=ComputeKind.KUBERNETES,
        status=state if state and state != "Running" else cluster.text("properties.provisioningState"),
        zones=zones,
        zones_in_use=_zones_of_nodes(cluster),
        zone_redundant=len(zones) > 1,
        one_zone=bool(pools) and not zones,
        min_size=sum(_limit(pool, "minCount") for pool in pools),
        max_size=sum(_limit(pool, "maxCount") for pool in pools),
        desired=sum(counts),
        machine_types=tuple(sorted({pool.text("vmSize") for pool in pools} - {""})),
        runtime=f"kubernetes {version}" if version else "",
        deletion_protection=cluster.locked,
    )


def _zones_of_nodes(cluster: AzureResource) -> tuple[str, ...]:
    """The zones in which nodes exist: they are machines of scale sets in a resource group of the cluster's own."""
    group = cluster.text("properties.nodeResourceGroup").lower()
    return tuple(
        sorted(
            {zone for node in cluster.estate.in_group(_NODES, cluster.identity.account, group) for zone in node.zones}
        )
    )


def _limit(pool: Row, name: str) -> int:
    """A limit of the cluster autoscaler, else the number of nodes."""
    return (pool.number(name) if pool.flag("enableAutoScaling") else None) or pool.number("count") or 0


def _site(site: AzureResource) -> Iterable[Fact]:
    """A web or function app on its plan, which says how many workers there are and whether they are in several zones."""
    plans = site.linked("properties.serverFarmId", _PLAN)
    plan = plans[0] if plans else None
    functions = "functionapp" in site.text("kind").lower()
    no_plan = Unread("its App Service plan was not read")
    redundant: Maybe[bool] = no_plan if plan is None else plan.flag("properties.zoneRedundant") or False
    workers = _workers(plan) if plan else None
    elastic = functions and plan is not None and plan.text("sku.name").lower() in _ON_DEMAND
    least, most = limits_of(plan, workers) if plan else (None, None)
    yield site.fact(
        ComputeGroup,
        product="functions" if functions else "appservice",
        kind=ComputeKind.FUNCTION if functions else ComputeKind.CONTAINERS,
        status=site.text("properties.state"),
        zone_redundant=redundant,
        one_zone=redundant is False,
        min_size=None if functions else no_plan if plan is None else least,
        max_size=None if functions else no_plan if plan is None else _most(plan, most),
        desired=None if elastic else workers,
        traffic=None if functions else True,
        health_check=_health_check(site),
        deletion_protection=site.locked,
    )


def _workers(plan: AzureResource) -> int | None:
    return plan.number("sku.capacity") or plan.number("properties.numberOfWorkers")


def _most(plan: AzureResource, most: int | None) -> int | None:
    """The most workers of a plan: those of automatic scaling, where it is on, else those of autoscale settings."""
    elastic = plan.flag("properties.elasticScaleEnabled")
    return plan.number("properties.maximumElasticWorkerCount") if elastic and not is_scaled(plan) else most


def _health_check(site: AzureResource) -> str:
    """The path of a health check: in the site's own configuration, which is in a table of its own."""
    for found in site.children("microsoft.web/sites/config"):
        if found.arm.endswith("/web") and (path := found.text("properties.healthCheckPath")):
            return path
    return site.text("properties.siteConfig.healthCheckPath")


def _container_app(app: AzureResource) -> Iterable[Fact]:
    """A container app: its environment says whether it is in several zones, which is off unless it was set at creation."""
    found = app.linked("properties.environmentId") or app.linked("properties.managedEnvironmentId")
    redundant: Maybe[bool] = Unread("its environment was not read")
    if found:
        redundant = found[0].flag("properties.zoneRedundant") or False
    least, most = (app.number(f"properties.template.scale.{name}") for name in ("minReplicas", "maxReplicas"))
    yield app.fact(
        ComputeGroup,
        product="containerapps",
        kind=ComputeKind.CONTAINERS,
        status=app.text("properties.runningStatus") or app.text("properties.provisioningState"),
        zone_redundant=redundant,
        one_zone=redundant is False,
        min_size=least or 0,
        max_size=10 if most is None else most,
        traffic=app.told("properties.configuration.ingress"),
        deletion_protection=app.locked,
    )


def _container_group(group: AzureResource) -> Iterable[Fact]:
    """A container group, which nothing replaces in another zone."""
    zones = group.zones
    yield group.fact(
        ComputeGroup,
        product="containerinstances",
        kind=ComputeKind.CONTAINERS,
        status=group.text("properties.instanceView.state") or group.text("properties.provisioningState"),
        zones=zones,
        one_zone=not zones,
        min_size=1,
        max_size=1,
        desired=1,
        traffic=group.told("properties.ipAddress"),
        deletion_protection=group.locked,
    )


def _certificate(certificate: AzureResource) -> Iterable[Fact]:
    """A certificate of App Service; a managed one has the name that it was made for, and is renewed."""
    expires: datetime | None = certificate.when("properties.expirationDate")
    yield certificate.fact(
        Certificate,
        product="appservice",
        expires_at=expires,
        renews_itself=certificate.told("properties.canonicalName"),
        in_use=_is_bound(certificate),
    )


def _is_bound(certificate: AzureResource) -> bool:
    print_of = certificate.text("properties.thumbprint").lower()
    sites: Sequence[AzureResource] = certificate.estate.by_type.get("microsoft.web/sites", ())
    return bool(print_of) and any(
        row.text("thumbprint").lower() == print_of
        for site in sites
        for row in site.rows("properties.hostNameSslStates")
    )


KINDS = (
    kind("Microsoft.ContainerService/managedClusters", (ComputeGroup,), _cluster),
    kind("Microsoft.Web/sites", (ComputeGroup,), _site),
    kind("Microsoft.App/containerApps", (ComputeGroup,), _container_app),
    kind("Microsoft.ContainerInstance/containerGroups", (ComputeGroup,), _container_group),
    kind("Microsoft.Web/certificates", (Certificate,), _certificate),
)
