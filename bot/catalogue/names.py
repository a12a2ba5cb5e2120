"""The names that backstay.yaml may use: services, tiers, audiences, providers, scopes; a mistyped one gets its nearest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from bot.catalogue.problems import did_you_mean
from bot.catalogue.region_names import region_problem
from bot.catalogue.saas import ALIASES, CLOUDS, SAAS
from bot.catalogue.secrets import quote, refuse
from checks import Scope

_FARTHEST_ZONE = timedelta(hours=14)
"""Where a day begins first: UTC+14 (Kiritimati, IANA time zone database)."""

Kind = Literal["service", "scope", "saas"]


def _latest_day() -> date:
    return (datetime.now(UTC) + _FARTHEST_ZONE).date()


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Every name that the file defines, read before anything is judged, so that all mistakes show in one pass.

    `providers`: what a provider may be called, in small letters -> its own name. `today`: the last day that is not in the
    future anywhere.
    """

    services: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    providers: Mapping[str, str] = field(default_factory=dict)
    today: date = field(default_factory=_latest_day)


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
