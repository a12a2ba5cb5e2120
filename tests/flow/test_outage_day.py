"""The story of 20 October 2025, once through: seen from outside first, told in Slack, by the fallback while Slack is down.

Resolvers answer with nothing at 06:48, the page speaks at 07:11, Slack is lost at 07:20, a second region follows, names come
back at 09:24 and are lost once more; the provider's "fully mitigated" closes nothing. Everything is said exactly once.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.builders.moment import seen, service
from support.builders.resources import datastore
from support.fakes.dns import FakeDns
from support.fakes.misbehaving import OK, status
from support.fakes.status_page import StatusPage, summary, trouble
from support.harness.loopback import serving
from support.harness.office import HOOK, SLACK, Office, open_office
from support.harness.watching import watch_on

from bot.delivery import Sender
from bot.delivery.catch_up import CatchUp
from bot.detection.feeds.http_feed import FeedSpec, HttpFeed, pool
from bot.detection.probes.probe import Probe
from bot.detection.probes.prober import Prober
from bot.detection.probes.scheduler import FAST_INTERVAL, FAST_ROUNDS, INTERVAL
from bot.detection.probes.web import WebProber
from bot.incidents.service import TICK, IncidentService
from bot.model import Audience, RouteSpec
from bot.model.estate import Estate
from bot.model.incidents import Incident
from bot.model.signals import Health
from checks import Scope

ONSET = datetime(2025, 10, 20, 6, 48, tzinfo=UTC)
CALM = timedelta(seconds=30)
"""How time passes while nothing changes: it spares the test thousands of looks."""

NEAR, FAR = Scope("aws", "us-east-1", "dynamodb"), Scope("aws", "eu-west-1", "dynamodb")


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return ONSET.replace(hour=hour, minute=minute, second=second)


def name(scope: Scope) -> str:
    return f"dynamodb.{scope.region}.amazonaws.com"


@dataclass
class Day:
    """The team's office, the world that breaks, and the watch between them."""

    office: Office
    watch: IncidentService
    resolvers: Sequence[FakeDns]
    page: StatusPage
    feed: HttpFeed
    prober: Prober
    sender: Sender
    catch_up: CatchUp
    alerts: list[tuple[datetime, str, str]] = field(default_factory=list)
    _looked: dict[Probe, tuple[datetime, int]] = field(default_factory=dict)
    _page_read: datetime = ONSET - timedelta(hours=1)

    def breaks(self, scope: Scope) -> None:
        for resolver in self.resolvers:
            resolver.manners[name(scope)] = "empty"

    def mends(self, *scopes: Scope) -> None:
        for resolver in self.resolvers:
            for scope in scopes:
                resolver.manners.pop(name(scope), None)

    def says(self, *, over: bool = False) -> None:
        told = trouble(
            status="resolved" if over else "investigating",
            name="Increased error rates for DynamoDB in us-east-1",
            components=[{"id": "c1", "name": "Amazon DynamoDB", "status": "major_outage"}],
            created_at="2025-10-20T07:11:00Z",
            updated_at=self.office.clock().isoformat(),
            resolved_at=self.office.clock().isoformat() if over else None,
        )
        self.page.body = summary(told, indicator="none" if over else "major")

    async def until(self, moment: datetime) -> None:
        """Let time pass, looking, judging and delivering as `serve` does."""
        clock = self.office.clock
        while clock.at < moment:
            await self._look()
            if clock.at - self._page_read >= timedelta(seconds=60):
                self._page_read = clock.at
                self.watch.observe_feed(await self.feed.read())
            await self.watch.evaluate()
            await self.catch_up.update()
            await self._deliver()
            clock.at = min(moment, clock.at + (TICK if self._busy() else CALM))

    def _busy(self) -> bool:
        return any(0 < bad <= FAST_ROUNDS for _, bad in self._looked.values())

    async def _look(self) -> None:
        now = self.office.clock.at
        for scope in (NEAR, FAR):
            for resolver in self.resolvers:
                probe = Probe(scope, "dns", name(scope), resolver=resolver.resolver)
                last, bad = self._looked.get(probe, (now - timedelta(hours=1), 0))
                pause = FAST_INTERVAL if 0 < bad <= FAST_ROUNDS else INTERVAL
                if now - last < timedelta(seconds=pause):
                    continue
                signal = await self.prober.observe(probe)
                self._looked[probe] = now, bad + 1 if signal.state is Health.BAD else 0
                self.watch.observe(signal)

    async def _deliver(self) -> None:
        before = len(self.posts()), len(self.office.hook.received)
        await self.sender.deliver_due()
        now = self.office.clock.at
        self.alerts += [(now, "slack", text) for text in self.posts()[before[0] :]]
        self.alerts += [
            (now, "webhook", str(request.json["title"])) for request in self.office.hook.received[before[1] :]
        ]

    def posts(self) -> list[str]:
        return [str(post["text"]) for post in self.office.slack.top("payments")]

    def since(self, moment: datetime) -> list[tuple[str, str]]:
        return [(route, text) for when, route, text in self.alerts if when >= moment]

    async def incidents(self) -> tuple[Incident, ...]:
        return await self.watch.incidents(since=ONSET - timedelta(hours=1))


