"""Reads the objectives that services declare: the OpenSLO files, and the metrics behind them, politely."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.audit.collectors.monitors.access import MonitorAccess
from bot.audit.slos import datadog, prometheus
from bot.audit.slos.asking import NO_DATA, Ask
from bot.audit.slos.burn import LATEST, judged, windows_of
from bot.audit.slos.documents import OpenSloError
from bot.audit.slos.objectives import SloProblem, objectives_of
from bot.audit.slos.sources import AT_ONCE, MetricSources
from bot.model import Clock
from bot.model.entries import CatalogueEntry
from bot.model.slos import Slo, SloReading
from bot.net.egress import Resolve, resolve
from bot.net.plain_text import line
from bot.net.read_error import ReadError
from checks import SignalKind

_LONGEST: Final = timedelta(minutes=2)
"""Of the reading of one objective."""

_AGE: Final = 60
"""A window is read again when it moved by this part of its length: the last hour each minute, the last 3 days each 72 minutes."""

_OLDEST: Final = timedelta(hours=1)
_LONGEST_REASON: Final = 300
_log = structlog.get_logger(__name__)
Answers = dict[timedelta, tuple[datetime, float | None]]


@dataclass(slots=True)
class SloReader:
    """Reads objectives. It keeps the answers for long windows, so that they are not asked for each time.

    Args:
        entries: the services of the catalogue with what they declare.
        accesses: the monitoring systems that may be asked.
        clock: returns the present time in UTC.
        longest: after which an objective counts as not read.
        resolver: resolves host names.
    """

    entries: Sequence[CatalogueEntry]
    accesses: Sequence[MonitorAccess]
    clock: Clock
    longest: timedelta = _LONGEST
    resolver: Resolve = resolve
    _kept: dict[tuple[str, str], Answers] = field(default_factory=dict)
    _coverage: dict[tuple[str, str], tuple[datetime, float]] = field(default_factory=dict)

    async def read(self, service: str = "") -> Sequence[SloReading]:
        """The readings of one service's objectives, or of all; one that cannot be read says why.

        Raises:
            nothing: every failure becomes a reading with a problem.
        """
        declared = [entry for entry in self.entries if entry.declared.slos and service in ("", entry.service.name)]
        if not declared:
            return ()
        found = await asyncio.to_thread(objectives_of, declared)
        slos = [item for item in found if isinstance(item, Slo)]
        readings = [
            self._unread(item.service, item.name, item.reason) for item in found if isinstance(item, SloProblem)
        ]
        gate = asyncio.Semaphore(AT_ONCE)
        async with MetricSources(self.accesses, self.resolver) as sources:

            async def in_turn(slo: Slo) -> SloReading:
                async with gate:
                    return await self._reading(slo, sources)

            readings += await asyncio.gather(*map(in_turn, slos))
        if not service:
            known = {(slo.service, slo.name) for slo in slos}
            self._kept = {key: answers for key, answers in self._kept.items() if key in known}
            self._coverage = {key: part for key, part in self._coverage.items() if key in known}
        return tuple(readings)

    async def _reading(self, slo: Slo, sources: MetricSources) -> SloReading:
        try:
            async with asyncio.timeout(self.longest.total_seconds()):
                return await self._asked(slo, sources)
        except (ReadError, OpenSloError) as error:
            reason = getattr(error, "reason", "") or str(error)
        except TimeoutError:
            reason = f"{slo.source or 'the metric source'} did not answer within {self.longest.total_seconds():.0f} s"
        except Exception:  # noqa: BLE001 - an objective that cannot be read must not hide the others; the log has the trace
            _log.exception("slo_read_failed", service=slo.service, slo=slo.name)
            reason = "the metric source answered in an unexpected form; see the log"
        unread = self._unread(slo.service, slo.name, reason)
        return replace(unread, title=slo.title, target=slo.target, period=slo.period, measures=slo.measures)

    async def _asked(self, slo: Slo, sources: MetricSources) -> SloReading:
        access = sources.access_of(slo)
        ask, now = await sources.ask(access), self.clock()
        answers = self._kept.setdefault((slo.service, slo.name), {})
        bad: dict[timedelta, float | None] = {}
        windows = windows_of(slo, now)
        for window in windows:
            # The elapsed part of a calendar period grows; its answer is kept under the period's own length.
            key = slo.period if window == windows[-1] else window
            kept = answers.get(key)
            if kept is None or not timedelta() <= now - kept[0] < min(window / _AGE, _OLDEST):
                kept = now, await _share_in(access, ask, slo, window, now)
                answers[key] = kept
            bad[window] = kept[1]
        reading = judged(slo, bad, now, await self._covered(access, ask, slo, windows[-1], now))
        return replace(reading, value=await _value(access, ask, slo, now)) if slo.indicator.value else reading

    async def _covered(self, access: MonitorAccess, ask: Ask, slo: Slo, window: timedelta, now: datetime) -> float:
        """The part of the period with metrics; asked for as seldom as the period itself."""
        key = slo.service, slo.name
        kept = self._coverage.get(key)
        if kept is None or not timedelta() <= now - kept[0] < _OLDEST:
            kept = now, await _covered_in(access, ask, slo, window, now)
            self._coverage[key] = kept
        return kept[1]

    def _unread(self, service: str, name: str, reason: str) -> SloReading:
        return SloReading(
            service,
            name,
            name,
            0.0,
            timedelta(),
            SignalKind.OTHER,
            self.clock(),
            problem=line(reason, _LONGEST_REASON),
        )


async def _share_in(access: MonitorAccess, ask: Ask, slo: Slo, window: timedelta, now: datetime) -> float | None:
    """The bad share in a window. Steps of a long window are hours apart: a young metric has no sample at any of them."""
    try:
        return await _bad_share(access, ask, slo, window, now)
    except ReadError as error:
        if error.code == NO_DATA and window > LATEST:
            return None
        raise


async def _bad_share(access: MonitorAccess, ask: Ask, slo: Slo, window: timedelta, now: datetime) -> float | None:
    if access.kind == "datadog":
        return await datadog.bad_share(ask, slo.indicator, window, now)
    return await prometheus.bad_share(ask, slo.indicator, window)


async def _covered_in(access: MonitorAccess, ask: Ask, slo: Slo, window: timedelta, now: datetime) -> float:
    try:
        return await _covered(access, ask, slo, window, now)
    except ReadError as error:
        if error.code == NO_DATA:
            return 0.0
        raise


async def _covered(access: MonitorAccess, ask: Ask, slo: Slo, window: timedelta, now: datetime) -> float:
    if access.kind == "datadog":
        return await datadog.covered(ask, slo.indicator, window, now)
    return await prometheus.covered(ask, slo.indicator, window)


async def _value(access: MonitorAccess, ask: Ask, slo: Slo, now: datetime) -> float | None:
    if access.kind == "datadog":
        return await datadog.present_value(ask, slo.indicator, now)
    return await prometheus.present_value(ask, slo.indicator)
