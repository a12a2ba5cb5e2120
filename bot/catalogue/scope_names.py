"""Finds the scope that a person means: `us-east-1`, `aws/us-east-1a`, `DynamoDB` and `New Relic` as well as `aws/us-east-1`.

A name that means nothing is refused with the nearest ones: a what-if of a mistyped region would find no service affected.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from bot.catalogue.aws_zones import region_of_zone
from bot.catalogue.product_names import provider_name
from bot.catalogue.providers import known_providers
from bot.catalogue.saas import AWS_REGIONS
from bot.catalogue.scope_words import KEPT_AS_TYPED, PRODUCT_WORDS, spelled
from bot.catalogue.scopes_used import needed, scopes_of, zones_of
from bot.model.providers import KnownProvider
from checks import GLOBAL, Fact, Scope, Service, cluster_step

NEAREST = 3
_NEAR_ENOUGH = 60.0
_BETWEEN = frozenset({"in", "of", "on", "at", "the", "region", "zone", "az"})


class UnknownScopeError(ValueError):
    """No scope is called so, or several are. `tries`: the scopes that may have been meant, the likeliest first."""

    def __init__(self, problem: str, tries: Sequence[str] = ()) -> None:
        super().__init__(problem)
        self.problem, self.tries = problem, tuple(tries)


@dataclass(frozen=True, slots=True)
class ScopeNames:
    """The names by which places and products are called, each in the spelling of `spelled`.

    `used`: every scope in which something of ours runs, or that a service of ours needs. `providers`: name, alias or title -> provider.
    `regions`: name of a region or cluster -> (provider, region). `parts`: product or zone -> its scopes among `used`. `zones`: name
    of a zone -> the scopes that have it: each region of Azure has a zone `1`.
    `services`: our own services, which are no scopes; name -> as it is written.
    """

    used: frozenset[Scope]
    providers: Mapping[str, str]
    regions: Mapping[str, tuple[str, str]]
    parts: Mapping[str, tuple[Scope, ...]]
    zones: Mapping[str, tuple[Scope, ...]]
    services: Mapping[str, str]

    @classmethod
    def of(
        cls, facts: Iterable[Fact], services: Iterable[Service], providers: Mapping[str, KnownProvider] | None = None
    ) -> "ScopeNames":
        """The names in an estate with these facts and services. `providers`: beside those of providers.yaml."""
        listed, members = list(facts), list(services)
        zones = frozenset(zone for fact in listed for zone in zones_of(fact))
        used = frozenset([*(scope for fact in listed for scope in scopes_of(fact)), *needed(members), *zones])
        regions = {spelled(region): ("aws", region) for region in AWS_REGIONS}
        regions |= {
            spelled(scope.region): (scope.provider, scope.region) for scope in sorted(used, key=str) if scope.region
        }
        regions.pop(GLOBAL, None)
        by_zone: dict[str, list[Scope]] = {}
        for zone in sorted(zones, key=str):
            by_zone.setdefault(spelled(zone.part), []).append(zone)
        parts: dict[str, list[Scope]] = {}
        for scope in sorted(used, key=str):
            for name, meant in _called(scope) if scope.part else ():
                if meant not in parts.setdefault(name, []):
                    parts[name].append(meant)
        return cls(
            used,
            _provider_names({**known_providers(), **(providers or {})}, used),
            regions,
            {name: tuple(found) for name, found in parts.items()},
            {name: tuple(found) for name, found in by_zone.items()},
            {spelled(service.name): service.name for service in members},
        )

    def find(self, typed: str) -> Scope:
        """The scope that was meant.

        Raises:
            UnknownScopeError: it is none, or one of several.
        """
        steps = [step.strip() for step in typed.strip().strip("/").split("/")]
        if cluster := self._cluster(steps):
            return cluster
        if not all(steps) or len(steps) > 3:
            raise UnknownScopeError(
                f"{typed.strip()!r} is not a scope: write provider, provider/region or provider/region/product-or-zone.",
                self.nearest(typed),
            )
        found = self._whole(steps) or self._of_words(typed)
        if found is None:
            raise self._unknown(typed)
        return found

    def nearest(self, typed: str) -> tuple[str, ...]:
        """The scopes of ours that are spelled most like this, the likeliest first; else well-known ones."""
        wanted = spelled(typed)
        names: dict[str, str] = {}
        for scope in sorted(self.used, key=lambda scope: (len(scope.steps), str(scope))):
            for name in (spelled(str(scope)), spelled(scope.steps[-1]), spelled("/".join(scope.steps[1:]))):
                names.setdefault(name, str(scope))
        begun = [
            full for name, full in sorted(names.items(), key=lambda item: -len(item[0])) if wanted.startswith(name)
        ]
        near = [*self._slips(wanted, names), *begun, *self._slips(wanted, self._well_known()), *_alike(wanted, names)]
        return tuple(dict.fromkeys(near))[:NEAREST]

    @staticmethod
    def _slips(wanted: str, names: Mapping[str, str]) -> Iterator[str]:
        """The scopes whose name differs by at most one slip in three letters."""
        limit = max(1, len(wanted) // 3)
        found = process.extract(
            wanted, list(names), scorer=DamerauLevenshtein.distance, score_cutoff=limit, limit=3 * NEAREST
        )
        found.sort(key=lambda match: (match[1], abs(len(match[0]) - len(wanted))))
        return (names[name] for name, _, _ in found[:NEAREST])

    def _well_known(self) -> dict[str, str]:
        return {
            **self.providers,
            **{name: "/".join(place) for name, place in self.regions.items()},
            **{spelled("/".join(place)): "/".join(place) for place in self.regions.values()},
        }

    def _whole(self, steps: Sequence[str]) -> Scope | None:
        """The scope of the steps `provider/region/part`, of which the first or the middle ones may be left out."""
        first, *rest = steps
        provider = self.providers.get(spelled(first))
        if provider is not None:
            return self._in_provider(provider, rest)
        if len(steps) > 2:
            return None
        if place := self._region("", first):
            return self._in_region(*place, rest)
        return None if rest else self._part("", "", first)

    def _cluster(self, steps: Sequence[str]) -> Scope | None:
        """The cluster of a provider, by a name that may have slashes itself."""
        provider, name = self.providers.get(spelled(steps[0]), ""), cluster_step("/".join(steps[1:]))
        whole = Scope(provider, name) if provider and ":" in name else None
        return whole if whole in self.used else None

    def _in_provider(self, provider: str, rest: Sequence[str]) -> Scope | None:
        if not rest:
            return Scope(provider)
        first, *part = rest
        if place := self._region(provider, first):
            return self._in_region(*place, part)
        return None if part else self._part(provider, "", first)

    def _in_region(self, provider: str, region: str, rest: Sequence[str]) -> Scope | None:
        if not rest:
            return Scope(provider, region)
        return self._part(provider, region, rest[0]) if len(rest) == 1 else None

    def _region(self, provider: str, name: str) -> tuple[str, str] | None:
        """The region of this name, of this provider or, where none is given, of the one that has it."""
        low = name.lower()
        if provider and (
            low == GLOBAL or any((scope.provider, scope.region) == (provider, low) for scope in self.used)
        ):
            return provider, low
        found = self.regions.get(spelled(name))
        return found if found and provider in ("", found[0]) else None

    def _part(self, provider: str, region: str, name: str) -> Scope | None:
        """The product or zone of this name, in the given provider and region as far as they are given.

        Raises:
            UnknownScopeError: it is in several regions, or a product that is not used.
        """
        key = spelled(name)
        known = [zone for zone in self.zones.get(key, ()) if _is_in(zone, provider, region)]
        zone = known[0] if len(known) == 1 else None if known else _aws_zone(name)
        if zone and _is_in(zone, provider, region):
            return zone
        scopes = known or [scope for scope in self.parts.get(key, ()) if _is_in(scope, provider, region)]
        if len(scopes) == 1:
            return scopes[0]
        if scopes:
            places = tuple(map(str, scopes))
            raise UnknownScopeError(f"{name} is used in {len(places)} places. Name one: {', '.join(places)}.", places)
        product = PRODUCT_WORDS.get(key)
        if product is None or provider not in ("", product[0]):
            return None
        where = f" in {provider}/{region}" if region else ""
        raise UnknownScopeError(
            f"No service of yours is known to use {product[2]}{where}.",
            [str(scope) for scope in self.parts.get(key, ())[:NEAREST]]
            or self.nearest(f"{provider}/{region}" if region else name),
        )

    def _of_words(self, typed: str) -> Scope | None:
        """The scope of `aws us-east-1`, `us-east-1 dynamodb` or `DynamoDB in us-east-1`: its steps as words in any order."""
        words = [word for word in typed.replace("/", " ").split() if word.lower() not in _BETWEEN]
        if not words or len(words) > 8 or (len(words) == 1 and words[0] == typed):
            return None
        for steps in _cuts(words):
            for ordered in (steps, tuple(reversed(steps))):
                if (found := self._whole(ordered)) is not None:
                    return found
        return None

    def _unknown(self, typed: str) -> UnknownScopeError:
        shown, near = typed.strip(), self.nearest(typed)
        if service := self.services.get(spelled(shown)):
            return UnknownScopeError(
                f"{service} is a service of yours, not a scope. Name a cloud, region, zone, product or SaaS that it depends on.",
                near,
            )
        return UnknownScopeError(f"No scope is called {shown!r}.", near)


def _cuts(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The words as one, two or three steps: neighbours may belong together (`New Relic`, `Route 53`)."""
    size = len(words)
    borders = [(0, size), *((0, at, size) for at in range(1, size))]
    borders += [(0, at, other, size) for at in range(1, size) for other in range(at + 1, size)]
    return (tuple(" ".join(words[start:end]) for start, end in pairwise(border)) for border in borders)


