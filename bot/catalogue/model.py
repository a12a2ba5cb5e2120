"""The catalogue as the rest of the product sees it: services with their selectors and declarations, audiences, names."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.catalogue.account_ids import cloud_of
from bot.catalogue.problems import ConfigProblem
from bot.catalogue.providers import known_providers
from bot.model import Audience, RouteSpec, Schedule
from bot.model.entries import (
    CatalogueEntry,
    Declared,
    DeclaredAttestation,
    DeclaredDeployment,
    DeclaredDrill,
    DeclaredRunbook,
    Selector,
)
from bot.model.providers import KnownProvider
from checks import DEFAULT_TIERS, Service, Tier, Waiver

__all__ = [
    "Account",
    "Catalogue",
    "CatalogueEntry",
    "Declared",
    "DeclaredAttestation",
    "DeclaredDeployment",
    "DeclaredDrill",
    "DeclaredRunbook",
    "Selector",
]


@dataclass(frozen=True, slots=True)
class Account:
    """A cloud account to read. `id`: 12 digits, or a kind and a name (`projects/shop-prod`).

    `role` is a name or ARN, `external_id` a reference to a secret; both may be empty, and are for AWS.
    """

    id: str
    name: str = ""
    role: str = ""
    external_id: str = ""
    regions: tuple[str, ...] = ()

    @property
    def cloud(self) -> str:
        """The cloud that it belongs to: `aws`, `gcp`, `azure` or `kubernetes`."""
        return cloud_of(self.id)


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

    def accounts_of(self, cloud: str) -> tuple[Account, ...]:
        """The accounts that belong to a cloud: `aws`, `gcp`, `azure` or `kubernetes`."""
        return tuple(account for account in self.accounts if account.cloud == cloud)

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """Every audience's schedules."""
        return tuple(schedule for audience in self.audiences.values() for schedule in audience.schedules)

    @property
    def routes(self) -> tuple[RouteSpec, ...]:
        """Every route once, by name."""
        return tuple({route.name: route for audience in self.audiences.values() for route in audience.routes}.values())
