"""Service level objectives: what they promise, what was read of them now, and the episodes in which a budget burns too fast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from checks import SignalKind


@dataclass(frozen=True, slots=True)
class DeclaredSlo:
    """One entry of a service's `slos:`: an OpenSLO file, and the name of the monitoring system to ask (empty: by the file).

    `only`: names of the objectives of the file that are this service's; empty: by the service that they name.
    """

    path: Path
    monitor: str = ""
    only: tuple[str, ...] = ()


class BurnLevel(StrEnum):
    """How urgent a burn is: SLOW threatens the budget within weeks, FAST within days or hours."""

    NONE = ""
    SLOW = "slow"
    FAST = "fast"

    @property
    def rank(self) -> int:
        """0 for none, the higher the more urgent."""
        return list(BurnLevel).index(self)


@dataclass(frozen=True, slots=True)
class BurnCondition:
    """A budget burns too fast if its burn rate is at least `factor` over the `long` and over the `short` window."""

    long: timedelta
    short: timedelta
    factor: float
    level: BurnLevel


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is measured, by queries of one monitoring system, in exactly one of three forms.

    `total` with `good` or `bad` (counts of events; `cumulative`: counters that only grow); `raw` (a ratio from 0 to 1, of
    failures where `raw_fails`); or `value`, which is compared by `op` (`lte`, `lt`, `gte`, `gt`) with `limit`.
    `slice`: time is judged in slices of this length; `slice_target`: the least ratio of good events of a good slice.
    """

    good: str = ""
    bad: str = ""
    total: str = ""
    raw: str = ""
    raw_fails: bool = False
    value: str = ""
    op: str = ""
    limit: float = 0.0
    cumulative: bool = False
    slice: timedelta | None = None
    slice_target: float | None = None

    @property
    def queries(self) -> tuple[str, ...]:
        """Its queries, as written in the file."""
        return tuple(filter(None, (self.good, self.bad, self.total, self.raw, self.value)))


@dataclass(frozen=True, slots=True)
class Slo:
    """An objective of a service: at least `target` (0 to 1) of events or time is good over `period`.

    `begins`: a calendar period begins then and again after each `period`, or after so many `months`; None: the period rolls.
    `source`: the kind of the metric source (`prometheus`, `datadog`), empty where the file tells none. `reference`: its name in
    the file. `monitor`: the monitoring system that the service's entry names.
    """

    service: str
    name: str
    title: str
    target: float
    period: timedelta
    measures: SignalKind
    indicator: Indicator
    source: str
    reference: str = ""
    monitor: str = ""
    begins: datetime | None = None
    months: int = 0
    conditions: tuple[BurnCondition, ...] = ()


@dataclass(frozen=True, slots=True)
class WindowRead:
    """What share of events or time was bad in the last `window` (0 to 1); None: there was no event."""

    window: timedelta
    bad: float | None


@dataclass(frozen=True, slots=True)
class SloReading:
    """An objective as it was read at `read_at` (UTC). `problem`: why it could not be read, empty where it was.

    `windows`: shortest first. `spent`: the share of the period's budget that is used (more than 1: the objective is missed),
    None where not known; `covered`: the part of the period for which there are metrics, without the rest of which more may be
    spent. `level`: how urgent the burn is; then `burn` is the burn rate over `over`. `value`: the present value
    of a measured quantity, to be compared by `op` with `limit`.
    """

    service: str
    slo: str
    title: str
    target: float
    period: timedelta
    measures: SignalKind
    read_at: datetime
    problem: str = ""
    windows: tuple[WindowRead, ...] = ()
    spent: float | None = None
    covered: float = 1.0
    level: BurnLevel = BurnLevel.NONE
    burn: float = 0.0
    over: timedelta = timedelta()
    value: float | None = None
    op: str = ""
    limit: float = 0.0

    @property
    def budget_lasts(self) -> timedelta | None:
        """How long the whole budget lasts at the present burn; None where nothing burns."""
        return self.period / self.burn if self.burn > 0 else None

    @property
    def exhausted_in(self) -> timedelta | None:
        """How long what is left of the budget lasts at the present burn; None where that is not known."""
        if self.budget_lasts is None or self.spent is None:
            return None
        return self.budget_lasts * max(0.0, 1 - self.spent)


@dataclass(frozen=True, slots=True)
class BurnEpisode:
    """A time in which a budget burns too fast. `told`: the most urgent level that was told, `quiet_since`: no condition holds since.

    `message`: the id of the message that told the beginning.
    """

    id: str
    since: datetime
    told: BurnLevel
    quiet_since: datetime | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class SloState:
    """The last reading of an objective, and its open episode if there is one."""

    reading: SloReading
    episode: BurnEpisode | None = None


class SloQueries(Protocol):
    """The objectives as commands query them."""

    async def states(self, service: str = "") -> Sequence[SloState]:
        """The last readings, of one service or of all; nothing is read."""
        ...

    async def read(self, service: str = "") -> Sequence[SloReading]:
        """Read the objectives of one service or of all now. A reading of less than half a minute ago is not repeated."""
        ...
