"""Attributes facts through the resources that they refer to: an alarm belongs to the services that own what it watches."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from checks import (
    DnsRecord,
    DnsZone,
    EncryptionKey,
    Fact,
    HealthCheck,
    LoadBalancer,
    Stack,
    TrafficShift,
    Unread,
    UserDirectory,
    Volume,
    Workflow,
)

_PASSES = 3  # the longest chain is record -> load balancer -> instances


def add_owners_by_links(facts: Sequence[Fact], owners: list[set[int]]) -> None:
    """Add to `owners` (a set of services per fact) the owners of the resources that each fact refers to."""
    resource_owners = _ResourceOwners(facts, owners)
    linked = [(at, resources) for at, fact in enumerate(facts) if (resources := linked_resources(fact))]
    linked += [(at, calls) for at, fact in enumerate(facts) if not owners[at] and (calls := called_resources(fact))]
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


def called_resources(fact: Fact) -> tuple[str, ...]:
    """The resources that a workflow or directory calls: their owners own one that nothing else claims."""
    return fact.calls if isinstance(fact, Workflow | UserDirectory) else ()


def uses(fact: Fact) -> Iterator[tuple[str, ...]]:
    """The hosted zone, health check, stack and encryption key that a fact uses: each gains its owners."""
    if isinstance(fact, DnsRecord):
        yield "zone", fact.account, fact.zone
        yield "check", fact.account, fact.health_check.rpartition("/")[2]
    if fact.stack:
        yield "stack", fact.account, fact.region, fact.stack
    if isinstance(fact.encryption_key, str) and fact.encryption_key:
        yield _key(fact, fact.encryption_key)


def used_as(fact: Fact) -> tuple[tuple[str, ...], ...]:
    """What `uses` calls this fact."""
    if isinstance(fact, DnsZone):
        return (("zone", fact.account, fact.name),)
    if isinstance(fact, HealthCheck):
        return (("check", fact.account, fact.resource.rpartition("/")[2]),)
    if isinstance(fact, Stack):
        return (("stack", fact.account, fact.region, fact.name),)
    return tuple(_key(fact, name) for name in fact.names) if isinstance(fact, EncryptionKey) else ()


def _key(fact: Fact, name: str) -> tuple[str, ...]:
    """A full name means the same key everywhere; an id or alias, the one of this account and region."""
    return ("key", name) if ":" in name else ("key", name, fact.account, fact.region)


def _add_owners_by_use(facts: Sequence[Fact], owners: list[set[int]]) -> None:
    """Zones, health checks, stacks and keys belong to the services whose records and resources use them."""
    users: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for fact, own in zip(facts, owners, strict=True):
        if own:
            for name in uses(fact):
                users[name] |= own
    for at, fact in enumerate(facts):
        owners[at] |= set().union(*(users.get(name, ()) for name in used_as(fact)))
