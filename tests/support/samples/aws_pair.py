"""How answers about two resources are made, `alpha` and `beta`."""

from collections.abc import Callable, Mapping
from typing import Any

NAMES = ("alpha", "beta")
Row = dict[str, Any]


def both(row: Callable[[str], Any]) -> list[Any]:
    """One row for each resource."""
    return [row(name) for name in NAMES]


def of(key: str, row: Callable[[str], Any]) -> Callable[[Mapping[str, Any]], Any]:
    """The answer to a call whose parameter `key` names the resource."""
    return lambda params: row(next(name for name in NAMES if name in str(params[key])))


def named(name: str) -> list[dict[str, str]]:
    return [{"Key": "service", "Value": name}]


def zone(name: str, letter: str = "a") -> str:
    return f"{name}-{letter}"
