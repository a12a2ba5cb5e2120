"""Which kinds of facts are worth reading at all."""

from checks import ComputeGroup, Datastore, Fact, LoadBalancer, Network, ObjectStore, Rehearsal, discover

# What a what-if and the discovery of services stand on, whichever checks are enabled.
_ALWAYS: frozenset[type[Fact]] = frozenset((ComputeGroup, Datastore, ObjectStore, LoadBalancer, Network, Rehearsal))


def needed_kinds() -> frozenset[type[Fact]]:
    """The kinds of facts that some check, the what-if or the discovery of services asks for."""
    return _ALWAYS | {need.kind for check in discover() for need in check.needs}
