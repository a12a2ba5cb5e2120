"""How datastores and compute are spread over zones; shared by the checks of the zone family."""

from checks._facts import Capacity, ComputeGroup, ComputeKind, Datastore, LoadBalancer, known
from checks._model import Verdict, failed, not_applicable, passed, unknown
from checks._nouns import named, subject, zone_name, zones_named
from checks._words import counted

_MOST_IN_ONE_ZONE = 2 / 3
_USUAL_ZONES = 3  # of a region, where the zones of a cluster are not known


def redundant(store: Datastore) -> bool:
    """What the product promises; where its nodes stand proves nothing: they may be shards without a copy."""
    return known(store.zone_redundant)


def single_zone(store: Datastore) -> str:
    """What a datastore without redundancy is, as the middle of a sentence: `is single-AZ; losing that AZ`."""
    if len(set(store.zones)) < 2:
        return "is single-AZ; losing that AZ"
    return f"has nodes in {zones_named(store, store.zones)} but is not multi-AZ; losing one of these"


def spread_evenly(store: Datastore) -> tuple[int, ...]:
    """The votes in each zone where every node has one, spread evenly; empty where the number of nodes is not known."""
    zones = len(set(store.zones)) or _USUAL_ZONES
    return tuple((store.nodes + place) // zones for place in range(zones)) if store.nodes else ()


def has_no_voters(store: Datastore) -> bool:
    """Whether the provider scales a search cluster itself, so that it has no nodes of its own that vote."""
    return store.capacity is Capacity.ON_DEMAND


def unit_of(group: ComputeGroup) -> str:
    """What one copy of a group is called: `task` or `instance`."""
    return "task" if group.kind is ComputeKind.CONTAINERS else "instance"


def spread_of_targets(balancer: LoadBalancer) -> Verdict:
    """The verdict on where the healthy targets of a load balancer run."""
    healthy = {zone: count for zone, count in known(balancer.healthy_by_zone).items() if count > 0}
    unplaced = balancer.healthy_unplaced
    total = sum(healthy.values()) + balancer.healthy_anywhere + unplaced
    if balancer.healthy_anywhere and not healthy and not unplaced:
        return not_applicable(f"Healthy targets of {named(balancer)} are bound to no AZ", healthy=total)
    if total == 0:
        return failed(f"{subject(balancer)} has no healthy target", healthy=0)
    zone, most = max(sorted(healthy.items()), key=lambda pair: pair[1], default=("", 0))
    place = zone_name(balancer, zone)
    if most / total > _MOST_IN_ONE_ZONE:
        targets = f"{most} of {total} healthy targets" if total > 1 else "The only healthy target"
        verb = "run" if most > 1 else "runs"
        return failed(f"{targets} of {named(balancer)} {verb} in {place}", healthy=total, zone=place)
    if (most + unplaced) / total > _MOST_IN_ONE_ZONE:
        return unknown(f"AZs of {unplaced} of {total} healthy targets of {named(balancer)} are unknown", healthy=total)
    return passed(
        f"{total} healthy targets of {named(balancer)} run in {zones_named(balancer, healthy)}", healthy=total
    )


def quorum_of(store: Datastore) -> Verdict:
    """The verdict on the votes that a search cluster keeps without any one zone."""
    votes = store.votes or spread_evenly(store)
    if not votes and has_no_voters(store):
        return passed(f"{subject(store)} has standby replicas in another AZ, and no nodes that vote")
    if not votes:
        return unknown(f"Node count of {named(store)} is unknown")
    total, most = sum(votes), max(votes)
    if (total - most) * 2 > total:
        return passed(f"{subject(store)} keeps {total - most} of {total} votes without any one AZ", votes=total)
    return failed(
        f"{subject(store)} has {counted(total, 'vote')}, {most} of them in one AZ, and loses its quorum with that AZ",
        votes=total,
    )
