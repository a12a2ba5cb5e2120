"""Many patterns with `*` against many values: each value is tried against the few patterns that share a word with it."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
_SEPARATORS = re.compile(r"[:/]")


class Patterns(Generic[T]):
    """Patterns and what each stands for. A plain word is looked up; a pattern is filed under its rarest literal start.

    A value (an ARN, a stack's name) is cut at `:` and `/`; a literal start of a piece of the pattern, found in front of
    a piece of the value, is what brings the two together. So 5,000 patterns cost a value a few look-ups, not 5,000.
    """

    def __init__(self, patterns: Iterable[tuple[str, T]]) -> None:
        self._exact: dict[str, list[T]] = defaultdict(list)
        self._filed: dict[str, list[tuple[re.Pattern[str], T]]] = defaultdict(list)
        wild = []
        for pattern, meant in patterns:
            if "*" in pattern:
                wild.append((pattern, meant))
            else:
                self._exact[pattern].append(meant)
        common = Counter(start for pattern, _ in wild for start in set(_starts(pattern)))
        for pattern, meant in wild:
            start = min(_starts(pattern), key=lambda start: (common[start], -len(start)), default="")
            shape = re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
            self._filed[start].append((shape, meant))
        self._lengths = sorted({len(start) for start in self._filed})

    def __bool__(self) -> bool:
        return bool(self._exact or self._filed)

    def match(self, value: str) -> list[T]:
        """What every pattern that fits the whole value stands for."""
        found = list(self._exact.get(value, ()))
        if self._filed:
            for candidates in self._near(value):
                found += [meant for shape, meant in candidates if shape.fullmatch(value)]
        return found

    def _near(self, value: str) -> Iterable[Sequence[tuple[re.Pattern[str], T]]]:
        starts = {piece[:length] for piece in _SEPARATORS.split(value) for length in self._lengths}
        return [self._filed[start] for start in starts if start in self._filed]


def _starts(pattern: str) -> list[str]:
    """The literal start of each piece that has one; a piece behind a `*` still begins where the pattern says so."""
    return [start for piece in _SEPARATORS.split(pattern) if (start := piece.partition("*")[0])]
