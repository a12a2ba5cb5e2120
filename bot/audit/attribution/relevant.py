"""Drops the facts of an account that cannot belong to any service of the catalogue."""

from collections.abc import Iterable, Sequence

from bot.audit.attribution.gaps import stand_in
from bot.audit.attribution.hidden_followers import FOLLOWING_KINDS
from bot.audit.attribution.links import add_owners_by_links, linked_resources, used_as, uses
from bot.audit.attribution.selectors import SelectorIndex
from bot.model.entries import CatalogueEntry
from checks import CommunicationRoute, DnsRecord, DnsZone, EncryptionKey, Fact, Gap


class RelevanceFilter:
    """Filters the facts of one whole account at a time. The kept facts are attributed as if all facts had been kept.

    A fact is dropped if no service owns it and none can own it through another account: it refers to no resource, or
    only to resources of its own account without an owner. A resource that could not be read (a gap) may have an owner by
    its tags. Shared facts are kept with any kept fact of their account and region. Kept always: encryption keys, as resources of
    other accounts may use them, and DNS zones with their records, because a record that is lost is an outage whatever it belongs to.
    Of the facts that refer to unread resources one per kind and place is kept, so that a gap can name its kind.
    """

    def __init__(self, entries: Sequence[CatalogueEntry]) -> None:
        self._selectors = SelectorIndex(entries)

    def __call__(self, facts: Sequence[Fact], gaps: Sequence[Gap] = ()) -> list[Fact]:
        """The facts to keep, in their order. Pass all facts and gaps of an account in one call."""
        own = [fact for fact in facts if not fact.shared and not isinstance(fact, CommunicationRoute)]
        unread = (stand_in(gap) for gap in gaps if gap.resource and gap.kinds)
        own += [fact for fact in unread if self._selectors.owners(fact)]  # another one may be anybody's
        owners = [self._selectors.owners(fact) for fact in own]
        add_owners_by_links(own, owners)
        kept = _possibly_owned(own, {at for at, services in enumerate(owners) if services})
        linked = {resource for at in kept for resource in linked_resources(own[at])}
        used = {name for at in kept for name in uses(own[at])}
        kept |= {at for at, fact in enumerate(own) if fact.resource in linked or not used.isdisjoint(used_as(fact))}
        kept |= {at for at, fact in enumerate(own) if isinstance(fact, EncryptionKey | DnsZone | DnsRecord)}
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
