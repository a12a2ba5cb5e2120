"""Settings and what our services stand on -> what goes round: looks from outside, canaries, endpoints of one's own."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.app.settings import Endpoint, Settings
from bot.detection.probes.probe import Expectation, Probe
from bot.detection.probes.prober import Prober
from bot.detection.probes.scheduler import ProbeScheduler
from bot.detection.probes.targets import OwnEndpoint, probes
from bot.detection.probes.web import Web
from bot.incidents.engine import places
from bot.model import Clock
from bot.model.estate import Estate
from bot.model.incidents import Signal
from checks import Scope

if TYPE_CHECKING:
    from bot.detection.probes.aws_canaries import Canaries, Canary

REFRESH = 60.0
"""Seconds between looks at whether an audit has found something new to watch."""


@dataclass(slots=True)
class ProbeRunner:
    """What one replica looks at, and from where. `vantage` names it; `own` are the endpoints that were named.

    Raises:
        ConfigError: a header's secret cannot be had. Better now than in the middle of the night.
    """

    settings: Settings
    clock: Clock
    vantage: str = ""
    own: tuple[OwnEndpoint, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.own = tuple(self._endpoint(one) for one in self.settings.endpoints)

    def stands_in(self, estate: Estate) -> tuple[Scope, ...]:
        """Where our services stand: by facts and needs, and before the first audit by what the catalogue declares."""
        declared = [one.where for entry in self.settings.catalogue.entries for one in entry.declared.deployments]
        return tuple(dict.fromkeys((*places(estate.seen), *declared)))

    def probes(self, stands_in: Iterable[Scope], own: Sequence[OwnEndpoint] | None = None) -> tuple[Probe, ...]:
        """The looks from outside for these places, and for endpoints of one's own: all of them, or those that are named."""
        watch, mine = self.settings.watch, self.own if own is None else own
        return probes(stands_in, mine, resolvers=watch.asked, controls=watch.controls)

    def canaries(self, stands_in: Iterable[Scope]) -> "tuple[Canary, ...]":
        """The calls for these places, none where they are not switched on."""
        asked = self.settings.watch.canaries
        if not asked.enabled:
            return ()
        from bot.detection.probes.aws_canaries import canaries  # noqa: PLC0415 - botocore only where it is called

        return canaries(stands_in, asked.accounts, asked.regions)

    async def run(self, estate: Callable[[], Awaitable[Estate]], tell: Callable[[Signal], None]) -> None:
        """Go round until cancelled."""
        watch = self.settings.watch
        async with self.looking() as (look, call), asyncio.TaskGroup() as group:
            looks: ProbeScheduler[Probe] = ProbeScheduler(
                look, tell, now=time.monotonic, interval=watch.interval.total_seconds()
            )
            calls: ProbeScheduler[Canary] = ProbeScheduler(
                call, tell, now=time.monotonic, interval=watch.canaries.interval.total_seconds(), at_once=8
            )
            group.create_task(looks.run(), name="probes")
            group.create_task(calls.run(), name="canaries")
            before: Estate | None = None
            while True:
                current = await estate()
                if current is not before:
                    stands_in = self.stands_in(current)
                    looks.set(self.probes(stands_in) if watch.probes else ())
                    calls.set(self.canaries(stands_in))
                    before = current
                await asyncio.sleep(REFRESH)

    async def once(self, looks: Sequence[Probe], calls: "Sequence[Canary]") -> list[Signal]:
        """One look at each now; what is bad was looked at twice."""
        async with self.looking() as (look, call):
            gate = asyncio.Semaphore(100)

            async def bounded(one: Awaitable[Signal]) -> Signal:
                async with gate:
                    return await one

            return await asyncio.gather(*(bounded(look(one)) for one in looks), *(bounded(call(one)) for one in calls))

    @asynccontextmanager
    async def looking(
        self,
    ) -> "AsyncIterator[tuple[Callable[[Probe], Awaitable[Signal]], Callable[[Canary], Awaitable[Signal]]]]":
        """How to make one look, and one call, for the block."""
        async with Web().opened() as opened:
            caller: Canaries | None = None

            async def call(canary: "Canary") -> Signal:
                nonlocal caller
                caller = caller or self._caller()
                return await caller.observe(canary)

            try:
                yield Prober(opened, clock=self.clock, vantage=self.vantage).observe, call
            finally:
                if caller is not None:
                    caller.close()

    def _caller(self) -> "Canaries":
        from bot.detection.probes.aws_canaries import Canaries  # noqa: PLC0415
        from bot.net.aws.accounts import Target  # noqa: PLC0415 - botocore only where it is called

        settings = self.settings
        accounts = [
            Target(one.id, one.role or settings.aws.role, settings.secret(one.external_id))
            for one in settings.catalogue.accounts
        ]
        return Canaries(clock=self.clock, accounts=accounts, profile=settings.aws.profile, vantage=self.vantage)

    def _endpoint(self, one: Endpoint) -> OwnEndpoint:
        headers = tuple((name, self._header(value)) for name, value in one.headers.items())
        expect = Expectation(frozenset(one.status), one.latency, one.body)
        return OwnEndpoint(one.url, Scope.parse(one.about), expect, one.method, headers)

    def _header(self, value: str) -> str:
        return self.settings.secret(value) if value.startswith(("env:", "file:")) else value
