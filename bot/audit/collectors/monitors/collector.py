"""Reads every monitoring system of backstay.yaml side by side; one that fails leaves the others whole."""

import asyncio
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.audit.collectors.monitors.access import MonitorAccess
from bot.audit.collectors.monitors.reader import MonitorReader, gap_of, source_name
from bot.audit.collectors.monitors.routed import NoRouting, routed_alarms
from bot.audit.collectors.monitors.source import MonitorReading, MonitorSource, Routing, known_sources
from bot.model import Clock, Collected, Place, Progress
from bot.net.cloud_api import ApiLimits, CloudApi
from bot.net.egress import EgressPolicy
from bot.net.http_client import HttpClient
from bot.net.read_error import ReadError
from checks import GLOBAL, Alarm, Gap, Service

_LONGEST: Final = timedelta(minutes=10)
"""Of the whole reading of one system."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of one system, with its gaps and calls. `reading` None: every read failed."""

    source: MonitorSource
    access: MonitorAccess
    reading: MonitorReading | None
    gaps: Sequence[Gap]
    calls: int


class MonitorsCollector:
    """Implements `model.Collector` for monitoring systems.

    Args:
        systems: the systems to read.
        clock: returns the current time in UTC.
        runs_on: the clouds or scopes that each SaaS runs on, by its name.
        longest: after which the rest of one system counts as not read.
    """

    def __init__(
        self,
        systems: Sequence[MonitorAccess],
        clock: Clock,
        runs_on: Mapping[str, tuple[str, ...]],
        *,
        longest: timedelta = _LONGEST,
    ) -> None:
        self._systems, self._clock, self._runs_on, self._longest = tuple(systems), clock, runs_on, longest

    async def collect(
        self,
        services: Sequence[Service],  # noqa: ARG002 - all alerts are read, and attributed by their labels later
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """Read all systems, those that receive alerts of others first. One that cannot be read becomes a gap of its alerts."""
        started = time.perf_counter()
        if only is not None and not any(place_of(access) in only for access in self._systems):
            return Collected((), ())
        sources = await asyncio.to_thread(known_sources)
        first = [access for access in self._systems if sources[access.kind].receives]
        rest = [access for access in self._systems if not sources[access.kind].receives]
        done = 0

        async def step(access: MonitorAccess, labels: frozenset[str]) -> _Read:
            nonlocal done
            found = await self._read(sources[access.kind], access, labels)
            done += 1
            progress(Progress(done, len(self._systems), f"reading {sources[access.kind].title} {access.name}"))
            return found

        receiving = await asyncio.gather(*(step(access, frozenset()) for access in first))
        routing = _routing_of(receiving)
        labels = frozenset(label for found in routing.values() for label in found.labels)
        reads = [*receiving, *await asyncio.gather(*(step(access, labels) for access in rest))]
        alarms = await asyncio.to_thread(_alarms_of, reads, routing)
        return Collected(
            facts=alarms,
            gaps=[gap for read in reads for gap in read.gaps],
            read=tuple(place_of(read.access) for read in reads),
            calls=sum(read.calls for read in reads),
            seconds=time.perf_counter() - started,
        )

    async def _read(self, source: MonitorSource, access: MonitorAccess, labels: frozenset[str]) -> _Read:
        gaps: list[Gap] = []
        calls = 0
        if access.problem:
            return _Read(source, access, None, [gap_of(source, access, "", access.problem)], 0)
        try:
            trust = await asyncio.to_thread(_trust, access.ca_file)
            async with HttpClient(EgressPolicy(), trust=trust) as http:
                api = _api(http, source, access)
                reader = MonitorReader(source, access, api, self._clock(), labels, self._runs_on, gaps)
                try:
                    async with asyncio.timeout(self._longest.total_seconds()):
                        return _Read(source, access, await source.read(reader), gaps, api.calls.total())
                except ReadError as error:
                    gaps.clear()  # parts of it that failed too say nothing more
                    reader.failed(error)
                finally:
                    calls = api.calls.total()
        except TimeoutError:
            minutes = f"{self._longest.total_seconds() / 60:.0f} min"
            gaps.append(gap_of(source, access, "", f"{source.title} was not read within {minutes}"))
        except OSError as error:
            reason = f"ca_file of monitor {access.name} cannot be used: {error.strerror or 'it holds no certificate'}"
            gaps.append(gap_of(source, access, "", reason))
        except Exception:  # noqa: BLE001 - one system, and what it sends, must cost its own facts only
            _log.exception("monitor_read_failed", monitor=access.name, kind=source.kind)
            gaps.append(gap_of(source, access, "", f"{source.title} answered in an unexpected form; see the log"))
        return _Read(source, access, None, gaps, calls)


def place_of(access: MonitorAccess) -> Place:
    """Where the facts of a system are read."""
    return source_name(access), "", GLOBAL


def _api(http: HttpClient, source: MonitorSource, access: MonitorAccess) -> CloudApi:
    """Calls to one system. Monitoring lives on private networks, so its own host may be at a private address."""
    headers = dict(source.sign_in(access))

    async def authorize() -> Mapping[str, str]:
        return headers

    rate = access.calls_per_second
    return CloudApi(http, authorize, ApiLimits(rate, max(1.0, rate), 4, access.timeout), private=True)


def _trust(ca_file: str) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=ca_file) if ca_file else None


def _routing_of(reads: Iterable[_Read]) -> dict[str, Routing]:
    """The systems that decide whom alerts reach, by address; one that could not be read says so of every alert."""
    found: dict[str, Routing] = {}
    for read in reads:
        if read.reading is not None and read.reading.routing is not None:
            found[read.access.url] = read.reading.routing
        else:
            reason = read.gaps[0].reason if read.gaps else "it told no configuration"
            found[read.access.url] = NoRouting(f"{read.source.title} {read.access.name} could not be read: {reason}")
    return found


def _alarms_of(reads: Sequence[_Read], routing: Mapping[str, Routing]) -> list[Alarm]:
    alarms: list[Alarm] = []
    for read in reads:
        if read.reading is not None:
            alarms += read.reading.alarms
            alarms += routed_alarms(read.reading.routed, routing, read.reading.routes_to)
    return alarms
