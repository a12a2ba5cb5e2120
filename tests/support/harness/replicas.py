"""Several replicas on one ledger: each with its watch, its hold on the duty and a clock of its own; any of them may die."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from support.builders.posts import START
from support.fakes.receivers import Receiver
from support.fakes.slack import FakeSlack
from support.harness.ledgers import ledger_at
from support.harness.office import HOOK, SLACK, Office
from support.harness.watching import estate

from bot.incidents.service import IncidentService
from bot.model import Audience, RouteSpec
from bot.model.estate import Estate
from bot.model.incidents import Incident
from bot.model.signals import Signal
from bot.storage.leader import EVERY, LEASE, LeaderLease
from bot.storage.ledger import Ledger

STEP = timedelta(seconds=EVERY)
LONG_STEP = timedelta(seconds=LEASE - EVERY)
Sees = Callable[[str, datetime], Iterable[Signal]]


@dataclass
class Replica:
    """One process. `skew`: how far its wall clock is off."""

    name: str
    duty: LeaderLease
    watch: IncidentService
    ledger: Ledger
    skew: timedelta = timedelta(0)


@dataclass
class Replicas:
    """All that are alive, and the team that they tell. `ran` are the seconds that have passed, `at` the true time."""

    office: Office
    alive: dict[str, Replica] = field(default_factory=dict)
    ran: float = 0.0

    @property
    def at(self) -> datetime:
        return START + timedelta(seconds=self.ran)

    @property
    def judges(self) -> list[str]:
        return [name for name, one in self.alive.items() if one.watch.is_leader]

    def begin(self, name: str, ledger: Ledger, *, skew: timedelta = timedelta(0)) -> Replica:
        """Start one. It dies by being taken out of `alive`: without a word."""
        known: Estate = estate()

        async def current() -> Estate:
            return known

        duty = LeaderLease(ledger, "watch", holder=name, now=lambda: self.ran)
        routes = (RouteSpec("slack", SLACK), RouteSpec("webhook", HOOK))
        audiences = {who: Audience(who, routes) for who in ("payments", "platform")}
        made = Replica(name, duty, None, ledger, skew)  # type: ignore[arg-type]
        made.watch = IncidentService(
            ledger, audiences, current, clock=lambda: self.at + made.skew, currency="EUR", lease=duty, vantage=name
        )
        self.alive[name] = made
        return made

    async def pass_by(self, lasts: timedelta, sees: Sees) -> None:
        """Let time pass: every replica gives its sign of life, looks, and judges or hands over.

        What lasts longer than five minutes goes on in steps that a lease just outlasts.
        """
        began = self.at
        while self.at < began + lasts:
            brisk = self.at < began + timedelta(minutes=5)
            self.ran += (STEP if brisk else LONG_STEP).total_seconds()
            for item in list(self.alive.values()):
                self.office.clock.at = self.at + item.skew  # each delivers too, by its own clock
                await item.duty.attend()
                for signal in sees(item.name, self.at + item.skew):
                    item.watch.observe(signal)
                await item.watch.evaluate()
                await self.office.sender(every=timedelta(0)).deliver_due()

    def texts(self) -> list[str]:
        """What stands in the channel itself; what is said in threads interrupts nobody."""
        return [str(post["text"]) for post in self.office.slack.top("payments")]

    async def only(self, name: str) -> Incident:
        """The one incident of the last day, as this replica answers."""
        (one,) = await self.alive[name].watch.incidents(since=self.at - timedelta(days=1))
        return one


@asynccontextmanager
async def replicas(where: Path | str, *names: str) -> AsyncIterator[Replicas]:
    """Replicas of these names, each on a connection of its own to one ledger."""
    async with FakeSlack().running() as slack, Receiver().running() as hook, ledger_at(where) as first:
        here = Replicas(Office(first, slack, hook))
        for name in names:
            here.begin(name, await Ledger.open(where / "backstay.db" if isinstance(where, Path) else where))
        opened = [item.ledger for item in here.alive.values()]
        try:
            yield here
        finally:
            for ledger in opened:
                await ledger.close()
