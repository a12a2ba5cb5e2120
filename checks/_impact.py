"""What the loss of a scope does to each service: a walk over its facts and its dependency graph."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from checks._facts import CommunicationRoute
from checks._finding import Seen
from checks._model import Scope, Service


class Fate(StrEnum):
    """What becomes of a service, worst first."""

    DOWN = "down"
    UNKNOWN = "unknown"
    DEGRADED = "degraded"
    FAILS_OVER = "fails_over"
    UNAFFECTED = "unaffected"


@dataclass(frozen=True, slots=True)
class ServiceImpact:
    """What becomes of one service.

    `because`: the path from the service to what was lost, one sentence a step, nearest first. `rto`: how soon it is
    expected back where it fails over (None: nobody knows), `proved_at`: when that was last shown to work.
    `down_for`: how long it counts as down within the outage. `cost`: in the organisation's currency for `down_for`,
    None where no revenue is known.
    """

    service: Service
    fate: Fate
    because: tuple[str, ...]
    rto: timedelta | None = None
    proved_at: datetime | None = None
    down_for: timedelta = timedelta(0)
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class RouteFate:
    """A way to reach people: `shares_fate` True: lost too, False: stands elsewhere, None: where it runs is not known."""

    route: CommunicationRoute
    shares_fate: bool | None


@dataclass(frozen=True, slots=True)
class Impact:
    """The whole answer to a what-if. `cost` and `users` are sums over the services that are down; `cost_per_hour` likewise.

    `known_scope`: whether anything in the facts or the catalogue stands in the scope at all (a typo shows here).
    """

    scope: Scope
    lasts: timedelta
    services: tuple[ServiceImpact, ...]
    routes: tuple[RouteFate, ...]
    cost: float
    cost_per_hour: float
    users: int
    facts_from: datetime | None
    known_scope: bool


def impact(
    scope: Scope,
    seen: Sequence[Seen],
    *,
    lasts: timedelta,
    now: datetime,
    runs_on: dict[str, tuple[str, ...]] | None = None,
) -> Impact:
    """Lose `scope` for `lasts`. `runs_on`: SaaS name -> clouds or scopes it is documented to run on."""
    raise NotImplementedError
