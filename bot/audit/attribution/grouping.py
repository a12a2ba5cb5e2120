"""Groups resources into services by their tags, applications, stacks and clusters, where no catalogue exists."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.audit.attribution.guessed_dependencies import guess_dependencies
from bot.audit.attribution.guesses import Guess, guess_owner, guess_tier
from bot.audit.attribution.labels import Label, label_of
from bot.model.entries import CatalogueEntry, Selector
from checks import (
    DEFAULT_TIERS,
    ComputeGroup,
    Datastore,
    Dependency,
    Distribution,
    Fact,
    Gateway,
    LoadBalancer,
    ObjectStore,
    ObservedDependency,
    Queue,
    Service,
    UserDirectory,
    Workflow,
)

RESOURCES = (
    *(ComputeGroup, Datastore, ObjectStore, LoadBalancer, Gateway, Distribution, Queue),
    *(Workflow, UserDirectory),
)
"""What runs, stores or serves something: a group without any of these is no service."""

_GROUPS = {"gcp": "folder"}
"""By provider, what it calls a group of resources."""


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

    @property
    def entry(self) -> CatalogueEntry:
        """The group as a service of a catalogue."""
        depends_on = tuple(Dependency(guess.value, "service") for guess in self.dependencies)
        owner = self.owner.value if self.owner else ""
        return CatalogueEntry(
            Service(self.name, DEFAULT_TIERS[self.tier.value], owner, depends_on=depends_on), self.selector
        )


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups, sorted by name, and the doubts about them: one sentence for what was not guessed."""

    groups: tuple[ResourceGroup, ...]
    doubts: tuple[str, ...] = ()


@dataclass(slots=True)
class _GrowingGroup:
    """A group that facts are added to, with a count of what assigned each of them."""

    facts: list[Fact] = field(default_factory=list)
    labels: Counter[Label] = field(default_factory=Counter)

    @property
    def commonest_label(self) -> Label:
        """The label that most of its facts share."""
        return self.labels.most_common(1)[0][0]


def group_resources(facts: Sequence[Fact]) -> Grouping:
    """Group resources into services. A group needs a resource that runs, stores or serves something.

    What no tag, application, stack or cluster claims is in no group: `unclaimed` lists it.
    """
    growing = _grouped_by_label(facts)
    names = _unique_names(growing)
    members = {key: group.facts for key, group in growing.items()}
    owner_of = {fact.resource: key for key, group in members.items() for fact in group if isinstance(fact, RESOURCES)}
    seen = [fact for fact in facts if isinstance(fact, ObservedDependency)]
    guessed = guess_dependencies(members, names, owner_of, seen)
    groups = [
        ResourceGroup(
            name=names[key],
            reason=_reason(group),
            selector=_selector(group),
            facts=tuple(group.facts),
            tier=guess_tier(group.facts),
            owner=guess_owner(group.facts),
            dependencies=guessed.of.get(key, ()),
        )
        for key, group in growing.items()
    ]
    return Grouping(tuple(sorted(groups, key=lambda group: group.name)), guessed.doubts)


def _grouped_by_label(facts: Iterable[Fact]) -> dict[str, _GrowingGroup]:
    growing: dict[str, _GrowingGroup] = defaultdict(_GrowingGroup)
    for fact in facts:
        if not fact.shared and (label := label_of(fact)):
            group = growing[label.name.strip().casefold()]
            group.facts.append(fact)
            group.labels[label] += 1
    return {key: group for key, group in growing.items() if any(isinstance(fact, RESOURCES) for fact in group.facts)}


def _reason(group: _GrowingGroup) -> str:
    label = group.commonest_label
    count = sum(isinstance(fact, RESOURCES) for fact in group.facts)
    shared = {
        "tag": f"with tag {label.key}={label.value}",
        "stack": f"in stack {label.value}",
        "group": f"in {_GROUPS.get(group.facts[0].provider, 'resource group')} {label.value}",
        "cluster": f"called {label.value} in a cluster",
    }
    return f"{count} {'resource' if count == 1 else 'resources'} {shared[label.kind]}"


def _selector(group: _GrowingGroup) -> Selector:
    """Selects by the label that most facts share; the ARNs of the other resources are listed."""
    label = group.commonest_label
    rest = [
        fact
        for fact in group.facts
        if isinstance(fact, RESOURCES) and (label.kind == "cluster" or label_of(fact) != label)
    ]
    return Selector(
        tags={label.key: (label.value,)} if label.kind == "tag" else {},
        stacks=(label.value,) if label.kind in ("stack", "group") else (),
        arns=tuple(dict.fromkeys(fact.resource for fact in rest)),
    )


def _unique_names(growing: Mapping[str, _GrowingGroup]) -> dict[str, str]:
    """Each group's service name: one line, at most 100 characters, unique."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for key, group in growing.items():
        label = group.commonest_label.name
        plain = re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", label).strip()[:100].strip() or "service"
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain} {number}"
        taken.add(name.casefold())
        names[key] = name
    return names
