"""RDS, Aurora, DocumentDB, Neptune and Redshift. Defaults: Terraform's hashicorp/aws provider documentation of each type."""

from collections.abc import Iterable, Iterator

from bot.audit.collectors.terraform.aws_parts import key_of, zones_of
from bot.audit.collectors.terraform.resource import PlanResource, above, all_of, kind, told, unread_of
from bot.audit.collectors.terraform.view import Links
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_CLUSTERS = ("aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster")
_INSTANCES = {
    "aws_rds_cluster": "aws_rds_cluster_instance",
    "aws_docdb_cluster": "aws_docdb_cluster_instance",
    "aws_neptune_cluster": "aws_neptune_cluster_instance",
}
_PRODUCTS = {"aws_docdb_cluster": "docdb", "aws_neptune_cluster": "neptune"}
_ENGINES = {"aws_docdb_cluster": "docdb", "aws_neptune_cluster": "neptune"}


def _instance(row: PlanResource) -> Iterable[Fact]:
    """A DB instance; `multi_az`, `deletion_protection` and `backup_retention_period` are off unless set."""
    days, multi_az = row.number_of("backup_retention_period", 0), row.flag_of("multi_az")
    zone = row.plain("availability_zone")
    most, size = row.number_of("max_allocated_storage", 0), row.number_of("allocated_storage", 0)
    yield row.fact(
        Datastore,
        product="rds",
        kind=StoreKind.RELATIONAL,
        engine=_engine(row),
        zones=(zone,) if zone else (),
        zone_redundant=multi_az,
        nodes=2 if multi_az is True else 1,
        automatic_failover=multi_az,
        replica_regions=_replica_regions(row, "aws_db_instance", "replicate_source_db"),
        replica_of=row.identity_of("replicate_source_db", "aws_db_instance", "aws_rds_cluster"),
        backup_days=days,
        backup_regions=_copied_to(row),
        point_in_time_recovery=above(days, 0),
        deletion_protection=row.flag_of("deletion_protection"),
        capacity=Capacity.FIXED,
        storage_autoscaling=unread_of(most, size) or told(most, 0) > told(size, 0),
        minor_upgrades=row.flag_of("auto_minor_version_upgrade", default=True),
        encryption_key=key_of(row, "kms_key_id"),
    )


def _engine(row: PlanResource) -> str:
    source = row.linked("replicate_source_db", "aws_db_instance")
    return row.plain("engine") or (source[0].plain("engine") if source else "")


def _replica_regions(row: PlanResource, kind_of_replica: str, path: str) -> Maybe[tuple[str, ...]]:
    """The other regions with a replica: of the resources of a type that name this one as their source."""
    return row.joined(kind_of_replica, path).regions_beside(row.identity.region)


def _copied_to(row: PlanResource) -> Maybe[tuple[str, ...]]:
    return _replica_regions(row, "aws_db_instance_automated_backups_replication", "source_db_instance_arn")


def _cluster(row: PlanResource) -> Iterable[Fact]:
    """A cluster with its instances; Terraform describes each instance as a resource of its own."""
    kind_of = row.resource_type
    members = row.joined(_INSTANCES[kind_of], "cluster_identifier")
    days, engine = row.number_of("backup_retention_period", 1), row.plain("engine") or _ENGINES.get(kind_of, "aurora")
    zones = tuple(sorted({zone for member in members.found if (zone := member.plain("availability_zone"))}))
    multi_az_cluster = bool(
        row.plain("db_cluster_instance_class")
    )  # RDS Multi-AZ DB cluster: three instances of its own
    nodes = 3 if multi_az_cluster else len(members.found)
    doubt = None if multi_az_cluster else members.doubt
    upgrades = [member.flag_of("auto_minor_version_upgrade", default=True) for member in members.found]
    yield row.fact(
        Datastore,
        product=_PRODUCTS.get(kind_of, "rds"),
        kind=StoreKind.DOCUMENT if kind_of in _PRODUCTS else StoreKind.RELATIONAL,
        engine=engine,
        zones=zones,
        zone_redundant=_over_zones(nodes, zones, doubt),
        nodes=nodes,
        automatic_failover=doubt if doubt and nodes < 2 else nodes > 1,
        replica_regions=_global_regions(row),
        replica_of=_primary(row),
        backup_days=days,
        point_in_time_recovery=above(days, 0),
        deletion_protection=row.flag_of("deletion_protection"),
        capacity=Capacity.AUTOSCALED if _serverless(row) else Capacity.FIXED,
        storage_autoscaling=None if multi_az_cluster else True,
        minor_upgrades=all_of(upgrades) if upgrades else None,
        encryption_key=key_of(row, "kms_key_id"),
    )


def _over_zones(nodes: int, zones: tuple[str, ...], doubt: Unread | None) -> Maybe[bool]:
    """Aurora spreads the instances of a cluster over zones unless their zones are set: Aurora user guide, "High availability"."""
    if nodes < 2:
        return doubt or False
    return len(zones) != 1


def _serverless(row: PlanResource) -> bool:
    scaling = row.blocks("serverlessv2_scaling_configuration")
    return row.plain("engine_mode") == "serverless" or (not isinstance(scaling, Unread) and bool(scaling))


