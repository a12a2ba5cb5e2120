"""Adds confirmed guesses to the services of the catalogue, so that scores and what-ifs count them."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.catalogue.providers import known_providers
from bot.model.drills import GuessDecision
from bot.model.entries import CatalogueEntry
from checks import Dependency

Confirmed = Mapping[str, tuple[Dependency, ...]]
"""What each service depends on by confirmation."""

Decisions = Callable[[], Awaitable[Mapping[tuple[str, str], GuessDecision]]]
"""The newest decision about each dependency, by service and target."""


def confirmed_dependencies(decisions: Iterable[GuessDecision]) -> Confirmed:
    """The confirmed dependencies by service, sorted. Soft where the confirmation says so."""
    found: dict[str, list[Dependency]] = defaultdict(list)
    for decision in sorted(decisions, key=lambda decision: (decision.service, decision.target)):
        provider = known_providers().get(decision.target)
        if decision.decision == "confirmed" and provider is not None:
            named = Dependency(decision.target, "scope" if provider.cloud else "saas", hard=decision.hard)
            found[decision.service].append(named)
    return {service: tuple(dependencies) for service, dependencies in found.items()}


def with_confirmed(entries: Sequence[CatalogueEntry], confirmed: Confirmed) -> Sequence[CatalogueEntry]:
    """The entries with what was confirmed of each; a dependency that is declared stays as it is declared."""
    if not confirmed:
        return entries
    return tuple(_with(entry, confirmed.get(entry.service.name, ())) for entry in entries)


def _with(entry: CatalogueEntry, more: Sequence[Dependency]) -> CatalogueEntry:
    declared = {dependency.target.partition("/")[0] for dependency in entry.service.depends_on}
    new = tuple(dependency for dependency in more if dependency.target not in declared)
    if not new:
        return entry
    return replace(entry, service=replace(entry.service, depends_on=(*entry.service.depends_on, *new)))
