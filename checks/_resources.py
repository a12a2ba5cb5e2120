"""Facts about resources: datastores, compute, networks, DNS, queues, keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from checks._fact import Fact, Maybe


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

    `zones`: the zones its nodes run in, as far as they are known. `replica_regions`: other regions with a replica.
    `replica_of`: resource of the primary where this one is a replica. `backup_days`: retention of automated backups in days,
    0 for none. None in an optional field: the product has no such feature. `capacity` None: not known.
    """

    kind: StoreKind
    engine: str = ""
    zones: tuple[str, ...] = ()
    zone_redundant: Maybe[bool] = False
    nodes: int | None = None
    automatic_failover: Maybe[bool | None] = None
    replica_regions: Maybe[tuple[str, ...]] = ()
    replica_of: str = ""
    backup_days: Maybe[int | None] = None
    point_in_time_recovery: Maybe[bool | None] = None
    deletion_protection: Maybe[bool | None] = None
    capacity: Maybe[Capacity | None] = None
    storage_autoscaling: bool | None = None
    minor_upgrades: bool | None = None
    encryption_key: str = ""

    @property
    def primary(self) -> bool:
        """Whether losing this datastore loses data: it is neither a replica nor a cache."""
        return not self.replica_of and self.kind is not StoreKind.CACHE


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectStore(Fact):
    """A bucket. `replica_regions`: regions other than its own that its objects are replicated to."""

    versioning: Maybe[bool] = False
    replica_regions: Maybe[tuple[str, ...]] = ()
    multi_region_access: Maybe[bool] = False
    object_lock: Maybe[bool] = False
    lifecycle: Maybe[bool] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Volume(Fact):
    """A block device in one zone. `last_snapshot_at` None: it has no snapshot. `attached_to`: resource of the machine."""

    zone: str
    size_gib: int = 0
    attached_to: str = ""
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
    A function outside a private network runs in all zones of its region: `zone_redundant` says so.
    `traffic`: whether a load balancer or gateway sends it requests. `free_addresses`: count in its subnets.
    """

    kind: ComputeKind
    zones: tuple[str, ...] = ()
    zones_in_use: tuple[str, ...] = ()
    zone_redundant: Maybe[bool] = False
    min_size: Maybe[int | None] = None
    max_size: Maybe[int | None] = None
    desired: int | None = None
    running: int | None = None
    traffic: bool | None = None
    health_check: str = ""
    machine_types: tuple[str, ...] = ()
    suspended: tuple[str, ...] = ()
    free_addresses: Maybe[int | None] = None
    automatic_rollback: Maybe[bool | None] = None
    deletion_protection: Maybe[bool | None] = None
    dead_letter: Maybe[bool | None] = None
    reserved_concurrency: Maybe[int | None] = None
    runtime: str = ""
    runtime_supported: bool | None = None
    detailed_monitoring: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadBalancer(Fact):
    """A load balancer. `healthy_by_zone`: number of healthy targets per zone."""

    kind: str
    zones: tuple[str, ...] = ()
    internet_facing: bool | None = None
    cross_zone: Maybe[bool | None] = None
    deletion_protection: Maybe[bool | None] = None
    access_logs: Maybe[bool | None] = None
    listeners: Maybe[int | None] = None
    targets: Maybe[tuple[str, ...]] = ()
    healthy_by_zone: Maybe[Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Network(Fact):
    """A virtual network. `borrowed_egress`: (subnet, its zone, zone of the NAT gateway it uses) where the two zones differ.

    `zone_names`: this account's zone names -> zone ids; the same name can be another zone in another account.
    """

    shared: ClassVar[bool] = True

    zones: tuple[str, ...] = ()
    nat_zones: tuple[str, ...] = ()
    private_subnet_zones: tuple[str, ...] = ()
    borrowed_egress: Maybe[tuple[tuple[str, str, str], ...]] = ()
    default: bool = False
    zone_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gateway(Fact):
    """An API gateway or similar entry point of a region. `kind`: regional, edge, private."""

    kind: str
    tracing: bool | None = None
    custom_domain: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DnsZone(Fact):
    """A hosted zone. `delegated_to`: name servers set at the parent zone or registrar; `name_servers`: those that serve the zone."""

    private: bool = False
    records: int = 0
    name_servers: tuple[str, ...] = ()
    delegated_to: Maybe[tuple[str, ...] | None] = None
    registrar_lock: Maybe[bool | None] = None
    auto_renew: Maybe[bool | None] = None
    expires_at: Maybe[datetime | None] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DnsRecord(Fact):
    """One DNS record set that routes traffic. `policy`: simple, failover, latency, weighted, geolocation, geoproximity, multivalue.

    `ttl` None for an alias. `targets` are its values. `siblings`: how many record sets share name and type, itself included.
    `health_check` is empty where none is attached; `health_check_exists` is False where the attached one was deleted.
    """

    zone: str
    type: str
    policy: str = "simple"
    role: str = ""
    ttl: int | None = None
    targets: tuple[str, ...] = ()
    target_regions: tuple[str, ...] = ()
    siblings: int = 1
    health_check: str = ""
    health_check_exists: Maybe[bool | None] = None
    evaluates_target_health: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthCheck(Fact):
    """A health check run by the DNS or traffic service. `detects_in`: interval x failure threshold."""

    target: str = ""
    detects_in: timedelta = timedelta(0)
    disabled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution(Fact):
    """A CDN distribution. `origin_failover`: an origin group fails over to a second origin automatically."""

    origins: tuple[str, ...] = ()
    origin_failover: bool = False
    enabled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue(Fact):
    """A message queue. `is_dead_letter`: it is a dead-letter queue itself."""

    dead_letter: Maybe[bool] = False
    is_dead_letter: bool = False
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
    """A customer-managed encryption key. A single-region key cannot decrypt in another region."""

    multi_region: Maybe[bool] = False
    replica_regions: Maybe[tuple[str, ...]] = ()
    enabled: Maybe[bool] = True
    pending_deletion: Maybe[bool] = False
