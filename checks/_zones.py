"""How datastores and compute are spread over zones; shared by the checks of the zone family."""

from checks._facts import Capacity, ComputeGroup, ComputeKind, Datastore, known
from checks._nouns import zones_named

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
