"""What a loss does to one resource: the first step of a what-if."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from checks._facts import GLOBAL, ComputeGroup, Datastore, Deployment, Fact, LoadBalancer, Maybe, Volume
from checks._model import Scope, cluster_step

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
_ALSO_CALLED = {
    "autoscaling": ("ec2",),
    "docdbelastic": ("docdb",),
    "elasticacheserverless": ("elasticache",),
    "elasticloadbalancing": ("elb", "alb", "nlb"),
    "neptunegraph": ("neptune",),
    "opensearchserverless": ("opensearch",),
    "redshiftserverless": ("redshift",),
    "timestreaminfluxdb": ("timestream",),
}
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
    """A scope that is lost, and its kind: provider, region, product or zone.

    A cluster counts as a region of its provider. `zones`: every name of a lost zone; what runs on a host may know another name
    than the host itself. `cloud`: the provider hosts resources of ours, perhaps those of another provider too.
    """

    scope: Scope
    kind: LossKind
    zones: frozenset[str] = frozenset()
    cloud: bool = False

    @classmethod
    def of(cls, scope: Scope, facts: Sequence[Fact], zone_names: Iterable[str] = ()) -> "Loss":
        """Read the kind from the facts: the part of a region is a zone if a resource runs in a zone of that name."""
        cloud = any(scope.provider in (fact.provider.lower(), (fact.host or "").lower()) for fact in facts)
        if not scope.region:
            return cls(scope, "provider", cloud=cloud)
        if not scope.part:
            return cls(scope, "region", cloud=cloud)
        zones = frozenset((scope.part, *zone_names))
        found = any(not zones.isdisjoint(zones_of(fact)) for fact in facts if _in_region(scope, fact))
        return cls(scope, "zone", zones, cloud) if found else cls(scope, "product", cloud=cloud)

    def touches(self, fact: Fact) -> bool:
        """Whether a resource runs in the scope, wholly or in part, as far as is known."""
        return self.effect_on(fact) is not Effect.NONE or (
            self.kind == "zone" and self.includes(fact) and not self.zones.isdisjoint(zones_of(fact))
        )

    def includes(self, fact: Fact) -> bool:
        """Whether a resource is in the provider of the scope, and in its region, if it has one."""
        if self.kind == "provider":
            return self.scope.provider in (fact.provider.lower(), (fact.host or "").lower())
        return _in_region(self.scope, fact)

    def may_include(self, fact: Fact) -> bool:
        """Whether a resource, of which nobody knows on whose machines it runs, may run on those of the scope."""
        if fact.host is not None or not self.cloud or self.kind == "product" or self.includes(fact):
            return False
        return self.kind == "provider" or fact.region.lower() in ("", GLOBAL, self.scope.region)

    def effect_on(self, fact: Fact) -> Effect:
        """What the loss does to a resource."""
        if not self.includes(fact):
            return Effect.UNKNOWN if self.may_include(fact) else Effect.NONE
        if self.kind in ("provider", "region"):
            return Effect.LOST
        if self.kind == "product":
            return Effect.LOST if self.scope.part in self._products_of(fact) else Effect.NONE
        return _effect_of_zone(self.zones, fact)

    def _products_of(self, fact: Fact) -> tuple[str, ...]:
        """The names of the scope's provider for what a resource is, or runs on."""
        on_host = fact.host and fact.host.lower() == self.scope.provider
        product = (fact.host_product if on_host else fact.product).lower()
        return (product, *_ALSO_CALLED.get(product, ()))


def _in_region(scope: Scope, fact: Fact) -> bool:
    """Whether a resource is in the region, or runs in the cluster, that the scope names."""
    steps, provider = (scope.provider, scope.region), fact.provider.lower()
    hosted = "" if fact.host is None else fact.host.lower() or provider
    return steps in ((hosted, fact.region.lower()), (provider, cluster_step(fact.cluster)))


def zones_of(fact: Fact) -> tuple[str, ...]:
    """The zones that a resource runs in now, as far as they are known."""
    if isinstance(fact, ComputeGroup):
        return fact.zones_in_use or fact.zones
    if isinstance(fact, Datastore | LoadBalancer | Deployment):
        return fact.zones
    return (fact.zone,) if isinstance(fact, Volume) else ()


def _effect_of_zone(lost: frozenset[str], fact: Fact) -> Effect:
    if isinstance(fact, Volume | LoadBalancer):
        return Effect.LOST if zones_of(fact) and lost.issuperset(zones_of(fact)) else Effect.NONE
    if not isinstance(fact, ComputeGroup | Datastore | Deployment):
        return Effect.NONE  # a regional resource: its provider spreads it over zones
    zones = zones_of(fact)
    if zones and lost.isdisjoint(zones):
        return Effect.NONE
    if not lost.issuperset(zones):
        return Effect.REDUCED
    redundant: Maybe[bool] = False if isinstance(fact, Deployment) else fact.zone_redundant
    if redundant is True:
        return Effect.REDUCED if zones else Effect.NONE
    return _effect_on_single_zone(lost, fact, known=bool(zones) and redundant is False)


def _effect_on_single_zone(lost: frozenset[str], fact: Fact, *, known: bool) -> Effect:
    """The effect on a resource that runs in no other zone; `known`: its zones were read."""
    if not known:
        return Effect.UNKNOWN
    return Effect.RESTARTS if isinstance(fact, ComputeGroup) and set(fact.zones) - lost else Effect.LOST
