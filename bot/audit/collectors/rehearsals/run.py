"""One run of a rehearsal as any product recorded it, and what a source of runs looks like."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.audit.collectors.engine.row import OddFieldError
from bot.model import Clock
from bot.net.egress import EgressPolicy
from bot.net.plain_text import plain
from checks import RehearsalKind, RehearsalResult

LONGEST_NAME = 200
LOOK_BACK = timedelta(days=400)
"""Older runs count for no check: the longest period of one is a year."""


@dataclass(frozen=True, slots=True)
class RehearsalRun:
    """One run. `names`: what the product calls the tested service, best first; `service`: its name in the catalogue, where known.

    `at`: when it ended (UTC), None: set up, but never run. `measured_rto`: from the loss until healthy again.
    """

    key: str
    name: str
    at: datetime | None
    result: RehearsalResult
    kind: RehearsalKind = RehearsalKind.FAULT_INJECTION
    names: tuple[str, ...] = ()
    service: str = ""
    scope: str = ""
    measured_rto: timedelta | None = None
    measured_rpo: timedelta | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Runs:
    """What a source gave. `problems`: a sentence for each record that could not be read. `calls`: requests sent."""

    runs: Sequence[RehearsalRun]
    problems: Sequence[str] = ()
    calls: int = 0


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """What a source reads with: where it may connect to, the time, and how long one request may take."""

    clock: Clock
    outgoing: EgressPolicy = field(default_factory=EgressPolicy)
    timeout: timedelta = timedelta(seconds=20)

    @property
    def since(self) -> datetime:
        """Runs before this moment are not needed."""
        return self.clock() - LOOK_BACK


@dataclass(frozen=True, slots=True)
class RehearsalSource:
    """A product. `access`: what has to be granted, and no more. `read`: its runs, by the access that the settings give.

    `read` raises `ReadError` where the product cannot be read at all.
    """

    name: str
    title: str
    access: str
    read: Callable[[Any, ReadingContext], Awaitable[Runs]]


def read_each(records: Iterable[Any], read: Callable[[Any], RehearsalRun | None]) -> Runs:
    """A run of each record; one of an unexpected form costs no other and becomes a problem."""
    runs: list[RehearsalRun] = []
    problems: dict[str, int] = {}
    for record in records:
        try:
            run = read(record)
        except (OddFieldError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            reason = str(error) if isinstance(error, OddFieldError) else "it has an unexpected form"
            problems[reason] = problems.get(reason, 0) + 1
        else:
            runs += [] if run is None else [_harmless(run)]
    return Runs(runs, tuple(f"{_count(number)} could not be read: {reason}" for reason, number in problems.items()))


def _harmless(run: RehearsalRun) -> RehearsalRun:
    """The run with text from outside as plain lines."""
    names = tuple(dict.fromkeys(found for name in run.names if (found := _line(name))))
    return replace(run, name=_line(run.name) or run.key, names=names)


def _line(text: str) -> str:
    return " ".join(plain(text, LONGEST_NAME).split())


def _count(number: int) -> str:
    return "1 record" if number == 1 else f"{number:,} records"


class ServiceNames:
    """Finds the service of the catalogue that a product means.

    Args:
        services: the names of the catalogue.
        called: what products call services -> the name in the catalogue.
    """

    def __init__(self, services: Iterable[str], called: Mapping[str, str] | None = None) -> None:
        self._known = {name.casefold(): name for name in services}
        self._called = {name.casefold(): service for name, service in (called or {}).items()}

    def of(self, run: RehearsalRun) -> str:
        """The run's service; empty where no name of it is known. A tag `service:NAME` names it too."""
        for name in (run.service, *run.names):
            plainly = name.casefold().strip()
            if plainly in self._called:
                return self._called[plainly]
            if found := self._known.get(plainly) or self._known.get(plainly.removeprefix("service:").strip()):
                return found
        return ""
