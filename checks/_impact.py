"""What the loss of a scope does to each service: its own resources first, then a walk over the dependency graph."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from checks._facts import CommunicationRoute, Fact
from checks._finding import Seen
from checks._loss import Fate, Loss
from checks._model import Dependency, Scope, Service
from checks._outside import Outside, RunsOn, related, within
from checks._ripple import State, need, passed_on, path, ripple
from checks._survival import PLACED, Own, own_fate

_HOUR = timedelta(hours=1)


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
    """The whole answer to a what-if.

    `services`: the worst first, then by tier and name. `cost` is the sum of what each service loses. `cost_per_hour` and
    `users` are sums over those that count as down for the whole of it: down, or failing over without a valid proof that it
    takes less. What is unknown is in none of the sums. `facts_from`: when the oldest fact about a resource was read.
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
    runs_on: RunsOn | None = None,
) -> Impact:
    """Lose `scope` for `lasts`. `runs_on`: SaaS name -> clouds or scopes it is documented to run on.

    Hard dependencies pass on what becomes of them; soft ones, and those with a fallback, degrade at worst. A failover counts
    as an interruption for the time that it was proved to take, and for the whole loss where that was not proved.
    """
    loss = Loss.of(scope, _facts(seen))
    hosting = {name.lower(): places for name, places in (runs_on or {}).items()}
    providers, products = set(), set()
    for fact in _facts(seen):
        providers.add(fact.provider.lower())
        products.add(fact.product.lower())
    outside = Outside(loss, hosting, scope.provider in providers)
    names = frozenset(one.service.name for one in seen)
    own = {
        one.service.name: [
            _own_state(own_fate(one, loss, now=now, products=frozenset(products)), lasts),
            *_from_outside(one.service, outside, names, lasts),
        ]
        for one in seen
    }
    settled = ripple([one.service for one in seen], own)
    services = [
        _service_impact(one.service, settled[one.service.name], path(one.service.name, settled)) for one in seen
    ]
    services.sort(key=lambda one: (one.fate.rank, one.service.tier.number, one.service.name))
    routes = _routes(seen, loss)
    down = [one.service for one in services if _counts_as_down(one, lasts)]
    return Impact(
        scope=scope,
        lasts=lasts,
        services=tuple(services),
        routes=routes,
        cost=sum(one.cost or 0.0 for one in services),
        cost_per_hour=sum(service.revenue_per_hour or 0.0 for service in down),
        users=sum(service.users or 0 for service in down),
        facts_from=min((fact.observed_at for fact in _facts(seen) if isinstance(fact, PLACED)), default=None),
        known_scope=_known(seen, loss, routes, hosting),
    )


def _facts(seen: Iterable[Seen]) -> Iterator[Fact]:
    return (fact for one in seen for fact in one.facts)


def _own_state(own: Own, lasts: timedelta) -> State:
    if own.fate is Fate.FAILS_OVER and own.proof is not None:
        proof = own.proof
        down_for = min(lasts, proof.rto) if proof.holds and proof.rto is not None else lasts
        return State(own.fate, own.because, proof.rto, proof.at, down_for)
    return _state(own.fate, own.because, lasts)


def _state(fate: Fate, because: tuple[str, ...], lasts: timedelta) -> State:
    return State(fate, because, down_for=lasts if fate is Fate.DOWN else timedelta(0))


def _from_outside(service: Service, outside: Outside, names: frozenset[str], lasts: timedelta) -> Iterator[State]:
    for dependency in service.depends_on:
        if dependency.kind == "service" and dependency.target in names:
            continue
        fate, why = _outside_fate(dependency, outside)
        handed = passed_on(dependency, _state(fate, (), lasts))
        if handed is not None:
            yield State(handed.fate, (need(service, dependency), why), down_for=handed.down_for)


def _outside_fate(dependency: Dependency, outside: Outside) -> tuple[Fate, str]:
    if dependency.kind == "service":
        return Fate.UNKNOWN, f"{dependency.target} is not in the catalogue"
    return outside.fate(dependency)


def _service_impact(service: Service, state: State, because: tuple[str, ...]) -> ServiceImpact:
    revenue = service.revenue_per_hour
    cost = None if revenue is None else revenue * (state.down_for / _HOUR)
    return ServiceImpact(service, state.fate, because, state.rto, state.proved_at, state.down_for, cost)


def _counts_as_down(one: ServiceImpact, lasts: timedelta) -> bool:
    return one.fate is Fate.DOWN or (one.fate is Fate.FAILS_OVER and one.down_for >= lasts)


def _routes(seen: Iterable[Seen], loss: Loss) -> tuple[RouteFate, ...]:
    found = {}
    for fact in _facts(seen):
        if isinstance(fact, CommunicationRoute):
            found[fact.audience, fact.order, fact.kind, fact.name] = fact
    unique = {(route.audience, route.kind, route.name): route for _, route in sorted(found.items(), reverse=True)}
    ordered = sorted(unique.values(), key=lambda route: (route.audience, route.order, route.kind, route.name))
    return tuple(RouteFate(route, _shares_fate(route, loss)) for route in ordered)


def _shares_fate(route: CommunicationRoute, loss: Loss) -> bool | None:
    """A platform that runs somewhere on a cloud is taken to share the fate of any region of it: which one is not published.

    Of a zone it is not: platforms of that size stand in several.
    """
    if loss.scope.provider == route.kind.lower():
        return True
    if route.runs_on is None:
        return None
    return within(route.runs_on, loss.scope) if loss.kind == "zone" else related(route.runs_on, loss.scope)


def _known(seen: Sequence[Seen], loss: Loss, routes: Iterable[RouteFate], hosting: RunsOn) -> bool:
    targets = {
        dependency.target for one in seen for dependency in one.service.depends_on if dependency.kind != "service"
    }
    if within(targets, loss.scope) or any(loss.holds(fact) for fact in _facts(seen)):
        return True
    places = [place for name in targets for place in hosting.get(name.lower(), ())]
    places += [place for one in routes for place in (one.route.kind, *(one.route.runs_on or ()))]
    return within(places, loss.scope)
