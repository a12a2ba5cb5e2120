"""Facts -> services: which of the things that collectors saw belong to which service of the catalogue."""

from collections import defaultdict
from collections.abc import Sequence

from bot.audit.attribution.gaps import GapIndex
from bot.audit.attribution.grouping import Group, groups, services_from
from bot.audit.attribution.guesses import Guess
from bot.audit.attribution.links import link
from bot.audit.attribution.not_found import found_in_a_cloud, gap_for_nothing_found
from bot.audit.attribution.relevant import RelevanceFilter
from bot.audit.attribution.selectors import SERVICE_TAG, SelectorIndex
from bot.catalogue import CatalogueEntry
from checks import CommunicationRoute, Fact, Gap, Seen

__all__ = [
    "SERVICE_TAG",
    "Group",
    "Guess",
    "RelevanceFilter",
    "attribute",
    "found_in_a_cloud",
    "groups",
    "services_from",
]


def attribute(entries: Sequence[CatalogueEntry], facts: Sequence[Fact], gaps: Sequence[Gap]) -> list[Seen]:
    """Give every service its facts, and the gaps that may hide more of them.

    A fact belongs to the services whose selector names it (all tags of one, or its stack, or its ARN), to those which
    own what it is about, and, where its kind is shared (a network, a quota), to all with a resource in its account and
    region. The routes of an audience belong to the services which report to it. A fact nobody claims is left out.

    Returns:
        One `Seen` for each entry, in their order. A service of which nothing was found, and which declares no deployment,
        has a gap that says so: it may run anywhere, so nothing about its resources is known.
    """
    selecting = SelectorIndex(entries)
    own = [fact for fact in facts if not fact.shared and not isinstance(fact, CommunicationRoute)]
    owners = [selecting.owners(fact) for fact in own]
    link(own, owners)
    found: list[list[Fact]] = [[] for _ in entries]
    at_home: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for fact, who in zip(own, owners, strict=True):
        for at in who:
            found[at].append(fact)
        if who and SERVICE_TAG not in fact.tags:
            at_home[fact.provider, fact.account, fact.region] |= who
    reporting = _reporting(entries)
    for fact in facts:
        if isinstance(fact, CommunicationRoute):
            for at in reporting.get(fact.audience, ()):
                found[at].append(fact)
        elif fact.shared:
            for at in at_home.get((fact.provider, fact.account, fact.region), set()) | selecting.owners(fact):
                found[at].append(fact)
    hidden = GapIndex(gaps, own, owners)
    return [
        Seen(entry.service, mine, (*gap_for_nothing_found(entry, mine), *hidden.from_(entry.selector)))
        for entry, mine in zip(entries, found, strict=True)
    ]


def _reporting(entries: Sequence[CatalogueEntry]) -> dict[str, list[int]]:
    reporting: dict[str, list[int]] = defaultdict(list)
    for at, entry in enumerate(entries):
        reporting[entry.service.audience].append(at)
    return reporting
