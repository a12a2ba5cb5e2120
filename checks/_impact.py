"""What the loss of a scope does to each service: its own resources first, then along the dependency graph."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from checks._facts import CommunicationRoute, Fact
from checks._finding import Gap, Seen
from checks._loss import Fate, Loss
from checks._model import Dependency, Scope, Service
from checks._outside import ExternalDependencies, RunsOn, related, within
from checks._propagation import State, dependency_sentence, effect_on_dependant, path, propagate
from checks._survival import PLACED, OwnFate, own_fate

_HOUR = timedelta(hours=1)
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d+")  # us-east-1, us-gov-west-1


@dataclass(frozen=True, slots=True)
class ServiceImpact:
    """What happens to one service.

    `because`: the path from the service to the lost scope, one sentence per step, nearest first. `rto`: the median recovery time
    of the last `tests` where it fails over (None: unknown), `worst_rto`: the longest, `proved_at`: when a failover test last
    succeeded. `down_for`: how long it counts as
    down within the outage. `cost`: in the organisation's currency for `down_for`, None where no revenue is set.
    """

    service: Service
    fate: Fate
    because: tuple[str, ...]
    rto: timedelta | None = None
    proved_at: datetime | None = None
    down_for: timedelta = timedelta(0)
    cost: float | None = None
    worst_rto: timedelta | None = None
    tests: int = 0


@dataclass(frozen=True, slots=True)
class RouteFate:
    """A notification route: `shares_fate` True: lost too, False: runs elsewhere, None: unknown where it runs."""

    route: CommunicationRoute
    shares_fate: bool | None


@dataclass(frozen=True, slots=True)
class Impact:
    """The answer to a what-if.

    `services`: the worst first, then by tier and name. `cost` is the sum over services. `cost_per_hour` and `users` are sums
    over services that count as down for the whole loss: down, or failing over without a valid test that took less. Unknown
    services are in none of the sums. `facts_from`: when the oldest fact about a resource was read. `known_scope`: whether
    any fact or dependency is in the scope at all (False for a typo).
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


def impact(  # noqa: PLR0913 - what the loss is, and what is known outside of it
    scope: Scope,
    seen: Sequence[Seen],
    *,
    lasts: timedelta,
    now: datetime,
    runs_on: RunsOn | None = None,
    zone_names: Iterable[str] = (),
) -> Impact:
    """Simulate losing `scope` for `lasts`. `runs_on`: SaaS name -> clouds or scopes it is documented to run on.

    `zone_names`: other names of the zone that is lost.

    A service shares the state of its hard dependencies; soft ones, and those with a fallback, degrade it at worst. A failover
    counts as downtime for as long as the longest of its last valid tests took, and for the whole loss without one.
    """
    loss = Loss.of(scope, list(_facts(seen)), zone_names)
    hosting = {name.lower(): places for name, places in (runs_on or {}).items()}
    products = frozenset(fact.product.lower() for fact in _facts(seen))
    external = ExternalDependencies(loss, hosting)
    members = [known.service for known in seen]
    names = frozenset(service.name for service in members)
    own = {
        known.service.name: [
            own_state(own_fate(known, loss, now=now, products=products), lasts),
            *(state for _, state in external_states(known.service, external, names, lasts)),
        ]
        for known in seen
    }
    settled = propagate(members, own)
    services = [_service_impact(service, settled[service.name], path(service.name, settled)) for service in members]
    services.sort(key=lambda affected: (affected.fate.rank, affected.service.tier.number, affected.service.name))
    routes = _routes(seen, loss)
    down = [affected.service for affected in services if _counts_as_down(affected, lasts)]
    return Impact(
        scope=scope,
        lasts=lasts,
        services=tuple(services),
        routes=routes,
        cost=sum(affected.cost or 0.0 for affected in services),
        cost_per_hour=sum(service.revenue_per_hour or 0.0 for service in down),
        users=sum(service.users or 0 for service in down),
        facts_from=min((fact.observed_at for fact in _facts(seen) if isinstance(fact, PLACED)), default=None),
        known_scope=_is_known_scope(seen, loss, routes, hosting),
    )


def _facts(seen: Iterable[Seen]) -> Iterator[Fact]:
    return (fact for known in seen for fact in known.facts)


