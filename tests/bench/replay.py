"""Replays known outages minute by minute through probes, pages and a chat on loopback, and counts false alerts over a month.

    python tests/bench/replay.py [timelines.json]

For each outage: time from its onset to the alert at a 30 s probe interval, lead over the status page, messages sent, of which
needless. Probes are the real ones, against a DNS and a web server on loopback; time passes only where somebody sleeps.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from aiohttp import web  # noqa: E402 - the path comes first
from support.fake_dns import FakeDns, Manner  # noqa: E402
from support.loopback import cut, serving  # noqa: E402
from support.moment import seen, service  # noqa: E402
from support.office import Office, open_office  # noqa: E402
from support.outages import Outage, Trouble  # noqa: E402
from support.quiet_month import quiet_month  # noqa: E402
from support.signals import RESOLVERS  # noqa: E402
from support.watching import watch_on  # noqa: E402

from bot.incidents import Estate  # noqa: E402
from bot.ports import FeedReading, IncidentSeverity, IncidentState, ProviderIncident  # noqa: E402
from bot.probes._probe import Probe  # noqa: E402
from bot.probes._web import Web  # noqa: E402
from bot.probes.prober import LOOKS, PAUSE, TIMEOUT, Prober  # noqa: E402
from bot.probes.rounds import HURRIED, HURRY, INTERVAL  # noqa: E402
from bot.signals import Health, Phase, Signal  # noqa: E402
from bot.watch import TICK, Watch  # noqa: E402
from checks import Dependency, Scope  # noqa: E402

TIMELINES = Path(__file__).parents[3] / "shared" / "facts" / "timelines.json"
GOAL = timedelta(seconds=90)


@dataclass
class Result:
    """What came of one outage."""

    outage: Outage
    alerts: list[tuple[datetime, str]] = field(default_factory=list)
    waves: int = 1
    incidents: int = 0

    @property
    def first(self) -> datetime | None:
        return self.alerts[0][0] if self.alerts else None

    @property
    def needless(self) -> int:
        """Beyond one that it is there, one for each later wave, one for each time that it was over."""
        return max(0, len(self.alerts) - 2 * self.waves)


@dataclass
class World:
    """The loopback servers; `broken` is what is wrong with them now, by scope."""

    dns: list[FakeDns]
    port: int
    broken: dict[Scope, Trouble] = field(default_factory=dict)

    def probes(self, scopes: Iterable[Scope]) -> list[Probe]:
        made = []
        for scope in scopes:
            made += [Probe(scope, "dns", _host(scope), resolver=one.resolver) for one in self.dns]
            made.append(Probe(scope, "http", "127.0.0.1", self.port, f"/{scope}", secure=False))
        for name in ("example", "wikipedia"):
            made.append(Probe(Scope(name), "http", "127.0.0.1", self.port, f"/{name}", secure=False, control=True))
        return made

    def at(self, now: datetime, outage: Outage) -> None:
        """Break and mend."""
        self.broken = {one.scope: one for one in outage.troubles if one.begins <= now < one.ends}
        manners: dict[str, Manner] = {_host(one.scope): one.manner for one in self.broken.values() if one.kind == "dns"}
        for server in self.dns:
            server.manners = manners


@dataclass
class Looking:
    """Looks for real while things change; what has answered alike five times over is not asked again until it changes."""

    prober: Prober
    answers: dict[tuple[Probe, Trouble | None], tuple[int, Signal]] = field(default_factory=dict)

    async def look(self, one: Probe, trouble: Trouble | None) -> Signal:
        """The probe's signal, as of now."""
        times, signal = self.answers.get((one, trouble), (0, None))
        if signal is None or times < 5:
            signal = await self.prober.observe(one)
            self.answers[one, trouble] = times + 1, signal
        return signal


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """Three resolvers and a web server."""
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(FakeDns().running()) for _ in RESOLVERS]
        made = World(servers, 0)

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


async def replay(outage: Outage, servers: World) -> Result:
    """Live through an outage: a quarter of an hour before, until well after its end."""
    with tempfile.TemporaryDirectory() as directory:
        async with open_office(Path(directory)) as office, Web().opened() as opened:
            return await _live(outage, servers, office, opened)


async def _live(outage: Outage, servers: World, office: Office, opened: Web) -> Result:
    # The worst case: every probe has looked just before it begins.
    office.clock.at = outage.onset - timedelta(minutes=5, milliseconds=1)
    watched = tuple(dict.fromkeys(one.scope for one in outage.troubles)) or outage.scopes[:1]
    watch = watch_on(office, [_estate(outage, watched)])
    result = Result(outage)
    looking = Looking(Prober(opened, clock=office.clock, sleep=_nothing, vantage="here", timeout=0.5))
    due = dict.fromkeys(servers.probes(watched), office.clock.at)
    hurried: dict[Probe, int] = {}
    end = outage.ends + timedelta(hours=1)
    while office.clock.at < end:
        servers.at(office.clock.at, outage)
        looked = office.clock.at
        for one in [each for each, at in due.items() if at <= looked]:
            signal = await looking.look(one, servers.broken.get(one.scope))
            bad = signal.state is Health.BAD
            hurried[one] = hurried.get(one, 0) + 1 if bad else 0
            due[one] = looked + timedelta(seconds=HURRY if bad and hurried[one] <= HURRIED else INTERVAL)
            # What timed out took its time: the slowest that a bad look can be.
            took = timedelta(seconds=LOOKS * TIMEOUT + PAUSE * 1.5) if bad else timedelta(0)
            watch.tell(replace(signal, at=looked + took))
        _read_page(watch, outage, office.clock.at)
        await _tick(watch, office, result)
        _pass_time(office, due, watch)
    result.incidents = len(await watch.incidents(since=outage.onset - timedelta(hours=1)))
    result.waves = max([one.wave for one in watch.board.incidents.values()], default=1)
    return result


