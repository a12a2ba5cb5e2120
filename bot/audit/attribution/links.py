"""Facts that name other resources -> the services which own those: an alarm belongs to whoever owns what it watches."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from checks import DnsRecord, DnsZone, Fact, HealthCheck, LoadBalancer, Stack, TrafficShift, Unread, Volume

_PASSES = 3  # record -> load balancer -> machines is the longest way there is


def link(facts: Sequence[Fact], owners: list[set[int]]) -> None:
    """Add to `owners` (one set for each fact) what follows from the facts' links to each other."""
    of = _Owned(facts, owners)
    linked = [(at, named) for at, fact in enumerate(facts) if (named := names(fact))]
    for _ in range(_PASSES):
        changed = False
        for at, named in linked:
            gained = of.any(named) - owners[at]
            if gained:
                owners[at] |= gained
                of.add(facts[at].resource, gained)
                changed = True
        if not changed:
            break
    _by_what_uses_them(facts, owners)


class _Owned:
    """Resource -> the services that own it, kept up to date while more is found out."""

    def __init__(self, facts: Sequence[Fact], owners: Sequence[set[int]]) -> None:
        self._by_resource: dict[str, set[int]] = defaultdict(set)
        for fact, own in zip(facts, owners, strict=True):
            if own:
                self._by_resource[fact.resource] |= own

    def any(self, resources: Iterable[str]) -> set[int]:
        return set().union(*(self._by_resource.get(name, ()) for name in resources))

    def add(self, resource: str, owners: set[int]) -> None:
        self._by_resource[resource] |= owners


def names(fact: Fact) -> tuple[str, ...]:
    """The resources that a fact belongs with."""
    names = fact.about
    if isinstance(fact, Volume) and fact.attached_to:
        names += (fact.attached_to,)
    elif isinstance(fact, LoadBalancer) and not isinstance(fact.targets, Unread):
        names += fact.targets
    elif isinstance(fact, TrafficShift):
        names += fact.protects
    return names


def _by_what_uses_them(facts: Sequence[Fact], owners: list[set[int]]) -> None:
    """Zones, health checks and stacks belong to the services whose records and resources are in them."""
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
