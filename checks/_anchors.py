"""What many services may depend on at once: providers, regions, DNS hosts, identity providers, registries, payment providers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from checks._facts import GLOBAL, DnsZone, Fact, UserDirectory, Workload
from checks._finding import Seen
from checks._model import Dependency, Scope
from checks._survival import PLACED

_NO_PROVIDER = "kubernetes"
"""Runs on a provider; only its clusters can be lost."""


class AnchorKind(StrEnum):
    """What an anchor is to the services that depend on it."""

    PROVIDER = "provider"
    REGION = "region"
    DNS = "dns"
    IDENTITY = "identity"
    REGISTRY = "registry"
    PAYMENT = "payment"
    SAAS = "saas"


@dataclass(frozen=True, slots=True)
class Roles:
    """What is known of the names that services depend on.

    `saas`: name -> what it is to its customers (`stripe`: payment). `registries`: how the host of an image reference ends ->
    the provider that runs it (`docker.io`: docker-hub). `runs_on`: SaaS -> the clouds or scopes it is documented to run on.
    """

    saas: Mapping[str, AnchorKind] = field(default_factory=dict)
    registries: Mapping[str, str] = field(default_factory=dict)
    runs_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def registry_of(self, image: str) -> str:
        """The provider of an image's registry; the host itself where nobody knows whose it is."""
        host = image.partition("/")[0].lower()
        fitting = [end for end in self.registries if host == end or host.endswith(f".{end}")]
        return self.registries[max(fitting, key=len)] if fitting else host


@dataclass(frozen=True, slots=True)
class Anchor:
    """Something that can be lost, and what it is. `direct`: services that use it by a fact, and the fact as a sentence."""

    kind: AnchorKind
    scope: Scope
    direct: tuple[tuple[str, str], ...] = ()


def anchors(seen: Sequence[Seen], roles: Roles) -> tuple[Anchor, ...]:
    """Everything that some service uses, or that a SaaS of it runs on, by kind and name."""
    found: dict[tuple[AnchorKind, Scope], dict[str, str]] = {}
    for known in seen:
        name = known.service.name
        for kind, scope, sentence in _of_facts(known.facts, roles):
            direct = found.setdefault((kind, scope), {})
            if sentence:
                direct.setdefault(name, sentence)
        for dependency in known.service.depends_on:
            for kind, scope in _of_dependency(dependency, roles):
                found.setdefault((kind, scope), {})
    ordered = sorted(found, key=lambda key: (key[0].value, str(key[1])))
    return tuple(Anchor(kind, scope, tuple(sorted(found[kind, scope].items()))) for kind, scope in ordered)


def _of_facts(facts: Iterable[Fact], roles: Roles) -> Iterator[tuple[AnchorKind, Scope, str]]:
    for fact in facts:
        if isinstance(fact, PLACED):
            yield from ((kind, scope, "") for kind, scope in _places(*fact.located_in))
        elif isinstance(fact, DnsZone) and not fact.private and fact.provider:
            yield AnchorKind.DNS, _product(fact), f"zone {fact.name}"
        elif isinstance(fact, UserDirectory) and fact.provider:
            yield AnchorKind.IDENTITY, _product(fact), f"user directory {fact.name}"
        elif isinstance(fact, Workload):
            for image in fact.images:
                yield AnchorKind.REGISTRY, Scope(roles.registry_of(image)), f"workload {fact.name}"


def _product(fact: Fact) -> Scope:
    return Scope(fact.provider.lower(), fact.region.lower() or GLOBAL, fact.product.lower())


def _places(provider: str, region: str) -> Iterator[tuple[AnchorKind, Scope]]:
    if provider in ("", _NO_PROVIDER):
        return
    yield AnchorKind.PROVIDER, Scope(provider)
    if region not in ("", GLOBAL):
        yield AnchorKind.REGION, Scope(provider, region)


def _of_dependency(dependency: Dependency, roles: Roles) -> Iterator[tuple[AnchorKind, Scope]]:
    if dependency.kind == "scope":
        yield from _of_place(dependency.target)
    elif dependency.kind == "saas":
        name = dependency.target.lower()
        yield roles.saas.get(name, AnchorKind.SAAS), Scope(name)
        for place in roles.runs_on.get(name, ()):
            yield from _of_place(place)


def _of_place(text: str) -> Iterator[tuple[AnchorKind, Scope]]:
    try:
        scope = Scope.parse(text)
    except ValueError:
        return
    yield from _places(scope.provider, scope.region)
