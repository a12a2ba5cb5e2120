"""Finds names as people type them, in any case and with any quotes, and suggests the nearest ones."""

import unicodedata
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process, utils

from bot.chat.command import UnknownNameError
from bot.chat.parsing import quoted, split, straighten

NEAREST = 3
_NEAR_ENOUGH = 55.0
_QUOTES = dict.fromkeys(map(ord, "\"'"))


def same(name: str, other: str) -> bool:
    """Whether two names differ at most in case, spaces, quotes and marks at their ends: those may have been meant for the line."""
    return _bare(name) == _bare(other)


def _bare(name: str) -> str:
    plain = " ".join(split(name)) or straighten(name)
    return " ".join(unicodedata.normalize("NFKC", plain).translate(_QUOTES).casefold().lstrip("@#").split())


def find(name: str, names: Iterable[str]) -> str | None:
    """The name that was meant: exactly this one, else the only one that differs in case, spaces or quotes alone."""
    known = list(names)
    if name in known:
        return name
    alike = [other for other in known if same(other, name)]
    return alike[0] if len(alike) == 1 else None


def nearest(name: str, names: Iterable[str], *, at_most: int = NEAREST) -> tuple[str, ...]:
    """The names most like this one, nearest first; fewer or none where nothing is like it."""
    matches = process.extract(
        name, list(names), scorer=fuzz.WRatio, processor=utils.default_process, limit=at_most, score_cutoff=_NEAR_ENOUGH
    )
    return tuple(match[0] for match in matches)


def suggest(kind: str, name: str, names: Sequence[str], *before: str) -> UnknownNameError:
    """The error for an unknown name, with whole command lines (`before name`) for the nearest ones."""
    return UnknownNameError(kind, name, tuple((near, quoted(*before, near)) for near in nearest(name, names)))
