"""Provider-neutral facts: what collectors saw, frozen. A check asks for the kinds that it needs.

A field that needs a call of its own is a `Maybe`: the value, or `Unread` with the reason why it is not known.
`known()` unwraps it; where it is unread the check ends there as UNKNOWN with that reason.
Zones are the provider's stable zone ids (`use1-az4`), regions its region names; `global` has no region.
All datetimes are UTC, all durations timedeltas, sizes and counts plain numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, TypeAlias, TypeVar

T = TypeVar("T")
GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Unread:
    """Why something is not known: `AccessDenied for dynamodb:DescribeContinuousBackups`, `timed out`, `throttled`."""

    reason: str


Maybe: TypeAlias = T | Unread


class NotKnownError(Exception):
    """A check met an unread field; the runner turns it into UNKNOWN with this reason."""


def known(value: "T | Unread") -> T:
    """The value of a `Maybe`.

    Raises:
        NotKnownError: it was not read.
    """
    if isinstance(value, Unread):
        raise NotKnownError(value.reason)
    return value


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One thing seen at one moment.

    `resource` identifies it for ever (an ARN where there is one), `name` is for people, `product` is the provider's
    word for the kind of thing (`dynamodb`, `rds`, `ec2`). `about` names other resources that this fact tells of (the
    database an alarm watches): the fact then belongs to the services which own those. `source` is the collector's name.
    """

    # A shared fact (a quota, a network) belongs to every service with a resource in its account and region.
    shared: ClassVar[bool] = False

    resource: str
    name: str
    provider: str
    account: str
    region: str
    product: str
    source: str
    observed_at: datetime
    tags: Mapping[str, str] = field(default_factory=dict)
    stack: str = ""
    about: tuple[str, ...] = ()


class StoreKind(StrEnum):
    """What a datastore is for. A cache can be rebuilt; the others hold data that can be lost."""

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

    `zones`: the zones its nodes stand in, as far as they are told. `replica_regions`: other regions with a live copy.
    `replica_of`: resource of the primary when this one is itself a copy. `backup_days`: retention of automatic backups,
    0 for none. `None` in an optional field: the product has no such thing. `capacity` None: not told.
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
        """Whether data is lost when this store is lost: neither a copy nor a cache."""
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
    """A block device in one zone. `last_snapshot_at` None: there is none. `attached_to`: resource of the machine."""

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
    """Something that runs code: one machine, a group of them, a container service, a function, a cluster.

    `zones` are those it may run in, `zones_in_use` those where something runs now (empty: not told).
    A function outside a private network runs in all zones of its region: `zone_redundant` says so.
    `traffic`: whether a load balancer or gateway sends it requests. `free_addresses` in its subnets.
    """

    kind: ComputeKind
    zones: tuple[str, ...] = ()
    zones_in_use: tuple[str, ...] = ()
    zone_redundant: Maybe[bool] = False
    min_size: int | None = None
    max_size: int | None = None
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
    """What spreads requests. `healthy_by_zone`: targets in health, per zone."""

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
    """A virtual network. `borrowed_egress`: (subnet, its zone, zone of the NAT gateway that it leaves by) where the two differ."""

    shared: ClassVar[bool] = True

    zones: tuple[str, ...] = ()
    nat_zones: tuple[str, ...] = ()
    private_subnet_zones: tuple[str, ...] = ()
    borrowed_egress: Maybe[tuple[tuple[str, str, str], ...]] = ()
    default: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Gateway(Fact):
    """An API gateway or similar front door of a region. `kind`: regional, edge, private."""

    kind: str
    tracing: bool | None = None
    custom_domain: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DnsZone(Fact):
    """A hosted zone. `delegated_to`: name servers the parent zone or the registrar names; `name_servers`: those that serve it."""

    private: bool = False
    records: int = 0
    name_servers: tuple[str, ...] = ()
    delegated_to: Maybe[tuple[str, ...] | None] = None
    registrar_lock: Maybe[bool | None] = None
    auto_renew: Maybe[bool | None] = None
    expires_at: Maybe[datetime | None] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DnsRecord(Fact):
    """One record set that steers traffic. `policy`: simple, failover, latency, weighted, geolocation, geoproximity, multivalue.

    `ttl` None for an alias. `targets` are its values. `siblings`: how many record sets share name and type, itself included.
    `health_check` is empty when none is attached; `health_check_exists` False when the one attached was deleted.
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
    """A probe run by the DNS or traffic service. `detects_in`: interval x failures needed."""

    target: str = ""
    detects_in: timedelta = timedelta(0)
    disabled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution(Fact):
    """A content delivery network's front. `origin_failover`: an origin group with a second origin takes over by itself."""

    origins: tuple[str, ...] = ()
    origin_failover: bool = False
    enabled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue(Fact):
    """A message queue. `is_dead_letter`: it is itself where failed messages go."""

    dead_letter: Maybe[bool] = False
    is_dead_letter: bool = False
    retention: Maybe[timedelta | None] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic(Fact):
    """A publish-subscribe topic. `subscriptions`: confirmed ones."""

    subscriptions: Maybe[int] = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate(Fact):
    """A TLS certificate. `expires_at` None: not issued yet."""

    expires_at: Maybe[datetime | None] = None
    renews_itself: Maybe[bool] = False
    in_use: Maybe[bool] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Secret(Fact):
    """A stored secret. `replica_regions`: where a copy stands ready."""

    replica_regions: tuple[str, ...] = ()
    rotates: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EncryptionKey(Fact):
    """A customer's key. A key of one region cannot decrypt in another."""

    multi_region: Maybe[bool] = False
    replica_regions: Maybe[tuple[str, ...]] = ()
    enabled: Maybe[bool] = True
    pending_deletion: Maybe[bool] = False


