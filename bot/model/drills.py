"""A drill that a job of CI recorded, and what somebody decided about a guessed dependency."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from checks import RehearsalKind, RehearsalResult

Decision = Literal["confirmed", "rejected"]


@dataclass(frozen=True, slots=True)
class DrillRecord:
    """A drill as its sender tells it. `source`: the hook; `key`: the sender's id of the run, by which it counts once.

    `at`: when it ended, `recorded_at`: when it arrived (UTC). `rto`, `rpo`: as measured, None: not measured.
    """

    source: str
    key: str
    service: str
    kind: RehearsalKind
    result: RehearsalResult
    at: datetime
    recorded_at: datetime
    name: str = ""
    scope: str = ""
    link: str = ""
    rto: timedelta | None = None
    rpo: timedelta | None = None


@dataclass(frozen=True, slots=True)
class GuessDecision:
    """What somebody decided about a guess: `service` depends on `target`, or does not. `by`: their name, `actor`: their id.

    `evidence`: what the guess rested on then. `hard`: losing the target takes the service down.
    """

    service: str
    target: str
    decision: Decision
    by: str
    actor: str
    at: datetime
    evidence: str = ""
    hard: bool = True
