"""Mistakes in backstay.yaml: where each one is, what was expected, and the nearest valid name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

PathSteps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One mistake. `line` and `column` count from 1, 0 where the mistake has no place (a variable, a missing file).

    `where` is the path inside the file: `services[2].depends_on[0]`, empty for the file as a whole.
    """

    file: str
    line: int
    column: int
    where: str
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return ": ".join(part for part in (place, self.where, self.text) if part)


class ConfigError(Exception):
    """The settings cannot be used. `problems` are all mistakes that were found, in the order of the file."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def spell(path: PathSteps) -> str:
    """A path as a person writes it: `services[2].depends_on[0]`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def nearest(word: str, names: Iterable[str]) -> str:
    """The name that was most likely meant, empty where none comes near (at most one slip in three letters)."""
    return _nearest(word, names if isinstance(names, frozenset) else frozenset(names)) if len(word) > 2 else ""


# A file with one mistake has it many times over; 5,000 services are compared with once for each word.
@lru_cache(maxsize=1024)
def _nearest(word: str, names: frozenset[str]) -> str:
    plain, spelt = _folded(names)
    found = process.extractOne(
        word.casefold(), plain, scorer=DamerauLevenshtein.distance, score_cutoff=max(1, len(word) // 3)
    )
    return spelt[found[2]] if found else ""


@lru_cache(maxsize=8)
def _folded(names: frozenset[str]) -> tuple[list[str], list[str]]:
    spelt = sorted(names)
    return [name.casefold() for name in spelt], spelt


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """`; did you mean 'login'?`, or an empty string."""
    found = nearest(word, names)
    return f"; did you mean {found!r}?" if found else ""


def listed(names: Iterable[str], at_most: int = 8) -> str:
    """`a, b, c and 4 more`: valid names for a message, never a page of them."""
    every = sorted(names)
    shown = ", ".join(every[:at_most])
    return f"{shown} and {len(every) - at_most} more" if len(every) > at_most else shown
