"""Hard caps on a service's score: what no number of good marks elsewhere makes up for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from checks._caps import NEVER_REHEARSED, NO_BACKUP, SINGLE_REGION
from checks._model import Service, Severity
from checks._points import Points


@dataclass(frozen=True, slots=True)
class Cap:
    """A hard ceiling on a score, named in the output. `because` is one sentence, `checks` the ids that caused it.

    `proven` False: it holds because the checks could not be judged, and lifts as soon as they are read and pass; it bounds
    what is proven (`low`) and not what is possible (`high`).
    """

    at_most: int
    because: str
    checks: tuple[str, ...]
    proven: bool = True


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A rule for caps: the score is at most `at_most` while one of the checks that `names` picks does not pass."""

    at_most: int
    because: str
    unread: str
    names: Callable[[Points], bool]
    applies_to: Callable[[Service], bool] = lambda _: True


CEILINGS: Sequence[Ceiling] = (
    Ceiling(
        39,
        "a primary store has no backup that could be restored",
        "it could not be read whether every primary store has a backup that could be restored",
        lambda points: points.check.id in NO_BACKUP,
    ),
    Ceiling(
        59,
        "a tier 1 service runs in a single region",
        "it could not be read whether this tier 1 service runs in more than one region",
        lambda points: points.check.id in SINGLE_REGION,
        lambda service: service.tier.number == 1,
    ),
    Ceiling(
        69,
        "its failover was not rehearsed with success within its period",
        "it could not be read whether its failover was rehearsed",
        lambda points: points.check.id in NEVER_REHEARSED,
    ),
    Ceiling(
        74,
        "a critical check fails",
        "a critical check could not be judged",
        lambda points: points.check.severity is Severity.CRITICAL,
    ),
)


@dataclass(frozen=True, slots=True)
class Held:
    """A ceiling over one service, and what holds it there: ids of checks that fail, and of those that could not be judged."""

    ceiling: Ceiling
    failing: tuple[str, ...]
    unread: tuple[str, ...]

    def cap(self) -> Cap:
        """The cap as it is shown."""
        if self.failing:
            return Cap(self.ceiling.at_most, self.ceiling.because, self.failing)
        return Cap(self.ceiling.at_most, self.ceiling.unread, self.unread, proven=False)


def held(service: Service, points: Iterable[Points]) -> tuple[Held, ...]:
    """The ceilings over a service, lowest first."""
    doubtful = [one for one in points if one.failed or one.unknown]
    found = []
    for ceiling in CEILINGS:
        if not ceiling.applies_to(service):
            continue
        named = [one for one in doubtful if ceiling.names(one)]
        if named:
            failing = tuple(one.check.id for one in named if one.failed)
            found.append(Held(ceiling, failing, tuple(one.check.id for one in named if one.unknown)))
    return tuple(found)


def capped(score: float, caps: Iterable[Cap], *, proven_only: bool = False) -> float:
    """The score under its caps; `proven_only` leaves out those that rest on what could not be read."""
    return min((score, *(cap.at_most for cap in caps if cap.proven or not proven_only)))
