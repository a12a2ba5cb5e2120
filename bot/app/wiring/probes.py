"""Runs the probes: of endpoints that the services depend on, of endpoints in the settings, and canary calls to AWS."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.app.settings import Endpoint, Settings
from bot.catalogue.secrets import is_reference
from bot.detection.probes.probe import Expectation, Probe
from bot.detection.probes.prober import Prober
from bot.detection.probes.scheduler import ProbeScheduler
from bot.detection.probes.targets import OwnEndpoint, probes_for
from bot.detection.probes.web import WebProber
from bot.incidents.engine import places
from bot.model import Clock
from bot.model.estate import Estate
from bot.model.signals import Signal
from checks import Scope

if TYPE_CHECKING:
    from bot.detection.probes.aws_canaries import Canaries, Canary

REFRESH = 60.0
"""Seconds between checks whether an audit has found something new to probe."""


@dataclass(slots=True)
class ProbeRunner:
    """The probes of one replica. `vantage` names the replica's location; `own` are the endpoints in the settings.

    Raises:
        ConfigError: the secret of a header cannot be resolved; at the start and not in the middle of the night.
    """

    settings: Settings
    clock: Clock
    vantage: str = ""
    own: tuple[OwnEndpoint, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.own = tuple(self._own_endpoint(endpoint) for endpoint in self.settings.endpoints)

    def scopes_of(self, estate: Estate) -> tuple[Scope, ...]:
        """Where the services run and what they depend on; before the first audit as the catalogue declares it."""
        declared = [
            deployment.where for entry in self.settings.catalogue.entries for deployment in entry.declared.deployments
        ]
        return tuple(dict.fromkeys((*places(estate.seen), *declared)))

    def probes(self, scopes: Iterable[Scope], own: Sequence[OwnEndpoint] | None = None) -> tuple[Probe, ...]:
        """The probes for these scopes, and for endpoints in the settings: all of them, or `own`."""
        watch, mine = self.settings.watch, self.own if own is None else own
        return probes_for(scopes, mine, resolvers=watch.asked, controls=watch.controls)

    def canaries(self, scopes: Iterable[Scope]) -> "tuple[Canary, ...]":
        """The canary calls for these scopes; none if canaries are disabled."""
        asked = self.settings.watch.canaries
        if not asked.enabled:
            return ()
        from bot.detection.probes.aws_canaries import canaries_for  # noqa: PLC0415 - botocore only where it is called

        return canaries_for(scopes, asked.accounts, asked.regions)

    async def run(self, estate: Callable[[], Awaitable[Estate]], tell: Callable[[Signal], None]) -> None:
        """Probe until cancelled; every signal goes to `tell`."""
        watch = self.settings.watch
        async with self.observers() as (observe, call), asyncio.TaskGroup() as group:
            probing: ProbeScheduler[Probe] = ProbeScheduler(
                observe, tell, now=time.monotonic, interval=watch.interval.total_seconds()
            )
            calling: ProbeScheduler[Canary] = ProbeScheduler(
                call, tell, now=time.monotonic, interval=watch.canaries.interval.total_seconds(), at_once=8
            )
            group.create_task(probing.run(), name="probes")
            group.create_task(calling.run(), name="canaries")
            before: Estate | None = None
            while True:
                current = await estate()
                if current is not before:
                    scopes = self.scopes_of(current)
                    probing.set(self.probes(scopes) if watch.probes else ())
                    calling.set(self.canaries(scopes))
                    before = current
                await asyncio.sleep(REFRESH)

    async def once(self, targets: Sequence[Probe], calls: "Sequence[Canary]") -> list[Signal]:
        """Run each probe and canary once; a failed one is confirmed by a second try."""
        async with self.observers() as (observe, call):
            gate = asyncio.Semaphore(100)

            async def bounded(observation: Awaitable[Signal]) -> Signal:
                async with gate:
                    return await observation

            return await asyncio.gather(
                *(bounded(observe(target)) for target in targets), *(bounded(call(canary)) for canary in calls)
            )

    @asynccontextmanager
    async def observers(
        self,
    ) -> "AsyncIterator[tuple[Callable[[Probe], Awaitable[Signal]], Callable[[Canary], Awaitable[Signal]]]]":
        """The functions that run one probe and one canary, for the block."""
        async with WebProber().opened() as opened:
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
            Target(account.id, account.role or settings.aws.role, settings.secret(account.external_id))
            for account in settings.catalogue.accounts
        ]
        return Canaries(clock=self.clock, accounts=accounts, profile=settings.aws.profile, vantage=self.vantage)

    def _own_endpoint(self, endpoint: Endpoint) -> OwnEndpoint:
        headers = tuple((name, self._header(value)) for name, value in endpoint.headers.items())
        expect = Expectation(frozenset(endpoint.status), endpoint.latency, endpoint.body)
        return OwnEndpoint(endpoint.url, Scope.parse(endpoint.about), expect, endpoint.method, headers)

    def _header(self, value: str) -> str:
        return self.settings.secret(value) if is_reference(value) else value
