"""An outage lived through again: real probes, canaries and feeds against loopback, a real watch, and a fake Slack that is told.

Time passes only where somebody sleeps. What may be slow is as slow as it can be: every look happened just before the outage
began, the page was read just before its first word, and a look that fails takes its whole time.
"""

import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web
from support.builders.moment import seen, service
from support.builders.signals import RESOLVERS
from support.fakes.aws import FakeAws, Fault, fake_aws
from support.fakes.dns import FakeDns, Manner
from support.harness.loopback import cut, serving
from support.harness.office import Office, open_office
from support.harness.watching import watch_on
from support.samples.outage_pages import OutagePage
from support.samples.outages import Outage, Trouble

from bot.detection.feeds.http_feed import FeedSpec, HttpFeed, pool
from bot.detection.probes.aws_canaries import CONNECT_SECONDS, READ_SECONDS, Canaries, Canary
from bot.detection.probes.probe import Probe
from bot.detection.probes.prober import ATTEMPTS, PAUSE, TIMEOUT, Prober
from bot.detection.probes.scheduler import FAST_INTERVAL, FAST_ROUNDS, INTERVAL
from bot.detection.probes.web import WebProber
from bot.incidents.service import TICK, IncidentService
from bot.model.estate import Estate
from bot.model.incidents import Phase
from bot.model.signals import Health, Signal
from checks import Dependency, Scope

Look = Probe | Canary
PAGE_EVERY = timedelta(seconds=60)


@dataclass
class Result:
    """What came of one outage. `over_after`: how long after all was well again it was called over."""

    outage: Outage
    alerts: list[tuple[datetime, str]] = field(default_factory=list)
    waves: int = 1
    incidents: int = 0
    over_after: timedelta | None = None

    @property
    def first(self) -> datetime | None:
        return self.alerts[0][0] if self.alerts else None

    @property
    def lead(self) -> timedelta | None:
        """Over the page; negative: behind it."""
        return self.outage.page_at - self.first if self.first and self.outage.page_at else None

    @property
    def needless(self) -> int:
        """Beyond one that it is there, one for each later wave, one for each time that it was over."""
        return max(0, len(self.alerts) - 2 * self.waves)

    def wave_after(self) -> timedelta | None:
        """How long after trouble came back it was told again, the longest; None: it came in one piece."""
        again = [trouble.begins for trouble in self.outage.troubles if _comes_back(trouble, self.outage.troubles)]
        told = [min((at for at, _ in self.alerts if at >= begins), default=None) for begins in again]
        waits = [at - begins if at else timedelta.max for at, begins in zip(told, again, strict=True)]
        return max(waits, default=None)


def _comes_back(trouble: Trouble, all_of_them: Iterable[Trouble]) -> bool:
    before = [other.ends for other in all_of_them if other.begins < trouble.begins]
    return bool(before) and trouble.begins - max(before) > timedelta(minutes=15)


@dataclass
class World:
    """The loopback servers; `broken` is what is wrong with them now, by scope."""

    dns: list[FakeDns]
    port: int
    aws: FakeAws
    broken: dict[Scope, Trouble] = field(default_factory=dict)

    def looks(self, scopes: Iterable[Scope], called: Iterable[Scope]) -> list[Look]:
        made: list[Look] = [Canary(scope) for scope in called]
        for scope in scopes:
            made += [Probe(scope, "dns", _host(scope), resolver=dn.resolver) for dn in self.dns]
            made.append(Probe(scope, "http", "127.0.0.1", self.port, f"/{scope}", secure=False))
        for name in ("example", "wikipedia"):
            made.append(Probe(Scope(name), "http", "127.0.0.1", self.port, f"/{name}", secure=False, control=True))
        return made

    def at(self, now: datetime, outage: Outage) -> None:
        """Break and mend."""
        self.broken = {trouble.scope: trouble for trouble in outage.troubles if trouble.begins <= now < trouble.ends}
        manners: dict[str, Manner] = {
            _host(item.scope): item.manner for item in self.broken.values() if item.kind == "dns"
        }
        for server in self.dns:
            server.manners = manners
        self.aws.script.clear()
        for item in self.broken.values():
            if item.kind == "canary":
                call = Canary(item.scope).call
                self.aws.on(call.service, call.operation, Fault("InternalFailure", 500))


@dataclass
class Looking:
    """Looks for real while things change; what has answered alike five times over is not asked again until it changes."""

    prober: Prober
    canaries: Canaries
    answers: dict[tuple[Look, Trouble | None], tuple[int, Signal]] = field(default_factory=dict)

    async def look(self, one: Look, trouble: Trouble | None) -> Signal:
        """Its signal, as of now."""
        times, signal = self.answers.get((one, trouble), (0, None))
        if signal is None or times < 5:
            signal = await (self.prober.observe(one) if isinstance(one, Probe) else self.canaries.observe(one))
            self.answers[one, trouble] = times + 1, signal
        return signal


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """Three resolvers, a web server and an AWS. The AWS is found by the environment: `loopback_aws` says what to set."""
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(FakeDns().running()) for _ in RESOLVERS]
        made = World(servers, 0, stack.enter_context(fake_aws()))

        async def answer(request: web.Request) -> web.Response:
            trouble = made.broken.get(Scope.parse(request.path.strip("/")))
            if trouble is not None and trouble.kind == "http":
                cut(request)
            return web.Response(status=403)

        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        url = await stack.enter_async_context(serving(app))
        made.port = int(url.rpartition(":")[2])
        yield made