def own_state(own: OwnFate, lasts: timedelta) -> State:
    """What a service's own resources do to it, and for how long it counts as down."""
    if own.fate is Fate.FAILS_OVER and own.proof is not None:
        proof, tests = own.proof, own.proof.times.tests if own.proof.times else 0
        down_for = min(lasts, proof.worst) if proof.valid and proof.worst is not None else lasts
        return State(own.fate, own.because, proof.rto, proof.worst, tests, proof.at, down_for)
    return _state(own.fate, own.because, lasts)


def _state(fate: Fate, because: tuple[str, ...], lasts: timedelta) -> State:
    return State(fate, because, down_for=lasts if fate is Fate.DOWN else timedelta(0))


def external_states(
    service: Service, external: ExternalDependencies, names: frozenset[str], lasts: timedelta
) -> Iterator[tuple[Dependency, State]]:
    """What each dependency outside the catalogue does to a service; `names`: the services of the catalogue."""
    for dependency in service.depends_on:
        if dependency.kind == "service" and dependency.target in names:
            continue
        fate, why = _external_fate(dependency, external)
        effect = effect_on_dependant(dependency, _state(fate, (), lasts))
        if effect is not None:
            because = (dependency_sentence(service, dependency), why)
            yield dependency, State(effect.fate, because, down_for=effect.down_for)


def _external_fate(dependency: Dependency, external: ExternalDependencies) -> tuple[Fate, str]:
    if dependency.kind == "service":
        return Fate.UNKNOWN, f"{dependency.target} is not in the catalogue"
    return external.fate(dependency)


def _service_impact(service: Service, state: State, because: tuple[str, ...]) -> ServiceImpact:
    revenue = service.revenue_per_hour
    cost = None if revenue is None else revenue * (state.down_for / _HOUR)
    return ServiceImpact(
        service, state.fate, because, state.rto, state.proved_at, state.down_for, cost, state.worst_rto, state.tests
    )


def _counts_as_down(affected: ServiceImpact, lasts: timedelta) -> bool:
    return affected.fate is Fate.DOWN or (affected.fate is Fate.FAILS_OVER and affected.down_for >= lasts)


def _routes(seen: Iterable[Seen], loss: Loss) -> tuple[RouteFate, ...]:
    found = {}
    for fact in _facts(seen):
        if isinstance(fact, CommunicationRoute):
            found[fact.audience, fact.order, fact.kind, fact.name] = fact
    unique = {(route.audience, route.kind, route.name): route for _, route in sorted(found.items(), reverse=True)}
    ordered = sorted(unique.values(), key=lambda route: (route.audience, route.order, route.kind, route.name))
    return tuple(RouteFate(route, _shares_fate(route, loss)) for route in ordered)


def _shares_fate(route: CommunicationRoute, loss: Loss) -> bool | None:
    """Whether losing the scope loses a route, None where unknown.

    A platform shares the fate of every region of its cloud, because its regions are not published; it does not share the
    fate of a single zone, because platforms of that size run in several.
    """
    if loss.scope.provider == route.kind.lower():
        return True
    if route.runs_on is None:
        return None
    return within(route.runs_on, loss.scope) if loss.kind == "zone" else related(route.runs_on, loss.scope)


def _is_known_scope(seen: Sequence[Seen], loss: Loss, routes: Iterable[RouteFate], hosting: RunsOn) -> bool:
    targets = {
        dependency.target for known in seen for dependency in known.service.depends_on if dependency.kind != "service"
    }
    if within(targets, loss.scope) or any(loss.touches(fact) for fact in _facts(seen)):
        return True
    if any(_left_out(gap, loss.scope) for known in seen for gap in known.gaps):
        return True
    places = [place for name in targets for place in hosting.get(name.lower(), ())]
    places += [place for checked in routes for place in (checked.route.kind, *(checked.route.runs_on or ()))]
    return within(places, loss.scope)


def _left_out(gap: Gap, scope: Scope) -> bool:
    """Whether the scope is in a region that the settings leave out: whatever runs there is not known."""
    named_like_a_region = _REGION.fullmatch(scope.region)
    return (
        gap.by_choice
        and gap.provider == scope.provider
        and bool(named_like_a_region)
        and scope.region not in gap.only_regions
    )
