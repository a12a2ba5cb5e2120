"""Groups resources into services by their tags, stacks and names, where no catalogue exists."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.audit.attribution.guesses import Guess, guess_owner, guess_tier, service_word
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

# Most specific first; only the first one that a resource has counts.
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
_RESOURCES = (ComputeGroup, Datastore, ObjectStore, LoadBalancer, Gateway, Distribution, Queue)
_DEPENDS_TAGS = ("depends-on", "depends_on", "dependson", "backstay:depends-on")
_PLAIN_STACKS = frozenset(("CDKToolkit",))  # in every account that uses the CDK; not a service


@dataclass(frozen=True, slots=True)
class ResourceGroup:
    """Resources that appear to form one service. `reason` is what they share, `dependencies` are other groups' names."""

    name: str
    reason: str
    selector: Selector
    facts: Sequence[Fact]
    tier: Guess[int]
    owner: Guess[str] | None
    dependencies: tuple[Guess[str], ...] = ()


class _Label(NamedTuple):
    """What names the service of a fact. `kind`: tag, stack or name; `key`: the tag's key, else empty."""

    kind: str
    key: str
    value: str


@dataclass(slots=True)
class _GrowingGroup:
    """A group that facts are added to, with a count of what assigned each of them."""

    facts: list[Fact] = field(default_factory=list)
    labels: Counter[_Label] = field(default_factory=Counter)

    @property
    def commonest_label(self) -> _Label:
        """The label that most of its facts share."""
        return self.labels.most_common(1)[0][0]


def services_from_resources(facts: Sequence[Fact]) -> tuple[tuple[CatalogueEntry, ...], tuple[str, ...]]:
    """The services to check where there is no catalogue, and one sentence for each guess."""
    entries, notes = [], []
    for group in group_resources(facts):
        depends_on = tuple(Dependency(guess.value, "service") for guess in group.dependencies)
        owner = group.owner.value if group.owner else ""
        entries.append(
            CatalogueEntry(
                Service(group.name, DEFAULT_TIERS[group.tier.value], owner, depends_on=depends_on), group.selector
            )
        )
        notes.append(f"{group.name}: {group.reason}; tier {group.tier.value} guessed: {group.tier.reason}")
        notes += [f"{group.name} appears to depend on {guess.value}: {guess.reason}" for guess in group.dependencies]
    return tuple(entries), tuple(notes)


def group_resources(facts: Sequence[Fact]) -> tuple[ResourceGroup, ...]:
    """Group resources into services, sorted by name. A group needs a resource that runs, stores or serves something."""
    growing = _grouped_by_label(facts)
    names = _unique_names(growing)
    owner_of = {
        fact.resource: key for key, group in growing.items() for fact in group.facts if isinstance(fact, _RESOURCES)
    }
    groups = [
        ResourceGroup(
            name=names[key],
            reason=_reason(group),
            selector=_selector(group),
            facts=tuple(group.facts),
            tier=guess_tier(group.facts),
            owner=guess_owner(group.facts),
            dependencies=tuple(_dependencies(key, group, names, owner_of)),
        )
        for key, group in growing.items()
    ]
    return tuple(sorted(groups, key=lambda group: group.name))


def _grouped_by_label(facts: Iterable[Fact]) -> dict[str, _GrowingGroup]:
    growing: dict[str, _GrowingGroup] = defaultdict(_GrowingGroup)
    for fact in facts:
        if fact.shared:
            continue
        label = _label(fact)
        if label:
            group = growing[label.value.strip().casefold()]
            group.facts.append(fact)
            group.labels[label] += 1
    return {key: group for key, group in growing.items() if any(isinstance(fact, _RESOURCES) for fact in group.facts)}


def _label(fact: Fact) -> _Label | None:
    """The label that names the service of a fact: its best tag, else its stack, else a word of its name."""
    keys = {key.lower(): key for key in fact.tags}
    for tag in SERVICE_TAGS:
        if tag in keys and (value := fact.tags[keys[tag]]).strip():
            return _Label("tag", keys[tag], value)
    if fact.stack and fact.stack not in _PLAIN_STACKS:
        return _Label("stack", "", fact.stack)
    if isinstance(fact, _RESOURCES) and not fact.about and (word := service_word(fact.name)):
        return _Label("name", "", word)
    return None


def _reason(group: _GrowingGroup) -> str:
    label = group.commonest_label
    count = sum(isinstance(fact, _RESOURCES) for fact in group.facts)
    shared = {
        "tag": f"with tag {label.key}={label.value}",
        "stack": f"in stack {label.value}",
        "name": f"with {label.value} in the name",
    }
    return f"{count} {'resource' if count == 1 else 'resources'} {shared[label.kind]}"


def _selector(group: _GrowingGroup) -> Selector:
    """Selects by the label that most facts share; the ARNs of the other resources are listed."""
    label = group.commonest_label
    rest = [
        fact for fact in group.facts if isinstance(fact, _RESOURCES) and (label.kind == "name" or _label(fact) != label)
    ]
    return Selector(
        tags={label.key: (label.value,)} if label.kind == "tag" else {},
        stacks=(label.value,) if label.kind == "stack" else (),
        arns=tuple(dict.fromkeys(fact.resource for fact in rest)),
    )


def _unique_names(growing: Mapping[str, _GrowingGroup]) -> dict[str, str]:
    """Each group's service name: one line, at most 100 characters, unique."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for key, group in growing.items():
        label = group.commonest_label.value
        plain = re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", label).strip()[:100].strip() or "service"
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain} {number}"
        taken.add(name.casefold())
        names[key] = name
    return names


def _dependencies(
    key: str, group: _GrowingGroup, names: Mapping[str, str], owner_of: Mapping[str, str]
) -> Iterator[Guess[str]]:
    seen: set[str] = {key}
    for fact in group.facts:
        for other, reason in _groups_referenced(fact, names, owner_of):
            if other not in seen:
                seen.add(other)
                yield Guess(names[other], reason)


def _groups_referenced(fact: Fact, names: Mapping[str, str], owner_of: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for tag, value in fact.tags.items():
        if tag.lower() in _DEPENDS_TAGS:
            for word in re.split(r"[\s,;]+", value):
                if word.casefold() in names:
                    yield word.casefold(), f"{fact.name} has tag {tag}={value}"
    linked: tuple[str, ...] = ()
    if isinstance(fact, LoadBalancer) and not isinstance(fact.targets, Unread):
        linked = fact.targets
    elif isinstance(fact, DnsRecord | ComputeGroup):
        linked = fact.about
    elif isinstance(fact, Datastore) and fact.replica_of:
        linked = (fact.replica_of,)
    for resource in linked:
        if resource in owner_of:
            yield owner_of[resource], f"{fact.name} points to {resource}"