def loopback_aws(servers: World) -> dict[str, str]:
    """The variables that lead canaries to the loopback AWS and nowhere else."""
    return {
        "AWS_ENDPOINT_URL": servers.aws.url,
        "AWS_ACCESS_KEY_ID": "loopback",
        "AWS_SECRET_ACCESS_KEY": "loopback",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
    }


async def replay(outage: Outage, servers: World) -> Result:
    """Live through an outage: a few minutes before, until well after its end."""
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        office = await stack.enter_async_context(open_office(Path(directory)))
        opened = await stack.enter_async_context(WebProber().opened())
        page = OutagePage(outage, office.clock)
        url = await stack.enter_async_context(serving(page.app()))
        client = await stack.enter_async_context(pool())
        canaries = Canaries(clock=office.clock, vantage="here", timeouts=(10.0, 60.0))
        stack.callback(canaries.close)
        feed = HttpFeed(FeedSpec(outage.provider, url, page.format, private=True), client, office.clock)
        prober = Prober(opened, clock=office.clock, sleep=_nothing, vantage="here", timeout=0.5)
        return await _live(outage, servers, office, Looking(prober, canaries), feed)


async def _live(outage: Outage, servers: World, office: Office, looking: Looking, feed: HttpFeed) -> Result:
    # The worst case: every look, and the page, was had just before it begins.
    office.clock.at = outage.onset - timedelta(minutes=5, milliseconds=1)
    outside = tuple(dict.fromkeys(trouble.scope for trouble in outage.troubles if trouble.kind != "canary"))
    called = tuple(dict.fromkeys(trouble.scope for trouble in outage.troubles if trouble.kind == "canary"))
    watched = (*outside, *called) or outage.scopes[:1]
    watch = watch_on(office, [_estate(outage, watched)])
    result = Result(outage)
    due = dict.fromkeys(servers.looks(outside or outage.scopes[:1], called), office.clock.at)
    page_due = office.clock.at + (((outage.page_at or outage.onset) - office.clock.at) % PAGE_EVERY) - TICK
    hurried: dict[Look, int] = {}
    last = max([outage.ends, *(trouble.ends for trouble in outage.troubles)])
    while office.clock.at < last + timedelta(hours=2):
        now = office.clock.at
        servers.at(now, outage)
        for item in [each for each, at in due.items() if at <= now]:
            signal = await looking.look(item, servers.broken.get(item.scope))
            bad = signal.state is Health.BAD
            hurried[item] = hurried.get(item, 0) + 1 if bad else 0
            due[item] = now + timedelta(seconds=FAST_INTERVAL if bad and hurried[item] <= FAST_ROUNDS else INTERVAL)
            watch.observe(replace(signal, at=now + (_slowest(item) if bad else timedelta(0))))
        if now >= page_due:
            watch.observe_feed(await feed.read())
            page_due = now + PAGE_EVERY
        await _tick(watch, office, result)
        _pass_time(office, min([page_due, *due.values()]), watch)
    await _sum_up(result, watch, last)
    return result


def _slowest(look: Look) -> timedelta:
    """What timed out took its time."""
    if isinstance(look, Canary):
        return timedelta(seconds=CONNECT_SECONDS + READ_SECONDS)
    return timedelta(seconds=ATTEMPTS * TIMEOUT + PAUSE * 1.5)


async def _sum_up(result: Result, watch: IncidentService, last: datetime) -> None:
    known = await watch.incidents(since=result.outage.onset - timedelta(hours=1))
    result.incidents = len(known)
    result.waves = max([incident.wave for incident in watch.state.incidents.values()], default=1)
    ends = [entry.resolved_at for entry in known if entry.resolved_at]
    result.over_after = max(ends) - last if ends and len(ends) == len(known) else None


async def _tick(watch: IncidentService, office: Office, result: Result) -> None:
    before = len(_told(office))
    await watch.evaluate()
    if office.ledger.posted.is_set():
        office.ledger.posted.clear()
        await office.sender(every=timedelta(0)).deliver_due()
    result.alerts += [(office.clock.at, text) for text in _told(office)[before:]]


def _told(office: Office) -> list[str]:
    """What stands in the channel itself; what is said in threads interrupts nobody."""
    return [str(post["text"]) for post in office.slack.top("payments")]


def _pass_time(office: Office, next_due: datetime, watch: IncidentService) -> None:
    """On to the next tick while something is going on, to the next look while nothing is."""
    busy = any(incident.phase is Phase.SUSPECTED for incident in watch.state.incidents.values())
    office.clock.at += TICK if busy else max(TICK, next_due - office.clock.at)


def _estate(outage: Outage, watched: Iterable[Scope]) -> Estate:
    needs = dict.fromkeys((*watched, *outage.scopes[:1]))
    depends = tuple(Dependency(str(scope), "scope" if scope.region else "saas") for scope in needs)
    return Estate((seen(of=service("checkout", depends_on=depends)),))


def _host(scope: Scope) -> str:
    return f"{'.'.join(reversed(scope.steps))}.example".replace(" ", "-")


async def _nothing(_: float) -> None:
    """No pause between two looks: time is not theirs to pass."""
