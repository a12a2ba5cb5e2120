"""Where a service runs, read from its facts; shared by several families."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from checks._facts import GLOBAL, ComputeGroup, Datastore, Deployment, Fact, known
from checks._words import listed

Place = tuple[str, str]


def requests_end_at(compute: Sequence[ComputeGroup]) -> Sequence[ComputeGroup]:
    """The groups that receive requests; all groups where this is not known of any."""
    return [group for group in compute if group.traffic] or compute


def places(facts: Iterable[Fact]) -> set[Place]:
    """The (provider, region) pairs that the facts are in, without `global`."""
    return {(fact.provider, fact.region) for fact in facts if fact.region not in ("", GLOBAL)}


def over_zones(group: ComputeGroup) -> bool:
    """Whether a group can run in several zones of its network.

    Raises:
        NotKnownError: its subnets could not be read.
    """
    if not group.zones:
        known(group.zone_redundant)  # if this could not be read, neither could the zones
    return len(set(group.zones)) >= 2


def running_in(compute: Sequence[ComputeGroup], deployments: Sequence[Deployment]) -> set[Place]:
    """The (provider, region) pairs where the service runs, standby regions included."""
    return places(requests_end_at(compute)) | places(deployments)


def places_by_kind(compute: Sequence[ComputeGroup], deployments: Sequence[Deployment]) -> Mapping[str, set[Place]]:
    """For each kind of compute, the places it runs in. Declared deployments count for every kind."""
    declared = places(deployments)
    found: dict[str, set[Place]] = defaultdict(lambda: set(declared))
    for group in requests_end_at(compute):
        found[group.kind.value].update(places([group]))
    return found or ({"declared": declared} if declared else {})


def providers(*facts: Sequence[ComputeGroup | Datastore | Deployment]) -> set[str]:
    """The providers that the facts are on."""
    return {fact.provider for group in facts for fact in group}


def region_names(found: Iterable[Place]) -> str:
    """The regions of places, for a sentence: `us-east-1, us-west-2`."""
    return listed(region for _, region in found)
