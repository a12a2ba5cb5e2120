"""Remediations by provider: which words and commands a check has for the cloud that a failing resource is in."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from checks._remedies_azure import AZURE
from checks._remedies_google import GOOGLE
from checks._remedies_kubernetes import KUBERNETES
from checks._remedies_neutral import NEUTRAL

FIRST = "aws"
"""The provider that the remediation written with a check is for, where the check has other words too."""

CLOUDS: Mapping[str, str] = {"aws": "AWS", "gcp": "Google Cloud", "azure": "Azure", "kubernetes": "Kubernetes"}
"""The providers with words of their own, as people call them, in the order in which outputs list them."""

_TABLES: Mapping[str, Mapping[str, str]] = {"gcp": GOOGLE, "azure": AZURE, "kubernetes": KUBERNETES}


def remedies_of(check: str) -> Mapping[str, str]:
    """The remediations of a check beside the one written with it: by provider, and under "" for all others.

    Empty where the check's own words hold everywhere.
    """
    found = {provider: table[check] for provider, table in _TABLES.items() if check in table}
    if check in NEUTRAL:
        found[""] = NEUTRAL[check]
    return MappingProxyType(found)


def remedies_for(own: str, others: Mapping[str, str], providers: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """(provider, remediation) for each provider that a check fails on. Providers that share words are one entry, under "".

    `own`: the remediation written with the check, `others`: as of `remedies_of`. Without a provider: neutral words.
    """
    if not others:
        return (("", own),)
    asked = {provider.lower() for provider in providers}
    texts = {provider: own if provider == FIRST else others.get(provider) for provider in CLOUDS if provider in asked}
    named = [(provider, text) for provider, text in texts.items() if text is not None]
    plain = not asked or len(named) < len(asked)
    neutral = others.get("", own)
    return (*named, *((("", neutral),) if plain else ()))


def joined(remedies: Iterable[tuple[str, str]]) -> str:
    """Several remediations as one text, each after the name of its provider; a single one as it is."""
    texts = tuple(remedies)
    if len(texts) == 1:
        return texts[0][1]
    return " ".join(f"{CLOUDS.get(provider, 'Elsewhere')}: {text}" for provider, text in texts)
