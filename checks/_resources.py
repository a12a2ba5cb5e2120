"""Facts about resources: datastores, compute, networks, CDNs, queues, keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from checks._fact import Fact, Maybe, Unread

_NOT_TOLD = Unread("its collector does not read this field")


class StoreKind(StrEnum):
    """What a datastore is for. A cache can be rebuilt; the other kinds hold data that can be lost."""

    RELATIONAL = "relational"
    KEY_VALUE = "key_value"
    DOCUMENT = "document"
    CACHE = "cache"
    SEARCH = "search"
    STREAM = "stream"
    FILE = "file"
    WAREHOUSE = "warehouse"


class Capacity(StrEnum):
    """How a store or group gets more capacity."""

    ON_DEMAND = "on_demand"
    AUTOSCALED = "autoscaled"
    FIXED = "fixed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Datastore(Fact):
    """A database, cache, search cluster, stream or shared file system.

    `zones`: the zones its nodes run in, as far as they are known. `zone_redundant`: the product keeps it up without any one
    zone, wherever its nodes stand now. `replica_regions`: other regions with a replica. `replica_of`: resource of the
    primary where this one is a replica. `votes`: in each zone, of the nodes that elect the leader. `backup_days`:
    retention of automated backups in days, 0 for none. `backup_regions`: other regions with copies of these backups.
    `last_snapshot_at`: the newest made by hand, read where there are no automated backups. `evicts`: a cache that is full
    drops keys; False: it refuses writes instead. None in an optional field: the product has no such feature. `capacity`
    None: not known.
    """

    kind: StoreKind
    engine: str = ""
    zones: tuple[str, ...] = ()
    zone_redundant: Maybe[bool] = False
    nodes: int | None = None
    votes: tuple[int, ...] = ()
    automatic_failover: Maybe[bool | None] = None
    replica_regions: Maybe[tuple[str, ...]] = ()
    replica_of: str = ""
    backup_days: Maybe[int | None] = None
    backup_regions: Maybe[tuple[str, ...]] = ()
    last_snapshot_at: Maybe[datetime | None] = None
    point_in_time_recovery: Maybe[bool | None] = None
    deletion_protection: Maybe[bool | None] = None
    capacity: Maybe[Capacity | None] = None
    storage_autoscaling: Maybe[bool | None] = None
    minor_upgrades: Maybe[bool | None] = None
    evicts: Maybe[bool | None] = None

    @property
    def primary(self) -> bool:
        """Whether losing this datastore loses data: it is neither a replica nor a cache."""
        return not self.replica_of and self.kind is not StoreKind.CACHE

    @property
    def holds_data(self) -> bool:
        """Whether it is the source of its data: neither a copy nor a stream or index, which is filled again from elsewhere."""
        return self.primary and self.kind not in (StoreKind.STREAM, StoreKind.SEARCH)


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectStore(Fact):
    """A bucket. `replica_regions`: regions other than its own that its objects are replicated to.

    `replica_of`: resource of the bucket whose objects are replicated to this one. `zone_redundant`: its objects survive any
    one zone of its region. `soft_delete_days`: for how long deleted and overwritten objects can be restored without
    versions, 0 for not at all; None: the product has no such feature.
    """

    versioning: Maybe[bool] = False
    replica_regions: Maybe[tuple[str, ...]] = ()
    multi_region_access: Maybe[bool] = False
    zone_redundant: Maybe[bool] = False
    replica_of: str = ""
    soft_delete_days: Maybe[int | None] = None
    object_lock: Maybe[bool] = False
    lifecycle: Maybe[bool] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Volume(Fact):
    """A block device in one zone; `zone` empty: outside of the provider. `last_snapshot_at` None: it has no snapshot.

    `zone_redundant`: copies in several zones, so that no one zone takes it away; None: the product has no such volumes.

    `disposable`: its machine is replaced by a new one whenever it fails, and it is the root or is deleted with that.
    """

    zone: str
    zone_redundant: Maybe[bool | None] = None
    size_gib: int = 0
    attached_to: str = ""
    disposable: Maybe[bool] = False
    last_snapshot_at: Maybe[datetime | None] = None


class ComputeKind(StrEnum):
    """How code runs."""

    MACHINE = "machine"
    MACHINE_GROUP = "machine_group"
    CONTAINERS = "containers"
    FUNCTION = "function"
    KUBERNETES = "kubernetes"


@dataclass(frozen=True, kw_only=True, slots=True)
class ComputeGroup(Fact):
    """Compute that runs code: one machine, a group of machines, a container service, a function, a cluster.

    `zones` are those it can run in, `zones_in_use` those where something runs now (empty: not known).
    A function outside a private network runs in all zones of its region: `zone_redundant` says so. `one_zone`: it stays in
    one zone of its region, which the provider chooses and does not tell.
    `traffic`: whether a load balancer or gateway sends it requests. `free_addresses`: count in its subnets.
    `machine_types_by_attributes`: it takes every type with some attributes. `suspended`: processes that replace failed
    machines and are switched off; None: the product has none that could be. `replaces_interrupted`: it replaces
    interruptible machines before they are interrupted; None: it takes none, or that is not known.
    `zonal_shift`: the provider can shift its traffic out of one zone on request; None: the product has no such feature.
    """

    kind: ComputeKind
    zones: tuple[str, ...] = ()
    zones_in_use: tuple[str, ...] = ()
    zone_redundant: Maybe[bool] = False
    one_zone: bool = False
    min_size: Maybe[int | None] = None
    max_size: Maybe[int | None] = None
    desired: int | None = None
    running: int | None = None
    traffic: bool | None = None
    health_check: Maybe[str] = ""
    machine_types: tuple[str, ...] = ()
    machine_types_by_attributes: Maybe[bool] = False
    replaces_interrupted: bool | None = None
    suspended: Maybe[tuple[str, ...] | None] = None
    free_addresses: Maybe[int | None] = None
    automatic_rollback: Maybe[bool | None] = None
    deletion_protection: Maybe[bool | None] = None
    dead_letter: Maybe[bool | None] = None
    reserved_concurrency: Maybe[int | None] = None
    runtime: str = ""
    runtime_supported: Maybe[bool | None] = None
    zonal_shift: Maybe[bool | None] = None
    detailed_monitoring: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadBalancer(Fact):
    """A load balancer. `healthy_by_zone`: number of healthy targets per zone, a target without a health check being one.

    `healthy_anywhere`: number of those that are bound to no zone: functions, other load balancers, addresses elsewhere.
    `healthy_unplaced`: number of those whose zone is not known. `zonal_shift`: as of a compute group.
    """

    kind: str
    zones: tuple[str, ...] = ()
    internet_facing: bool | None = None
    cross_zone: Maybe[bool | None] = None
    zonal_shift: Maybe[bool | None] = None
    deletion_protection: Maybe[bool | None] = None
    access_logs: Maybe[bool | None] = None
    listeners: Maybe[int | None] = None
    targets: Maybe[tuple[str, ...]] = ()
    healthy_by_zone: Maybe[Mapping[str, int]] = field(default_factory=dict)
    healthy_anywhere: int = 0
    healthy_unplaced: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Network(Fact):
    """A virtual network. `borrowed_egress`: (subnet, its zone, zone of the NAT gateway it uses) where the two zones differ.

    `borrowed_inspection`: the same for firewall and gateway load balancer endpoints, which are in `inspection_zones`.
    `zone_names`: this account's zone names -> zone ids; the same name can be another zone in another account.
    """

    shared: ClassVar[bool] = True

    zones: tuple[str, ...] = ()
    nat_zones: Maybe[tuple[str, ...]] = ()
    private_subnet_zones: tuple[str, ...] = ()
    borrowed_egress: Maybe[tuple[tuple[str, str, str], ...]] = ()
    inspection_zones: Maybe[tuple[str, ...]] = ()
    borrowed_inspection: Maybe[tuple[tuple[str, str, str], ...]] = ()
    default: bool = False
    zone_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gateway(Fact):
    """An API gateway or similar entry point of a region. `kind`: regional, edge, private.

    `zone_redundant`: it runs in several zones, as most do by themselves. `zones`: those that it names.
    """

    kind: str
    zones: tuple[str, ...] = ()
    zone_redundant: Maybe[bool] = True
    tracing: bool | None = None
    custom_domain: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution(Fact):
    """A CDN distribution. `origin_failover`: an origin group fails over to a second origin automatically.

    `paths_without_failover`: the paths with rules of their own that could and do not. `takes_writes`: the path of all others
    accepts requests that change data, for which a CDN cannot try another origin.
    """

    origins: tuple[str, ...] = ()
    origin_failover: bool = False
    paths_without_failover: tuple[str, ...] = ()
    takes_writes: bool = False
    enabled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue(Fact):
    """A message queue. `is_dead_letter`: it keeps what somebody else could not deliver or process."""

    dead_letter: Maybe[bool] = False
    is_dead_letter: Maybe[bool] = False
    retention: Maybe[timedelta | None] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic(Fact):
    """A publish-subscribe topic. `subscriptions`: number of confirmed subscriptions."""

    subscriptions: Maybe[int] = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate(Fact):
    """A TLS certificate. `expires_at` None: not issued yet."""

    expires_at: Maybe[datetime | None] = None
    renews_itself: Maybe[bool] = False
    in_use: Maybe[bool] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Secret(Fact):
    """A stored secret. `replica_regions`: regions with a replica."""

    replica_regions: tuple[str, ...] = ()
    rotates: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EncryptionKey(Fact):
    """A customer-managed encryption key. A single-region key cannot decrypt in another region.

    `in_use`: whether another service holds a permission to use it. None: not known. `aliases`: its other names; one
    that ends with a slash is the beginning of the names of several keys.
    `recovery_days`: for how long the key can be restored after its deletion, 0 where it can be purged at once.
    """

    multi_region: Maybe[bool] = False
    replica_regions: Maybe[tuple[str, ...]] = ()
    enabled: Maybe[bool] = True
    in_use: Maybe[bool | None] = None
    pending_deletion: Maybe[bool] = False
    recovery_days: Maybe[int] = _NOT_TOLD
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """All by which a resource can name this key: its resource, id and aliases, with and without its place."""
        place = self.resource.rpartition(":")[0]
        aliases = {self.name, *self.aliases}
        return frozenset(
            {self.resource, self.resource.rpartition("/")[2], *aliases, *(f"{place}:{a}" for a in aliases)}
        )

    def encrypts(self, fact: Fact) -> bool:
        """Whether a resource names this key."""
        key = fact.encryption_key
        if not isinstance(key, str) or not key:
            return False
        return key in self.names or any(name.endswith("/") and key.startswith(name) for name in self.aliases)
