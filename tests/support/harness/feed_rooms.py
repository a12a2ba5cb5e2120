"""A feed room on a team's office: real polls of pages on loopback, under a clock that only moves where a test moves it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from support.fakes.status_page import StatusPage
from support.harness.loopback import serving
from support.harness.office import Office, open_office
from support.harness.watching import watch_on

from bot.catalogue import Catalogue, read
from bot.detection.feeds.cache import ReadingCache
from bot.detection.feeds.http_feed import FeedSpec, HttpFeed, pool
from bot.detection.feeds.monitor import FeedMonitor, PollingPolicy
from bot.incidents.service import IncidentService
from bot.model import Feed
from bot.model.estate import Estate
from checks import Seen

MINUTE = timedelta(minutes=1)
TICK = timedelta(seconds=5)
BRISK, LONG_TICK = timedelta(minutes=10), timedelta(seconds=30)


class Turns:
    """A sleep that ends when the clock has come so far: rounds go by as fast as a test lets time pass."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.sleeping: list[tuple[float, asyncio.Future[None]]] = []

    async def sleep(self, seconds: float) -> None:
        """Sleep by the office's clock."""
        wakes: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sleeping.append((self.office.clock().timestamp() + seconds, wakes))
        await wakes

    def until_next(self) -> timedelta:
        """How long the next of them sleeps on."""
        next_at = min(at for at, _ in self.sleeping)
        return timedelta(seconds=max(next_at - self.office.clock().timestamp(), 0.001))

    def wake(self) -> int:
        """Wake those whose time has come; how many."""
        due = [item for item in self.sleeping if item[0] <= self.office.clock().timestamp()]
        self.sleeping = [item for item in self.sleeping if item not in due]
        for _, wakes in due:
            if not wakes.done():
                wakes.set_result(None)
        return len(due)


@dataclass
class Rooms:
    """A page, the room that reads it, and the watch that judges what it says. `instead`: feeds in place of a name's page."""

    office: Office
    page: StatusPage
    made: Catalogue
    names: tuple[str, ...]
    seen: tuple[Seen, ...]
    pace: PollingPolicy
    instead: dict[str, Feed] = field(default_factory=dict)
    room: FeedMonitor = field(init=False)
    watch: IncidentService = field(init=False)
    turns: Turns = field(init=False)
    _running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin, or end and begin anew on the same ledger: what was in memory is gone."""
        await self.stop()
        known = Estate(self.seen, dict(self.made.runs_on))
        self.watch, self.turns = watch_on(self.office, [known]), Turns(self.office)

        async def estate() -> Estate:
            return known

        memory = ReadingCache(self.office.ledger, self.office.clock)
        self.room = FeedMonitor(
            self.made,
            self._feeds,
            estate,
            self.watch.observe_feed,
            memory,
            self.office.clock,
            self.pace,
            self.turns.sleep,
        )
        self._running = asyncio.create_task(self.room.run())

    async def stop(self) -> None:
        """End the polling."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    @asynccontextmanager
    async def _feeds(self) -> AsyncIterator[Sequence[Feed]]:
        async with pool() as client:
            specs = [FeedSpec(name, self.made.providers[name].feed, private=True) for name in self.names]
            feeds = {spec.provider: HttpFeed(spec, client, self.office.clock, deadline=1.0) for spec in specs}
            yield [*{**feeds, **self.instead}.values()]

    async def settle(self) -> None:
        """Let every poll that is under way end: then each feed, the look at what we stand on and the memory sleep."""
        async with asyncio.timeout(60):
            while len(self.turns.sleeping) < len(self.names) + 2:  # noqa: ASYNC110 - a server answers meanwhile
                await asyncio.sleep(0.001)

    async def pass_by(self, lasts: timedelta) -> None:
        """Let time pass, tick by tick; what lasts longer than ten minutes goes on in longer ones."""
        began = self.office.clock()
        await self.settle()
        while self.office.clock() < began + lasts:
            brisk = self.office.clock() < began + BRISK
            self.office.clock.at += TICK if brisk else min(LONG_TICK, self.turns.until_next())
            if self.turns.wake():
                await self.settle()
            await self.watch.evaluate()
            await self.office.sender(every=timedelta(0)).deliver_due()

    def texts(self) -> list[str]:
        """The posts of the team's channel as they stand now, without their threads."""
        posts = self.office.slack.channel("payments")
        return [str(post["text"]) + str(post["blocks"]) for post in posts if "thread_ts" not in post]

    async def open_now(self) -> list[str]:
        """What the watch is sure of: the scopes of each open incident."""
        return [", ".join(map(str, incident.scopes)) for incident in await self.watch.incidents()]


def catalogue(text: str, *names: str, url: str) -> Catalogue:
    """Services from YAML; these providers have pages at an address and nobody else does."""
    made = read(f'audiences: {{payments: {{routes: [{{slack: "#payments"}}], schedules: []}}}}\nservices:\n{text}')
    known = {name: replace(one, feed="") for name, one in made.providers.items()}
    pages = {name: replace(known[name], feed=f"{url}/{name}", format="", private=True) for name in names}
    return replace(made, providers={**known, **pages})


@asynccontextmanager
async def feed_rooms(
    directory: Path,
    page: StatusPage,
    *names: str,
    services: str = "  - {name: checkout, tier: 1, audience: payments, depends_on: [stripe]}",
    seen: Sequence[Seen] = (),
    pace: PollingPolicy | None = None,
) -> AsyncIterator[Rooms]:
    """A payments team whose checkout stands on Stripe; pages of `names` (Stripe's alone where none is named) are read."""
    names = names or ("stripe",)
    async with open_office(directory) as office, serving(page.app()) as url:
        made = catalogue(services, *names, url=url)
        known = tuple(seen) or tuple(Seen(service) for service in made.services)
        rooms = Rooms(office, page, made, names, known, pace or PollingPolicy())
        await rooms.start()
        try:
            yield rooms
        finally:
            await rooms.stop()
