"""Dependencies that nobody declared: guesses with their evidence, and what people decided about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from bot.model.drills import Decision, GuessDecision


@dataclass(frozen=True, slots=True)
class GuessedDependency:
    """A service seems to depend on something: a cloud (`kind` scope) or a SaaS. `evidence`: a sentence for each thing seen.

    It counts nowhere until somebody confirms it. `hard`: losing it would take the service down, as far as the evidence shows.
    `decision` is empty while nobody has decided. `runs_on`: the clouds that the target is known to run on, by `basis`, as of a day.
    """

    service: str
    target: str
    kind: Literal["scope", "saas"]
    evidence: tuple[str, ...]
    hard: bool = True
    decision: Decision | None = None
    by: str = ""
    runs_on: tuple[str, ...] = ()
    basis: str = ""
    as_of: date | None = None


class GuessQueries(Protocol):
    """What commands may ask about guesses, and decide."""

    async def guesses(self) -> Sequence[GuessedDependency]:
        """The guesses of the last audit and what was decided about them, by service and target."""
        ...

    async def decide(self, decision: GuessDecision) -> None:
        """Store a decision with its line of the audit log; the next answer takes it into account."""
        ...
