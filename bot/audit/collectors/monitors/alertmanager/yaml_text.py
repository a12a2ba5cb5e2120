"""Reads a configuration in YAML as Go's parser does: a time is no number, and a text stays a text."""

from typing import Any

import yaml

_MOST_CHARACTERS = 5_000_000


class _PlainLoader(yaml.SafeLoader):
    """Only truth values, nothing and merges are told by their look: `17:00` is a text, and not 1,020."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag.rpartition(":")[2] in ("bool", "null", "merge")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str) -> dict[str, Any]:
    """The mapping that a configuration is. Takes a second for a megabyte: call it in a thread.

    Raises:
        ValueError: it is none, or too large.
    """
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(f"it has more than {_MOST_CHARACTERS:,} characters")
    try:
        found = yaml.load(text, _PlainLoader)  # noqa: S506 - a SafeLoader with fewer types
    except (yaml.YAMLError, RecursionError, ValueError):
        raise ValueError("it is not YAML") from None
    if not isinstance(found, dict):
        raise ValueError("it is not a mapping")  # noqa: TRY004 - of what another system sent
    return found
