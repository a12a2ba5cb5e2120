"""How long recovery took in past tests: a spread with its median and its worst, and not one number."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from checks._evidence import YEAR
from checks._facts import Rehearsal, RehearsalResult

LAST = 5
"""How many tests make the spread: the newest that measured a recovery."""


@dataclass(frozen=True, slots=True)
class RecoveryTimes:
    """The measured recovery times of the last successful tests of one kind and scope, newest first; never empty."""

    times: tuple[timedelta, ...]

    @property
    def tests(self) -> int:
        """How many tests measured it."""
        return len(self.times)

    @property
    def median(self) -> timedelta:
        """The time that half of them kept to."""
        return timedelta(seconds=median(time.total_seconds() for time in self.times))

    @property
    def worst(self) -> timedelta:
        """The longest of them."""
        return max(self.times)


def recovery_times(runs: Iterable[Rehearsal], like: Rehearsal, now: datetime) -> RecoveryTimes | None:
    """The spread of tests like this one: of its kind and scope, successful and measured, within a year; None where there is none.

    Failed tests recovered nothing; aborted and skipped ones prove nothing. `runs` holds only tests that count: machine records, or
    attestations that are not in doubt.
    """
    measured = [
        (run.at, run.resource, run.measured_rto)
        for run in runs
        if run.result is RehearsalResult.SUCCEEDED
        and (run.kind, run.scope) == (like.kind, like.scope)
        and run.measured_rto is not None
        and run.at is not None
        and run.at <= now
        and now - run.at <= YEAR
    ]
    newest = sorted(measured, key=lambda run: run[:2], reverse=True)[:LAST]
    return RecoveryTimes(tuple(time for *_, time in newest)) if newest else None
