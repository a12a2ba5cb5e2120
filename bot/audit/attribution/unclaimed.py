"""Finds what belongs to no service, and the services of an account without a catalogue, one of which takes all of that."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.audit.attribution.gaps import stand_in
from bot.audit.attribution.grouping import group_resources
from bot.audit.attribution.guesses import guess_tier
from bot.audit.attribution.links import add_owners_by_links
from bot.audit.attribution.selectors import SERVICE_TAG, SelectorIndex
from bot.model.entries import CatalogueEntry, Selector
from checks import DEFAULT_TIERS, Alarm, CommunicationRoute, Fact, Gap, Service

SHARED: Final = "shared"
"""The service of everything that belongs to no guessed service, where there is no catalogue."""


def owners_of(selectors: SelectorIndex, facts: Sequence[Fact]) -> list[set[int]]:
    """The services of each fact, as positions: by its own selector, or by a resource that it refers to."""
    owners = [selectors.owners(fact) for fact in facts]
    add_owners_by_links(facts, owners)
    return owners


def unclaimed(entries: Sequence[CatalogueEntry], facts: Sequence[Fact]) -> list[Fact]:
    """The facts of a cloud that belong to none of these services, without those that every service shares."""
    own = [
        fact
        for fact in facts
        if not (fact.shared or isinstance(fact, CommunicationRoute) or SERVICE_TAG in fact.tags or _of_a_monitor(fact))
    ]
    return [fact for fact, services in zip(own, owners_of(SelectorIndex(entries), own), strict=True) if not services]


def _of_a_monitor(fact: Fact) -> bool:
    """Whether it is an alert of a monitoring system: one that names no service is no evidence for any."""
    return isinstance(fact, Alarm) and bool(fact.monitor)


def services_from_resources(
    facts: Sequence[Fact], gaps: Sequence[Gap] = ()
) -> tuple[tuple[CatalogueEntry, ...], tuple[str, ...]]:
    """The services to check where there is no catalogue, and one sentence for each guess and doubt.

    Everything that belongs to none of them, resources that could not be read among it, belongs to the service `shared`, so
    that the whole account is checked.
    """
    grouping = group_resources(facts)
    entries, notes = [], []
    for group in grouping.groups:
        entries.append(group.entry)
        notes.append(f"{group.name}: {group.reason}; tier {group.tier.value} guessed: {group.tier.reason}")
        notes += [f"{group.name} appears to depend on {guess.value}: {guess.reason}" for guess in group.dependencies]
    notes += grouping.doubts
    unread = [stand_in(gap) for gap in gaps if gap.resource and gap.kinds]
    rest = unclaimed(entries, (*facts, *unread))
    if rest:
        entries = _with_shared(entries, rest)
        count = f"{len(rest)} {'item' if len(rest) == 1 else 'items'}"
        notes.append(f"{SHARED}: {count} that no tag, application, stack or cluster claims for a service")
    return tuple(entries), tuple(notes)


def _with_shared(entries: Sequence[CatalogueEntry], rest: Sequence[Fact]) -> list[CatalogueEntry]:
    """The services and `shared`, which takes these facts; a guessed service of that name takes them as well as its own."""
    arns = tuple(dict.fromkeys(fact.resource for fact in rest))
    known = next((entry for entry in entries if entry.service.name.casefold() == SHARED), None)
    if known is not None:
        selector = replace(known.selector, arns=tuple(dict.fromkeys((*known.selector.arns, *arns))))
        return [replace(entry, selector=selector) if entry is known else entry for entry in entries]
    service = Service(SHARED, DEFAULT_TIERS[guess_tier(rest).value], "")
    return sorted((*entries, CatalogueEntry(service, Selector(arns=arns))), key=lambda entry: entry.service.name)
