"""What a service's own resources survive: the facts of one service and a loss -> its fate, dependencies left aside."""

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
from checks._loss import Fate, Hit, Loss
from checks._proof import Proof, proof

_COMPUTE = (ComputeGroup, Deployment)
_ENTRY = (LoadBalancer, Gateway, Deployment)
_DNS = (DnsZone, DnsRecord)
_AIDS = (ObjectStore, Queue, Topic, Secret, EncryptionKey, Volume)
PLACED = (*_COMPUTE, Datastore, LoadBalancer, Gateway, Distribution, ObjectStore, Queue, Topic, Volume)
# Stores whose copies all take writes: losing one of them moves no primary.
_MANY_WRITERS = (StoreKind.KEY_VALUE, StoreKind.DOCUMENT)
_ESSENTIAL = (ComputeGroup, Datastore, LoadBalancer, Gateway, Distribution)


@dataclass(frozen=True, slots=True)
class Own:
    """What becomes of a service by its own resources, and why. `proof` where it fails over."""

    fate: Fate
    because: tuple[str, ...] = ()
    proof: Proof | None = None


def own_fate(seen: Seen, loss: Loss, *, now: datetime, products: frozenset[str]) -> Own:
    """The worst that the loss does to one of the service's roles (compute, entry, names, each primary store).

    `products` are those that appear anywhere in the estate: a permission named after another product than the one that is
    lost hides nothing of it.
    """
    placed = [fact for fact in seen.facts if isinstance(fact, PLACED)]
    gaps = [gap for gap in seen.gaps if any(issubclass(kind, _ESSENTIAL) for kind in gap.kinds)]
    here = [gap for gap in gaps if _in_scope(gap, loss, products)]
    unfound = [gap for gap in gaps if not gap.provider]
    if not placed and (unfound or not gaps):
        why = f": {unfound[0]}" if unfound else ""
        return Own(Fate.UNKNOWN, (f"nothing is known of where {seen.service.name} runs{why}",))
    # What a gap hides may stand elsewhere; under a region that is lost whole it may not.
    hiding = gaps if loss.kind == "zone" else [gap for gap in gaps if gap not in here]
    worst = min(_roles(seen, loss, hiding), key=lambda own: (own.fate.rank, own.because), default=Own(Fate.UNAFFECTED))
    if worst.fate is Fate.FAILS_OVER:
        shown = proof(seen.service, [fact for fact in seen.facts if isinstance(fact, Rehearsal)], loss, now)
        worst = Own(worst.fate, (*worst.because, shown.says), shown)
        if shown.holds:
            return worst
    if here and worst.fate.rank > Fate.UNKNOWN.rank:
        return Own(Fate.UNKNOWN, (f"{seen.service.name} may have more in {loss.scope}: {here[0]}",))
    return worst


def _in_scope(gap: Gap, loss: Loss, products: frozenset[str]) -> bool:
    if gap.provider.lower() != loss.scope.provider:
        return False
    if loss.kind != "provider" and gap.region.lower() not in ("", loss.scope.region):
        return False
    of_product = gap.action.partition(":")[0].lower()
    return not (loss.kind == "product" and of_product in products and of_product != loss.scope.part)


def _roles(seen: Seen, loss: Loss, hiding: Sequence[Gap]) -> Iterator[Own]:
    name, compute = seen.service.name, _hits(seen, _COMPUTE, loss)
    yield _pool(f"what runs {name}", compute, loss, _of(hiding, ComputeGroup))
    entry = _hits(seen, _ENTRY, loss)
    if any(not isinstance(fact, Deployment) for fact, _ in entry):
        own = _pool(f"the entry of {name}", entry, loss, _of(hiding, LoadBalancer, Gateway))
        idle = own.fate is Fate.FAILS_OVER and compute and not any(_there(fact, loss) for fact, _ in compute)
        said = f"an entry of {name} stands in {loss.scope}, where nothing of it runs"
        yield Own(Fate.DEGRADED, (said,)) if idle else own
    yield _pool(f"the CDN of {name}", _hits(seen, (Distribution,), loss), loss, _of(hiding, Distribution))
    yield _pool(f"the DNS of {name}", _hits(seen, _DNS, loss), loss, _of(hiding, DnsZone))
    stores = _hits(seen, (Datastore,), loss)
    for fact, hit in stores:
        if isinstance(fact, Datastore) and hit is not Hit.STANDS:
            minor = Own(Fate.DEGRADED, (f"{_kind(fact)} {fact.name} of {name} stands in {loss.scope}",))
            yield _store(fact, hit, loss, _Around(stores, compute)) if fact.primary else minor
    for fact, hit in _hits(seen, _AIDS, loss):
        if hit is Hit.LOST:
            yield Own(Fate.DEGRADED, (f"{_kind(fact)} {fact.name} of {name} stands in {loss.scope}",))


def _there(fact: Fact, loss: Loss) -> bool:
    """Whether a fact is in the region, or provider, that the loss is in or is."""
    same_region = loss.kind == "provider" or fact.region.lower() == loss.scope.region
    return fact.provider.lower() == loss.scope.provider and same_region


def _of(gaps: Iterable[Gap], *kinds: type[Fact]) -> list[Gap]:
    return [gap for gap in gaps if any(kind in gap.kinds for kind in kinds)]


