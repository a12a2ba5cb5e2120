"""Finds the kinds of facts that a gap hides indirectly: those that belong to a service because a resource of it does."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from checks import (
    GLOBAL,
    Accelerator,
    Alarm,
    Backup,
    ComputeGroup,
    Datastore,
    Distribution,
    DnsRecord,
    DnsZone,
    Fact,
    Gap,
    Gateway,
    HealthCheck,
    LoadBalancer,
    ObjectStore,
    Rehearsal,
    Stack,
    StreamRetention,
    TrafficShift,
    Volume,
)

FOLLOWING_KINDS = (
    Accelerator,
    Alarm,
    Backup,
    DnsRecord,
    DnsZone,
    HealthCheck,
    Rehearsal,
    Stack,
    StreamRetention,
    TrafficShift,
    Volume,
)
"""Kinds of facts that belong to a service because the resource they refer to does."""

_TARGETS = (LoadBalancer, Distribution, ComputeGroup, Gateway, ObjectStore, Datastore)
# The resources through which a fact that names none may belong to a service. Alarms on a whole region belong to nobody; those
# on a group or an API are resolved with a listing of these.
_THROUGH: dict[type[Fact], tuple[type[Fact], ...]] = {
    Alarm: (ComputeGroup, Gateway),
    DnsRecord: _TARGETS,
    DnsZone: (DnsRecord, *_TARGETS),
    HealthCheck: (DnsRecord, *_TARGETS),
    Rehearsal: (ComputeGroup, Datastore),
    Stack: _TARGETS,
}


class HiddenFollowers:
    """The facts without an owner that refer to resources that were not read, by account and region."""

    def __init__(self, facts: Sequence[Fact], owners: Iterable[set[int]]) -> None:
        seen = {fact.resource for fact in facts if not isinstance(fact, FOLLOWING_KINDS)}
        followers = {fact.resource for fact in facts if isinstance(fact, FOLLOWING_KINDS)}
        self._by_place: dict[tuple[str, str], set[tuple[type[Fact], str]]] = defaultdict(set)
        for fact, own in zip(facts, owners, strict=True):
            if not own and isinstance(fact, FOLLOWING_KINDS) and seen.isdisjoint(fact.about):
                services = {
                    _VIA_ANOTHER if resource in followers else _service_of(resource) for resource in fact.about
                } or {_NAMES_NONE}
                self._by_place[fact.account, fact.region].update((type(fact), service) for service in services)

    def added_to(self, gap: Gap) -> Gap:
        """The gap with the kinds that may belong to a service through a resource that the gap hides."""
        if gap.by_choice or all(kind.shared for kind in gap.kinds):
            return gap
        more = {kind for kind, service in self._near(gap) if _may_refer(kind, service, gap)}.difference(gap.kinds)
        return replace(gap, kinds=(*gap.kinds, *sorted(more, key=lambda kind: kind.__name__))) if more else gap

    def _near(self, gap: Gap) -> Iterator[tuple[type[Fact], str]]:
        for (account, region), found in self._by_place.items():
            if gap.account in ("", account) and (gap.region in ("", region) or GLOBAL in (gap.region, region)):
                yield from found


_NAMES_NONE, _VIA_ANOTHER = "-", "+"  # it refers to no resource, or to a fact that follows a resource itself


def _may_refer(kind: type[Fact], service: str, gap: Gap) -> bool:
    """Whether a fact of this kind may refer to a resource that the gap hides. `service`: as in the ARN it refers to."""
    if service == _NAMES_NONE:
        return not set(_THROUGH.get(kind, ())).isdisjoint(gap.kinds)
    if service == _VIA_ANOTHER:
        return not {DnsRecord, *_TARGETS}.isdisjoint(gap.kinds)
    hidden = gap.action.partition(":")[0]
    return not gap.region or not service or not hidden or service == hidden


def _service_of(resource: str) -> str:
    """The service in an ARN, empty for other ids: those may be of any service."""
    parts = resource.split(":", 3)
    return parts[2] if len(parts) == 4 and parts[0] == "arn" else ""