async def _tick(watch: Watch, office: Office, result: Result) -> None:
    before = len(office.slack.channel("payments"))
    await watch.tick()
    if office.ledger.posted.is_set():
        office.ledger.posted.clear()
        await office.sender(every=timedelta(0)).deliver_due()
    posts = office.slack.channel("payments")[before:]
    result.alerts += [(office.clock.at, str(post["text"])) for post in posts]


def _pass_time(office: Office, due: Mapping[Probe, datetime], watch: Watch) -> None:
    """On to the next tick while something is going on, to the next look while nothing is."""
    busy = any(one.phase is Phase.SUSPECTED for one in watch.board.incidents.values())
    pause = TICK if busy else max(TICK, min(due.values()) - office.clock.at)
    office.clock.at += pause


def _read_page(watch: Watch, outage: Outage, now: datetime) -> None:
    """Poll the page once a minute."""
    if outage.page_at is None or now.second >= 30:
        return
    over = now >= outage.ends
    told = ProviderIncident(
        outage.provider,
        outage.name,
        "Increased error rates",
        IncidentState.RESOLVED if over else IncidentState.INVESTIGATING,
        IncidentSeverity.MAJOR,
        services=tuple(scope.part for scope in outage.scopes if scope.part),
        regions=tuple({scope.region for scope in outage.scopes if scope.region}),
        started_at=outage.page_at,
        updated_at=now,
    )
    found = (told,) if now >= outage.page_at else ()
    worst = IncidentSeverity.MAJOR if found and not over else IncidentSeverity.NONE
    watch.read(FeedReading(outage.provider, "statuspage", found, (), worst, now))


def _estate(outage: Outage, watched: Iterable[Scope]) -> Estate:
    needs = (*watched, *outage.scopes[:1])
    depends = tuple(Dependency(str(scope), "scope" if scope.region else "saas") for scope in dict.fromkeys(needs))
    return Estate((seen(of=service("checkout", depends_on=depends)),))


def _host(scope: Scope) -> str:
    return f"{'.'.join(reversed(scope.steps))}.example".replace(" ", "-")


async def _nothing(_: float) -> None:
    await asyncio.sleep(0)


async def main() -> int:
    """Print the table; 1 where a goal is missed."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else TIMELINES
    missed = 0
    if path.exists():
        outages = [Outage.of(raw) for raw in json.loads(path.read_text())["incidents"]]
        async with world() as servers:
            missed += await _print_all(outages, servers)
    else:
        sys.stdout.write(f"no timelines at {path.name}: outages are not replayed\n")
    began = time.perf_counter()
    told, rounds = quiet_month(30, 10, seed=20251020)
    took = time.perf_counter() - began
    sys.stdout.write(
        f"\n30 quiet days, 1 % of rounds fail by chance, one resolver broken for an hour a day: {told} false alerts "
        f"(goal 0) in {rounds:,} rounds; {took:.0f} s\n"
    )
    return 1 if missed or told else 0


async def _print_all(outages: Iterable[Outage], servers: World) -> int:
    _say("outage", "seen from", "to alert", "lead", "incidents", "alerts", "needless")
    missed = 0
    for outage in outages:
        one = await replay(outage, servers)
        first = one.first
        after = first - outage.onset if first else None
        lead = outage.page_at - first if first and outage.page_at else None
        at_once = outage.probed and outage.troubles[0].begins == outage.onset
        late = at_once and (after is None or after > GOAL)
        behind = outage.probed and lead is not None and lead <= timedelta(0)
        missed += late or behind or one.needless > 0
        source = "outside" if outage.probed else "the page" if outage.page_at else "nowhere"
        numbers = (str(one.incidents), str(len(one.alerts)), str(one.needless))
        _say(outage.name, source, _span(after), _span(lead), *numbers)
    sys.stdout.write(
        f"goal: alert within {GOAL.total_seconds():.0f} s where outside shows it at once; missed: {missed}\n"
    )
    return missed


def _say(*cells: str) -> None:
    sys.stdout.write("{:34} {:>9} {:>11} {:>8} {:>9} {:>6} {:>9}\n".format(*cells))
    sys.stdout.flush()


def _span(span: timedelta | None) -> str:
    if span is None:
        return "-"
    seconds = span.total_seconds()
    return f"{seconds:.0f} s" if abs(seconds) < 600 else f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
