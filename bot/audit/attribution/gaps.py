"""Assigns gaps to services: which kinds of facts may be missing for each of them."""

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

FOLLOWING_KINDS = (Alarm, Backup, DnsRecord, DnsZone, HealthCheck, Rehearsal, Stack, TrafficShift, Volume)
"""Kinds of facts that belong to a service because the resource they refer to does."""

_Limits = tuple[tuple[str, ...], tuple[str, ...]]


class GapIndex:
    """The gaps that concern each selector. Services with the same accounts and regions share one tuple.

    A fact without an owner may belong to any service whose resource list is incomplete: an alarm on a table that was not
    listed must not count as a missing alarm. So its kind is added to the gap.
    """

    def __init__(self, gaps: Sequence[Gap], facts: Sequence[Fact], owners: Sequence[set[int]]) -> None:
        orphans = _orphans(facts, owners) if gaps else {}
        self._gaps = tuple(_widened(gap, orphans) for gap in gaps)
        self._known: dict[_Limits, tuple[Gap, ...]] = {}

    def for_selector(self, selector: Selector) -> tuple[Gap, ...]:
        """The gaps within the selector's accounts and regions; none for a selector that selects no resources."""
        if not selector.finds_something or not self._gaps:
            return ()
        limits = (selector.accounts, selector.regions)
        if limits not in self._known:
            self._known[limits] = tuple(gap for gap in self._gaps if within(selector, gap.account, gap.region))
        return self._known[limits]


def _orphans(facts: Sequence[Fact], owners: Iterable[set[int]]) -> dict[tuple[str, str], set[type[Fact]]]:
    """Kinds of facts that refer to resources that were not read, by account and region."""
    seen = {fact.resource for fact in facts if not isinstance(fact, FOLLOWING_KINDS)}
    found: dict[tuple[str, str], set[type[Fact]]] = defaultdict(set)
    for fact, own in zip(facts, owners, strict=True):
        if not own and isinstance(fact, FOLLOWING_KINDS) and seen.isdisjoint(fact.about):
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
