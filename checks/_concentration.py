"""How much of revenue, users and tier-1 services depends on one thing, and the one change that lowers it most."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from checks._anchors import Anchor, AnchorKind, Roles, anchors
from checks._dominators import immediate_dominators
from checks._finding import Seen
from checks._impact import external_states, own_state
from checks._loss import Fate, Loss
from checks._model import Dependency, Service
from checks._outside import ExternalDependencies
from checks._propagation import State, propagate
from checks._survival import own_fate

LASTS: Final = timedelta(hours=15)
"""How long the loss lasts: as the outage of us-east-1 on 20 October 2025. A tested failover within it does not depend on anything."""

_ROOT = ("", "", "")
_Node = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Weight:
    """What a set of services means to the organisation: declared revenue per hour, declared users, tier-1 services, services."""

    revenue: float = 0.0
    users: int = 0
    tier1: int = 0
    services: int = 0

    @classmethod
    def of(cls, services: Iterable[Service]) -> "Weight":
        """The sums over services. Nothing is counted that is not declared."""
        members = list(services)
        return cls(
            sum(service.revenue_per_hour or 0.0 for service in members),
            sum(service.users or 0 for service in members),
            sum(service.tier.number == 1 for service in members),
            len(members),
        )

    @property
    def order(self) -> tuple[float, int, int, int]:
        """Sort key: revenue first, then users, tier-1 services, services."""
        return self.revenue, self.users, self.tier1, self.services


@dataclass(frozen=True, slots=True)
class SingleChange:
    """One change to one service. `on` empty: its own resources survive the loss; else a fallback for its dependency `on`.

    `frees`: the services that then no longer depend on the anchor. `because`: what the change answers. `untested`: the service
    should fail over already, but no valid test shows that it does.
    """

    service: str
    on: str
    frees: tuple[str, ...]
    weight: Weight
    because: str
    untested: bool = False


@dataclass(frozen=True, slots=True)
class AnchorLoss:
    """What depends on one anchor: services that are down while it is lost, and those of which that is unknown.

    `change`: the one change that frees most; None where no single change frees a service.
    """

    anchor: Anchor
    hanging: tuple[str, ...]
    unknown: tuple[str, ...]
    weight: Weight
    unknown_weight: Weight
    change: SingleChange | None


@dataclass(frozen=True, slots=True)
class Concentration:
    """Every exposure, the heaviest first, beside the totals. `undeclared`: services without revenue, and without users.

    `best`: the exposure whose change frees most of all; None where no single change frees a service.
    """

    total: Weight
    exposures: tuple[AnchorLoss, ...]
    undeclared: tuple[int, int]
    best: AnchorLoss | None

    def of_kind(self, kind: AnchorKind) -> tuple[AnchorLoss, ...]:
        """The exposures to one kind of anchor, the heaviest first."""
        return tuple(exposure for exposure in self.exposures if exposure.anchor.kind is kind)


def concentration(seen: Sequence[Seen], roles: Roles, *, now: datetime) -> Concentration:
    """Simulate the loss of each anchor in turn. A service depends on it where it is down, or fails over without a valid test.

    What a SaaS in between runs on counts. Where a fate is unknown, the service counts as unknown, never as safe.
    """
    services = [known.service for known in seen]
    found = [_exposure(anchor, seen, roles, now) for anchor in anchors(seen, roles)]
    touched = [exposure for exposure in found if exposure.hanging or exposure.unknown]
    touched.sort(key=lambda exposure: (_heaviest(exposure), str(exposure.anchor.scope), exposure.anchor.kind.value))
    changes = [exposure for exposure in touched if exposure.change is not None]
    best = max(changes, key=lambda exposure: exposure.change.weight.order if exposure.change else (), default=None)
    undeclared = (
        sum(service.revenue_per_hour is None for service in services),
        sum(service.users is None for service in services),
    )
    return Concentration(Weight.of(services), tuple(touched), undeclared, best)


def _heaviest(exposure: AnchorLoss) -> tuple[float, ...]:
    return tuple(-part for part in (*exposure.weight.order, *exposure.unknown_weight.order))


def _exposure(anchor: Anchor, seen: Sequence[Seen], roles: Roles, now: datetime) -> AnchorLoss:
    services = {known.service.name: known.service for known in seen}
    causes = _causes(anchor, seen, roles, now)
    settled = propagate([*services.values()], {name: [state for _, state in found] for name, found in causes.items()})
    hanging = tuple(sorted(name for name, state in settled.items() if _down(state)))
    unknown = tuple(sorted(name for name, state in settled.items() if state.fate is Fate.UNKNOWN))
    return AnchorLoss(
        anchor,
        hanging,
        unknown,
        Weight.of(services[name] for name in hanging),
        Weight.of(services[name] for name in unknown),
        _best_change(services, causes, frozenset(hanging)),
    )


def _down(state: State) -> bool:
    return state.fate is Fate.DOWN or (state.fate is Fate.FAILS_OVER and state.down_for >= LASTS)


def _causes(anchor: Anchor, seen: Sequence[Seen], roles: Roles, now: datetime) -> dict[str, list[tuple[str, State]]]:
    """What each service suffers by itself: for its own resources (empty), and for each dependency outside the catalogue."""
    facts = [fact for known in seen for fact in known.facts]
    loss = Loss.of(anchor.scope, facts)
    hosting = {name.lower(): places for name, places in roles.runs_on.items()}
    external = ExternalDependencies(loss, hosting)
    products = frozenset(fact.product.lower() for fact in facts)
    names, direct = frozenset(known.service.name for known in seen), dict(anchor.direct)
    causes: dict[str, list[tuple[str, State]]] = {}
    for known in seen:
        service = known.service
        own = own_state(own_fate(known, loss, now=now, products=products), LASTS)
        found = [("", own)]
        if anchor.kind in (AnchorKind.REGISTRY, AnchorKind.IDENTITY) and service.name in direct:
            used = State(Fate.DOWN, (f"{direct[service.name]} uses {anchor.scope}",), down_for=LASTS)
            found = [("", used)]
        elif anchor.kind not in (AnchorKind.PROVIDER, AnchorKind.REGION, AnchorKind.DNS):
            found = []  # a SaaS hosts no resource of ours, whatever is unknown about these
        found += [(dependency.target, state) for dependency, state in external_states(service, external, names, LASTS)]
        causes[service.name] = found
    return causes


def _best_change(
    services: Mapping[str, Service], causes: Mapping[str, Sequence[tuple[str, State]]], hanging: frozenset[str]
) -> SingleChange | None:
    """The single change that frees most, by the dominator tree of what takes the services down.

    A service is free once no path from a cause to it is left, so a change frees those that its node dominates.
    """
    edges, because = _graph(services, causes)
    nearest = immediate_dominators(_ROOT, edges)
    freed: dict[_Node, list[str]] = defaultdict(list)
    for node in nearest:
        if node[0] == "service" and node[1] in hanging:
            at = nearest[node]
            while at != _ROOT:
                if at in because:
                    freed[at].append(node[1])
                at = nearest[at]
    changes = [
        SingleChange(
            node[1], node[2], tuple(sorted(names)), Weight.of(services[name] for name in names), *because[node]
        )
        for node, names in freed.items()
    ]
    changes.sort(key=lambda change: (change.service, change.on))
    return max(changes, key=lambda change: change.weight.order, default=None)


def _graph(
    services: Mapping[str, Service], causes: Mapping[str, Sequence[tuple[str, State]]]
) -> tuple[dict[_Node, list[_Node]], dict[_Node, tuple[str, bool]]]:
    """Causes lead to services, and services to those that depend on them. Also the nodes that a change removes, with why.

    A cause that is unknown leads to its service too, and no change removes it.
    """
    edges: dict[_Node, list[_Node]] = defaultdict(list)
    because: dict[_Node, tuple[str, bool]] = {}
    for name, found in causes.items():
        for on, state in found:
            if not _down(state) and state.fate is not Fate.UNKNOWN:
                continue
            node = ("cause", name, on)
            edges[_ROOT].append(node)
            edges[node].append(("service", name, ""))
            if _down(state):
                because[node] = "; ".join(state.because), state.fate is Fate.FAILS_OVER
    for name, service in services.items():
        for dependency in _hard_services(service, services):
            node = ("depends", name, dependency.target)
            edges["service", dependency.target, ""].append(node)
            edges[node].append(("service", name, ""))
            because[node] = f"{name} depends on {dependency.target}", False
    return edges, because


def _hard_services(service: Service, services: Mapping[str, Service]) -> Iterator[Dependency]:
    for dependency in service.depends_on:
        if (
            dependency.kind == "service"
            and dependency.target in services
            and dependency.hard
            and not dependency.fallback
        ):
            yield dependency