def _is_in(scope: Scope, provider: str, region: str) -> bool:
    return provider in ("", scope.provider) and region in ("", scope.region)


def _aws_zone(name: str) -> Scope | None:
    region = region_of_zone(name.lower())
    return Scope("aws", region, name.lower()) if region else None


def _called(scope: Scope) -> Iterator[tuple[str, Scope]]:
    """The names of a scope's product or zone, each with the scope that it means in that region."""
    yield spelled(scope.part), scope
    wide = [(spelled(name), Scope(scope.provider, scope.region, name)) for name in KEPT_AS_TYPED.get(scope.part, ())]
    yield from wide
    proper = PRODUCT_WORDS.get(spelled(scope.part))
    if proper and proper[:2] == (scope.provider, scope.part):
        others = {name for name, product in PRODUCT_WORDS.items() if product == proper}
        yield from ((name, scope) for name in others - {name for name, _ in wide} - {spelled(scope.part)})


def _provider_names(providers: Mapping[str, KnownProvider], used: Iterable[Scope]) -> dict[str, str]:
    names: dict[str, str] = {}
    for name, provider in providers.items():
        for called in (provider_name(name), provider.title, *provider.aliases):
            names.setdefault(spelled(called), name)
    names |= {spelled(name): name for name in providers}
    # What only backstay.yaml names, and a route's platform, is called by its own name.
    names |= {spelled(scope.provider): scope.provider for scope in used}
    names.pop("", None)
    return names


def _alike(wanted: str, names: Mapping[str, str]) -> Iterator[str]:
    matches = process.extract(wanted, list(names), scorer=fuzz.WRatio, score_cutoff=_NEAR_ENOUGH, limit=NEAREST)
    return (names[name] for name, _, _ in matches)
