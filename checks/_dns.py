"""Facts about DNS: hosted zones, the records that route traffic, and the health checks of both."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from checks._fact import Fact, Maybe


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

    `private_zone`: only our networks see its zone; None: not known.
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
    private_zone: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthCheck(Fact):
    """A health check run by the DNS or traffic service. `detects_in`: interval x failure threshold."""

    target: str = ""
    detects_in: timedelta = timedelta(0)
    disabled: bool = False
