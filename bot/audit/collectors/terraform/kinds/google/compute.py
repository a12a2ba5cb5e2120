"""Compute Engine, GKE, Cloud Run and Cloud Functions. Defaults: Terraform's hashicorp/google provider documentation of each type."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.terraform.gaps import ONLY_AFTER_DEPLOYMENT
from bot.audit.collectors.terraform.places import google_region
from bot.audit.collectors.terraform.resource import PlanResource, kind, told
from checks import ComputeGroup, ComputeKind, Fact, Maybe, Unread, Volume

_TEMPLATES: Final = ("google_compute_instance_template", "google_compute_region_instance_template")
_BACKENDS: Final = ("google_compute_backend_service", "google_compute_region_backend_service")


def _zone(row: PlanResource, path: str = "zone") -> str:
    return row.plain(path).rpartition("/")[2]


def _healing(row: PlanResource) -> Maybe[str]:
    policies = row.blocks("auto_healing_policies")
    return policies if isinstance(policies, Unread) else "autohealing" if policies else "machine state"


def _suspended(row: PlanResource) -> Maybe[tuple[str, ...]]:
    """Repairs are on unless they are switched off."""
    action = row.text_of("instance_lifecycle_policy.default_action_on_failure", "REPAIR")
    return action if isinstance(action, Unread) else ("repairs",) if action == "DO_NOTHING" else ()


def _instance(row: PlanResource) -> Iterable[Fact]:
    """A machine that nothing replaces."""
    zone = _zone(row)
    groups = row.joined("google_compute_instance_group", "instances")
    yield row.fact(
        ComputeGroup,
        product="compute",
        kind=ComputeKind.MACHINE,
        zones=(zone,) if zone else (),
        desired=1,
        traffic=bool(groups.found),
        machine_types=tuple(filter(None, (row.plain("machine_type"),))),
        deletion_protection=row.flag_of("deletion_protection"),
    )


def _zonal_group(row: PlanResource) -> Iterable[Fact]:
    """A managed instance group in one zone."""
    zone = _zone(row)
    yield _group(row, (zone,) if zone else (), False if zone else Unread("zone is known only after apply"))


def _regional_group(row: PlanResource) -> Iterable[Fact]:
    """A managed instance group over the zones of its region, or over those that it names."""
    zones = row.texts_of("distribution_policy_zones")
    several = zones if isinstance(zones, Unread) else len(zones) != 1
    yield _group(row, tuple(sorted(told(zones, ()))), several)


def _group(row: PlanResource, zones: tuple[str, ...], redundant: Maybe[bool]) -> ComputeGroup:
    scalers = [
        scaler
        for name in ("google_compute_autoscaler", "google_compute_region_autoscaler")
        for scaler in row.joined(name, "target").found
    ]
    size = row.number_of("target_size", 0)
    desired = told(size, 0)
    least: Maybe[int | None] = scalers[0].number_of("autoscaling_policy.min_replicas", 0) if scalers else size
    most: Maybe[int | None] = scalers[0].number_of("autoscaling_policy.max_replicas", 0) if scalers else size
    templates = list(row.linked("version.instance_template", *_TEMPLATES))
    traffic = any(row.joined(name, "backend.group").found for name in _BACKENDS)
    return row.fact(
        ComputeGroup,
        product="compute",
        kind=ComputeKind.MACHINE_GROUP,
        zones=zones,
        zone_redundant=redundant,
        min_size=least,
        max_size=most,
        desired=desired if not scalers else max(desired, told(least, 0) or 0),
        traffic=traffic,
        suspended=_suspended(row),
        health_check=_healing(row),
        machine_types=tuple(sorted({kind_of for template in templates if (kind_of := template.plain("machine_type"))})),
        tags={name: value for template in templates for name, value in template.identity.tags.items()},
    )


def _cluster(row: PlanResource) -> Iterable[Fact]:
    """A GKE cluster: its location is a region or a zone; node pools are resources of their own.

    Its `deletion_protection` holds back Terraform alone.
    """
    location = row.plain("location")
    zonal = location != google_region(location)
    named = told(row.maybe(row.texts, "node_locations"), ())
    pools = row.joined("google_container_node_pool", "cluster")
    places = {zone for pool in pools.found for zone in told(pool.maybe(pool.texts, "node_locations"), ())} | set(named)
    zones = tuple(sorted(places | ({location} if zonal and location else set())))
    sizes = [_pool_size(pool, zones, zonal=zonal) for pool in pools.found]
    version = row.plain("min_master_version")
    yield row.fact(
        ComputeGroup,
        product="gke",
        kind=ComputeKind.KUBERNETES,
        zones=zones,
        # The control plane of a zonal cluster is in one zone, wherever its nodes run.
        zone_redundant=not zonal if location else Unread("location is known only after apply"),
        min_size=sum(size[0] for size in sizes) if sizes else None,
        max_size=sum(size[1] for size in sizes) if sizes else None,
        machine_types=tuple(sorted({name for pool in pools.found if (name := pool.plain("node_config.machine_type"))})),
        runtime=f"kubernetes {version}" if version else "",
        encryption_key=row.identity_of("database_encryption.key_name", "google_kms_crypto_key"),
    )


def _pool_size(pool: PlanResource, zones: tuple[str, ...], *, zonal: bool) -> tuple[int, int]:
    """The least and most nodes of a pool over all zones; the settings count nodes for each zone."""
    count = told(pool.number_of("node_count", 0), 0) or told(pool.number_of("initial_node_count", 0), 0)
    least = told(pool.number_of("autoscaling.min_node_count", count), count)
    most = told(pool.number_of("autoscaling.max_node_count", count), count)
    factor = len(zones) or (1 if zonal else 3)
    return least * factor, most * factor


def _run(row: PlanResource) -> Iterable[Fact]:
    """A Cloud Run service, which runs in all zones of its region. Its `deletion_protection` holds back Terraform alone."""
    first = row.resource_type == "google_cloud_run_service"
    least = row.number_of("template.scaling.min_instance_count", 0)
    most = row.number_of("template.scaling.max_instance_count", 100)
    if first:
        scaling = told(row.maybe(row.labels, "template.metadata.annotations"), {})
        least = _whole(scaling.get("autoscaling.knative.dev/minScale", "0"))
        most = _whole(scaling.get("autoscaling.knative.dev/maxScale", "100"))
    yield row.fact(
        ComputeGroup,
        product="cloud-run",
        kind=ComputeKind.CONTAINERS,
        zone_redundant=True,
        min_size=least,
        max_size=most,
        traffic=True,
    )


def _whole(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _function(row: PlanResource) -> Iterable[Fact]:
    """A function, which runs in all zones of its region."""
    yield row.fact(
        ComputeGroup,
        product="cloudfunctions",
        kind=ComputeKind.FUNCTION,
        zone_redundant=True,
        runtime=row.plain("runtime") or row.plain("build_config.runtime"),
        encryption_key=row.identity_of("kms_key_name", "google_kms_crypto_key"),
    )


def _disk(row: PlanResource) -> Iterable[Fact]:
    """A persistent disk in one zone; those of machines are attached by the machine or by a resource of their own."""
    machines = [*row.joined("google_compute_instance", "attached_disk.source").found]
    machines += row.joined("google_compute_instance", "boot_disk.source").found
    names = [machine.identity.resource for machine in machines]
    for link in row.joined("google_compute_attached_disk", "disk").found:
        names += link.identities_of("instance", "google_compute_instance")
    yield row.fact(
        Volume,
        product="persistent-disk",
        zone=_zone(row),
        zone_redundant=_in_several_zones(row),
        size_gib=told(row.number_of("size", 0), 0),
        attached_to=names[0] if names else "",
        last_snapshot_at=Unread(ONLY_AFTER_DEPLOYMENT),
        about=tuple(names),
        encryption_key=row.identity_of("disk_encryption_key.kms_key_self_link", "google_kms_crypto_key"),
    )


def _in_several_zones(row: PlanResource) -> bool | None:
    if row.resource_type == "google_compute_region_disk":
        return True
    return None if row.plain("type").endswith("-extreme") else False


KINDS = (
    kind("google_compute_instance", (ComputeGroup,), _instance),
    kind("google_compute_instance_group_manager", (ComputeGroup,), _zonal_group),
    kind("google_compute_region_instance_group_manager", (ComputeGroup,), _regional_group),
    kind("google_container_cluster", (ComputeGroup,), _cluster),
    kind("google_cloud_run_service", (ComputeGroup,), _run),
    kind("google_cloud_run_v2_service", (ComputeGroup,), _run),
    kind("google_cloudfunctions_function", (ComputeGroup,), _function),
    kind("google_cloudfunctions2_function", (ComputeGroup,), _function),
    kind("google_compute_disk", (Volume,), _disk),
    kind("google_compute_region_disk", (Volume,), _disk),
)
