"""Guesses which group of resources depends on which: by tags and tools that say so, and by resources that point to each other."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.audit.attribution.guesses import Guess
from checks import ComputeGroup, Datastore, DnsRecord, Fact, LoadBalancer, ObservedDependency, Unread, Workflow

_DEPENDS_TAGS: Final = ("depends-on", "depends_on", "dependson", "backstay:depends-on")


@dataclass(frozen=True, slots=True)
class GuessedDependencies:
    """`of`: each group's dependencies, by key. `doubts`: a sentence for each resource that made groups point to each other."""

    of: Mapping[str, tuple[Guess[str], ...]]
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Link:
    """One group (`source`) seems to need another (`target`), both by key. `through`: the resource in between.

    `stated`: a tag or a tool says so.
    """

    source: str
    target: str
    reason: str
    through: str
    stated: bool = False


def guess_dependencies(
    members: Mapping[str, Sequence[Fact]],
    names: Mapping[str, str],
    owner_of: Mapping[str, str],
    seen: Sequence[ObservedDependency] = (),
) -> GuessedDependencies:
    """The dependencies between groups.

    Two groups whose resources point to each other depend on each other in no way that the resources could tell: neither
    dependency is guessed, and each resource in between makes one doubt, however many groups it joins.

    Args:
        members: the facts of each group, by its key.
        names: the service name of each group.
        owner_of: the key of the group that owns each resource.
        seen: what tools saw; each counts like a tag that states it.
    """
    links: dict[tuple[str, str], _Link] = {}
    for key, facts in members.items():
        for link in _links(key, facts, names, owner_of):
            known = links.get((key, link.target))
            if known is None or (link.stated and not known.stated):
                links[key, link.target] = link
    for link in _seen(seen, owner_of, _by_host(members)):
        known = links.get((link.source, link.target))
        if known is None or not known.stated:
            links[link.source, link.target] = link
    kept: dict[str, list[Guess[str]]] = defaultdict(list)
    joined: dict[str, set[str]] = defaultdict(set)
    for (source, target), link in links.items():
        opposite = links.get((target, source))
        if link.stated or opposite is None:
            kept[source].append(Guess(names[target], link.reason))
        elif not opposite.stated:
            joined[min(link.through, opposite.through)] |= {names[source], names[target]}
    doubts = tuple(_doubt(through, services) for through, services in sorted(joined.items()))
    return GuessedDependencies({key: tuple(guesses) for key, guesses in kept.items()}, doubts)


def _doubt(through: str, services: Iterable[str]) -> str:
    *first, last = sorted(services)
    return (
        f"{', '.join(first)} and {last} point to each other through {through}; no dependency was guessed between them. "
        "Add depends_on where one needs another"
    )


def _links(key: str, facts: Iterable[Fact], names: Mapping[str, str], owner_of: Mapping[str, str]) -> Iterator[_Link]:
    for fact in facts:
        for tag, value in fact.tags.items():
            if tag.lower() in _DEPENDS_TAGS:
                reason = f"{fact.name} has tag {tag}={value}"
                for word in map(str.casefold, re.split(r"[\s,;]+", value)):
                    if word in names and word != key:
                        yield _Link(key, word, reason, fact.resource, stated=True)
        for resource in _linked(fact):
            if owner_of.get(resource, key) != key:
                through = fact.resource if isinstance(fact, LoadBalancer) else resource
                yield _Link(key, owner_of[resource], f"{fact.name} points to {resource}", through)


def _linked(fact: Fact) -> tuple[str, ...]:
    """The resources that a fact needs: targets, what a record leads to, the primary of a replica."""
    if isinstance(fact, LoadBalancer):
        return () if isinstance(fact.targets, Unread) else fact.targets
    if isinstance(fact, DnsRecord | ComputeGroup):
        return fact.about
    if isinstance(fact, Workflow):
        return fact.calls
    return (fact.replica_of,) if isinstance(fact, Datastore) and fact.replica_of else ()


def _seen(
    dependencies: Iterable[ObservedDependency], owner_of: Mapping[str, str], by_host: Mapping[str, str]
) -> Iterator[_Link]:
    """What tools saw between resources of two groups. A resource is named by its ARN, or by its id where no other has it."""
    by_id: dict[str, str] = {}
    for resource, key in owner_of.items():
        name = re.split(r"[:/]", resource)[-1]
        by_id[name] = key if by_id.get(name, key) == key else ""
    for dependency in dependencies:
        goal = dependency.target
        target = owner_of.get(goal) or by_id.get(goal) or by_host.get(goal.rstrip(".").lower(), "")
        sources = {owner_of.get(resource) or by_id.get(resource, "") for resource in dependency.about}
        for source in sorted(sources - {"", target}) if target else ():
            yield _Link(source, target, f"{dependency.tool} saw calls to {goal}", goal, stated=True)


def _by_host(members: Mapping[str, Sequence[Fact]]) -> Mapping[str, str]:
    """The group of each host name that a record of it has."""
    return {
        fact.name.rstrip(".").lower(): key
        for key, facts in members.items()
        for fact in facts
        if isinstance(fact, DnsRecord)
    }
