"""Gaps -> what they hide of each service: the kinds that could not be read, and what is known by those alone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.audit.attribution.selectors import within
from bot.catalogue import Selector
from checks import (
    GLOBAL,
    Alarm,
    Backup,
    DnsRecord,
    DnsZone,
    Fact,
    Gap,
    HealthCheck,
    Rehearsal,
    Stack,
    TrafficShift,
    Volume,
)

FOLLOWS = (Alarm, Backup, DnsRecord, DnsZone, HealthCheck, Rehearsal, Stack, TrafficShift, Volume)
"""What belongs to a service because of something else that does."""

_Limits = tuple[tuple[str, ...], tuple[str, ...]]


class GapIndex:
    """The gaps inside a selector's limits; services with the same limits share one tuple of them.

    A fact that nobody owns may belong to any service with something behind a gap: an alarm on a table that was not listed
    must not count as an alarm that is not there.
    """

    def __init__(self, gaps: Sequence[Gap], facts: Sequence[Fact], owners: Sequence[set[int]]) -> None:
        orphans = _orphans(facts, owners) if gaps else {}
        self._gaps = tuple(_widened(gap, orphans) for gap in gaps)
        self._known: dict[_Limits, tuple[Gap, ...]] = {}

    def from_(self, selector: Selector) -> tuple[Gap, ...]:
        """A service that names no resources has none to be hidden."""
        if not selector.finds_something or not self._gaps:
            return ()
        limits = (selector.accounts, selector.regions)
        if limits not in self._known:
            self._known[limits] = tuple(gap for gap in self._gaps if within(selector, gap.account, gap.region))
        return self._known[limits]


def _orphans(facts: Sequence[Fact], owners: Iterable[set[int]]) -> dict[tuple[str, str], set[type[Fact]]]:
    """Kinds of facts without an owner, whose owner was not seen either, by account and region."""
    seen = {fact.resource for fact in facts if not isinstance(fact, FOLLOWS)}
    found: dict[tuple[str, str], set[type[Fact]]] = defaultdict(set)
    for fact, own in zip(facts, owners, strict=True):
        if not own and isinstance(fact, FOLLOWS) and seen.isdisjoint(fact.about):
            found[fact.account, fact.region].add(type(fact))
    return found


def _widened(gap: Gap, orphans: dict[tuple[str, str], set[type[Fact]]]) -> Gap:
    more = {
        kind
        for (account, region), kinds in orphans.items()
        if gap.account in ("", account) and (gap.region in ("", region) or GLOBAL in (gap.region, region))
        for kind in kinds
    }
    return replace(gap, kinds=(*gap.kinds, *sorted(more.difference(gap.kinds), key=lambda kind: kind.__name__)))
