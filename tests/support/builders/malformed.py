"""Bodies with one part spoiled: each field in turn is left out or becomes what its sender never sends."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

NOTHINGS: tuple[Any, ...] = (None, [], {}, "", 7, True, [None], [[]], {"": None})
"""What a field becomes."""

Path = tuple[str | int, ...]


def spoiled(body: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each field of a body, however deep, with each of NOTHINGS in its place: path, body."""
    for path in paths(body):
        for nothing in NOTHINGS:
            yield path, with_value(body, path, nothing)


def without(body: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each field of a body left out: path, body."""
    for path in paths(body):
        made = copy.deepcopy(dict(body))
        del _above(made, path)[path[-1]]
        yield path, made


def with_value(body: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy of a body with another value at this path."""
    made = copy.deepcopy(dict(body))
    _above(made, path)[path[-1]] = value
    return made


def paths(part: Mapping[str, Any] | Sequence[Any], above: Path = ()) -> Iterator[Path]:
    """The path of every field and of every entry of a list."""
    entries = part.items() if isinstance(part, Mapping) else enumerate(part)
    for step, value in entries:
        yield (*above, step)
        if isinstance(value, dict | list):
            yield from paths(value, (*above, step))


def _above(body: Any, path: Path) -> Any:
    for step in path[:-1]:
        body = body[step]
    return body
