"""A remedy that a check names: the words for it, and what is known before and after somebody did it."""

from collections.abc import Iterable
from dataclasses import dataclass

from support.builders.facts import service

from checks import Fact, Service

Facts = Fact | tuple[Fact, ...]


@dataclass(frozen=True)
class Remedy:
    """One alternative of a remediation. `words`: pieces of its text. `gone`: it takes away what is judged."""

    check: str
    words: tuple[str, ...]
    before: tuple[Fact, ...]
    after: tuple[Fact, ...]
    of: Service
    of_after: Service
    gone: bool = False

    def __str__(self) -> str:
        return f"{self.check}-{self.words[0][-30:]}".replace(" ", "-")


def remedy(
    check: str,
    words: str,
    before: Facts = (),
    after: Facts = (),
    *,
    of: Service | None = None,
    then: Service | None = None,
    gone: bool = False,
) -> Remedy:
    """A remedy of a tier-1 service; `then`: what the catalogue says of it afterwards. `words`: pieces parted by ` | `."""
    owner = of or service()
    pieces = tuple(words.split(" | "))
    return Remedy(check, pieces, tuple(_each(before)), tuple(_each(after)), owner, then or owner, gone)


def _each(facts: Facts) -> Iterable[Fact]:
    return (facts,) if isinstance(facts, Fact) else facts
