"""The world -> facts: how sources are asked, and what an audit is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from checks import Fact, Gap, Scorecard, Service

Place = tuple[str, str, str]
"""Where facts come from: source, account, region."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long piece of work is: `done` of `total` steps (total grows while more is discovered), and on what."""

    done: int
    total: int
    doing: str = ""


@dataclass(frozen=True, slots=True)
class Collected:
    """What one run of the collectors brought: facts, what could not be read, and what it took.

    `read`: the (source, account, region) places that were listed, also those that turned out empty: facts of the same
    place from an earlier run are superseded. `accounts`: account ids reached. `calls`: requests sent, `seconds`: wall time.
    """

    facts: Sequence[Fact]
    gaps: Sequence[Gap]
    read: Sequence[Place] = ()
    accounts: tuple[str, ...] = ()
    calls: int = 0
    seconds: float = 0.0


class Collector(Protocol):
    """A source of facts. `services` is the catalogue (empty: whatever there is)."""

    async def collect(
        self,
        services: Sequence[Service],
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """Read. A failure of one place is a gap, never an exception.

        Args:
            services: the catalogue.
            progress: told how far it is.
            only: the places to read; None: all there are.

        Raises:
            UnusableError: nothing can be read at all.
        """
        ...


class UnusableError(Exception):
    """Settings or credentials make the whole source unusable. `mend` says what to do."""

    def __init__(self, problem: str, mend: str = "") -> None:
        super().__init__(problem)
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Audit:
    """A finished audit: the scorecard, and how it came about."""

    scorecard: Scorecard
    collected: Collected
    calls: int
    seconds: float
