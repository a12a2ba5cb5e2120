"""What a loss does to one fact: the first step of a what-if."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from checks._facts import ComputeGroup, Datastore, Deployment, Fact, LoadBalancer, Maybe, Volume
from checks._model import Scope

LossKind = Literal["provider", "region", "product", "zone"]


class Fate(StrEnum):
    """What becomes of a service, worst first.

    A failover is an interruption, and one that was never rehearsed may fail; a degraded service serves on: so the first is
    the worse of the two.
    """

    DOWN = "down"
    UNKNOWN = "unknown"
    FAILS_OVER = "fails_over"
    DEGRADED = "degraded"
    UNAFFECTED = "unaffected"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


# Products that a product's name also stands for: what runs on it, and what it is called for short.
_ALSO_CALLED = {"autoscaling": ("ec2",), "elasticloadbalancing": ("elb", "alb", "nlb")}
_RANKS = {fate: rank for rank, fate in enumerate(Fate)}


class Hit(StrEnum):
    """What the loss does to one thing.

    THINNED: it loses nodes or machines, others of it stand. MOVES: all that runs of it is lost, and it may start again in
    zones that stand. UNSURE: it may stand in what is lost, this could not be read.
    """

    LOST = "lost"
    UNSURE = "unsure"
    MOVES = "moves"
    THINNED = "thinned"
    STANDS = "stands"


@dataclass(frozen=True, slots=True)
class Loss:
    """A scope that is lost, and what kind of thing it is."""

    scope: Scope
    kind: LossKind

    @classmethod
    def of(cls, scope: Scope, facts: Iterable[Fact]) -> "Loss":
        """Tell a zone from a product by the facts: it is a zone where one of them stands in a zone of that name."""
        if not scope.region:
            return cls(scope, "provider")
        if not scope.part:
            return cls(scope, "region")
        zone = any(scope.part in zones_of(fact) for fact in facts if _in_region(scope, fact))
        return cls(scope, "zone" if zone else "product")

    def holds(self, fact: Fact) -> bool:
        """Whether a fact stands in the scope, wholly or in part, as far as can be told."""
        return self.hit(fact) is not Hit.STANDS or (self.kind == "zone" and self.scope.part in zones_of(fact))

    def hit(self, fact: Fact) -> Hit:
        """What the loss does to a fact."""
        if fact.provider.lower() != self.scope.provider:
            return Hit.STANDS
        if self.kind == "provider":
            return Hit.LOST
        if not _in_region(self.scope, fact):
            return Hit.STANDS
        if self.kind == "region":
            return Hit.LOST
        if self.kind == "product":
            product = fact.product.lower()
            named = self.scope.part in (product, *_ALSO_CALLED.get(product, ()))
            return Hit.LOST if named else Hit.STANDS
        return _zone_hit(self.scope.part, fact)


def _in_region(scope: Scope, fact: Fact) -> bool:
    return fact.provider.lower() == scope.provider and fact.region.lower() == scope.region


def zones_of(fact: Fact) -> tuple[str, ...]:
    """The zones that a fact stands in now, as far as they are told."""
    if isinstance(fact, ComputeGroup):
        return fact.zones_in_use or fact.zones
    if isinstance(fact, Datastore | LoadBalancer | Deployment):
        return fact.zones
    return (fact.zone,) if isinstance(fact, Volume) else ()


def _zone_hit(zone: str, fact: Fact) -> Hit:
    if isinstance(fact, Volume | LoadBalancer):
        return Hit.LOST if zones_of(fact) == (zone,) else Hit.STANDS
    if not isinstance(fact, ComputeGroup | Datastore | Deployment):
        return Hit.STANDS  # of a region as a whole: its provider spreads it over zones
    zones = zones_of(fact)
    if zones and zone not in zones:
        return Hit.STANDS
    if len(zones) > 1:
        return Hit.THINNED
    redundant: Maybe[bool] = False if isinstance(fact, Deployment) else fact.zone_redundant
    if redundant is True:
        return Hit.THINNED if zones else Hit.STANDS
    return _alone(zone, fact, told=bool(zones) and redundant is False)


def _alone(zone: str, fact: Fact, *, told: bool) -> Hit:
    """A fact that stands in no other zone, `told`: as far as is known for sure."""
    if not told:
        return Hit.UNSURE
    return Hit.MOVES if isinstance(fact, ComputeGroup) and set(fact.zones) - {zone} else Hit.LOST
