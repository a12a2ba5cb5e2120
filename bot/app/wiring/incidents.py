"""Settings -> the watch flow at work: pages are read, probes go round, and what they say and see is judged."""

import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.app.settings import Settings
from bot.app.wiring.feeds import Sources
from bot.app.wiring.probes import ProbeRunner
from bot.audit.collectors.declared import as_declared
from bot.audit.service import AuditService, AuditSnapshot
from bot.detection.alerts import PlacementNames
from bot.detection.feeds.cache import ReadingCache
from bot.detection.feeds.monitor import FeedMonitor, PollingPolicy
from bot.detection.forwarder import SignalForwarder
from bot.incidents.external_alerts import ExternalAlertInbox
from bot.incidents.policy import IncidentPolicy
from bot.incidents.service import IncidentService
from bot.model import Clock
from bot.model.estate import Estate
from bot.model.incidents import Signal
from bot.model.thresholds import Thresholds
from bot.storage.leader import LeaderLease
from bot.storage.ledger import LedgerError

Run = Callable[[], Awaitable[None]]

_STEPS_HOLD = timedelta(minutes=1)


@dataclass(slots=True)
class IncidentStack:
    """The watch on one installation. `watch` is there at once; `edges` keep it going."""

    settings: Settings
    review: AuditService
    clock: Clock
    watch: IncidentService = field(init=False)
    duty: LeaderLease = field(init=False)
    hearing: ExternalAlertInbox = field(init=False)
    reports: tuple[SignalForwarder, ...] = field(init=False)
    patrol: ProbeRunner = field(init=False)
    room: FeedMonitor | None = None
    _from: AuditSnapshot | None = None
    _estate: Estate | None = None
    _steps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _steps_at: datetime | None = None
    _named: tuple[Estate, PlacementNames] | None = None

    def __post_init__(self) -> None:
        asked = self.settings.watch
        plan = IncidentPolicy(
            Thresholds.looking_every(asked.interval, asked.canaries.interval),
            tuple(one.made for one in asked.maintenance),
            escalate_to=asked.escalate_to,
            escalate_after=asked.escalate_after,
        )
        vantage = asked.vantage or _here()
        self.duty = LeaderLease(self.review.ledger, "watch", holder=f"{vantage}/{secrets.token_hex(6)}")
        self.watch = IncidentService(
            self.review.ledger,
            self.settings.catalogue.audiences,
            self.estate,
            clock=self.clock,
            plan=plan,
            currency=self.settings.currency,
            duty=self.duty,
            vantage=vantage,
        )
        self.patrol = ProbeRunner(self.settings, self.clock, vantage)
        self.reports = tuple(
            SignalForwarder(one.url, self.settings.secret(one.secret), vantage=vantage, clock=self.clock)
            for one in asked.report_to
        )
        self.hearing = ExternalAlertInbox(
            self.review.ledger, self.watch.observe, clock=self.clock, judges=lambda: self.watch.is_leader
        )
        if asked.feeds != "none":
            pace = PollingPolicy(asked.feeds, asked.feed_interval, _platforms(self.settings))
            memory = ReadingCache(self.review.ledger, self.clock)
            feeds = Sources.of(self.settings, self.clock).opened
            self.room = FeedMonitor(
                self.settings.catalogue, feeds, self.estate, self.watch.observe_feed, memory, self.clock, pace
            )
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

    async def names(self) -> PlacementNames:
        """What our services and zones are called: alerts are placed by them."""
        estate = await self.estate()
        if self._named is None or self._named[0] is not estate:
            self._named = estate, PlacementNames.of(estate.seen)
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
        self.watch.observe(signal)
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
