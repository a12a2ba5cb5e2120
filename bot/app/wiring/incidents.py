"""Settings -> the watch flow at work: pages are read, probes go round, and what they say and see is judged."""

import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.app.settings import Settings
from bot.app.wiring.feeds import Sources
from bot.app.wiring.probes import Patrol
from bot.audit.collectors.declared import as_declared
from bot.audit.service import Review, Reviewed
from bot.detection.alerts import Names
from bot.detection.feeds.cache import FeedMemory
from bot.detection.feeds.monitor import FeedRoom, Pace
from bot.detection.forwarder import Reporting
from bot.incidents.engine import Estate
from bot.incidents.external_alerts import Hearing
from bot.incidents.policy import Plan
from bot.incidents.service import Watch
from bot.model import Clock
from bot.model.incidents import Signal
from bot.model.thresholds import Policy
from bot.storage.leader import Duty
from bot.storage.ledger import LedgerError

Run = Callable[[], Awaitable[None]]

_STEPS_HOLD = timedelta(minutes=1)


@dataclass(slots=True)
class Lookout:
    """The watch on one installation. `watch` is there at once; `edges` keep it going."""

    settings: Settings
    review: Review
    clock: Clock
    watch: Watch = field(init=False)
    duty: Duty = field(init=False)
    hearing: Hearing = field(init=False)
    reports: tuple[Reporting, ...] = field(init=False)
    patrol: Patrol = field(init=False)
    room: FeedRoom | None = None
    _from: Reviewed | None = None
    _estate: Estate | None = None
    _steps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _steps_at: datetime | None = None
    _named: tuple[Estate, Names] | None = None

    def __post_init__(self) -> None:
        asked = self.settings.watch
        plan = Plan(
            Policy.looking_every(asked.interval, asked.canaries.interval),
            tuple(one.made for one in asked.maintenance),
            escalate_to=asked.escalate_to,
            escalate_after=asked.escalate_after,
        )
        vantage = asked.vantage or _here()
        self.duty = Duty(self.review.ledger, "watch", holder=f"{vantage}/{secrets.token_hex(6)}")
        self.watch = Watch(
            self.review.ledger,
            self.settings.catalogue.audiences,
            self.estate,
            clock=self.clock,
            plan=plan,
            currency=self.settings.currency,
            duty=self.duty,
            vantage=vantage,
        )
        self.patrol = Patrol(self.settings, self.clock, vantage)
        self.reports = tuple(
            Reporting(one.url, self.settings.secret(one.secret), vantage=vantage, clock=self.clock)
            for one in asked.report_to
        )
        self.hearing = Hearing(self.review.ledger, self.watch.tell, clock=self.clock, judges=lambda: self.watch.judges)
        if asked.feeds != "none":
            pace = Pace(asked.feeds, asked.feed_interval, _platforms(self.settings))
            memory = FeedMemory(self.review.ledger, self.clock)
            feeds = Sources.of(self.settings, self.clock).opened
            self.room = FeedRoom(self.settings.catalogue, feeds, self.estate, self.watch.read, memory, self.clock, pace)
        self.review.room = self.room
        # Where nothing looks, "no incidents" would be a false all-clear.
        if asked.probes or asked.canaries.enabled or self.room or self.settings.hooks.sources:
            self.review.watch = self.watch

    async def estate(self) -> Estate:
        """What is known of our services: the last audit, before the first one the catalogue alone. The same until it changes."""
        last, steps = await self.review.reviewed(), await self._first_steps()
        if self._estate is None or last is not self._from or steps != self._estate.first_steps:
            catalogue = self.settings.catalogue
            known = last.seen if last else as_declared(catalogue, self.clock())
            self._from, self._estate = last, Estate(tuple(known), dict(catalogue.runs_on), steps)
        return self._estate

    async def _first_steps(self) -> dict[str, tuple[str, ...]]:
        """What the kept copies of runbooks say to do first, looked at once a minute; while the ledger is away, as before."""
        now = self.clock()
        if self._steps_at is None or not timedelta(0) <= now - self._steps_at < _STEPS_HOLD:
            try:
                copies = await self.review.ledger.runbooks()
            except LedgerError:
                return self._steps
            self._steps = {name: copy.steps for name, copy in copies.items() if copy.steps}
            self._steps_at = now
        return self._steps

    async def names(self) -> Names:
        """What our services and zones are called: alerts are placed by them."""
        estate = await self.estate()
        if self._named is None or self._named[0] is not estate:
            self._named = estate, Names.of(estate.seen)
        return self._named[1]

    @property
    def edges(self) -> dict[str, Run]:
        """What reads, probes and judges, by name, each to be run until cancelled: one that fails takes no other along."""
        made: dict[str, Run] = {"watch_duty": self.duty.run, "watch": self.watch.run}
        if self.settings.hooks.sources:
            made["hearing"] = self.hearing.run
        if self.room:
            made["feeds"] = self.room.run
        for number, report in enumerate(self.reports, 1):
            made[f"report_{number}"] = report.run
        if self.settings.watch.probes or self.settings.watch.canaries.enabled:
            made["patrol"] = self._patrolled
        return made

    async def _patrolled(self) -> None:
        await self.patrol.run(self.estate, self._seen)

    def _seen(self, signal: Signal) -> None:
        """What was seen from here is judged here, and told to those that share no ledger with us."""
        self.watch.tell(signal)
        for report in self.reports:
            report.take(signal)


def _here() -> str:
    """This host, and in a container nothing else; beside others on one host also which process."""
    host, process = socket.gethostname()[:50], os.getpid()
    return host if process == 1 else f"{host}-{process}"


def _platforms(settings: Settings) -> tuple[str, ...]:
    """The providers whose trouble keeps us from telling of any other."""
    asked = {"slack": settings.slack.enabled, "microsoft365": settings.teams.enabled}
    return tuple(name for name, enabled in asked.items() if enabled)
