"""What an audit is made of: progress, collected facts, the collector protocol and the finished audit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from checks import Fact, Gap, Scorecard, Service

Place = tuple[str, str, str]
"""Where facts were read: source (`aws_tables`), account id, region."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long task is: `done` of `total` steps, and the step at work. `total` grows as more work is discovered."""

    done: int
    total: int
    doing: str = ""


@dataclass(frozen=True, slots=True)
class Collected:
    """The result of one run of the collectors: facts, gaps (reads that failed) and the effort.

    `read`: the (source, account, region) places that were listed, including empty ones; their facts replace those of an
    earlier run. `accounts`: account ids reached. `calls`: requests sent, `seconds`: wall time. `left_out`: the accounts of
    which the settings leave regions out; nothing failed there, but they were not read.
    """

    facts: Sequence[Fact]
    gaps: Sequence[Gap]
    read: Sequence[Place] = ()
    accounts: tuple[str, ...] = ()
    calls: int = 0
    seconds: float = 0.0
    left_out: Sequence[Gap] = ()


class Collector(Protocol):
    """A source of facts about the estate: a cloud account, or the catalogue itself."""

    async def collect(
        self,
        services: Sequence[Service],
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """Read facts. A place that cannot be read becomes a gap, never an exception.

        Args:
            services: the services of the catalogue; empty reads everything there is.
            progress: called with each step.
            only: the places to read; None for all.

        Raises:
            UnusableError: nothing can be read at all.
        """
        ...


class UnusableError(Exception):
    """Settings or credentials make a whole source unusable. `fix` is an imperative."""

    def __init__(self, problem: str, fix: str = "") -> None:
        super().__init__(problem)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Audit:
    """A finished audit: the scorecard, the facts behind it, AWS calls made and seconds taken."""

    scorecard: Scorecard
    collected: Collected
    calls: int
    seconds: float
