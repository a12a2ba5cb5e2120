"""Compares the parts of a provider that a service needs with those that its status page, or a probe, names."""

import re
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"[^\W_]+")


def needs_part(needed: Sequence[str], named: Sequence[str]) -> bool:
    """Whether what is `named` concerns what is `needed`. Either one without parts means all of the provider.

    Parts match by whole words, whatever their case: `API` is in `Payments API` and in `API - EU`, and not in `Rapid`.
    """
    if not needed or not named:
        return True
    return any(_is_within(_words(part), _words(name)) for part in needed for name in named)


def parts_needed(needed: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The parts that several services need together, sorted; none where one of them needs all."""
    found = list(needed)
    return () if any(not parts for parts in found) else tuple(sorted({part for parts in found for part in parts}))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _is_within(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether the words of either occur in a row in the other."""
    short, long = sorted((one, other), key=len)
    return bool(short) and any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))
