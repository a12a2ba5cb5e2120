"""Replays known outages minute by minute through probes, pages and a chat on loopback, and counts false alerts over a month.

    python tests/bench/replay.py [timelines.json]

For each outage: time from its onset to the alert at a 30 s probe interval, lead over the status page, messages sent, of which
needless. Probes are the real ones, against a DNS and a web server on loopback; time passes only where somebody sleeps.
"""

import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from aiohttp import web  # noqa: E402 - the path comes first
from support.fake_dns import FakeDns, Manner  # noqa: E402
from support.loopback import cut, serving  # noqa: E402
from support.moment import seen, service  # noqa: E402
from support.office import Office, open_office  # noqa: E402
from support.signals import RESOLVERS, controls, probe  # noqa: E402
from support.watching import watch_on  # noqa: E402

from bot.incidents import Board, Estate, step  # noqa: E402
from bot.ports import FeedReading, IncidentSeverity, IncidentState, ProviderIncident  # noqa: E402
from bot.probes._probe import Probe  # noqa: E402
from bot.probes._web import Web  # noqa: E402
from bot.probes.prober import LOOKS, PAUSE, TIMEOUT, Prober  # noqa: E402
from bot.probes.rounds import HURRIED, HURRY, INTERVAL  # noqa: E402
from bot.signals import Health, Phase, Signal  # noqa: E402
from bot.watch import TICK, Watch  # noqa: E402
from checks import Dependency, Scope  # noqa: E402

TIMELINES = Path(__file__).parents[3] / "shared" / "facts" / "timelines.json"
_DNS: Mapping[str, Manner] = {"dns_a_empty": "empty", "dns_servfail": "servfail", "dns_resolution_failure": "servfail"}
_WEB = {
    "http_5xx",
    "http_503",
    "http_slow_or_timeout",
    "tcp_timeout_waves",
    "tcp_connect_errors",
    "tls_or_http_timeout",
}
_SIGNED_IN = {"authenticated_api_errors"}
GOAL = timedelta(seconds=90)


@dataclass(frozen=True)
class Trouble:
    """Something that could be seen from outside, from when until when. `kind`: dns or http, with the manner of it."""

    scope: Scope
    kind: str
    manner: Manner
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Outage:
    """One outage of the timelines. `page_at`: the page's first word; None where nobody has it."""

    name: str
    provider: str
    onset: datetime
    ends: datetime
    page_at: datetime | None
    troubles: tuple[Trouble, ...]
    scopes: tuple[Scope, ...]
    probed: bool

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "Outage":
        """Read one. What never ended by the record is taken to have lasted four hours."""
        onset = _moment(raw["onset_utc"])
        ends = _moment(raw["end_utc"] or raw["mitigated_utc"] or (onset + timedelta(hours=4)).isoformat())
        page = raw["first_public_status_utc"] or (raw.get("first_public_status_alt") or {}).get("t")
        region = raw["scope"]["regions"][0] if raw["provider"] == "aws" else ""
        parts = raw["scope"]["services"] if region else [""]
        scopes = tuple(Scope(raw["provider"], region, part.replace("/", "-")) for part in parts)
        troubles = tuple(one for one in (_trouble(said, scopes, ends) for said in raw["signals"]) if one)
        return cls(
            name=raw["id"],
            provider=raw["provider"],
            onset=onset,
            ends=max([ends, *(one.ends for one in troubles)]),
            page_at=_moment(page) if page else None,
            troubles=troubles,
            scopes=scopes,
            probed=any(one.begins - onset < timedelta(minutes=15) for one in troubles),
        )


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


def _trouble(said: Mapping[str, Any], scopes: tuple[Scope, ...], ends: datetime) -> Trouble | None:
    kind = "dns" if said["signal"] in _DNS else "http" if said["signal"] in _WEB else ""
    if not kind:
        return None
    named = said["target"].lower()
    first = next((scope for scope in scopes if scope.part and scope.part in named), scopes[0])
    until = _moment(said["to_utc"]) if said["to_utc"] else ends
    return Trouble(first, kind, _DNS.get(said["signal"], "address"), _moment(said["from_utc"]), until)


def _host(scope: Scope) -> str:
    return f"{'.'.join(reversed(scope.steps))}.example".replace(" ", "-")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


async def _nothing(_: float) -> None:
    await asyncio.sleep(0)


def quiet_month(days: int, things: int, *, seed: int, rate: float = 0.01) -> tuple[int, int]:
    """False alerts and rounds over days in which nothing is wrong but chance.

    Every round of every probe fails with `rate`, whatever was looked at again within it; and each day one resolver is broken
    for an hour. Rounds follow a bad one after the hurried pause.
    """
    chance = random.Random(seed)  # noqa: S311 - a simulation
    board, now, told, rounds = Board(), datetime(2026, 11, 1, tzinfo=UTC), 0, 0
    keys = [(f"svc{number}", via) for number in range(things) for via in (*RESOLVERS, "")]
    end = now + timedelta(days=days)
    hurried: dict[tuple[str, str], int] = {}
    extra: list[tuple[str, str]] = []
    while now < end:
        looks, pause = (extra, HURRY) if extra else (keys, INTERVAL)
        broken = RESOLVERS[now.day % 3] if now.hour == 3 else "none"
        signals: list[Signal] = [] if extra else controls(now)
        extra = []
        for key in looks:
            name, via = key
            bad = via == broken or chance.random() < rate
            hurried[key] = hurried.get(key, 0) + 1 if bad else 0
            if bad and hurried[key] <= HURRIED and via != broken:
                extra.append(key)
            kind = "dns" if via else "https"
            signals.append(probe("aws", "us-east-1", name, bad=bad, at=now, via=via, source=f"{kind}:{name}"))
        before = {one.id for one in board.incidents.values() if one.phase is Phase.CONFIRMED}
        board = step(board, signals, now)
        told += len({one.id for one in board.incidents.values() if one.phase is Phase.CONFIRMED} - before)
        rounds += len(looks)
        now += timedelta(seconds=HURRY if extra else pause)
    return told, rounds


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
