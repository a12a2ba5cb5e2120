"""The sequence that a check gets instead of a tuple where some facts could not be read, so that missing facts decide nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn

from checks._facts import NotKnownError
from checks._finding import Gap


class HiddenError(NotKnownError):
    """A check needed facts that could not be read. `gap`: the resource list that is incomplete, None where facts are too old.

    `resources`: the only ones that are missing; empty: any number of others may be. `places`: the only (provider, region)
    where something is missing; empty: anywhere.
    """

    def __init__(
        self,
        reason: str,
        gap: Gap | None = None,
        resources: tuple[str, ...] = (),
        places: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        super().__init__(reason)
        self.gap, self.resources, self.places = gap, resources, places


class Partial(Sequence[Any]):
    """The facts that were read, of a set that is known to be incomplete.

    Iteration gives the known facts first, so that they may decide the verdict. Asking for more (the end of the iteration,
    the length, whether it is empty) raises `HiddenError`, which ends the check as UNKNOWN. A search that finds what it
    looks for still passes, and one that finds nothing proves nothing.
    """

    __slots__ = ("_hidden", "_seen")

    def __init__(self, seen: Iterable[Any], hidden: Callable[[], HiddenError]) -> None:
        """`hidden` makes the error to raise."""
        self._seen, self._hidden = tuple(seen), hidden

    def _end(self) -> NoReturn:
        raise self._hidden()

    def __iter__(self) -> Iterator[Any]:
        yield from self._seen
        self._end()

    def __bool__(self) -> bool:
        return bool(self._seen) or self._end()

    def __len__(self) -> int:
        return self._end()

    def __contains__(self, item: object) -> bool:
        return item in self._seen or self._end()

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice) or not 0 <= index < len(self._seen):
            self._end()
        return self._seen[index]

    def __reversed__(self) -> Iterator[Any]:
        self._end()

    def __add__(self, other: Iterable[Any]) -> "Partial":
        return Partial((*self._seen, *_known_facts(other)), self._hidden)

    def __radd__(self, other: Iterable[Any]) -> "Partial":
        return Partial((*_known_facts(other), *self._seen), self._hidden)

    def __eq__(self, other: object) -> bool:
        return self is other or self._end()

    def __hash__(self) -> int:
        return id(self)


def _known_facts(facts: Iterable[Any]) -> Iterable[Any]:
    return facts._seen if isinstance(facts, Partial) else facts  # noqa: SLF001 - the same class
