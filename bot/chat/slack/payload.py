"""Reads parts of what Slack sends, whatever their type turns out to be."""

from collections.abc import Mapping
from typing import Any

Payload = Mapping[str, Any]


def part_of(body: Payload, key: str) -> Payload:
    """The object under a key, an empty one where there is none."""
    part = body.get(key)
    return part if isinstance(part, dict) else {}


def text_of(body: Payload, key: str) -> str:
    """The string under a key without U+0000, which no platform shows and not every ledger stores; empty where there is none."""
    value = body.get(key)
    return value.replace("\0", "") if isinstance(value, str) else ""
