"""The names that backstay.yaml may use: services, tiers, audiences, providers, scopes; a mistyped one gets its nearest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.catalogue.problems import did_you_mean
from bot.catalogue.saas import ALIASES, AWS_REGION_SHAPE, AWS_REGIONS, CLOUDS, SAAS
from bot.catalogue.secrets import quote, refuse
from checks import Scope

Kind = Literal["service", "scope", "saas"]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Every name that the file defines, read before anything is judged, so that all mistakes show in one pass.

    `providers`: what a provider may be called, in small letters -> its own name.
    """

    services: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    providers: Mapping[str, str] = field(default_factory=dict)


def region_problem(provider: str, region: str) -> str:
    """What is wrong with a region's name, empty when nothing is. Only AWS's names are known here."""
    if provider != "aws" or region in AWS_REGIONS or region == "global":
        return ""
    if AWS_REGION_SHAPE.fullmatch(region):
        return ""
    return f"AWS has no region {quote(region)}{did_you_mean(region, AWS_REGIONS)}"


def scope(text: str, known: KnownNames) -> Scope:
    """`aws/us-east-1/dynamodb` as a Scope.

    Raises:
        PydanticCustomError: no such provider or region.
    """
    try:
        made = Scope.parse(text)
    except ValueError:
        raise refuse(
            f"{quote(text)} is not a scope; write provider/region or provider/region/product-or-zone"
        ) from None
    if made.provider not in CLOUDS and made.provider not in known.providers:
        names = [*CLOUDS, *known.providers]
        raise refuse(f"unknown provider {quote(made.provider)}{did_you_mean(made.provider, names)}")
    problem = region_problem(made.provider, made.region) if made.region else ""
    if problem:
        raise refuse(problem)
    return made


def target(word: str, known: KnownNames) -> tuple[Kind, str]:
    """What a word in `depends_on` names: a service, a scope or a SaaS, and how it is spelt.

    Raises:
        PydanticCustomError: nothing is called so; the nearest name is told.
    """
    if word in known.services:
        return "service", word
    low = word.lower()
    if "/" in word or low in CLOUDS:
        return "scope", str(scope(word, known))
    if low in known.providers:
        return "saas", known.providers[low]
    low = ALIASES.get(low.replace(" ", "-"), low)
    if low in CLOUDS:
        return "scope", str(scope(low, known))
    if low.replace(" ", "-") in SAAS:
        return "saas", low.replace(" ", "-")
    hint = did_you_mean(word, known.services) or did_you_mean(word, {*known.providers.values(), *SAAS, *CLOUDS})
    raise refuse(
        f"unknown service, provider or scope {quote(word)}" + (hint or "; add an unknown SaaS under providers:")
    )
