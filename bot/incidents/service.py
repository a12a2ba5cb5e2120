"""Turns signals of feeds, probes and webhooks into incidents, and incidents into messages in the outbox."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.detection.feeds.tracker import FeedTracker
from bot.incidents.baselines import BaselineKeeper
from bot.incidents.changes import concerns_others, merged_incidents, should_persist, worst_first
from bot.incidents.engine import EngineState, dependencies_of, places, step, with_affected_services
from bot.incidents.escalation import with_escalation
from bot.incidents.ledger import IncidentLedger
from bot.incidents.notifier import Notifier
from bot.incidents.policy import IncidentPolicy
from bot.incidents.publication import Publication
from bot.incidents.routing import AudienceRouting
from bot.model import Audience, Clock, FeedReading
from bot.model.estate import Estate
from bot.model.incident_actions import IncidentAction, apply_action, apply_actions
from bot.model.incidents import ActiveMaintenance, Incident, NotificationReceipt, Phase, UnknownIncidentError
from bot.model.maintenance import MaintenanceWindow
from bot.model.signals import Signal
from bot.storage.leader import LeaderLease
from bot.storage.ledger import AuditLogEntry, LeadershipLostError, LedgerError
from checks import Scope

TICK = timedelta(seconds=5)
"""How often the observed signals are evaluated."""

_INBOX_AT_MOST, _READINGS_AT_MOST = 200_000, 1_000
_log = structlog.get_logger(__name__)

Sleep = Callable[[float], Awaitable[None]]


class IncidentService:
    """Implements `model.incidents.IncidentQueries`. Takes signals by `observe` and `observe_feed`, evaluates them each tick.

    Of several replicas on one ledger only the one that holds the lease (the leader) evaluates and notifies; the others
    share their own observations with it, as vantage points of their own. Without a lease this replica is the leader.
    `estate` gives what is known of our services now; `sleep` waits so many seconds; `currency` is that of revenue at risk.
    """

    def __init__(  # noqa: PLR0913 - its collaborators, clock and sleep are passed in
        self,
        ledger: IncidentLedger,
        audiences: Mapping[str, Audience],
        estate: Callable[[], Awaitable[Estate]],
        *,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
        policy: IncidentPolicy | None = None,
        currency: str = "",
        lease: LeaderLease | None = None,
        vantage: str = "",
    ) -> None:
        self._ledger, self._estate = ledger, estate
        self._clock, self._sleep = clock, sleep
        self._policy = policy or IncidentPolicy()
        self._routing = AudienceRouting(audiences, currency, self._policy.admin_audience)
        self._notifier = Notifier(self._routing)
        self._lease, self.vantage = lease, vantage
        self._publication = Publication(ledger, lease)
        self._baselines = BaselineKeeper(ledger, clock)
        self._inbox: list[Signal] = []
        self._feeds = FeedTracker()
        self._readings: list[FeedReading] = []
        self._estate_changed = False
        self._state = EngineState()
        self._known = Estate()
        self._places: Collection[Scope] = ()
        self._dependencies: Mapping[str, tuple[str, ...]] = {}
        self._loaded_term: int | None = None
        self._lock = asyncio.Lock()

    def observe(self, signal: Signal) -> None:
        """Take in what a probe, a webhook or a canary observed."""
        if len(self._inbox) >= _INBOX_AT_MOST:  # the newest signal of an observer counts: drop the oldest ones
            del self._inbox[: _INBOX_AT_MOST // 2]
            _log.warning("incident_signals_dropped", signals=_INBOX_AT_MOST // 2)
        self._inbox.append(signal)

    def observe_feed(self, reading: FeedReading) -> None:
        """Take in a poll of a provider's status page; the next tick maps it to our scopes."""
        self._readings.append(reading)
        del self._readings[:-_READINGS_AT_MOST]

    @property
    def audiences(self) -> tuple[str, ...]:
        """The names of the audiences that can be notified."""
        return tuple(self._routing.audiences)

    @property
    def state(self) -> EngineState:
        """The engine's state after the last tick."""
        return self._state

    async def run(self) -> None:
        """Tick until cancelled. While the ledger is down it waits; while its disk is full, alerts are sent from memory."""
        while True:
            try:
                await self.evaluate()
                if self.is_leader:
                    await self._baselines.save_when_due(self._state)
            except LedgerError as error:
                _log.error("incident_ledger_unavailable", error=str(error))
            await self._sleep(TICK.total_seconds())

    async def evaluate(self) -> None:
        """Evaluate the signals since the last tick and queue notifications; a follower shares its signals instead.

        Raises:
            LedgerError: the state could not be written; it stays as it was and the signals are kept.
        """
        async with self._lock:
            await self._refresh_estate()
            signals, self._inbox = self._inbox, []
            try:
                if not self.is_leader:
                    await self._share(signals)
                    return
                await self._load()
                signals += await self._ledger.take_shared_signals(self._clock())
                await self._step(signals)
            except LeadershipLostError:
                _log.warning("incident_leadership_lost")
                self._loaded_term = None
                self._inbox = [*signals, *self._inbox]
            except BaseException:
                self._inbox = [*signals, *self._inbox]
                raise

    @property
    def is_leader(self) -> bool:
        """Whether this replica evaluates and notifies."""
        return self._lease is None or self._lease.held

    async def incidents(self, *, since: datetime | None = None) -> tuple[Incident, ...]:
        """Confirmed incidents that are open, and those resolved at or after `since` (UTC); the worst first."""
        async with self._lock:
            known = await self._known_incidents(since)
        wanted = [
            incident
            for incident in known.values()
            if incident.phase is not Phase.SUSPECTED
            and (incident.open or (since and incident.resolved_at and incident.resolved_at >= since))
        ]
        return tuple(sorted(wanted, key=worst_first))

    async def incident(self, id: str) -> Incident:
        """The incident with this id or unique beginning of an id; for a merged one, the incident that took it in."""
        since = datetime.fromtimestamp(0, self._clock().tzinfo)
        known = {incident.id: incident for incident in await self.incidents(since=since)}
        matches = [id] if id in known else [name for name in known if id and name.startswith(id)]
        if len(matches) != 1:
            raise UnknownIncidentError(id)
        found = known[matches[0]]
        return known.get(found.part_of, found)

    def active_maintenance(self) -> tuple[ActiveMaintenance, ...]:
        """Maintenance that is on now and opens no incident; what ends first, first."""
        now, thresholds = self._clock(), self._policy.thresholds
        active = [window for window in self._windows(now) if window.on(now, thresholds)]
        active.sort(key=lambda window: window.ends)
        return tuple(ActiveMaintenance(window.scope, window.ends, window.why, window.ours) for window in active)

    def blind(self) -> tuple[tuple[str, str], ...]:
        """Paths over which even the control group fails, as the leader sees them: their observations do not count."""
        return tuple(sorted(self._state.blind)) if self.is_leader else ()

    def _windows(self, now: datetime) -> tuple[MaintenanceWindow, ...]:
        return (*self._policy.windows(now), *self._feeds.windows(self._places))

    async def notification_receipts(self, id: str) -> tuple[NotificationReceipt, ...]:
        """Which audiences were notified, when and by which route; oldest first."""
        return await self._ledger.notification_receipts((await self.incident(id)).id)

    async def acknowledge(self, id: str, by: str, *, actor: str = "") -> Incident:
        """Acknowledge the incident, so that it does not escalate. The first acknowledgement counts."""
        return await self._act(IncidentAction(id, "acknowledge", by, self._clock(), actor=actor))

    async def assign(self, id: str, to: str, by: str, *, actor: str = "") -> Incident:
        """Assign the incident to a person."""
        return await self._act(IncidentAction(id, "assign", by, self._clock(), to=to, actor=actor))

    async def mute(self, id: str, lasts: timedelta, by: str, *, actor: str = "") -> Incident:
        """Send no new message for so long, except that it is resolved; messages already sent are still updated."""
        now = self._clock()
        return await self._act(IncidentAction(id, "mute", by, now, until=now + lasts, actor=actor))

    async def escalate(self, id: str, audience: str, by: str, *, actor: str = "") -> Incident:
        """Notify another audience now.

        Raises:
            UnknownIncidentError: there is no such incident.
            ValueError: there is no such audience.
        """
        if audience not in self._routing.audiences:
            raise ValueError(f"No audience is called {audience}")
        return await self._act(IncidentAction(id, "escalate", by, self._clock(), to=audience, actor=actor))

    async def _act(self, action: IncidentAction) -> Incident:
        """Apply the action here, or queue it for the leader."""
        found = await self.incident(action.incident)
        action = replace(action, incident=found.id)
        detail = {"incident": found.id, "by": action.by, **({"to": action.to} if action.to else {})}
        entry = AuditLogEntry(action.at, action.actor or action.by, f"incident.{action.verb}", detail)
        async with self._lock:
            if self.is_leader:
                try:
                    await self._load()
                    changed = apply_action(self._state.incidents.get(found.id, found), action)
                    incidents = {**self._state.incidents, found.id: changed}
                    await self._publish(replace(self._state, incidents=incidents), action.at, entry)
                except LeadershipLostError:
                    self._loaded_term = None
                else:
                    return changed
            async with self._ledger.begin() as transaction:
                await transaction.queue_action(action)
                await transaction.log(entry)
        return apply_action(found, action)

    async def _share(self, signals: Sequence[Signal]) -> None:
        """Share our own observations with the leader. Every replica reads status pages and webhooks for itself."""
        self._loaded_term = None
        own = [
            replace(signal, vantage=signal.vantage or self.vantage)
            for signal in signals
            if signal.kind not in ("feed", "hook")
        ]
        if own:
            await self._ledger.share_signals(self.vantage, own, self._clock())

    async def _known_incidents(self, since: datetime | None) -> dict[str, Incident]:
        """From memory on the leader; else from the ledger, with the queued actions of people applied."""
        if self.is_leader:
            await self._load()
            stored = await self._ledger.incidents_since(since) if since else ()
            return {incident.id: incident for incident in (*stored, *self._state.incidents.values())}
        stored = await self._ledger.incidents_since(since or self._clock())
        actions = await self._ledger.queued_actions()
        return apply_actions({incident.id: incident for incident in stored}, actions.values())

    async def _load(self) -> None:
        """Read the state from the ledger, at first and whenever another replica may have written since."""
        term = self._lease.term if self._lease else 0
        if self._loaded_term == term:
            return
        stored = await self._ledger.incidents_since(self._clock() - self._policy.thresholds.word_lasts)
        notified = await self._ledger.notification_states()
        usual = self._state.baselines or await self._baselines.load()
        incidents = {incident.id: incident for incident in stored}
        self._state = EngineState(self._state.observers, incidents, baselines=usual)
        self._feeds.recall(stored)
        self._notifier = Notifier(self._routing)
        self._notifier.load(notified)
        self._loaded_term = term

    async def _refresh_estate(self) -> None:
        """Update what is known of our services, then map new feed readings to their scopes."""
        estate = await self._estate()
        if estate is not self._known:
            self._known, self._places, self._estate_changed = estate, places(estate.seen), True
            self._dependencies = dependencies_of(estate.seen)
        now, readings = self._clock(), self._readings
        self._readings = []
        for reading in readings:
            self._inbox += self._feeds.read(reading, self._places, now)

    async def _step(self, signals: Sequence[Signal]) -> None:
        now = self._clock()
        actions = await self._ledger.queued_actions()
        # In a thread: with thousands of observers it takes a tenth of a second, in which chat would not be answered.
        state = await asyncio.to_thread(
            step,
            replace(self._state, incidents=apply_actions(self._state.incidents, actions.values())),
            signals,
            now,
            runs_on=self._known.runs_on,
            own=self._dependencies,
            windows=self._windows(now),
            policy=self._policy.thresholds,
        )
        incidents = {}
        for name, incident in state.incidents.items():
            incidents[name] = await self._with_affected(incident, now)
        await self._publish(replace(state, incidents=incidents), now, applied=actions)
        self._estate_changed = False

    async def _with_affected(self, incident: Incident, now: datetime) -> Incident:
        """Search the graph again only where the answer may have changed; a resolved incident keeps its services."""
        if incident.phase is Phase.SUSPECTED or not incident.open:
            return incident
        before = self._state.incidents.get(incident.id)
        if before is None or concerns_others(before, incident) or self._estate_changed:
            incident = await asyncio.to_thread(with_affected_services, incident, self._known, now)
        return with_escalation(incident, self._policy.escalate_to, self._policy.escalate_after, now)

    async def _publish(
        self, state: EngineState, now: datetime, entry: AuditLogEntry | None = None, applied: Collection[int] = ()
    ) -> None:
        """Write the changed incidents and their notifications in one transaction. `applied`: queued actions to remove."""
        before = self._state.incidents
        changed = [
            incident for incident in state.incidents.values() if should_persist(before.get(incident.id), incident)
        ]
        changed += merged_incidents(before, state.merged, now)
        ended = self._notifier.ending(state.incidents.values())
        receipts = {name: await self._ledger.notification_receipts(name) for name in ended}
        plan = self._notifier.due(state.incidents.values(), now, state.merged, receipts)
        await self._publication.publish(changed, plan, now, entry, applied)
        self._notifier.sent(plan)
        self._state = replace(state, merged={})
