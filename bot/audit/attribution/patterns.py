"""Matches many values against many `*` patterns; each value is compared with a few candidate patterns only."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
_SEPARATORS = re.compile(r"[:/]")


class Patterns(Generic[T]):
    """Patterns, each with a target. A pattern without `*` is looked up; others are filed under their rarest literal prefix.

    Values (ARNs, stack names) and patterns are split at `:` and `/`. A pattern is a candidate for a value if its prefix
    begins a part of the value, so that 5,000 patterns cost a few look-ups per value instead of 5,000.
    """

    def __init__(self, patterns: Iterable[tuple[str, T]]) -> None:
        self._exact: dict[str, list[T]] = defaultdict(list)
        self._filed: dict[str, list[tuple[re.Pattern[str], T]]] = defaultdict(list)
        wild = []
        for pattern, target in patterns:
            if "*" in pattern:
                wild.append((pattern, target))
            else:
                self._exact[pattern].append(target)
        uses = Counter(prefix for pattern, _ in wild for prefix in set(_literal_prefixes(pattern)))
        for pattern, target in wild:
            rarest = min(_literal_prefixes(pattern), key=lambda prefix: (uses[prefix], -len(prefix)), default="")
            expression = re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
            self._filed[rarest].append((expression, target))
        self._lengths = sorted({len(prefix) for prefix in self._filed})

    def __bool__(self) -> bool:
        return bool(self._exact or self._filed)

    def match(self, value: str) -> list[T]:
        """The targets of all patterns that match the whole value."""
        found = list(self._exact.get(value, ()))
        if self._filed:
            for candidates in self._candidates(value):
                found += [target for expression, target in candidates if expression.fullmatch(value)]
        return found

    def _candidates(self, value: str) -> Iterable[Sequence[tuple[re.Pattern[str], T]]]:
        prefixes = {part[:length] for part in _SEPARATORS.split(value) for length in self._lengths}
        return [self._filed[prefix] for prefix in prefixes if prefix in self._filed]


def _literal_prefixes(pattern: str) -> list[str]:
    """The text before `*` of each part of the pattern that has any."""
    return [prefix for part in _SEPARATORS.split(pattern) if (prefix := part.partition("*")[0])]