def _members_of_global(row: PlanResource) -> Maybe[list[PlanResource]]:
    """The other clusters of the global cluster that a cluster belongs to."""
    if not row.known("global_cluster_identifier") and not row.links("global_cluster_identifier").found:
        if row.view.configuration.depends_on_no_resource(row.entry, "global_cluster_identifier"):
            return []
        return Unread("global_cluster_identifier is known only after apply")
    own = set(row.identities_of("global_cluster_identifier"))
    joined_by = [
        other
        for other in row.others(row.resource_type)
        if own & set(other.identities_of("global_cluster_identifier")) and other.entry.address != row.entry.address
    ]
    sources = [  # a global cluster that is made of an existing cluster names it, and the cluster names nothing
        other
        for made in row.linked("global_cluster_identifier", *_GLOBALS)
        for other in made.linked("source_db_cluster_identifier", *_CLUSTERS)
    ]
    for made in row.others(*_GLOBALS):
        if row.entry.address in {
            other.entry.address for other in made.linked("source_db_cluster_identifier", *_CLUSTERS)
        }:
            sources += [
                other
                for other in row.others(row.resource_type)
                if made.identity.resource in other.identities_of("global_cluster_identifier", *_GLOBALS)
            ]
    return [other for other in (*joined_by, *sources) if other.entry.address != row.entry.address]


_GLOBALS = ("aws_rds_global_cluster", "aws_docdb_global_cluster", "aws_neptune_global_cluster")


def _global_regions(row: PlanResource) -> Maybe[tuple[str, ...]]:
    members = _members_of_global(row)
    if isinstance(members, Unread):
        return members
    copies = row.joined(row.resource_type, "replication_source_identifier")
    regions = {other.identity.region for other in (*members, *copies.found)} - {"", row.identity.region}
    return tuple(sorted(regions)) if regions or not copies.doubt else copies.doubt


def _primary(row: PlanResource) -> str:
    """The cluster that this one replicates: its source, else the first of the global cluster that has a master user."""
    source = row.identity_of("replication_source_identifier", *_CLUSTERS, "aws_db_instance")
    members = _members_of_global(row)
    if source or isinstance(members, Unread) or not members or _has_user(row):
        return source
    return next((other.identity.resource for other in members if _has_user(other)), "")


def _has_user(row: PlanResource) -> bool:
    """Whether a cluster creates its own data: a secondary has no master user of its own."""
    return bool(row.plain("master_username") or row.plain("database_name") or row.plain("snapshot_identifier"))


def _redshift(row: PlanResource) -> Iterable[Fact]:
    """A cluster; snapshots are kept for one day unless set, and `multi_az` is off."""
    zone = row.plain("availability_zone")
    copies = row.joined("aws_redshift_snapshot_copy", "cluster_identifier")
    regions = [other.plain("destination_region") for other in copies.found]
    regions += [block.text("destination_region") for block in told(row.blocks("snapshot_copy"), ())]
    yield row.fact(
        Datastore,
        product="redshift",
        kind=StoreKind.WAREHOUSE,
        engine=row.plain("cluster_version") or "redshift",
        zones=(zone,) if zone else (),
        zone_redundant=row.flag_of("multi_az"),
        nodes=told(row.number_of("number_of_nodes", 1), 1),
        backup_days=row.number_of("automated_snapshot_retention_period", 1),
        backup_regions=tuple(sorted(filter(None, regions))) if regions or not copies.doubt else copies.doubt,
        minor_upgrades=row.flag_of("allow_version_upgrade", default=True),
        encryption_key=key_of(row, "kms_key_id"),
    )


def _namespace(row: PlanResource) -> Iterator[Fact]:
    """A Redshift Serverless namespace, which holds the data of its workgroups and is stored in several zones.

    Management guide, "Snapshots and recovery points": recovery points are kept for 24 hours.
    """
    groups = row.joined("aws_redshiftserverless_workgroup", "namespace_name")
    places = [zones_of(group, "subnet_ids") for group in groups.found if group.links("subnet_ids") != Links()]
    doubt = next((zones for zones in places if isinstance(zones, Unread)), groups.doubt)
    single = any(not isinstance(zones, Unread) and len(zones) == 1 for zones in places)
    yield row.fact(
        Datastore,
        product="redshiftserverless",
        name=row.plain("namespace_name") or row.identity.name,
        kind=StoreKind.WAREHOUSE,
        engine="redshift",
        zones=tuple(sorted({zone for zones in places for zone in told(zones, ())})),
        zone_redundant=False if single else doubt or True,
        backup_days=1,
        capacity=Capacity.ON_DEMAND,
        encryption_key=key_of(row, "kms_key_id"),
    )


def _workgroup(row: PlanResource) -> Iterator[Fact]:
    """A Redshift Serverless workgroup whose namespace is not in the plan; else it is part of that one."""
    if row.linked("namespace_name", "aws_redshiftserverless_namespace"):
        return
    zones = zones_of(row, "subnet_ids")
    yield row.fact(
        Datastore,
        product="redshiftserverless",
        name=row.plain("workgroup_name") or row.identity.name,
        kind=StoreKind.WAREHOUSE,
        engine="redshift",
        zones=told(zones, ()),
        zone_redundant=zones if isinstance(zones, Unread) else len(zones) != 1,
        backup_days=1,
        capacity=Capacity.ON_DEMAND,
    )


KINDS = (
    kind("aws_db_instance", (Datastore,), _instance),
    *(kind(name, (Datastore,), _cluster) for name in _CLUSTERS),
    kind("aws_redshift_cluster", (Datastore,), _redshift),
    kind("aws_redshiftserverless_namespace", (Datastore,), _namespace),
    kind("aws_redshiftserverless_workgroup", (Datastore,), _workgroup),
)
