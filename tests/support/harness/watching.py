"""A watch on a team's office: signals round by round under a clock that only moves here, and what people get to see."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from support.builders.moment import seen, service
from support.builders.resources import datastore
from support.builders.signals import ROUND, probe
from support.harness.office import HOOK, SLACK, Office, open_office

from bot.incidents.policy import IncidentPolicy
from bot.incidents.service import IncidentService
from bot.model import Audience, RouteSpec
from bot.model.estate import Estate
from bot.model.incidents import Incident
from bot.model.signals import Signal
from checks import Dependency, Seen, Service

ROUTES = (RouteSpec("slack", SLACK), RouteSpec("webhook", HOOK))


def estate(*services: Service, runs_on: dict[str, tuple[str, ...]] | None = None) -> Estate:
    """Checkout, tier 1, with its datastore in us-east-1 and Stripe behind it; and other services that stand on nothing."""
    checkout = service("checkout", depends_on=(Dependency("stripe", "saas"),))
    mine = seen(datastore(product="dynamodb", replica_regions=()), of=checkout)
    return Estate((mine, *(Seen(each_service) for each_service in services)), runs_on)


def broken(at: datetime) -> list[Signal]:
    """Checkout's datastore does not answer."""
    return [probe(at=at)]


def well(at: datetime) -> list[Signal]:
    """It does."""
    return [probe(bad=False, at=at)]


@dataclass
class Watching:
    """The watch and all it works with. `pass_by` lets time pass in rounds, and delivers after each."""

    office: Office
    watch: IncidentService
    known: list[Estate] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.office.clock()

    async def pass_by(
        self,
        lasts: timedelta,
        observe: Callable[[datetime], Iterable[Signal]],
        every: timedelta = ROUND,
    ) -> None:
        end = self.now + lasts
        while self.now < end:
            self.office.clock.at += every
            for signal in observe(self.now):
                self.watch.observe(signal)
            await self.watch.evaluate()
            await self.office.sender(every=timedelta(0)).deliver_due()

    def texts(self, channel: str = "payments") -> list[str]:
        """The posts of a channel as they stand now, without what stands in their threads."""
        return [str(post["text"]) for post in self.office.slack.top(channel)]

    def thread(self, of: int = 0, channel: str = "payments") -> list[str]:
        """What stands under one of these posts, as it stands now."""
        return [
            str(post["text"]) for post in self.office.slack.under(channel, self.office.slack.top(channel)[of]["ts"])
        ]

    async def only(self) -> Incident:
        """The one incident of the last day."""
        (one,) = await self.watch.incidents(since=self.now - timedelta(days=1))
        return one


@asynccontextmanager
async def watching(directory: Path, known: Estate | None = None, **plan: Any) -> AsyncIterator[Watching]:
    """A payments team on Slack with a webhook behind it."""
    async with open_office(directory) as office:
        held = [known or estate()]
        yield Watching(office, watch_on(office, held, **plan), held)


def watch_on(
    office: Office, known: list[Estate], *, routes: tuple[RouteSpec, ...] = ROUTES, **plan: Any
) -> IncidentService:
    """A watch on an open ledger, as after a restart. `known[0]` is what it knows of our services."""
    names = ("payments", "platform", *plan.get("escalate_to", ()))
    audiences = {name: Audience(name, routes) for name in names}

    async def current() -> Estate:
        return known[0]

    return IncidentService(
        office.ledger, audiences, current, clock=office.clock, policy=IncidentPolicy(**plan), currency="EUR"
    )
