"""Where a service runs, read from its facts; shared by several families."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from checks._facts import GLOBAL, ComputeGroup, Datastore, Deployment, Fact, NotKnownError, known
from checks._partial import HiddenError
from checks._words import listed

F = TypeVar("F", bound=Fact)
Place = tuple[str, str]


def requests_end_at(compute: Sequence[ComputeGroup]) -> Sequence[ComputeGroup]:
    """The groups that receive requests; all groups where this is not known of any."""
    return [group for group in compute if group.traffic] or compute


def places(facts: Iterable[Fact]) -> set[Place]:
    """The (provider, region) pairs that the facts are in, by the machines that they run on, without `global`."""
    return {(fact.cloud, fact.region) for fact in facts if fact.region not in ("", GLOBAL)}


def over_zones(group: ComputeGroup) -> bool:
    """Whether a group can run in several zones of its network.

    Raises:
        NotKnownError: its subnets could not be read.
    """
    if len(set(group.zones)) >= 2:
        return True
    known(group.zone_redundant)  # where this could not be read, neither could all zones
    return False


def hidden_places(doubt: NotKnownError | None) -> frozenset[Place]:
    """The only places where unread facts can be; empty where they may be anywhere."""
    return doubt.places if isinstance(doubt, HiddenError) else frozenset()


def running_as_far_as_read(
    compute: Sequence[ComputeGroup], deployments: Sequence[Deployment]
) -> tuple[set[Place], NotKnownError | None]:
    """The (provider, region) pairs where the service runs for certain, standby regions included; why there may be more of them.

    Where some groups are unread, those that are not known to receive requests do not count: an unread one may be the one
    that receives them.
    """
    read, doubt = as_far_as_read(compute)
    declared, more = as_far_as_read(deployments)
    known_places, hidden = places(requests_end_at(read)), hidden_places(doubt)
    busy = any(group.traffic for group in read)
    if doubt is not None and hidden and (hidden <= known_places if busy else hidden == known_places):
        doubt = None  # what is unread is where the others are
    certain = requests_end_at(read) if doubt is None or busy else ()
    return places(certain) | places(declared), doubt or more


def places_by_kind(compute: Sequence[ComputeGroup], deployments: Sequence[Deployment]) -> Mapping[str, set[Place]]:
    """For each kind of compute, the places it runs in. Declared deployments count for every kind."""
    declared = places(deployments)
    found: dict[str, set[Place]] = defaultdict(lambda: set(declared))
    for group in requests_end_at(compute):
        found[group.kind.value].update(places([group]))
    return found or ({"declared": declared} if declared else {})


def as_far_as_read(facts: Iterable[F]) -> tuple[list[F], NotKnownError | None]:
    """The facts that were read, and why there may be more of them: for what these alone may settle."""
    found: list[F] = []
    try:
        found.extend(iter(facts))  # a list asks what it takes for its length, which a partial one does not know
    except NotKnownError as reason:
        return found, reason
    return found, None


def providers(*facts: Sequence[ComputeGroup | Datastore | Deployment]) -> tuple[set[str], NotKnownError | None]:
    """The providers that the facts are on, and why there may be more of them."""
    read = [as_far_as_read(group) for group in facts]
    doubt = next((reason for _, reason in read if reason is not None), None)
    clouds = set()
    for fact in (fact for found, _ in read for fact in found):
        try:
            clouds.add(fact.cloud)
        except NotKnownError as reason:
            doubt = doubt or reason
    return clouds, doubt


def region_names(found: Iterable[Place]) -> str:
    """The regions of places, for a sentence: `us-east-1, us-west-2`."""
    return listed(region for _, region in found)


def region_of(fact: Fact) -> str:
    """The region of a fact, for a sentence; `its region` where a plan or manifest does not name one."""
    return fact.region or "its region"
