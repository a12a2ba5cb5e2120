"""Facts about managed application services: workflows, user directories, event endpoints."""

from dataclasses import dataclass

from checks._fact import Fact, Maybe


@dataclass(frozen=True, kw_only=True, slots=True)
class Workflow(Fact):
    """An orchestrated sequence of tasks. `tasks`: their number; `unguarded`: names of those that neither retry nor catch errors.

    `calls`: the resources that they call. `keeps_history`: the product keeps the history of each run. `logs`: failures are
    logged.
    """

    tasks: Maybe[int] = 0
    unguarded: Maybe[tuple[str, ...]] = ()
    calls: tuple[str, ...] = ()
    keeps_history: bool = True
    logs: Maybe[bool] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class UserDirectory(Fact):
    """A directory of users who sign in. `replica_regions`: other regions with a copy of it. `calls`: functions that it calls."""

    deletion_protection: Maybe[bool | None] = None
    replica_regions: Maybe[tuple[str, ...]] = ()
    calls: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EventEndpoint(Fact):
    """An address for events that fails over between two regions.

    `regions`: both. `replicates`: every event also goes to the other region, so that none waits in the failed one.
    `health_check`: what decides the failover; empty where nothing does.
    """

    regions: tuple[str, ...] = ()
    replicates: bool = False
    health_check: str = ""
