"""One installation of backstay lived through one scene of the simulated world: real probes, pages, engine and notifier.

Replaced are the network (`ReplayNetwork`), the database (`ReplayLedger`) and time (`ReplayLoop`); nobody is really sent anything:
what is posted to the outbox counts as told.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from support.harness.replay_ledger import ReplayLedger
from support.harness.replay_loop import ReplayClock, live
from support.harness.replay_network import ReplayNetwork
from support.harness.replay_prober import caller_for, prober_for
from support.outage_world.happenings import Answer
from support.outage_world.outside import Outside
from support.outage_world.pages import StatusPage

from bot.app.settings import Settings, load
from bot.app.wiring.incidents import incident_policy
from bot.app.wiring.probes import ProbeRunner
from bot.audit.collectors.declared import declared_services
from bot.detection.feeds.cache import ReadingCache
from bot.detection.feeds.http_feed import FeedSpec, HttpFeed
from bot.detection.feeds.monitor import FeedMonitor, PollingPolicy
from bot.detection.probes.controls import ControlGroup, call_beside
from bot.detection.probes.ipv6 import ipv6_twins
from bot.detection.probes.probe import Probe, signals_of_also
from bot.detection.probes.scheduler import ProbeScheduler
from bot.incidents.service import TICK, IncidentService
from bot.model import Feed, FeedReading, Purpose
from bot.model.estate import Estate
from bot.model.incidents import Incident
from bot.model.signals import IPV6, Health, Signal
from bot.net.http_client import HttpClient

if TYPE_CHECKING:
    from bot.detection.probes.aws_canaries import Canary

IDLE = timedelta(seconds=30)
"""How often the signals are evaluated while all of them are good and nothing is open; else every tick."""


@dataclass(frozen=True)
class Scene:
    """What happens, and who watches. `settings`: the text of backstay.yaml; `onset`: the first symptom (UTC).

    It is watched from `warm` before the onset until `lasts` after it, or until `enough` says so.
    """

    outside: Outside
    settings: str
    onset: datetime
    lasts: timedelta
    pages: tuple[StatusPage, ...] = ()
    places: tuple[str, ...] = ("here",)
    warm: timedelta = timedelta(minutes=20)
    enough: "Callable[[Watched], bool]" = lambda _: False


@dataclass(frozen=True)
class Told:
    """A new message of a channel, with the incident as it was then."""

    at: datetime
    audience: str
    why: str
    title: str
    text: str
    incident: Incident


@dataclass
class Watched:
    """What came of a run. `first_page`: when the page first said something; `signals`: how many were seen."""

    scene: Scene
    ledger: ReplayLedger
    now: datetime
    signals: int = 0
    service: IncidentService | None = field(default=None, repr=False)

    @property
    def told(self) -> list[Told]:
        """Every new message, in order. Edits and what stands in threads interrupt nobody."""
        return [
            Told(
                at, message.audience, message.reason, str(message.card.get("title", "")), _text(message.card), incident
            )
            for at, message, incident in self.ledger.posted
            if message.purpose is Purpose.ALERT and not message.replaces and incident is not None
        ]

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """Every incident that anybody could have been told of, merged ones included."""
        return tuple(self.ledger.saved.values())


def watch(scene: Scene, seed: int) -> Watched:
    """Live through a scene. The same seed gives the same run."""
    return live(_watch(scene, random.Random(seed)))  # noqa: S311 - a simulation


async def _watch(scene: Scene, chance: random.Random) -> Watched:
    clock = ReplayClock(scene.onset - scene.warm - timedelta(seconds=chance.uniform(0, 60)))
    settings, ledger = settings_of(scene.settings), ReplayLedger()
    estate = Estate(declared_services(settings.catalogue, clock()), dict(settings.catalogue.runs_on), None)

    async def known() -> Estate:
        return estate

    policy = incident_policy(settings)
    service = IncidentService(ledger, settings.catalogue.audiences, known, clock=clock, policy=policy, currency="EUR")
    watched = Watched(scene, ledger, clock(), service=service)
    news = asyncio.Event()

    def tell(signal: Signal) -> None:
        watched.signals += 1
        if signal.state is not Health.GOOD or signal.retried:
            news.set()
        service.observe(signal)

    def tell_page(reading: FeedReading) -> None:
        if reading.changed or reading.error:
            news.set()
        service.observe_feed(reading)

    tasks = [asyncio.create_task(_probe(scene, settings, estate, place, clock, tell, chance)) for place in scene.places]
    if scene.pages:
        monitor = _monitor(scene, settings, known, clock, tell_page, ledger, chance)
        tasks.append(asyncio.create_task(monitor.run()))
    tasks.append(asyncio.create_task(_fall_asleep(scene, clock)))
    try:
        await _evaluate(service, scene, clock, watched, news)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    broken = [result for result in ended if isinstance(result, Exception)]
    if broken:
        raise broken[0]
    return watched


async def _evaluate(
    service: IncidentService, scene: Scene, clock: ReplayClock, watched: Watched, news: asyncio.Event
) -> None:
    last = clock()
    while clock() < scene.onset + scene.lasts:
        await asyncio.sleep(TICK.total_seconds())
        open_now = any(incident.open for incident in service.state.incidents.values())
        if not (news.is_set() or open_now or clock() - last >= IDLE):
            continue
        news.clear()
        last = watched.now = clock()
        await service.evaluate()
        if scene.enough(watched):
            return


async def _probe(  # noqa: PLR0917 - a vantage point and all that it works with
    scene: Scene,
    settings: Settings,
    estate: Estate,
    place: str,
    clock: ReplayClock,
    tell: Callable[[Signal], None],
    chance: random.Random,
) -> None:
    """As `ProbeRunner.run` does it, with another network under the prober and virtual time."""
    vantage = place if len(scene.places) > 1 else ""
    runner, network, loop = ProbeRunner(settings, clock, vantage), ReplayNetwork(scene.outside, clock, place), _loop()
    scopes, crashed = runner.scopes_of(estate), list[Exception]()
    prober = prober_for(network, clock=clock, vantage=vantage, chance=chance.random)

    def pass_on(signal: Signal) -> None:
        if not (signal.via == IPV6 and signal.state is Health.UNKNOWN):
            tell(signal)

    async def observe(probe: Probe) -> Signal:
        try:
            signal = await prober.observe(probe)
        except Exception as error:
            crashed.append(error)
            raise
        for also in signals_of_also(probe, signal):
            tell(also)
        return signal

    def wall() -> float:
        return clock().timestamp()

    controls = prober.controls = ControlGroup(prober.observe, pass_on, now=loop.time)
    interval = settings.watch.interval.total_seconds()
    probing: ProbeScheduler[Probe] = ProbeScheduler(
        observe, pass_on, now=loop.time, interval=interval, chance=chance.random, wall=wall
    )
    probes, calls = runner.probes(scopes) if settings.watch.probes else (), runner.canaries(scopes)
    control = [probe for probe in probes if probe.control] or (runner.controls() if calls else ())
    controls.members = (*control, *ipv6_twins(control))
    probing.set((*probes, *ipv6_twins(probes)))
    async with asyncio.TaskGroup() as group:
        group.create_task(probing.run())
        group.create_task(_fail_with(crashed))
        if calls:
            call = caller_for(network, clock=clock, vantage=vantage)
            every = settings.watch.canaries.interval.total_seconds()
            calling: ProbeScheduler[Canary] = ProbeScheduler(
                lambda canary: call_beside(controls, canary, call), pass_on, now=loop.time, interval=every, wall=wall
            )
            calling.set(calls)
            group.create_task(calling.run())


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


async def _fail_with(crashed: Sequence[Exception]) -> None:
    """The scheduler only logs a probe that crashes; here it ends the run."""
    while not crashed:  # noqa: ASYNC110 - time is virtual here
        await asyncio.sleep(60.0)
    raise crashed[0]


def _monitor(  # noqa: PLR0917 - the monitor and all that it works with
    scene: Scene,
    settings: Settings,
    known: Callable[[], "asyncio.Future[Estate]"] | Callable[..., object],
    clock: ReplayClock,
    tell: Callable[[FeedReading], None],
    ledger: ReplayLedger,
    chance: random.Random,
) -> FeedMonitor:
    network = ReplayNetwork(scene.outside, clock, scene.places[0])
    client = cast("HttpClient", _Fetching(network))
    providers = settings.catalogue.providers
    listed = [providers[page.provider] for page in scene.pages]
    feeds: Sequence[Feed] = [
        HttpFeed(FeedSpec(provider.name, provider.feed, provider.format), client, clock) for provider in listed
    ]

    def opened() -> AbstractAsyncContextManager[Sequence[Feed]]:
        return _given(feeds)

    pace = PollingPolicy("all", settings.watch.feed_interval)
    cache_ = ReadingCache(ledger, clock)
    return FeedMonitor(settings.catalogue, opened, known, tell, cache_, clock, pace, chance=chance)  # type: ignore[arg-type]


@asynccontextmanager
async def _given(feeds: Sequence[Feed]) -> AsyncIterator[Sequence[Feed]]:
    yield feeds


@dataclass
class _Fetching:
    network: ReplayNetwork

    @property
    def request(self) -> object:
        return self.network.fetch


async def _fall_asleep(scene: Scene, clock: ReplayClock) -> None:
    """While the machine sleeps the day goes on, and nothing of it is seen."""
    while True:
        lasts = scene.outside.asleep(scene.places[0], clock())
        clock.slept += lasts
        await asyncio.sleep(1.0)


@cache
def settings_of(text: str) -> Settings:
    """backstay.yaml with this text, and no environment."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "backstay.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path, {})


@cache
def usual_answers(text: str) -> dict[tuple[str, str], Answer]:
    """What the endpoints that these settings make backstay probe answer on good days: what is expected of them."""
    settings = settings_of(text)
    runner = ProbeRunner(settings, lambda: datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    seen = declared_services(settings.catalogue, datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    made = {}
    for probe in runner.probes(runner.scopes_of(Estate(seen))):
        if probe.kind == "http":
            statuses = probe.expect.status
            status = 200 if not statuses or 200 in statuses else min(statuses)
            body = probe.expect.body.encode() or b'{"status":"ok"}'
            kind = "application/json" if body.startswith((b"{", b"[")) else "text/html"
            made[probe.host, probe.path] = Answer(status, body, kind)
    return made


def page_hosts(text: str, pages: Sequence[StatusPage]) -> dict[str, Callable[[datetime], Answer]]:
    """The hosts at which the pages of these providers are read."""
    providers = settings_of(text).catalogue.providers
    return {urlsplit(providers[page.provider].feed).hostname or "": page.answer for page in pages}


def _text(card: object) -> str:
    return json.dumps(card, ensure_ascii=False, default=str)
