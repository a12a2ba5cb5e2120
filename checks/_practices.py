"""Facts about operations: backups, pipelines, rehearsals, runbooks, notification routes, attestations."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from checks._fact import Fact, Maybe


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupPlan(Fact):
    """A plan that makes backups. `about` lists the resources that it selects, where known."""

    shared: ClassVar[bool] = True

    every: timedelta | None = None
    keep_days: int | None = None
    copy_regions: tuple[str, ...] = ()
    copy_accounts: tuple[str, ...] = ()
    selects: Maybe[int | None] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup(Fact):
    """Recovery points of one resource (`about`). `latest_at` None: protected, but no recovery point exists yet.

    `locked`: nobody, its own account included, can delete them before their time.
    """

    latest_at: Maybe[datetime | None] = None
    copy_regions: Maybe[tuple[str, ...]] = ()
    copy_accounts: Maybe[tuple[str, ...]] = ()
    locked: Maybe[bool] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack(Fact):
    """A stack of infrastructure managed as code. `drifted` None: drift was never detected."""

    termination_protection: Maybe[bool | None] = None
    rollback_triggers: int = 0
    drifted: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Pipeline(Fact):
    """A deployment pipeline. `stages` are in order, `regions` those it deploys to."""

    stages: tuple[str, ...] = ()
    approval: Maybe[bool | None] = None
    automatic_rollback: Maybe[bool | None] = None
    gradual: Maybe[bool | None] = None
    staging_first: Maybe[bool | None] = None
    regions: tuple[str, ...] = ()


class RehearsalKind(StrEnum):
    """What kind of recovery was tested."""

    FAILOVER = "failover"
    ZONE_SHIFT = "zone_shift"
    FAULT_INJECTION = "fault_injection"
    RESTORE = "restore"
    GAME_DAY = "game_day"


class RehearsalResult(StrEnum):
    """The result of a rehearsal. INCONCLUSIVE (interrupted, every action skipped, never validated) proves nothing."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsal(Fact):
    """One rehearsal of recovery. `at` None: configured, but never run. `measured_rto`: from the loss until healthy again.

    `attested_by` is empty for a machine's record, which outranks a person's attestation. `scope`: what was lost in it.
    `link_problem`: why the link of an attested one does not open, empty where it does or was not tried.
    """

    kind: RehearsalKind
    at: datetime | None = None
    result: RehearsalResult = RehearsalResult.INCONCLUSIVE
    scope: str = ""
    measured_rto: timedelta | None = None
    measured_rpo: timedelta | None = None
    attested_by: str = ""
    link: str = ""
    link_problem: Maybe[str] = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TrafficShift(Fact):
    """A switch that moves traffic away from a zone or region through a data plane.

    `kind`: zonal, routing_control, region_switch. `automatic`: the provider shifts automatically.
    `protects`: the resources it applies to.
    """

    kind: str
    automatic: Maybe[bool | None] = None
    protects: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointUse(Fact):
    """A principal and an endpoint it called. `endpoint`: `sts.amazonaws.com`; `endpoint_region`: its region; `calls` in `window`."""

    endpoint: str
    endpoint_region: str
    principal: str = ""
    calls: int = 0
    window: timedelta = timedelta(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota(Fact):
    """A quota of an account in a region and its usage (both in `unit`)."""

    shared: ClassVar[bool] = True

    limit: float
    used: Maybe[float | None] = None
    unit: str = ""
    adjustable: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment(Fact):
    """An assessment by another tool: an estimate, not a rehearsal. `score` is 0 to 100."""

    tool: str
    assessed_at: datetime | None = None
    score: float | None = None
    compliant: Maybe[bool | None] = None
    rto_estimate: Maybe[timedelta | None] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment(Fact):
    """Where a service runs, as declared in the catalogue: `role` is active or standby. For resources that no collector can see."""

    role: str = "active"
    zones: tuple[str, ...] = ()
    runs: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Runbook(Fact):
    """The runbook of a service. `hosted_on`: clouds that host its page, None where not known. `copy_kept`: backstay keeps a copy.

    `missing`: the catalogue names no runbook. `owner`: empty where the page names none. `sections`: which of `detect`, `decide`,
    `fail_over`, `communicate` and `roll_back` have a heading. `needs`: what the steps need in a place, each as
    `place|number of the step|what` (`aws/us-east-1|4|bastion.us-east-1.example.com`). `links`: how many were tried, `dead_links`
    those of them that do not open. None: the page was not read.
    """

    url: str = ""
    missing: bool = False
    reviewed_at: datetime | None = None
    reachable: Maybe[bool | None] = None
    hosted_on: tuple[str, ...] | None = None
    copy_kept: bool = False
    steps: int = 0
    names_failover: Maybe[bool | None] = None
    changed_at: Maybe[datetime | None] = None
    changed_by: str = ""
    owner: Maybe[str | None] = None
    sections: Maybe[tuple[str, ...] | None] = None
    needs: Maybe[tuple[str, ...] | None] = None
    links: int = 0
    dead_links: Maybe[tuple[str, ...] | None] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CommunicationRoute(Fact):
    """A notification route of an audience; `order` 0 is the primary. `runs_on`: clouds its platform runs on, None where not known."""

    audience: str
    kind: str
    order: int
    runs_on: tuple[str, ...] | None = None
    tested_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attestation(Fact):
    """A person's statement on a practice that no API shows: `kill_switch`, `training`, `load_shedding`, `exit_plan` ...

    `link_problem`: why its link does not open, empty where it does or was not tried.
    """

    practice: str
    by: str
    at: datetime
    link: str = ""
    link_problem: Maybe[str] = ""
    expires_at: datetime | None = None
