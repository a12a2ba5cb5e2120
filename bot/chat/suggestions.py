"""Names as people type them: found in any case and with any quotes, and the nearest ones where there is no such name."""

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process, utils

from bot.chat.command import UnknownNameError
from bot.chat.parsing import quoted, straighten

NEAREST = 3
_NEAR_ENOUGH = 55.0
_QUOTES = dict.fromkeys(map(ord, "\"'"))


def same(one: str, other: str) -> bool:
    """Whether two names differ at most in case, in spaces and in quotes: those may have been meant for the line."""
    return _bare(one) == _bare(other)


def _bare(name: str) -> str:
    return " ".join(straighten(name).translate(_QUOTES).casefold().split())


def find(name: str, names: Iterable[str]) -> str | None:
    """The name that was meant: the very same one, else the only one that differs in case or quotes."""
    known = list(names)
    if name in known:
        return name
    alike = [one for one in known if same(one, name)]
    return alike[0] if len(alike) == 1 else None


def nearest(name: str, names: Iterable[str], *, at_most: int = NEAREST) -> tuple[str, ...]:
    """The names most like this one, nearest first; fewer or none where nothing is like it."""
    found = process.extract(
        name, list(names), scorer=fuzz.WRatio, processor=utils.default_process, limit=at_most, score_cutoff=_NEAR_ENOUGH
    )
    return tuple(hit[0] for hit in found)


def suggest(kind: str, name: str, names: Sequence[str], *before: str) -> UnknownNameError:
    """The error for a name nobody knows, with whole command lines (`before name`) for the nearest ones."""
    return UnknownNameError(kind, name, tuple((near, quoted(*before, near)) for near in nearest(name, names)))
