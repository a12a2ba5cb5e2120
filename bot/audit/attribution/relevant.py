"""Of all that an account holds, what can matter to a service of the catalogue: the rest need not be carried along."""

from collections.abc import Iterable, Iterator, Sequence

from bot.audit.attribution.gaps import FOLLOWS
from bot.audit.attribution.links import link, names
from bot.audit.attribution.selectors import SelectorIndex
from bot.catalogue import CatalogueEntry
from checks import CommunicationRoute, DnsRecord, DnsZone, Fact, HealthCheck, Stack


class RelevanceFilter:
    """Sifts the facts of whole accounts, one account after the other. What stays is attributed as if all had stayed.

    A fact goes when nobody owns it and nobody can come to own it through another account: it names no resource, or only
    ones of its own account that nobody owns. What is shared goes with the last fact of its account and region. Of what
    would belong to somebody unseen, one of each kind and place stays: where something could not be read, it tells what.
    """

    def __init__(self, entries: Sequence[CatalogueEntry]) -> None:
        self._selecting = SelectorIndex(entries)

    def __call__(self, facts: Sequence[Fact]) -> list[Fact]:
        """Those of them that stay, in their order. All facts of an account are to come at once."""
        own = [fact for fact in facts if not fact.shared and not isinstance(fact, CommunicationRoute)]
        owners = [self._selecting.owners(fact) for fact in own]
        link(own, owners)
        stay = _hopeful(own, {at for at, who in enumerate(owners) if who})
        named = {name for at in stay for name in names(own[at])}
        used = {key for at in stay for key in _uses(own[at])}
        stay |= {at for at, fact in enumerate(own) if fact.resource in named or _is(fact) in used}
        stay |= _strangers(own, stay)
        kept = {id(own[at]) for at in stay}
        homes = {(own[at].account, own[at].region) for at in stay}
        return [fact for fact in facts if id(fact) in kept or self._goes_along(fact, homes)]

    def _goes_along(self, fact: Fact, homes: set[tuple[str, str]]) -> bool:
        if isinstance(fact, CommunicationRoute):
            return True
        return fact.shared and ((fact.account, fact.region) in homes or bool(self._selecting.owners(fact)))


def _hopeful(own: Sequence[Fact], owned: set[int]) -> set[int]:
    """What is owned, and what names something elsewhere or something that does: it may come to be owned."""
    stay = owned
    while True:
        lost = {fact.resource for fact in own} - {own[at].resource for at in stay}
        more = {at for at, fact in enumerate(own) if at not in stay and not lost.issuperset(names(fact))}
        if not more:
            return stay
        stay = stay | more


def _strangers(own: Sequence[Fact], stay: Iterable[int]) -> set[int]:
    """What follows something that was not seen: one of each kind, account and region."""
    seen = {fact.resource for fact in own if not isinstance(fact, FOLLOWS)}
    known = set(stay)
    found = {
        (type(fact), fact.account, fact.region): at
        for at, fact in enumerate(own)
        if at not in known and isinstance(fact, FOLLOWS) and seen.isdisjoint(fact.about)
    }
    return set(found.values())


def _uses(fact: Fact) -> Iterator[tuple[str, ...]]:
    """The zone, the health check and the stack that would belong to whoever comes to own this fact."""
    if isinstance(fact, DnsRecord):
        yield "zone", fact.account, fact.zone
        yield "check", fact.account, fact.health_check.rpartition("/")[2]
    if fact.stack:
        yield "stack", fact.account, fact.region, fact.stack


def _is(fact: Fact) -> tuple[str, ...]:
    if isinstance(fact, DnsZone):
        return "zone", fact.account, fact.name
    if isinstance(fact, HealthCheck):
        return "check", fact.account, fact.resource.rpartition("/")[2]
    return ("stack", fact.account, fact.region, fact.name) if isinstance(fact, Stack) else ()
