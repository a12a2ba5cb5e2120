"""Stores for one purpose: DAX, Aurora DSQL, Keyspaces, elastic DocumentDB, search collections, graphs, time series, directories.

Defaults: Terraform's hashicorp/aws provider documentation of each type.
"""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.terraform.aws_parts import key_of, spread, zones_of
from bot.audit.collectors.terraform.gaps import ONLY_AFTER_DEPLOYMENT
from bot.audit.collectors.terraform.resource import PlanResource, above, kind, told
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_SNAPSHOT_DAYS: Final = 14  # OpenSearch Serverless guide, "Backing up collections": hourly snapshots are kept 14 days
_PITR_DAYS: Final = 35  # Keyspaces guide, "Point-in-time recovery": the window that it restores from
_DIRECTORIES: Final = ("MicrosoftAD", "SimpleAD")
_SNAPSHOT: Final = Unread(ONLY_AFTER_DEPLOYMENT)


def _dax(row: PlanResource) -> Iterable[Fact]:
    """A DAX cluster; its nodes are spread over the zones that it names, or over those of its subnets."""
    nodes = row.number_of("replication_factor", 1)
    named = told(row.maybe(row.texts, "availability_zones"), ())
    groups = row.linked("subnet_group_name", "aws_dax_subnet_group")
    zones: Maybe[tuple[str, ...]] = tuple(sorted(set(named)))
    if not named:
        zones = zones_of(groups[0], "subnet_ids") if groups else Unread("its subnet group is not in the plan")
    several = above(nodes, 1)
    yield row.fact(
        Datastore,
        product="dax",
        kind=StoreKind.CACHE,
        engine="dax",
        zones=told(zones, ()),
        zone_redundant=spread(zones) if several is True else several,
        nodes=told(nodes, 1),
        automatic_failover=several,
    )


def _dsql(row: PlanResource) -> Iterable[Fact]:
    """An Aurora DSQL cluster, which is multi-AZ, with its peers in other regions."""
    peerings = row.joined("aws_dsql_cluster_peering", "identifier")
    arns = [*row.identities_of("multi_region_properties.clusters")]
    arns += [arn for peering in peerings.found for arn in peering.identities_of("clusters")]
    regions = {arn.split(":")[3] for arn in arns if arn.count(":") > 4} - {"", row.identity.region}
    regions |= {
        other.identity.region for peering in peerings.found for other in peering.linked("clusters", "aws_dsql_cluster")
    } - {"", row.identity.region}
    yield row.fact(
        Datastore,
        product="dsql",
        kind=StoreKind.RELATIONAL,
        engine="aurora-dsql",
        zone_redundant=True,
        automatic_failover=True,
        replica_regions=tuple(sorted(regions)) if regions or not peerings.doubt else peerings.doubt,
        deletion_protection=row.flag_of("deletion_protection_enabled"),
        capacity=Capacity.ON_DEMAND,
        storage_autoscaling=True,
        encryption_key=key_of(row, "kms_encryption_key"),
    )


def _keyspaces_table(row: PlanResource) -> Iterable[Fact]:
    """A Keyspaces table, which is multi-AZ; its keyspace tells the regions. Point-in-time recovery is off unless set."""
    status = row.text_of("point_in_time_recovery.status", "DISABLED")
    restores = status if isinstance(status, Unread) else status == "ENABLED"
    keyspaces = row.linked("keyspace_name", "aws_keyspaces_keyspace")
    mode = row.text_of("capacity_specification.throughput_mode", "PAY_PER_REQUEST")
    yield row.fact(
        Datastore,
        product="keyspaces",
        name=f"{row.plain('keyspace_name')}.{row.plain('table_name') or row.identity.name}".lstrip("."),
        kind=StoreKind.KEY_VALUE,
        engine="cassandra",
        zone_redundant=True,
        replica_regions=_replicated(keyspaces[0]) if keyspaces else Unread("its keyspace is not in the plan"),
        backup_days=restores if isinstance(restores, Unread) else _PITR_DAYS * restores,
        point_in_time_recovery=restores,
        capacity=None if isinstance(mode, Unread) else _CAPACITY.get(mode),
        storage_autoscaling=True,
        encryption_key=key_of(row, "encryption_specification.kms_key_identifier"),
    )


_CAPACITY: Final = {"PAY_PER_REQUEST": Capacity.ON_DEMAND}


def _replicated(keyspace: PlanResource) -> Maybe[tuple[str, ...]]:
    regions = keyspace.maybe(keyspace.texts, "replication_specification.region_list")
    return regions if isinstance(regions, Unread) else tuple(sorted({*regions} - {keyspace.identity.region}))


def _elastic(row: PlanResource) -> Iterable[Fact]:
    """An elastic DocumentDB cluster. The provider does not tell how many instances a shard has."""
    zones = zones_of(row, "subnet_ids")
    single = spread(zones) is False
    days = row.number_of("backup_retention_period", -1)
    yield row.fact(
        Datastore,
        product="docdbelastic",
        kind=StoreKind.DOCUMENT,
        engine="docdb",
        zones=told(zones, ()),
        zone_redundant=False if single else Unread("the plan does not tell how many instances a shard has"),
        backup_days=Unread("the plan sets no backup_retention_period") if days == -1 else days,
        capacity=Capacity.FIXED,
        storage_autoscaling=True,
        encryption_key=key_of(row, "kms_key_id"),
    )


