"""The services of the catalogue, with their selectors and what is declared of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from bot.model.slos import DeclaredSlo
from checks import RehearsalKind, RehearsalResult, Scope, Service


@dataclass(frozen=True, slots=True)
class Selector:
    """How a service's resources are found. `tags`, `stacks` and `arns` are alternatives; accounts and regions limit them.

    `tags`: every key must be there with one of its values (case-sensitive). `stacks`: infrastructure stacks or resource
    groups. `*` in stacks and arns stands for anything.
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
    slos: tuple[DeclaredSlo, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One service of the catalogue: how to find its resources, and what is declared about it."""

    service: Service
    selector: Selector = Selector()
    declared: Declared = Declared()
