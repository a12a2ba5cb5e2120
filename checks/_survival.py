"""What a loss does to a service through its own resources: facts of one service -> its fate, without dependencies."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from checks._facts import (
    ComputeGroup,
    Datastore,
    Deployment,
    Distribution,
    DnsRecord,
    DnsZone,
    EncryptionKey,
    Fact,
    Gateway,
    LoadBalancer,
    Maybe,
    ObjectStore,
    Queue,
    Rehearsal,
    Secret,
    StoreKind,
    Topic,
    Unread,
    Volume,
)
from checks._finding import Gap, Seen
from checks._loss import Effect, Fate, Loss
from checks._model import cluster_step
from checks._nouns import named
from checks._proof import FailoverProof, failover_proof

_COMPUTE = (ComputeGroup, Deployment)
_INGRESS = (LoadBalancer, Gateway, Deployment)
_DNS = (DnsZone, DnsRecord)
_SUPPORTING = (ObjectStore, Queue, Topic, Secret, EncryptionKey, Volume)
PLACED = (*_COMPUTE, Datastore, LoadBalancer, Gateway, Distribution, ObjectStore, Queue, Topic, Volume)
# Datastores whose replicas all accept writes: losing one of them needs no failover.
_MULTI_WRITER = (StoreKind.KEY_VALUE, StoreKind.DOCUMENT)
_ESSENTIAL = (ComputeGroup, Datastore, LoadBalancer, Gateway, Distribution)


@dataclass(frozen=True, slots=True)
class OwnFate:
    """What happens to a service through its own resources, and why. `proof` where it fails over."""

    fate: Fate
    because: tuple[str, ...] = ()
    proof: FailoverProof | None = None


def own_fate(seen: Seen, loss: Loss, *, now: datetime, products: frozenset[str]) -> OwnFate:
    """The worst that the loss does to one of the service's roles (compute, ingress, CDN, DNS, each primary datastore).

    `products` are those that appear anywhere in the estate: a denied permission of another product than the lost one hides
    nothing of it.
    """
    placed = [fact for fact in seen.facts if isinstance(fact, PLACED)]
    gaps = [gap for gap in seen.gaps if gap.by_choice or any(issubclass(kind, _ESSENTIAL) for kind in gap.kinds)]
    in_scope = [gap for gap in gaps if _in_scope(gap, loss, products)]
    not_found = [gap for gap in gaps if not gap.provider]
    if not placed and (not_found or not gaps):
        why = f": {not_found[0]}" if not_found else ""
        return OwnFate(Fate.UNKNOWN, (f"unknown where {seen.service.name} runs{why}",))
    # Resources hidden by a gap may run elsewhere; within a region that is lost as a whole they cannot.
    hiding = gaps if loss.kind == "zone" else [gap for gap in gaps if gap not in in_scope]
    fates = _roles(seen, loss, hiding)
    worst = min(fates, key=lambda own: (own.fate.rank, own.because), default=OwnFate(Fate.UNAFFECTED))
    if worst.fate is Fate.FAILS_OVER:
        rehearsals = [fact for fact in seen.facts if isinstance(fact, Rehearsal)]
        proof = failover_proof(seen.service, rehearsals, loss, now)
        worst = OwnFate(worst.fate, (*worst.because, proof.sentence), proof)
        if proof.valid:
            return worst
    if in_scope and worst.fate.rank > Fate.UNKNOWN.rank:
        return OwnFate(Fate.UNKNOWN, (f"{seen.service.name} may have more resources in {loss.scope}: {in_scope[0]}",))
    return worst


def _in_scope(gap: Gap, loss: Loss, products: frozenset[str]) -> bool:
    hosted = loss.cloud if gap.host is None else gap.host == loss.scope.provider
    if gap.provider.lower() != loss.scope.provider and not hosted:
        return False
    if gap.by_choice:
        return loss.kind == "provider" or loss.scope.region not in gap.only_regions
    cluster = cluster_step(gap.account) if gap.host != "" else ""
    if loss.kind != "provider" and loss.scope.region not in (gap.region.lower() or loss.scope.region, cluster):
        return False
    of_product = gap.action.partition(":")[0].lower()
    return not (loss.kind == "product" and of_product in products and of_product != loss.scope.part)


def _roles(seen: Seen, loss: Loss, hiding: Sequence[Gap]) -> Iterator[OwnFate]:
    name, compute = seen.service.name, _effects(seen, _COMPUTE, loss)
    yield _pool_fate(f"compute of {name}", compute, loss, _hiding(hiding, ComputeGroup))
    ingress = _effects(seen, _INGRESS, loss)
    if any(not isinstance(fact, Deployment) for fact, _ in ingress):
        own = _pool_fate(f"ingress of {name}", ingress, loss, _hiding(hiding, LoadBalancer, Gateway))
        idle = own.fate is Fate.FAILS_OVER and compute and not any(loss.includes(fact) for fact, _ in compute)
        sentence = f"ingress of {name} runs in {loss.scope}, where it has no compute"
        yield OwnFate(Fate.DEGRADED, (sentence,)) if idle else own
    yield _pool_fate(f"CDN of {name}", _effects(seen, (Distribution,), loss), loss, _hiding(hiding, Distribution))
    yield _pool_fate(f"DNS of {name}", _effects(seen, _DNS, loss), loss, _hiding(hiding, DnsZone))
    stores = _effects(seen, (Datastore,), loss)
    for fact, effect in stores:
        if isinstance(fact, Datastore) and effect is not Effect.NONE:
            if fact.primary:
                yield _store_fate(fact, effect, loss, _OtherResources(stores, compute))
            else:
                replica = "replica " if fact.replica_of else ""
                yield OwnFate(Fate.DEGRADED, (f"{replica}{named(fact)} runs in {loss.scope}",))
    for fact, effect in _effects(seen, _SUPPORTING, loss):
        if effect is Effect.LOST:
            yield OwnFate(Fate.DEGRADED, (f"{named(fact)} is in {loss.scope}",))


def _hiding(gaps: Iterable[Gap], *kinds: type[Fact]) -> list[Gap]:
    return [gap for gap in gaps if gap.by_choice or any(kind in gap.kinds for kind in kinds)]


def _effects(seen: Seen, kinds: tuple[type[Fact], ...], loss: Loss) -> list[tuple[Fact, Effect]]:
    return [(fact, loss.effect_on(fact)) for fact in seen.facts if isinstance(fact, kinds)]


def _pool_fate(what: str, effects: Sequence[tuple[Fact, Effect]], loss: Loss, hiding: Sequence[Gap]) -> OwnFate:
    """The fate of resources that can replace each other: machines, load balancers, name servers."""
    affected = [(fact, effect) for fact, effect in effects if effect is not Effect.NONE]
    if not affected:
        return OwnFate(Fate.UNAFFECTED)
    uncertain = sorted((fact.name, _uncertainty(fact)) for fact, effect in affected if effect is Effect.UNKNOWN)
    if uncertain:
        return OwnFate(Fate.UNKNOWN, (f"{what} may run in {loss.scope}: {uncertain[0][1]}",))
    remaining = [fact for fact, effect in effects if effect in (Effect.NONE, Effect.REDUCED)]
    if remaining:
        return _fate_with_remaining(what, [fact for fact, _ in affected], remaining, loss)
    first = _first_by_name(fact for fact, _ in affected)
    if any(effect is Effect.RESTARTS for _, effect in affected):
        return OwnFate(Fate.FAILS_OVER, (f"{what} ({first}) runs only in {loss.scope} and must restart in another AZ",))
    if hiding:
        sentence = f"{what} runs in {loss.scope}; unknown whether also elsewhere: {hiding[0]}"
        return OwnFate(Fate.UNKNOWN, (sentence,))
    return OwnFate(Fate.DOWN, (f"{what} ({first}) runs only in {loss.scope}",))


def _uncertainty(fact: Fact) -> str:
    if fact.host is None:
        return f"the cloud below {named(fact)} is unknown"
    return f"AZs of {named(fact)} are unknown"


def _fate_with_remaining(what: str, affected: Sequence[Fact], remaining: Sequence[Fact], loss: Loss) -> OwnFate:
    scope = loss.scope
    if loss.kind in ("zone", "product") and any(loss.includes(fact) for fact in remaining):
        return OwnFate(Fate.DEGRADED, (f"part of {what} ({_first_by_name(affected)}) runs in {scope}",))
    if all(isinstance(fact, Deployment) and fact.role == "standby" for fact in affected):
        return OwnFate(Fate.DEGRADED, (f"standby {what} runs in {scope}",))
    elsewhere = _list({_place(fact) for fact in remaining})
    return OwnFate(Fate.FAILS_OVER, (f"{what} runs in {scope} and also in {elsewhere}",))


def _first_by_name(facts: Iterable[Fact]) -> str:
    return min((fact.name, named(fact)) for fact in facts)[1]


@dataclass(frozen=True, slots=True)
class _OtherResources:
    """The datastores and compute of a service, for judging one affected datastore."""

    stores: Sequence[tuple[Fact, Effect]]
    compute: Sequence[tuple[Fact, Effect]]

    def replica_regions(self, store: Datastore) -> set[str]:
        """Regions of surviving replicas that are facts of their own."""
        return {
            fact.region
            for fact, effect in self.stores
            if isinstance(fact, Datastore)
            and fact.replica_of == store.resource
            and effect in (Effect.NONE, Effect.REDUCED)
        }

    def compute_survives_in(self, regions: set[str]) -> bool:
        """Whether no compute is affected, and some of it runs in one of these regions."""
        running = {fact.region for fact, effect in self.compute if effect is Effect.NONE}
        return all(effect is Effect.NONE for _, effect in self.compute) and bool(running & regions)


def _store_fate(store: Datastore, effect: Effect, loss: Loss, others: _OtherResources) -> OwnFate:
    what, scope = named(store), loss.scope
    if effect is Effect.UNKNOWN:
        return OwnFate(Fate.UNKNOWN, (f"{what} may run in {scope}: its AZs are unknown",))
    replicas = () if loss.kind == "provider" else store.replica_regions
    away = {region for region in _known_regions(replicas) if region.lower() != scope.region}
    if store.kind in _MULTI_WRITER and others.compute_survives_in(away):
        sentence = f"{what} loses its replica in {scope}; compute uses the replica in {_list(away)}"
        return OwnFate(Fate.DEGRADED, (sentence,))
    if effect is Effect.REDUCED:
        return _reduced_store_fate(store, loss)
    copies = away | others.replica_regions(store)
    if copies:
        return OwnFate(Fate.FAILS_OVER, (f"{what} runs in {scope}, with a replica in {_list(copies)}",))
    if isinstance(replicas, Unread):
        sentence = f"{what} runs in {scope}; unknown whether it has a replica elsewhere: {replicas.reason}"
        return OwnFate(Fate.UNKNOWN, (sentence,))
    return OwnFate(Fate.DOWN, (f"{what} runs only in {scope}; it has no replica elsewhere",))


def _known_regions(regions: Maybe[tuple[str, ...]]) -> tuple[str, ...]:
    return () if isinstance(regions, Unread) else regions


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _reduced_store_fate(store: Datastore, loss: Loss) -> OwnFate:
    if store.automatic_failover is False and store.zone_redundant is False:
        return OwnFate(Fate.FAILS_OVER, (f"{named(store)} has a node in {loss.scope} and no automatic failover",))
    return OwnFate(Fate.DEGRADED, (f"{named(store)} loses a node in {loss.scope}",))


def _place(fact: Fact) -> str:
    return "/".join(filter(None, fact.located_in))
