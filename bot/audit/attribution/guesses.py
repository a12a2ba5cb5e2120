"""Guesses a service's tier and owner from its resources' tags. Every guess carries its reason."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from checks import Fact

T = TypeVar("T")

_TIER_TAGS = ("tier", "service-tier", "criticality", "importance", "priority", "sla")
_TIERS = {
    1: ("1", "tier1", "t1", "p1", "critical", "missioncritical", "businesscritical", "highest", "platinum"),
    2: ("2", "tier2", "t2", "p2", "high", "important", "gold"),
    3: ("3", "tier3", "t3", "p3", "medium", "normal", "standard", "silver"),
    4: ("4", "tier4", "t4", "p4", "low", "bronze", "internal", "none"),
}
_TIER_OF = {word: number for number, words in _TIERS.items() for word in words}
_STAGE_TAGS = ("env", "environment", "stage")
_LIVE = frozenset(("prod", "production", "prd", "live"))
_NOT_LIVE = frozenset(
    ("dev", "development", "test", "testing", "qa", "staging", "stage", "stg", "sandbox", "preview", "uat", "demo")
)
_OWNER_TAGS = ("owner", "team", "squad", "owned-by")


@dataclass(frozen=True, slots=True)
class Guess(Generic[T]):
    """A value that the catalogue does not state, with the reason for it."""

    value: T
    reason: str


def guess_tier(facts: Iterable[Fact]) -> Guess[int]:
    """The tier (1 to 4) of the service with these resources: from a tier tag, else from its stage, else 3."""
    tiers: dict[int, str] = {}
    stages: dict[bool, str] = {}
    for fact in facts:
        for key, value in fact.tags.items():
            word = re.sub(r"[\s_-]+", "", value.lower())
            if key.lower() in _TIER_TAGS and word in _TIER_OF:
                tiers.setdefault(_TIER_OF[word], f"tag {key}={value}")
            elif key.lower() in _STAGE_TAGS and word in _LIVE | _NOT_LIVE:
                stages.setdefault(word in _LIVE, f"tag {key}={value}")
    if tiers:
        return Guess(min(tiers), tiers[min(tiers)])
    if True in stages:
        return Guess(2, stages[True])
    return Guess(4, stages[False]) if stages else Guess(3, "no tag states a tier or a stage")


def guess_owner(facts: Iterable[Fact]) -> Guess[str] | None:
    """The owner that most of these resources name in a tag; None where none does."""
    owners = Counter(
        (value.strip(), key) for fact in facts for key, value in fact.tags.items() if key.lower() in _OWNER_TAGS
    )
    for (value, key), _ in owners.most_common():
        if value:
            return Guess(value, f"tag {key}={value}")
    return None
