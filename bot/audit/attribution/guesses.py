"""Tags and names -> what a service probably is: its tier, its owner, its name; each guess with what it rests on."""

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
_FILLER = frozenset(("aws", "my", "the", "app", "service", "svc", "default", "main", "awseb", "eks", "ecs"))


@dataclass(frozen=True, slots=True)
class Guess(Generic[T]):
    """A value that nobody said, and what it rests on."""

    value: T
    because: str


def tier(facts: Iterable[Fact]) -> Guess[int]:
    """How important the owner of these resources is: by a tag of importance, else by its stage, else 3."""
    said: dict[int, str] = {}
    stages: dict[bool, str] = {}
    for fact in facts:
        for key, value in fact.tags.items():
            word = re.sub(r"[\s_-]+", "", value.lower())
            if key.lower() in _TIER_TAGS and word in _TIER_OF:
                said.setdefault(_TIER_OF[word], f"the tag {key}={value} says so")
            elif key.lower() in _STAGE_TAGS and word in _LIVE | _NOT_LIVE:
                stages.setdefault(word in _LIVE, f"the tag {key}={value} tells its stage")
    if said:
        return Guess(min(said), said[min(said)])
    if True in stages:
        return Guess(2, stages[True])
    return Guess(4, stages[False]) if stages else Guess(3, "no tag tells how important it is")


def owner(facts: Iterable[Fact]) -> Guess[str] | None:
    """Who answers for it: what most of its resources say."""
    said = Counter(
        (value.strip(), key) for fact in facts for key, value in fact.tags.items() if key.lower() in _OWNER_TAGS
    )
    for (value, key), _ in said.most_common():
        if value:
            return Guess(value, f"the tag {key} says so")
    return None


def named(name: str) -> str:
    """The first word of a resource's name that says something: `billing` for `prod-billing-db`; empty for none."""
    words = [word for word in re.split(r"[^\w]+|_", name) if word]
    telling = (word for word in words if word.lower() not in _LIVE | _NOT_LIVE | _FILLER and not word.isdigit())
    return next(telling, "")
