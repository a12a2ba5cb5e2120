"""Compares a fact of an asset with the fact that a plan gives of the same resource."""

import dataclasses
from typing import Any

from checks import Fact, Unread

OF_ONE_SIDE = {"resource", "source", "observed_at", "stack", "account", "status", "phase"}
"""Fields that a plan cannot know yet, or that name the source itself."""


def differences(left: Fact, right: Fact) -> dict[str, tuple[Any, Any]]:
    """The fields that both sides know and that differ."""
    found = {}
    for name in (known.name for known in dataclasses.fields(left) if known.name not in OF_ONE_SIDE):
        values = getattr(left, name), getattr(right, name)
        if values[0] != values[1] and not any(isinstance(value, Unread) for value in values):
            found[name] = values
    return found
