"""Facts without a catalogue -> services: grouped by the tags, stacks and names that people gave their resources."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.audit.attribution.guesses import Guess, named, owner, tier
from bot.catalogue import CatalogueEntry, Selector
from checks import (
    DEFAULT_TIERS,
    ComputeGroup,
    Datastore,
    Dependency,
    Distribution,
    DnsRecord,
    Fact,
    Gateway,
    LoadBalancer,
    ObjectStore,
    Queue,
    Service,
    Unread,
)

# Best first. Only the first that a resource carries counts.
SERVICE_TAGS = (
    "service",
    "service-name",
    "servicename",
    "app",
    "application",
    "app.kubernetes.io/name",
    "microservice",
    "workload",
    "component",
    "system",
    "project",
)
_BODY = (ComputeGroup, Datastore, ObjectStore, LoadBalancer, Gateway, Distribution, Queue)
_DEPENDS_TAGS = ("depends-on", "depends_on", "dependson", "backstay:depends-on")
_PLAIN_STACKS = frozenset(("CDKToolkit",))  # every account that uses the CDK has it; it is nobody's service


@dataclass(frozen=True, slots=True)
class Group:
    """Resources that look like one service. `because` says what they share; `needs`: other groups, each with its reason."""

    name: str
    because: str
    selector: Selector
    facts: Sequence[Fact]
    tier: Guess[int]
    owner: Guess[str] | None
    needs: tuple[Guess[str], ...] = ()


@dataclass(slots=True)
class _Heap:
    """A group while it grows: its facts by the word that brought each of them in."""

    facts: list[Fact] = field(default_factory=list)
    words: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def services_from(facts: Sequence[Fact]) -> tuple[tuple[CatalogueEntry, ...], tuple[str, ...]]:
    """Services to judge where nobody wrote a catalogue, and one sentence for each guess."""
    entries, notes = [], []
    for group in groups(facts):
        needs = tuple(Dependency(need.value, "service") for need in group.needs)
        team = group.owner.value if group.owner else ""
        entries.append(
            CatalogueEntry(Service(group.name, DEFAULT_TIERS[group.tier.value], team, depends_on=needs), group.selector)
        )
        notes.append(f"{group.name}: {group.because}; tier {group.tier.value}, as {group.tier.because}")
        notes += [f"{group.name} seems to need {need.value}: {need.because}" for need in group.needs]
    return tuple(entries), tuple(notes)


def groups(facts: Sequence[Fact]) -> tuple[Group, ...]:
    """Group resources into services, by name. A group without anything that runs, stores or answers is none."""
    heaps = _heaped(facts)
    names = _distinct(heaps)
    owner_of = {fact.resource: key for key, heap in heaps.items() for fact in heap.facts if isinstance(fact, _BODY)}
    made = [
        Group(
            name=names[key],
            because=_because(heap),
            selector=_selector(heap),
            facts=tuple(heap.facts),
            tier=tier(heap.facts),
            owner=owner(heap.facts),
            needs=tuple(_needs(key, heap, names, owner_of)),
        )
        for key, heap in heaps.items()
    ]
    return tuple(sorted(made, key=lambda group: group.name))


def _heaped(facts: Iterable[Fact]) -> dict[str, _Heap]:
    heaps: dict[str, _Heap] = defaultdict(_Heap)
    for fact in facts:
        if fact.shared:
            continue
        word = _word(fact)
        if word:
            heap = heaps[word[2].strip().casefold()]
            heap.facts.append(fact)
            heap.words[word] += 1
    return {key: heap for key, heap in heaps.items() if any(isinstance(fact, _BODY) for fact in heap.facts)}


def _word(fact: Fact) -> tuple[str, str, str] | None:
    """What names the service of a fact: (how, with which key, the word)."""
    lower = {key.lower(): key for key in fact.tags}
    for wanted in SERVICE_TAGS:
        if wanted in lower and (value := fact.tags[lower[wanted]]).strip():
            return "tag", lower[wanted], value
    if fact.stack and fact.stack not in _PLAIN_STACKS:
        return "stack", "", fact.stack
    if isinstance(fact, _BODY) and not fact.about and (name := named(fact.name)):
        return "name", "", name
    return None


def _because(heap: _Heap) -> str:
    (how, key, word), _ = heap.words.most_common(1)[0]
    shared = {"tag": f"the tag {key}={word}", "stack": f"the stack {word}", "name": f"names that begin with {word}"}
    body = sum(isinstance(fact, _BODY) for fact in heap.facts)
    return f"{body} {'resource shares' if body == 1 else 'resources share'} {shared[how]}"


def _selector(heap: _Heap) -> Selector:
    """The word that most share; what it does not find is named one by one."""
    (how, key, word), _ = heap.words.most_common(1)[0]
    rest = [
        fact for fact in heap.facts if isinstance(fact, _BODY) and (how == "name" or _word(fact) != (how, key, word))
    ]
    return Selector(
        tags={key: (word,)} if how == "tag" else {},
        stacks=(word,) if how == "stack" else (),
        arns=tuple(dict.fromkeys(fact.resource for fact in rest)),
    )


def _distinct(heaps: Mapping[str, _Heap]) -> dict[str, str]:
    """Each group's name for people: one line, at most 100 characters, no other's."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for key, heap in heaps.items():
        (_, _, word), _ = heap.words.most_common(1)[0]
        plain = re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", word).strip()[:100].strip() or "service"
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain} {number}"
        taken.add(name.casefold())
        names[key] = name
    return names


def _needs(key: str, heap: _Heap, names: Mapping[str, str], owner_of: Mapping[str, str]) -> Iterator[Guess[str]]:
    told: set[str] = {key}
    for fact in heap.facts:
        for other, why in _pointed_at(fact, names, owner_of):
            if other not in told:
                told.add(other)
                yield Guess(names[other], why)


def _pointed_at(fact: Fact, names: Mapping[str, str], owner_of: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for tag, value in fact.tags.items():
        if tag.lower() in _DEPENDS_TAGS:
            for word in re.split(r"[\s,;]+", value):
                if word.casefold() in names:
                    yield word.casefold(), f"{fact.name} carries the tag {tag}={value}"
    linked: tuple[str, ...] = ()
    if isinstance(fact, LoadBalancer) and not isinstance(fact.targets, Unread):
        linked = fact.targets
    elif isinstance(fact, DnsRecord | ComputeGroup):
        linked = fact.about
    elif isinstance(fact, Datastore) and fact.replica_of:
        linked = (fact.replica_of,)
    for resource in linked:
        if resource in owner_of:
            yield owner_of[resource], f"{fact.name} leads to {resource}"
