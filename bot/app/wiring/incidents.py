"""Builds incident detection from the settings: feeds, probes, canaries and webhooks in; incidents and the Backend out."""

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.app.settings import Settings
from bot.app.wiring.feeds import Sources
from bot.app.wiring.probes import ProbeRunner
from bot.app.wiring.slos import error_budget_job, slo_service
from bot.audit.collectors.declared import declared_services
from bot.audit.dependencies.answers import GuessAnswers
from bot.audit.service import AuditService, AuditSnapshot
from bot.detection.alerts import PlacementNames
from bot.detection.feeds.cache import ReadingCache
from bot.detection.feeds.monitor import FeedMonitor, PollingPolicy
from bot.detection.forwarder import SignalForwarder
from bot.detection.probes.record_keeper import RecordKeeper
from bot.detection.probes.targets import POLITE
from bot.incidents.external_alerts import ExternalAlertInbox
from bot.incidents.policy import IncidentPolicy
from bot.incidents.service import IncidentService
from bot.model import Clock
from bot.model.backend import Backend
from bot.model.estate import Estate
from bot.model.signals import Signal
from bot.model.thresholds import Thresholds
from bot.storage.leader import LeaderLease
from bot.storage.ledger import Ledger, LedgerError
from bot.storage.records import LedgerRecords

if TYPE_CHECKING:
    from bot.audit.slos.service import SloService

Run = Callable[[], Awaitable[None]]

_FIRST_STEPS_TTL = timedelta(minutes=1)
_FOLLOWED = (0.5, 0.5, 1, 2, 4, 8, 15, 30, 60)
"""Seconds between two looks at a broadcast whose sender sees the receipts come in: two minutes in all."""


