"""Drops the facts of an account that cannot belong to any service of the catalogue."""

from collections.abc import Iterable, Iterator, Sequence

from bot.audit.attribution.gaps import FOLLOWING_KINDS
from bot.audit.attribution.links import add_owners_by_links, linked_resources
from bot.audit.attribution.selectors import SelectorIndex
from bot.catalogue import CatalogueEntry
from checks import CommunicationRoute, DnsRecord, DnsZone, Fact, HealthCheck, Stack


class RelevanceFilter:
    """Filters the facts of one whole account at a time. The kept facts are attributed as if all facts had been kept.

    A fact is dropped if no service owns it and none can own it through another account: it refers to no resource, or
    only to resources of its own account without an owner. Shared facts are kept with any kept fact of their account and
    region. Of the facts that refer to unread resources one per kind and place is kept, so that a gap can name its kind.
    """

    def __init__(self, entries: Sequence[CatalogueEntry]) -> None:
        self._selectors = SelectorIndex(entries)

    def __call__(self, facts: Sequence[Fact]) -> list[Fact]:
        """The facts to keep, in their order. Pass all facts of an account in one call."""
        own = [fact for fact in facts if not fact.shared and not isinstance(fact, CommunicationRoute)]
        owners = [self._selectors.owners(fact) for fact in own]
        add_owners_by_links(own, owners)
        kept = _possibly_owned(own, {at for at, services in enumerate(owners) if services})
        linked = {resource for at in kept for resource in linked_resources(own[at])}
        used = {key for at in kept for key in _used_keys(own[at])}
        kept |= {at for at, fact in enumerate(own) if fact.resource in linked or _own_key(fact) in used}
        kept |= _samples_of_unread(own, kept)
        kept_ids = {id(own[at]) for at in kept}
        places = {(own[at].account, own[at].region) for at in kept}
        return [fact for fact in facts if id(fact) in kept_ids or self._is_shared_with(fact, places)]

    def _is_shared_with(self, fact: Fact, places: set[tuple[str, str]]) -> bool:
        if isinstance(fact, CommunicationRoute):
            return True
        return fact.shared and ((fact.account, fact.region) in places or bool(self._selectors.owners(fact)))


def _possibly_owned(own: Sequence[Fact], owned: set[int]) -> set[int]:
    """Facts with an owner, and facts that may gain one: they refer, directly or not, to a resource of another account."""
    kept = owned
    while True:
        dropped = {fact.resource for fact in own} - {own[at].resource for at in kept}
        more = {at for at, fact in enumerate(own) if at not in kept and not dropped.issuperset(linked_resources(fact))}
        if not more:
            return kept
        kept = kept | more


def _samples_of_unread(own: Sequence[Fact], kept: Iterable[int]) -> set[int]:
    """Facts that refer to a resource that was not read: one per kind, account and region."""
    seen = {fact.resource for fact in own if not isinstance(fact, FOLLOWING_KINDS)}
    known = set(kept)
    found = {
        (type(fact), fact.account, fact.region): at
        for at, fact in enumerate(own)
        if at not in known and isinstance(fact, FOLLOWING_KINDS) and seen.isdisjoint(fact.about)
    }
    return set(found.values())


def _used_keys(fact: Fact) -> Iterator[tuple[str, ...]]:
    """The keys of the hosted zone, health check and stack that gain the owners of this fact."""
    if isinstance(fact, DnsRecord):
        yield "zone", fact.account, fact.zone
        yield "check", fact.account, fact.health_check.rpartition("/")[2]
    if fact.stack:
        yield "stack", fact.account, fact.region, fact.stack


def _own_key(fact: Fact) -> tuple[str, ...]:
    """The key of a hosted zone, health check or stack; empty for other facts."""
    if isinstance(fact, DnsZone):
        return "zone", fact.account, fact.name
    if isinstance(fact, HealthCheck):
        return "check", fact.account, fact.resource.rpartition("/")[2]
    return ("stack", fact.account, fact.region, fact.name) if isinstance(fact, Stack) else ()
