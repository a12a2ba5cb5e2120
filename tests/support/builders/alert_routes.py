"""Builds random configurations of Alertmanager, and labels of alerts that reach every corner of them."""

import random
from typing import Any

import yaml

NAMES = ("severity", "team", "service", "cluster")
VALUES = ("page", "ticket", "shop", "shop-eu", "checkout", "eu", "us", "", 'quo"te', "back\\slash", "a|b", "x,y", "Ä")
PATTERNS = (
    "page|ticket",
    "shop.*",
    ".+",
    ".*",
    "",
    "(?i)PAGE",
    "[a-c]+",
    "eu|us",
    "sh[o0]p",
    "\\w+",
    "p?age",
    "^page$",
    "a\\|b",
)


def configuration(random_: random.Random) -> dict[str, Any]:
    """A configuration with a tree of up to some thirty routes."""
    receivers = [f"r{number}" for number in range(6)]
    route = _route(random_, receivers, 0)
    for key in ("matchers", "match", "match_re", "continue"):
        route.pop(key, None)
    route["receiver"] = "r0"
    return {"route": route, "receivers": [{"name": name} for name in receivers]}


def labels(random_: random.Random) -> dict[str, str]:
    """Some labels; a value is never empty, as Prometheus drops such labels."""
    chosen = random_.sample(NAMES, random_.randint(0, len(NAMES)))
    return {name: random_.choice([value for value in VALUES if value]) for name in chosen}


def text_of(config: dict[str, Any]) -> str:
    """The configuration as YAML."""
    return str(yaml.safe_dump(config, allow_unicode=True, sort_keys=False))


def _route(random_: random.Random, receivers: list[str], depth: int) -> dict[str, Any]:
    route: dict[str, Any] = {}
    if random_.random() < 0.8:
        route["receiver"] = random_.choice(receivers)
    if random_.random() < 0.4:
        route["continue"] = True
    style = random_.random()
    if style < 0.6:
        route["matchers"] = [_matcher(random_) for _ in range(random_.randint(1, 2))]
    elif style < 0.8:
        route["match"] = {random_.choice(NAMES): random_.choice(VALUES)}
    elif style < 0.95:
        route["match_re"] = {random_.choice(NAMES): random_.choice(PATTERNS)}
    if depth < 3:
        count = random_.choice((0, 0, 1, 2, 3)) if depth else random_.randint(1, 4)
        if count:
            route["routes"] = [_route(random_, receivers, depth + 1) for _ in range(count)]
    return route


def _matcher(random_: random.Random) -> str:
    several = random_.random() < 0.15
    parts = [_one(random_) for _ in range(2 if several else 1)]
    text = ",".join(parts)
    return f"{{{text}}}" if random_.random() < 0.15 else text


def _one(random_: random.Random) -> str:
    operator = random_.choice(("=", "!=", "=~", "!~"))
    value = random_.choice(PATTERNS if "~" in operator else VALUES)
    blank = random_.choice(("", "", " "))
    if random_.random() < 0.35 and value.isascii() and value.replace("-", "").isalnum():
        return f"{random_.choice(NAMES)}{blank}{operator}{blank}{value}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{random_.choice(NAMES)}{blank}{operator}{blank}"{escaped}"'
