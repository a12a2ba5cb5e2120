"""What a loss does to one resource: the first step of a what-if."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from checks._facts import ComputeGroup, Datastore, Deployment, Fact, LoadBalancer, Maybe, Volume
from checks._model import Scope

LossKind = Literal["provider", "region", "product", "zone"]


class Fate(StrEnum):
    """What happens to a service, worst first.

    A failover interrupts the service, and an untested one may fail; a degraded service keeps serving. So FAILS_OVER is
    worse than DEGRADED.
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


# Other names of a product: what runs on it, and its short names.
_ALSO_CALLED = {"autoscaling": ("ec2",), "elasticloadbalancing": ("elb", "alb", "nlb")}
_RANKS = {fate: rank for rank, fate in enumerate(Fate)}


class Effect(StrEnum):
    """What the loss does to one resource.

    REDUCED: it loses some nodes or machines and keeps others. RESTARTS: everything of it that runs is lost, and it can
    restart in other zones. UNKNOWN: whether it runs in the lost scope could not be read.
    """

    LOST = "lost"
    UNKNOWN = "unknown"
    RESTARTS = "restarts"
    REDUCED = "reduced"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Loss:
    """A scope that is lost, and its kind: provider, region, product or zone."""

    scope: Scope
    kind: LossKind

    @classmethod
    def of(cls, scope: Scope, facts: Iterable[Fact]) -> "Loss":
        """Read the kind from the facts: the part of a region is a zone if a resource runs in a zone of that name."""
        if not scope.region:
            return cls(scope, "provider")
        if not scope.part:
            return cls(scope, "region")
        zone = any(scope.part in zones_of(fact) for fact in facts if _in_region(scope, fact))
        return cls(scope, "zone" if zone else "product")

    def touches(self, fact: Fact) -> bool:
        """Whether a resource runs in the scope, wholly or in part, as far as is known."""
        return self.effect_on(fact) is not Effect.NONE or (self.kind == "zone" and self.scope.part in zones_of(fact))

    def effect_on(self, fact: Fact) -> Effect:
        """What the loss does to a resource."""
        if fact.provider.lower() != self.scope.provider:
            return Effect.NONE
        if self.kind == "provider":
            return Effect.LOST
        if not _in_region(self.scope, fact):
            return Effect.NONE
        if self.kind == "region":
            return Effect.LOST
        if self.kind == "product":
            product = fact.product.lower()
            named = self.scope.part in (product, *_ALSO_CALLED.get(product, ()))
            return Effect.LOST if named else Effect.NONE
        return _effect_of_zone(self.scope.part, fact)


def _in_region(scope: Scope, fact: Fact) -> bool:
    return fact.provider.lower() == scope.provider and fact.region.lower() == scope.region


def zones_of(fact: Fact) -> tuple[str, ...]:
    """The zones that a resource runs in now, as far as they are known."""
    if isinstance(fact, ComputeGroup):
        return fact.zones_in_use or fact.zones
    if isinstance(fact, Datastore | LoadBalancer | Deployment):
        return fact.zones
    return (fact.zone,) if isinstance(fact, Volume) else ()


def _effect_of_zone(zone: str, fact: Fact) -> Effect:
    if isinstance(fact, Volume | LoadBalancer):
        return Effect.LOST if zones_of(fact) == (zone,) else Effect.NONE
    if not isinstance(fact, ComputeGroup | Datastore | Deployment):
        return Effect.NONE  # a regional resource: its provider spreads it over zones
    zones = zones_of(fact)
    if zones and zone not in zones:
        return Effect.NONE
    if len(zones) > 1:
        return Effect.REDUCED
    redundant: Maybe[bool] = False if isinstance(fact, Deployment) else fact.zone_redundant
    if redundant is True:
        return Effect.REDUCED if zones else Effect.NONE
    return _effect_on_single_zone(zone, fact, known=bool(zones) and redundant is False)


def _effect_on_single_zone(zone: str, fact: Fact, *, known: bool) -> Effect:
    """The effect on a resource that runs in no other zone; `known`: its zones were read."""
    if not known:
        return Effect.UNKNOWN
    return Effect.RESTARTS if isinstance(fact, ComputeGroup) and set(fact.zones) - {zone} else Effect.LOST
