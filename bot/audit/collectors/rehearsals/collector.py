"""Reads every source of rehearsals side by side: a failing one is a gap in `unread` and leaves the others whole."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.audit.attribution import SERVICE_TAG
from bot.audit.collectors.rehearsals.run import ReadingContext, RehearsalRun, RehearsalSource, Runs, ServiceNames
from bot.model import Collected, Place, Progress
from bot.net.egress import NetworkError
from bot.net.read_error import ReadError
from checks import GLOBAL, Fact, Gap, Rehearsal, RehearsalKind, Service
from checks import RehearsalResult as Result

KEPT: Final = 10
"""Runs of each service, kind, scope and result that become facts, the newest: enough for the spread of recovery times."""

_UNMATCHED_SHOWN: Final = 5
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """One source as it is set up: `read` gives its runs, `kinds` are the kinds of rehearsal that it may have on record."""

    source: RehearsalSource
    read: Callable[[ReadingContext], Awaitable[Runs]]
    kinds: tuple[RehearsalKind, ...] = (RehearsalKind.FAULT_INJECTION,)


class RehearsalRecords:
    """Implements `model.Collector` for products of rehearsals.

    Args:
        readings: the sources that are set up.
        called: what products call services -> the name in the catalogue.
        context: what sources read with.
        patience: how long one source may take; then it is unread.
    """

    def __init__(
        self,
        readings: Sequence[Reading],
        called: Mapping[str, str],
        context: ReadingContext,
        *,
        patience: timedelta = timedelta(minutes=2),
    ) -> None:
        self._readings, self._called, self._context, self._patience = readings, dict(called), context, patience

    async def collect(
        self,
        services: Sequence[Service],
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """The rehearsals of these services (none: of all that are named), and a gap for each source that could not be read."""
        wanted = [reading for reading in self._readings if only is None or place_of(reading.source) in only]
        names = ServiceNames((service.name for service in services), self._called)
        progress(Progress(0, len(wanted), "reading rehearsals"))
        results = await asyncio.gather(*(self._guarded(reading) for reading in wanted))
        now, facts, gaps, calls = self._context.clock(), list[Fact](), list[Gap](), 0
        for reading, found in zip(wanted, results, strict=True):
            if isinstance(found, Gap):
                gaps.append(found)
                continue
            made = _Made(reading, names, now, anybody=not services)
            facts += made.facts(found.runs)
            gaps += made.gaps(found)
            calls += found.calls
        progress(Progress(len(wanted), len(wanted), "reading rehearsals"))
        return Collected(facts, gaps, tuple(place_of(reading.source) for reading in wanted), calls=calls)

    async def _guarded(self, reading: Reading) -> Runs | Gap:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await reading.read(self._context)
        except ReadError as error:
            return _unread(reading, error.reason, error.action)
        except TimeoutError:
            return _unread(reading, f"no answer within {self._patience.total_seconds():.0f} s")
        except NetworkError as error:
            return _unread(reading, error.reason)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            _log.warning("rehearsals_not_understood", source=reading.source.name, kind=type(error).__name__)
            return _unread(reading, f"{reading.source.title} answered in an unexpected form")


def place_of(source: RehearsalSource) -> Place:
    """Where the facts of a source are said to be read."""
    return (source.name, "", GLOBAL)


def _unread(reading: Reading, reason: str, action: str = "") -> Gap:
    source, shapes = reading.source, tuple(map(str, reading.kinds))
    return Gap(source.name, source.name, "", GLOBAL, f"{source.title}: {reason}", (Rehearsal,), action, shapes=shapes)


@dataclass(frozen=True, slots=True)
class _Made:
    """Makes facts of the runs of one source. `anybody`: there is no catalogue, so that runs belong to nobody."""

    reading: Reading
    names: ServiceNames
    now: datetime
    anybody: bool = False

    def facts(self, runs: Iterable[RehearsalRun]) -> list[Fact]:
        """The newest runs of each service by kind, scope and result; those of no service are left out."""
        groups: dict[tuple[str, str, str, Result], list[RehearsalRun]] = defaultdict(list)
        for run in runs:
            service = self.names.of(run)
            if service and (run.at is None or run.at <= self.now):
                groups[service, run.kind, run.scope, run.result].append(run)
        return [
            self._fact(run, service)
            for (service, *_), found in groups.items()
            for run in sorted(found, key=lambda run: (run.at is not None, run.at or self.now, run.key))[-KEPT:]
        ]

    def _fact(self, run: RehearsalRun, service: str) -> Rehearsal:
        return Rehearsal(
            resource=f"{self.reading.source.name}:{service}/{run.key}",
            name=run.name,
            provider=self.reading.source.name,
            account="",
            region=GLOBAL,
            product=self.reading.source.name,
            source=self.reading.source.name,
            observed_at=self.now,
            tags={SERVICE_TAG: service},
            kind=run.kind,
            at=run.at,
            result=run.result,
            scope=run.scope,
            measured_rto=run.measured_rto,
            measured_rpo=run.measured_rpo,
            link=run.link,
        )

    def gaps(self, found: Runs) -> list[Gap]:
        """What was read in part, and runs of no known service. Records that are odd may hide a rehearsal."""
        source = self.reading.source
        gaps = [_unread(self.reading, problem) for problem in found.problems]
        strangers = dict.fromkeys(
            run.names[0] if run.names else run.name for run in found.runs if not self.names.of(run)
        )
        if strangers and not self.anybody:
            shown = ", ".join(list(strangers)[:_UNMATCHED_SHOWN])
            more = f" and {len(strangers) - _UNMATCHED_SHOWN} more" if len(strangers) > _UNMATCHED_SHOWN else ""
            reason = f"{source.title}: runs of no service of the catalogue: {shown}{more}; name them under rehearsals.services"
            gaps.append(Gap(source.name, source.name, "", GLOBAL, reason, ()))
        return gaps
