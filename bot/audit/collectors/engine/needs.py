"""The kinds of facts that an audit has to collect."""

from checks import (
    ComputeGroup,
    Datastore,
    Fact,
    LoadBalancer,
    Network,
    ObjectStore,
    ObservedDependency,
    Rehearsal,
    discover,
)

# Needed by what-ifs and by guessing services, whichever checks are enabled.
_ALWAYS: frozenset[type[Fact]] = frozenset(
    (ComputeGroup, Datastore, ObjectStore, LoadBalancer, Network, ObservedDependency, Rehearsal)
)


def needed_kinds() -> frozenset[type[Fact]]:
    """The kinds of facts that any check, a what-if or guessing services needs."""
    return _ALWAYS | {need.kind for check in discover() for need in check.needs}