@asynccontextmanager
async def a_day(directory: Path) -> AsyncIterator[Day]:
    async with AsyncExitStack() as stack:
        office = await stack.enter_async_context(open_office(directory))
        office.clock.at = ONSET - timedelta(minutes=2)
        resolvers = [await stack.enter_async_context(FakeDns().running()) for _ in range(3)]
        page = StatusPage(summary())
        url = await stack.enter_async_context(serving(page.app()))
        client = await stack.enter_async_context(pool())
        web = await stack.enter_async_context(WebProber().opened())
        near = seen(datastore(product="dynamodb", replica_regions=()), of=service("checkout"))
        far = seen(datastore(product="dynamodb", region="eu-west-1", replica_regions=()), of=service("login"))
        yield Day(
            office=office,
            watch=watch_on(office, [Estate((near, far))]),
            resolvers=resolvers,
            page=page,
            feed=HttpFeed(FeedSpec("aws", url, private=True), client, office.clock),
            prober=Prober(web, clock=office.clock, sleep=office.clock.sleep, timeout=0.5, chance=lambda: 0.0),
            sender=office.sender(every=timedelta(0)),
            catch_up=CatchUp(
                office.ledger,
                {"payments": Audience("payments", (RouteSpec("slack", SLACK), RouteSpec("webhook", HOOK)))},
                clock=office.clock,
            ),
        )


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[Day]:
    async with a_day(tmp_path) as opened:
        yield opened


async def test_the_day(day: Day) -> None:
    await day.until(ONSET)
    assert day.posts() == []

    day.breaks(NEAR)
    await day.until(at(7, 11))
    ((told_at, route, said),) = day.alerts
    assert told_at - ONSET <= timedelta(seconds=90)
    assert (route, "checkout expected down" in said) == ("slack", True)

    day.says()
    await day.until(at(7, 20))
    assert len(day.alerts) == 1, "what the page says is an update in place"
    (incident,) = await day.incidents()
    assert incident.lead is not None
    assert incident.lead > timedelta(minutes=20)

    day.office.slack.always("*", status(503))
    day.breaks(FAR)
    await day.until(at(7, 30))
    ((route, said),) = day.since(at(7, 20))
    assert (route, "eu-west-1" in said) == ("webhook", True), "login is hit: told by the fallback, once"

    day.office.slack.always("*", OK)
    day.mends(NEAR, FAR)
    await day.until(at(9, 20))
    caught_up, ended, also, despite = day.since(at(7, 30))
    assert (caught_up[0], caught_up[1].startswith("Catch-up for ")) == ("slack", True)
    assert (ended[0], "eu-west-1" in ended[1] and ended[1].startswith("Resolved")) == ("slack", True)
    assert (also[0], also[1].startswith("Resolved")) == ("webhook", True), "it was told the beginning, so the end too"
    assert "us-east-1" in despite[1], "our probes are well for an hour, although the page says that it goes on"
    assert not any(incident.open for incident in await day.incidents())

    day.breaks(NEAR)
    await day.until(at(9, 30))
    ((route, said),) = day.since(at(9, 20))
    assert (route, "wave 2" in said) == ("slack", True), said
    day.says(over=True)  # "fully mitigated"
    await day.until(at(10, 35))
    assert any(incident.open for incident in await day.incidents()), "a provider's word alone closes nothing"
    assert day.since(at(9, 30)) == []

    day.mends(NEAR)
    await day.until(at(12, 0))
    ((route, said),) = day.since(at(10, 35))
    assert (route, said.startswith("Resolved"), "checkout" in said) == ("slack", True, True)
    assert not [incident for incident in await day.incidents() if incident.open]
    assert day.office.slack.violations == []
    assert (await day.office.ledger.backlog()).pending == 0
