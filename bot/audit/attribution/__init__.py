"""Attributes facts to services: decides which resources belong to which service of the catalogue."""

from collections import defaultdict
from collections.abc import Sequence

from bot.audit.attribution.gaps import GapIndex, stand_in
from bot.audit.attribution.grouping import RESOURCES, Grouping, ResourceGroup, group_resources
from bot.audit.attribution.guesses import Guess
from bot.audit.attribution.not_found import gap_for_nothing_found, is_read_from_cloud
from bot.audit.attribution.relevant import RelevanceFilter
from bot.audit.attribution.selectors import SERVICE_TAG, SelectorIndex
from bot.audit.attribution.unclaimed import SHARED, owners_of, services_from_resources, unclaimed
from bot.audit.attribution.watched import with_watched_resources
from bot.model.entries import CatalogueEntry
from checks import CommunicationRoute, Fact, Gap, Seen

__all__ = [
    "RESOURCES",
    "SERVICE_TAG",
    "SHARED",
    "Grouping",
    "Guess",
    "RelevanceFilter",
    "ResourceGroup",
    "attribute",
    "group_resources",
    "is_read_from_cloud",
    "services_from_resources",
    "unclaimed",
]


def attribute(entries: Sequence[CatalogueEntry], facts: Sequence[Fact], gaps: Sequence[Gap]) -> list[Seen]:
    """Give every service its facts, and the gaps that may hide more of them.

    A fact belongs to the services whose selector matches it (all tags, or its stack, or its ARN) and to the services
    that own a resource it refers to. A shared fact (a network, a quota) belongs to all services with a resource in its
    account and region, a notification route to the services that report to its audience. Other facts are left out.

    Returns:
        One `Seen` for each entry, in their order. A service without resources and without declared deployments has a gap
        that says so: it may run anywhere.
    """
    selectors, facts = SelectorIndex(entries), with_watched_resources(facts)
    own = [fact for fact in facts if not fact.shared and not isinstance(fact, CommunicationRoute)]
    unread = [stand_in(gap) for gap in gaps if gap.resource and gap.kinds]
    owners = owners_of(selectors, (*own, *unread))
    owners_of_unread = {fact.resource: services for fact, services in zip(unread, owners[len(own) :], strict=True)}
    del owners[len(own) :]
    found: list[list[Fact]] = [[] for _ in entries]
    services_at: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for fact, services in zip(own, owners, strict=True):
        for at in services:
            found[at].append(fact)
        if services and SERVICE_TAG not in fact.tags:
            services_at[fact.provider, fact.account, fact.region] |= services
    by_audience = _services_by_audience(entries)
    for fact in facts:
        if isinstance(fact, CommunicationRoute):
            for at in by_audience.get(fact.audience, ()):
                found[at].append(fact)
        elif fact.shared:
            for at in services_at.get((fact.provider, fact.account, fact.region), set()) | selectors.owners(fact):
                found[at].append(fact)
    gap_index = GapIndex(gaps, own, owners, services_at, lambda gap: owners_of_unread.get(gap.resource, set()))
    return [
        Seen(
            entry.service,
            own_facts,
            (*gap_for_nothing_found(entry, own_facts), *gap_index.of_service(at, entry.selector)),
        )
        for at, (entry, own_facts) in enumerate(zip(entries, found, strict=True))
    ]


def _services_by_audience(entries: Sequence[CatalogueEntry]) -> dict[str, list[int]]:
    by_audience: dict[str, list[int]] = defaultdict(list)
    for at, entry in enumerate(entries):
        by_audience[entry.service.audience].append(at)
    return by_audience
