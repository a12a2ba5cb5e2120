"""Runs the probes: of endpoints that the services depend on, of endpoints in the settings, and canary calls to AWS."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from bot.app.settings import Endpoint, Settings
from bot.app.wiring.canaries import http_canaries
from bot.catalogue.secrets import is_reference
from bot.detection.probes.canaries.http_canary import HttpCanary
from bot.detection.probes.canaries.http_canary import observe as observe_canary
from bot.detection.probes.controls import ControlGroup, call_beside
from bot.detection.probes.ipv6 import ipv6_twins
from bot.detection.probes.probe import Expectation, Probe, signals_of_also
from bot.detection.probes.prober import Prober
from bot.detection.probes.record import TargetRecords
from bot.detection.probes.registrar import RegistrarWatch
from bot.detection.probes.scheduler import ProbeScheduler
from bot.detection.probes.targets import OwnEndpoint, control_probes, probes_for
from bot.detection.probes.web import WebProber
from bot.incidents.engine import places
from bot.model import Clock
from bot.model.estate import Estate
from bot.model.signals import IPV6, Health, Signal
from bot.net.http_client import HttpClient
from checks import Scope

if TYPE_CHECKING:
    from bot.detection.probes.aws_canaries import Canaries, Canary


@dataclass(frozen=True, slots=True)
class ProbeObservers:
    """The functions that run one probe and one canary, and the control group that runs beside a failing one."""

    observe: Callable[[Probe], Awaitable[Signal]]
    call: "Callable[[Canary | HttpCanary], Awaitable[Signal]]"
    controls: ControlGroup[Probe]


REFRESH = 60.0
"""Seconds between checks whether an audit has found something new to probe."""


@dataclass(slots=True)
class ProbeRunner:
    """The probes of one replica. `vantage` names the replica's location; `own` are the endpoints in the settings.

    `records`: what the targets used to answer.

    Raises:
        ConfigError: the secret of a header cannot be resolved; at the start and not in the middle of the night.
    """

    settings: Settings
    clock: Clock
    vantage: str = ""
    records: TargetRecords = field(default_factory=TargetRecords)
    own: tuple[OwnEndpoint, ...] = field(init=False)
    synthetics: tuple[HttpCanary, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.synthetics = http_canaries(self.settings, self.clock)
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
        known = self.settings.catalogue.providers
        return probes_for(scopes, mine, resolvers=watch.asked, controls=watch.controls, providers=known)

    def controls(self) -> tuple[Probe, ...]:
        """The control group."""
        return control_probes(self.settings.watch.controls, self.settings.watch.asked)

    def canaries(self, scopes: Iterable[Scope]) -> "tuple[Canary, ...]":
        """The canary calls for these scopes; none if canaries are disabled."""
        asked = self.settings.watch.canaries
        if not asked.enabled:
            return ()
        from bot.detection.probes.aws_canaries import canaries_for  # noqa: PLC0415 - botocore only where it is called

        return canaries_for(scopes, asked.accounts, asked.regions)

    async def run(self, estate: Callable[[], Awaitable[Estate]], tell: Callable[[Signal], None]) -> None:
        """Probe until cancelled; every signal goes to `tell`, those of the control group before those of a failing target."""
        watch, told = self.settings.watch, partial(_told, tell)
        async with self.observers(told) as seen, asyncio.TaskGroup() as group:
            probing: ProbeScheduler[Probe] = ProbeScheduler(
                seen.observe, told, now=time.monotonic, interval=watch.interval.total_seconds(), wall=time.time
            )
            every = watch.canaries.interval.total_seconds()
            calling: ProbeScheduler[Canary | HttpCanary] = ProbeScheduler(
                seen.call, told, now=time.monotonic, interval=every, at_once=8, wall=time.time
            )
            group.create_task(probing.run(), name="probes")
            group.create_task(calling.run(), name="canaries")
            before: Estate | None = None
            while True:
                current = await estate()
                if current is not before:
                    scopes = self.scopes_of(current)
                    calls: tuple[Canary | HttpCanary, ...] = (*self.canaries(scopes), *self.synthetics)
                    probes = self.probes(scopes) if watch.probes else ()
                    control = [probe for probe in probes if probe.control] or (self.controls() if calls else ())
                    seen.controls.members = (*control, *ipv6_twins(control))
                    probing.set((*probes, *ipv6_twins(probes)))
                    calling.set(calls)
                    before = current
                await asyncio.sleep(REFRESH)

    async def once(self, targets: Sequence[Probe], calls: "Sequence[Canary | HttpCanary]") -> list[Signal]:
        """Run each probe and canary once; a failed one is confirmed by a second try."""
        async with self.observers(lambda _: None) as seen:
            free = asyncio.Semaphore(100)

            async def bounded(observation: Awaitable[Signal]) -> Signal:
                async with free:
                    return await observation

            return await asyncio.gather(
                *(bounded(seen.observe(target)) for target in targets),
                *(bounded(seen.call(canary)) for canary in calls),
            )

    @asynccontextmanager
    async def observers(self, tell: Callable[[Signal], None]) -> AsyncIterator["ProbeObservers"]:
        """What runs one probe and one canary, for the block; `tell` receives further signals that come of it."""
        async with WebProber().opened() as opened, HttpClient(self.settings.outgoing) as client:
            caller: Canaries | None = None
            prober = Prober(opened, clock=self.clock, vantage=self.vantage, records=self.records)
            controls = prober.controls = ControlGroup(prober.observe, tell, now=time.monotonic)
            registrar = prober.registrar = RegistrarWatch(client, self.clock)

            async def observe(probe: Probe) -> Signal:
                signal = await prober.observe(probe)
                for also in signals_of_also(probe, signal):
                    tell(also)
                return signal

            async def call(canary: "Canary | HttpCanary") -> Signal:
                nonlocal caller
                if isinstance(canary, HttpCanary):
                    return await call_beside(
                        controls, canary, lambda each: observe_canary(each, client, self.clock, self.vantage)
                    )
                caller = caller or self._caller()
                return await call_beside(controls, canary, caller.observe)

            try:
                yield ProbeObservers(observe, call, controls)
            finally:
                await controls.close()
                await registrar.close()
                if caller is not None:
                    caller.close()

    def _caller(self) -> "Canaries":
        from bot.detection.probes.aws_canaries import Canaries  # noqa: PLC0415
        from bot.net.aws.accounts import Target  # noqa: PLC0415 - botocore only where it is called

        settings = self.settings
        accounts = [
            Target(account.id, account.role or settings.aws.role, settings.secret(account.external_id))
            for account in settings.catalogue.accounts_of("aws")
        ]
        return Canaries(clock=self.clock, accounts=accounts, profile=settings.aws.profile, vantage=self.vantage)

    def _own_endpoint(self, endpoint: Endpoint) -> OwnEndpoint:
        headers = tuple((name, self._header(value)) for name, value in endpoint.headers.items())
        expect = Expectation(frozenset(endpoint.status), endpoint.latency, endpoint.body)
        return OwnEndpoint(endpoint.url, Scope.parse(endpoint.about), expect, endpoint.method, headers)

    def _header(self, value: str) -> str:
        return self.settings.secret(value) if is_reference(value) else value


def _told(tell: Callable[[Signal], None], signal: Signal) -> None:
    """Pass a signal on, unless it only says that there is no IPv6 here or there."""
    if not (signal.via == IPV6 and signal.state is Health.UNKNOWN):
        tell(signal)
