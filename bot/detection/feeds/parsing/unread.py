"""Names what a JSON payload lists in a shape that no format reads, so that nothing of it is missing in silence."""

from collections import Counter
from typing import Any

from bot.net.plain_text import line

_LISTS = frozenset({
    "incidents", "scheduled_maintenances", "maintenances", "notices", "service_alerts", "active_incidents", "activeIncidents",
    "activeMaintenances", "ongoing_incidents", "in_progress_maintenances",
})  # fmt: skip
"""Keys under which pages list what is on. Nothing there may be null: Go writes so for an empty list."""
_ROWS = _LISTS | {"data", "items", "response", "events"}
"""Keys whose lists hold objects alone; under any other, words are no mistake where no object is among them."""
_NAMED = 3


def unread_in(value: Any) -> str:
    """What is in a list beside its objects, or instead of a list, as words; empty if there is nothing.

    Args:
        value: a JSON value of any depth.
    """
    found: Counter[str] = Counter()
    left: list[tuple[str, Any]] = [("the list", value)]
    while left:
        key, part = left.pop()
        if isinstance(part, dict):
            left += part.items()
        elif isinstance(part, list):
            others = sum(not isinstance(entry, dict) for entry in part)
            if others and (key in _ROWS or others < len(part)):
                found[key] += others
            left += [(key, entry) for entry in part if isinstance(entry, dict | list)]
        elif key in _LISTS and part is not None:
            found[key] += 1
    names = [f"{number:,} of {line(key, 40)}" for key, number in sorted(found.items())]
    more = f" and {len(names) - _NAMED} more lists" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
