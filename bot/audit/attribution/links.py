"""Attributes facts through the resources that they refer to: an alarm belongs to the services that own what it watches."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from checks import DnsRecord, DnsZone, Fact, HealthCheck, LoadBalancer, Stack, TrafficShift, Unread, Volume

_PASSES = 3  # the longest chain is record -> load balancer -> instances


def add_owners_by_links(facts: Sequence[Fact], owners: list[set[int]]) -> None:
    """Add to `owners` (a set of services per fact) the owners of the resources that each fact refers to."""
    resource_owners = _ResourceOwners(facts, owners)
    linked = [(at, resources) for at, fact in enumerate(facts) if (resources := linked_resources(fact))]
    for _ in range(_PASSES):
        changed = False
        for at, resources in linked:
            gained = resource_owners.of_any(resources) - owners[at]
            if gained:
                owners[at] |= gained
                resource_owners.add(facts[at].resource, gained)
                changed = True
        if not changed:
            break
    _add_owners_by_use(facts, owners)


class _ResourceOwners:
    """The services that own each resource, updated while owners are added."""

    def __init__(self, facts: Sequence[Fact], owners: Sequence[set[int]]) -> None:
        self._by_resource: dict[str, set[int]] = defaultdict(set)
        for fact, own in zip(facts, owners, strict=True):
            if own:
                self._by_resource[fact.resource] |= own

    def of_any(self, resources: Iterable[str]) -> set[int]:
        return set().union(*(self._by_resource.get(resource, ()) for resource in resources))

    def add(self, resource: str, owners: set[int]) -> None:
        self._by_resource[resource] |= owners


def linked_resources(fact: Fact) -> tuple[str, ...]:
    """The resources whose owners also own this fact."""
    resources = fact.about
    if isinstance(fact, Volume) and fact.attached_to:
        resources += (fact.attached_to,)
    elif isinstance(fact, LoadBalancer) and not isinstance(fact.targets, Unread):
        resources += fact.targets
    elif isinstance(fact, TrafficShift):
        resources += fact.protects
    return resources


def _add_owners_by_use(facts: Sequence[Fact], owners: list[set[int]]) -> None:
    """Hosted zones, health checks and stacks belong to the services whose records and resources use them."""
    users: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for fact, own in zip(facts, owners, strict=True):
        if not own:
            continue
        if isinstance(fact, DnsRecord):
            users["zone", fact.account, fact.zone] |= own
            users["check", fact.account, fact.health_check.rpartition("/")[2]] |= own
        if fact.stack:
            users["stack", fact.account, fact.region, fact.stack] |= own
    for at, fact in enumerate(facts):
        if isinstance(fact, DnsZone):
            owners[at] |= users.get(("zone", fact.account, fact.name), set())
        elif isinstance(fact, HealthCheck):
            owners[at] |= users.get(("check", fact.account, fact.resource.rpartition("/")[2]), set())
        elif isinstance(fact, Stack):
            owners[at] |= users.get(("stack", fact.account, fact.region, fact.name), set())