class SignalKind(StrEnum):
    """What an alarm tells of: the golden signals, and what else it may be."""

    ERRORS = "errors"
    LATENCY = "latency"
    SATURATION = "saturation"
    TRAFFIC = "traffic"
    AVAILABILITY = "availability"
    COMPOSITE = "composite"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm(Fact):
    """A condition on a metric. `about` names what it watches. `reaches_someone`: an action ends at a subscriber."""

    signal: SignalKind
    metric: str = ""
    enabled: bool = True
    actions: tuple[str, ...] = ()
    reaches_someone: Maybe[bool] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupPlan(Fact):
    """A plan that makes backups. `about` names what it selects where that can be told."""

    shared: ClassVar[bool] = True

    every: timedelta | None = None
    keep_days: int | None = None
    copy_regions: tuple[str, ...] = ()
    copy_accounts: tuple[str, ...] = ()
    selects: Maybe[int | None] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup(Fact):
    """Recovery points of one resource (`about`). `latest_at` None: protected, but nothing made yet."""

    latest_at: Maybe[datetime | None] = None
    copy_regions: Maybe[tuple[str, ...]] = ()
    copy_accounts: Maybe[tuple[str, ...]] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack(Fact):
    """Infrastructure kept as code. `drifted` None: never looked."""

    termination_protection: Maybe[bool | None] = None
    rollback_triggers: int = 0
    status: str = ""
    drifted: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Pipeline(Fact):
    """What brings code to production. `stages` in order. `regions` it deploys to."""

    stages: tuple[str, ...] = ()
    approval: Maybe[bool | None] = None
    automatic_rollback: Maybe[bool | None] = None
    gradual: Maybe[bool | None] = None
    staging_first: Maybe[bool | None] = None
    regions: tuple[str, ...] = ()


class RehearsalKind(StrEnum):
    """What was practised."""

    FAILOVER = "failover"
    ZONE_SHIFT = "zone_shift"
    FAULT_INJECTION = "fault_injection"
    RESTORE = "restore"
    GAME_DAY = "game_day"


class RehearsalResult(StrEnum):
    """How it went. INCONCLUSIVE (interrupted, every action skipped, never validated) proves nothing."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsal(Fact):
    """Recovery practised once. `at` None: set up, but never run. `measured_rto`: from the loss until healthy again.

    `attested_by` is empty for machine evidence, which outranks a person's word. `scope`: what was lost in it.
    """

    kind: RehearsalKind
    at: datetime | None = None
    result: RehearsalResult = RehearsalResult.INCONCLUSIVE
    scope: str = ""
    measured_rto: timedelta | None = None
    measured_rpo: timedelta | None = None
    attested_by: str = ""
    link: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TrafficShift(Fact):
    """A switch that takes traffic away from a zone or region through a data plane. `kind`: zonal, routing_control, region_switch.

    `automatic`: the provider shifts by itself. `protects` are the resources under it.
    """

    kind: str
    automatic: Maybe[bool | None] = None
    protects: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointUse(Fact):
    """A principal seen calling an endpoint. `endpoint`: `sts.amazonaws.com`; `endpoint_region`: where it is served; `calls` in `window`."""

    endpoint: str
    endpoint_region: str
    principal: str = ""
    calls: int = 0
    window: timedelta = timedelta(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota(Fact):
    """A limit of an account in a region and how much of it is used (both in `unit`)."""

    shared: ClassVar[bool] = True

    limit: float
    used: Maybe[float | None] = None
    unit: str = ""
    adjustable: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment(Fact):
    """Another tool's judgement. An estimate, not a rehearsal. `score` 0 to 100."""

    tool: str
    assessed_at: datetime | None = None
    score: float | None = None
    compliant: Maybe[bool | None] = None
    rto_estimate: Maybe[timedelta | None] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment(Fact):
    """Where a service runs, as its owner declares: `role` is active or standby. For what no collector can see."""

    role: str = "active"
    zones: tuple[str, ...] = ()
    runs: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Runbook(Fact):
    """What to do when it breaks. `hosted_on`: clouds that its page runs on, None when not known. `copy_kept`: backstay holds a copy.

    `missing`: the catalogue names none.
    """

    url: str = ""
    missing: bool = False
    reviewed_at: datetime | None = None
    reachable: Maybe[bool | None] = None
    hosted_on: tuple[str, ...] | None = None
    copy_kept: bool = False
    steps: int = 0
    names_failover: Maybe[bool | None] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CommunicationRoute(Fact):
    """One way to reach an audience; `order` 0 is the primary. `runs_on`: clouds its platform stands on, None when not known."""

    audience: str
    kind: str
    order: int
    runs_on: tuple[str, ...] | None = None
    tested_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attestation(Fact):
    """A person's word for a practice no machine can read: `kill_switch`, `training`, `load_shedding`, `exit_plan` ..."""

    practice: str
    by: str
    at: datetime
    link: str = ""
    expires_at: datetime | None = None
