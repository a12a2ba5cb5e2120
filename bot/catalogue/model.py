"""The catalogue as the rest of the product sees it: services with their selectors and declarations, audiences, names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from bot.catalogue.problems import ConfigProblem
from bot.catalogue.providers import known_providers
from bot.model import Audience, RouteSpec, Schedule
from bot.model.providers import KnownProvider
from checks import DEFAULT_TIERS, RehearsalKind, RehearsalResult, Scope, Service, Tier, Waiver


@dataclass(frozen=True, slots=True)
class Selector:
    """How a service's resources are found. `tags`, `stacks` and `arns` are alternatives; accounts and regions limit them.

    `tags`: every key must be there with one of its values (case-sensitive). `*` in stacks and arns stands for anything.
    """

    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stacks: tuple[str, ...] = ()
    arns: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    @property
    def finds_something(self) -> bool:
        """Whether it names any resources at all: limits alone count, everything within them is then meant."""
        return bool(self.tags or self.stacks or self.arns or self.accounts or self.regions)


@dataclass(frozen=True, slots=True)
class DeclaredDeployment:
    """A place where a service runs, declared by its owner."""

    where: Scope
    role: str = "active"
    account: str = ""
    zones: tuple[str, ...] = ()
    runs: str = ""


@dataclass(frozen=True, slots=True)
class DeclaredRunbook:
    """Where the runbook is: `url` a web address, or `path` a file on this machine."""

    url: str = ""
    path: Path | None = None
    reviewed: date | None = None
    hosted_on: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DeclaredDrill:
    """A recovery practised on a day, attested by a person."""

    kind: RehearsalKind
    at: date
    result: RehearsalResult
    attested_by: str
    scope: str = ""
    rto: timedelta | None = None
    rpo: timedelta | None = None
    link: str = ""
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class DeclaredAttestation:
    """A person's attestation of a practice."""

    practice: str
    by: str
    at: date
    link: str = ""
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """What the catalogue declares about a service, beside the facts of collectors."""

    deployments: tuple[DeclaredDeployment, ...] = ()
    runbook: DeclaredRunbook | None = None
    drills: tuple[DeclaredDrill, ...] = ()
    attestations: tuple[DeclaredAttestation, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One service of the catalogue: how to find its resources, and what is declared about it."""

    service: Service
    selector: Selector = Selector()
    declared: Declared = Declared()


@dataclass(frozen=True, slots=True)
class Account:
    """A cloud account to read. `role` is a name or ARN, `external_id` a reference to a secret, both may be empty."""

    id: str
    name: str = ""
    role: str = ""
    external_id: str = ""
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The whole catalogue: services, audiences, accounts and providers.

    `route_runs_on`: route name -> clouds it runs on, None if unknown. `runs_on`: SaaS -> scopes it runs on,
    only those that are known. `providers`: those built in,
    and those of the file over them. `warnings`: problems that do not prevent loading (a dependency cycle, a region newer than this
    release).
    """

    organisation: str = ""
    currency: str = "USD"
    timezone: str = "UTC"
    tiers: Mapping[int, Tier] = field(default_factory=lambda: dict(DEFAULT_TIERS))
    entries: tuple[CatalogueEntry, ...] = ()
    audiences: Mapping[str, Audience] = field(default_factory=dict)
    accounts: tuple[Account, ...] = ()
    waivers_on_record: tuple[Waiver, ...] = ()
    runs_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    route_runs_on: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    providers: Mapping[str, KnownProvider] = field(default_factory=known_providers)
    warnings: tuple[ConfigProblem, ...] = ()

    @property
    def services(self) -> tuple[Service, ...]:
        """The services, in the order of the file."""
        return tuple(entry.service for entry in self.entries)

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """Every audience's schedules."""
        return tuple(schedule for audience in self.audiences.values() for schedule in audience.schedules)

    @property
    def routes(self) -> tuple[RouteSpec, ...]:
        """Every route once, by name."""
        return tuple({route.name: route for audience in self.audiences.values() for route in audience.routes}.values())