def _collection(row: PlanResource) -> Iterable[Fact]:
    """An OpenSearch Serverless collection; standby replicas are on unless switched off."""
    standby = row.text_of("standby_replicas", "ENABLED")
    yield row.fact(
        Datastore,
        product="opensearchserverless",
        kind=StoreKind.SEARCH,
        engine="opensearch",
        zone_redundant=standby if isinstance(standby, Unread) else standby == "ENABLED",
        backup_days=_SNAPSHOT_DAYS,
        capacity=Capacity.ON_DEMAND,
        encryption_key=key_of(row, "kms_key_arn"),
    )


def _graph(row: PlanResource) -> Iterable[Fact]:
    """A Neptune Analytics graph; deletion protection is on and it has one replica unless set."""
    replicas = row.number_of("replica_count", 1)
    yield row.fact(
        Datastore,
        product="neptunegraph",
        name=row.plain("graph_name") or row.identity.name,
        kind=StoreKind.DOCUMENT,
        engine="neptune",
        zone_redundant=above(replicas, 0),
        nodes=None if isinstance(replicas, Unread) else replicas + 1,
        automatic_failover=above(replicas, 0),
        backup_days=0,
        last_snapshot_at=_SNAPSHOT,
        deletion_protection=row.flag_of("deletion_protection", default=True),
        capacity=Capacity.FIXED,
        encryption_key=key_of(row, "kms_key_identifier"),
    )


def _time_series(row: PlanResource) -> Iterable[Fact]:
    """A Timestream for InfluxDB instance, single-AZ unless set; the provider has no setting for its backups."""
    deployment = row.text_of("deployment_type", "SINGLE_AZ")
    standby = deployment if isinstance(deployment, Unread) else deployment == "WITH_MULTIAZ_STANDBY"
    zones = (row.plain("availability_zone"), row.plain("secondary_availability_zone"))
    yield row.fact(
        Datastore,
        product="timestreaminfluxdb",
        kind=StoreKind.DOCUMENT,
        engine="influxdb",
        zones=tuple(sorted(filter(None, zones))),
        zone_redundant=standby,
        nodes=None if isinstance(standby, Unread) else 1 + standby,
        automatic_failover=standby,
        backup_days=0,
        capacity=Capacity.FIXED,
    )


def _directory(row: PlanResource) -> Iterable[Fact]:
    """A directory with its additional regions; a connector holds no data."""
    if row.plain("type", "SimpleAD") not in _DIRECTORIES:
        return
    zones = zones_of(row, "vpc_settings.subnet_ids")
    regions = row.joined("aws_directory_service_region", "directory_id")
    others = {other.plain("region_name") for other in regions.found} - {"", row.identity.region}
    yield row.fact(
        Datastore,
        product="ds",
        kind=StoreKind.DOCUMENT,
        engine="activedirectory",
        zones=told(zones, ()),
        zone_redundant=spread(zones),
        nodes=told(row.number_of("desired_number_of_domain_controllers", 2), 2),
        automatic_failover=True if spread(zones) is True else None,
        replica_regions=tuple(sorted(others)) if others or not regions.doubt else regions.doubt,
        last_snapshot_at=_SNAPSHOT,
    )


def _modules(row: PlanResource) -> Iterable[Fact]:
    """A CloudHSM cluster with its modules, each of which is a resource of its own."""
    modules = row.joined("aws_cloudhsm_v2_hsm", "cluster_id")
    places = [(module.plain("availability_zone"), told(zones_of(module, "subnet_id"), ())) for module in modules.found]
    zones = tuple(sorted({zone for own, linked in places for zone in ((own,) if own else linked)}))
    untold = modules.doubt or (None if all(own or linked for own, linked in places) else _PLACE)
    yield row.fact(
        Datastore,
        product="cloudhsm",
        kind=StoreKind.KEY_VALUE,
        engine="pkcs11",
        zones=zones,
        zone_redundant=True if len(zones) > 1 else untold or False,
        nodes=len(modules.found),
        automatic_failover=len(modules.found) > 1,
        backup_days=Unread("the plan does not tell how long backups are kept"),
        capacity=Capacity.FIXED,
    )


_PLACE: Final = Unread("the zone of a module is known only after apply")

KINDS = (
    kind("aws_dax_cluster", (Datastore,), _dax),
    kind("aws_dsql_cluster", (Datastore,), _dsql),
    kind("aws_keyspaces_table", (Datastore,), _keyspaces_table),
    kind("aws_docdbelastic_cluster", (Datastore,), _elastic),
    kind("aws_opensearchserverless_collection", (Datastore,), _collection),
    kind("aws_neptunegraph_graph", (Datastore,), _graph),
    kind("aws_timestreaminfluxdb_db_instance", (Datastore,), _time_series),
    kind("aws_cloudhsm_v2_cluster", (Datastore,), _modules),
    kind("aws_directory_service_directory", (Datastore,), _directory),
)