@dataclass(slots=True)
class IncidentStack:
    """Incident detection of one installation. `backend` answers queries at once; `edges` are the loops that keep it current."""

    settings: Settings
    audits: AuditService[Ledger]
    clock: Clock
    incidents: IncidentService = field(init=False)
    lease: LeaderLease = field(init=False)
    alert_inbox: ExternalAlertInbox = field(init=False)
    forwarders: tuple[SignalForwarder, ...] = field(init=False)
    probe_runner: ProbeRunner = field(init=False)
    feed_monitor: FeedMonitor | None = field(init=False, default=None)
    slos: "SloService | None" = field(init=False, default=None)
    backend: Backend = field(init=False)
    _snapshot: AuditSnapshot | None = None
    _estate: Estate | None = None
    _first_steps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _first_steps_at: datetime | None = None
    _names: tuple[Estate, PlacementNames] | None = None

    def __post_init__(self) -> None:
        watch, ledger = self.settings.watch, self.audits.ledger
        vantage = watch.vantage or _host_name()
        self.lease = LeaderLease(ledger, "watch", holder=f"{vantage}/{secrets.token_hex(6)}")
        self.incidents = self._incident_service(vantage)
        self.probe_runner = ProbeRunner(self.settings, self.clock, vantage)
        self.forwarders = tuple(
            SignalForwarder(target.url, self.settings.secret(target.secret), vantage=vantage, clock=self.clock)
            for target in watch.report_to
        )
        self.alert_inbox = ExternalAlertInbox(
            ledger, self.incidents.observe, clock=self.clock, is_leader=lambda: self.incidents.is_leader
        )
        if watch.feeds != "none":
            self.feed_monitor = self._monitor()
        self.slos = slo_service(self.settings, ledger, self.clock)
        # Where nothing observes, "no incidents" would be a false all-clear.
        observes = watch.probes or self._calls or self.feed_monitor or self.settings.hooks.sources
        self.backend = Backend(
            self.audits,
            self.incidents if observes else None,
            self.feed_monitor,
            LedgerRecords(self.settings.catalogue, ledger, pauses=_FOLLOWED),
            self.slos,
            GuessAnswers(self.audits),
        )

    @property
    def _calls(self) -> bool:
        """Whether canaries are configured."""
        return self.settings.watch.canaries.enabled or self.settings.watch.synthetics.any

    def _incident_service(self, vantage: str) -> IncidentService:
        return IncidentService(
            self.audits.ledger,
            self.settings.catalogue.audiences,
            self.estate,
            clock=self.clock,
            policy=incident_policy(self.settings),
            currency=self.settings.currency,
            lease=self.lease,
            vantage=vantage,
        )

    def _monitor(self) -> FeedMonitor:
        watch, catalogue = self.settings.watch, self.settings.catalogue
        polling = PollingPolicy(watch.feeds, watch.feed_interval, _chat_platforms(self.settings))
        cache = ReadingCache(self.audits.ledger, self.clock)
        feeds = Sources.of(self.settings, self.clock).opened
        return FeedMonitor(catalogue, feeds, self.estate, self.incidents.observe_feed, cache, self.clock, polling)

    async def estate(self) -> Estate:
        """The services as the last audit found them, before the first audit as the catalogue declares them.

        The same object until something changes.
        """
        last, steps = await self.audits.snapshot(), await self._runbook_steps()
        if self._estate is None or last is not self._snapshot or steps != self._estate.first_steps:
            catalogue = self.settings.catalogue
            known = last.seen if last else declared_services(catalogue, self.clock())
            self._snapshot, self._estate = last, Estate(tuple(known), dict(catalogue.runs_on), steps)
        return self._estate

    async def _runbook_steps(self) -> dict[str, tuple[str, ...]]:
        """The first steps of each service's kept runbook copy, read once a minute; the last known ones while the ledger is down."""
        now = self.clock()
        if self._first_steps_at is None or not timedelta(0) <= now - self._first_steps_at < _FIRST_STEPS_TTL:
            try:
                copies = await self.audits.ledger.runbooks()
            except LedgerError:
                return self._first_steps
            self._first_steps = {name: copy.steps for name, copy in copies.items() if copy.steps}
            self._first_steps_at = now
        return self._first_steps

    async def names(self) -> PlacementNames:
        """Names of our services and zones, by which alerts of other monitoring are placed."""
        estate = await self.estate()
        if self._names is None or self._names[0] is not estate:
            self._names = estate, PlacementNames.of(estate.seen)
        return self._names[1]

    @property
    def edges(self) -> dict[str, Run]:
        """The loops that poll, probe and evaluate, by name, each to be run until cancelled. One that fails stops no other."""
        loops: dict[str, Run] = {"incident_lease": self.lease.run, "incidents": self.incidents.run}
        if self.settings.hooks.sources:
            loops["external_alerts"] = self.alert_inbox.run
        if self.feed_monitor:
            loops["feeds"] = self.feed_monitor.run
        for number, forwarder in enumerate(self.forwarders, 1):
            loops[f"signal_forwarder_{number}"] = forwarder.run
        if self.settings.watch.probes or self._calls:
            loops["probes"] = self._run_probes
        loops.update(error_budget_job(self.settings, self.slos, self.audits.ledger, self.lease, self.clock))
        return loops

    async def _run_probes(self) -> None:
        keeper = RecordKeeper(self.audits.ledger, self.probe_runner.records, self.clock)
        await keeper.load()
        async with asyncio.TaskGroup() as group:
            group.create_task(keeper.run(), name="target_records")
            group.create_task(self.probe_runner.run(self.estate, self._observe), name="probes")

    def _observe(self, signal: Signal) -> None:
        """Hand a signal to the incident service, and to installations that share no ledger with this one."""
        self.incidents.observe(signal)
        for forwarder in self.forwarders:
            forwarder.take(signal)


def _host_name() -> str:
    """The host's name; outside a container with the process id, for several processes may share a host."""
    host, process = socket.gethostname()[:50], os.getpid()
    return host if process == 1 else f"{host}-{process}"


def _chat_platforms(settings: Settings) -> tuple[str, ...]:
    """The providers whose outage would keep notifications of every other outage from being delivered."""
    enabled_by_name = {"slack": settings.slack.enabled, "microsoft365": settings.teams.enabled}
    return tuple(name for name, enabled in enabled_by_name.items() if enabled)


def incident_policy(settings: Settings) -> IncidentPolicy:
    """What the settings ask of incident detection."""
    watch = settings.watch
    slowest = max(watch.interval, timedelta(seconds=POLITE)) if watch.probes else watch.interval
    return IncidentPolicy(
        Thresholds.looking_every(slowest, watch.canaries.interval),
        tuple(window.made for window in watch.maintenance),
        escalate_to=watch.escalate_to,
        escalate_after=watch.escalate_after,
        admin_audience=settings.admin_audience,
    )