def _hits(seen: Seen, kinds: tuple[type[Fact], ...], loss: Loss) -> list[tuple[Fact, Hit]]:
    return [(fact, loss.hit(fact)) for fact in seen.facts if isinstance(fact, kinds)]


def _pool(what: str, hits: Sequence[tuple[Fact, Hit]], loss: Loss, hiding: Sequence[Gap]) -> Own:
    """The fate of things that stand in for each other: machines, load balancers, name servers."""
    touched = [(fact, hit) for fact, hit in hits if hit is not Hit.STANDS]
    if not touched:
        return Own(Fate.UNAFFECTED)
    unsure = sorted(fact.name for fact, hit in touched if hit is Hit.UNSURE)
    if unsure:
        return Own(Fate.UNKNOWN, (f"{what} may stand in {loss.scope}: the zones of {unsure[0]} are not known",))
    standing = [fact for fact, hit in hits if hit in (Hit.STANDS, Hit.THINNED)]
    if standing:
        return _part_stands(what, [fact for fact, _ in touched], standing, loss)
    first = min(fact.name for fact, _ in touched)
    if any(hit is Hit.MOVES for _, hit in touched):
        said = f"{what} ({first}) runs in {loss.scope} alone and has to start again in other zones"
        return Own(Fate.FAILS_OVER, (said,))
    if hiding:
        return Own(Fate.UNKNOWN, (f"{what} stands in {loss.scope}; whether also elsewhere is not known: {hiding[0]}",))
    return Own(Fate.DOWN, (f"{what} ({first}) stands in {loss.scope} and nowhere else",))


def _part_stands(what: str, touched: Sequence[Fact], standing: Sequence[Fact], loss: Loss) -> Own:
    scope = loss.scope
    if loss.kind in ("zone", "product") and any(_there(fact, loss) for fact in standing):
        first = min(fact.name for fact in touched)
        return Own(Fate.DEGRADED, (f"part of {what} ({first}) stands in {scope}",))
    if all(isinstance(fact, Deployment) and fact.role == "standby" for fact in touched):
        return Own(Fate.DEGRADED, (f"the standby of {what} stands in {scope}",))
    there = _list({_place(fact) for fact in standing})
    return Own(Fate.FAILS_OVER, (f"{what} stands in {scope}, and also in {there}",))


@dataclass(frozen=True, slots=True)
class _Around:
    """What else a service has, beside the store that is hit."""

    stores: Sequence[tuple[Fact, Hit]]
    compute: Sequence[tuple[Fact, Hit]]

    def copies(self, store: Datastore) -> set[str]:
        """Regions of copies which stand, as facts of their own."""
        return {
            fact.region
            for fact, hit in self.stores
            if isinstance(fact, Datastore) and fact.replica_of == store.resource and hit in (Hit.STANDS, Hit.THINNED)
        }

    def runs_beside(self, regions: set[str]) -> bool:
        """Whether nothing that runs is lost, and some of it stands in one of these regions."""
        running = {fact.region for fact, hit in self.compute if hit is Hit.STANDS}
        return all(hit is Hit.STANDS for _, hit in self.compute) and bool(running & regions)


def _store(store: Datastore, hit: Hit, loss: Loss, around: _Around) -> Own:
    what, scope = f"{_kind(store)} {store.name}", loss.scope
    if hit is Hit.UNSURE:
        return Own(Fate.UNKNOWN, (f"{what} may stand in {scope}: its zones are not known",))
    replicas = () if loss.kind == "provider" else store.replica_regions
    away = {region for region in _told(replicas) if region.lower() != scope.region}
    if store.kind in _MANY_WRITERS and around.runs_beside(away):
        said = f"{what} loses its copy in {scope}; the service runs beside the one in {_list(away)}"
        return Own(Fate.DEGRADED, (said,))
    if hit is Hit.THINNED:
        return _thinned(store, what, loss)
    copies = away | around.copies(store)
    if copies:
        return Own(Fate.FAILS_OVER, (f"{what} stands in {scope}, with a copy in {_list(copies)}",))
    if isinstance(replicas, Unread):
        said = f"{what} stands in {scope}; whether it has a copy elsewhere is not known: {replicas.reason}"
        return Own(Fate.UNKNOWN, (said,))
    return Own(Fate.DOWN, (f"{what} stands in {scope} and has no copy elsewhere",))


def _told(regions: Maybe[tuple[str, ...]]) -> tuple[str, ...]:
    return () if isinstance(regions, Unread) else regions


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _thinned(store: Datastore, what: str, loss: Loss) -> Own:
    if store.automatic_failover is False and store.zone_redundant is False:
        return Own(Fate.FAILS_OVER, (f"{what} has a node in {loss.scope} and does not fail over by itself",))
    return Own(Fate.DEGRADED, (f"{what} loses a node in {loss.scope}",))


def _kind(fact: Fact) -> str:
    if isinstance(fact, Datastore):
        return "cache" if fact.kind is StoreKind.CACHE else "copy" if fact.replica_of else "datastore"
    return {ObjectStore: "bucket", EncryptionKey: "key"}.get(type(fact), type(fact).__name__.lower())


def _place(fact: Fact) -> str:
    return f"{fact.provider}/{fact.region}" if fact.region else fact.provider
