"""Flow 2: signals of feeds, probes and hooks -> incidents -> alerts, written into the outbox with the state they tell of."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.detection.feeds.tracker import FeedTracker
from bot.incidents.changes import merged_incidents, should_persist
from bot.incidents.engine import EngineState, dependencies_of, places, step, with_affected_services
from bot.incidents.escalation import with_escalation
from bot.incidents.notifier import AudienceRouting, Notifier
from bot.incidents.policy import IncidentPolicy
from bot.model import Audience, Clock, FeedReading
from bot.model.estate import Estate
from bot.model.incident_actions import IncidentAction, apply_action
from bot.model.incidents import ActiveMaintenance, Incident, NotificationReceipt, Phase, Signal, UnknownIncidentError
from bot.model.maintenance import MaintenanceWindow
from bot.storage.leader import LeaderLease
from bot.storage.ledger import AuditLogEntry, LeadershipLostError, Ledger, LedgerError
from checks import Scope, Severity

TICK = timedelta(seconds=5)
"""How often what was observed is judged."""

_INBOX_AT_MOST, _READINGS_AT_MOST = 200_000, 1_000
_log = structlog.get_logger(__name__)

Sleep = Callable[[float], Awaitable[None]]


class IncidentService:
    """The real `signals.Incidents`. Signals come in by `tell` and `read`, every `tick` judges them.

    `estate` gives what is known of our services at the moment; `audiences` who is told. Of several replicas on one ledger
    only the one that has the `duty` judges and tells; the others hand over what they see, as vantage points of their own.
    Without a duty this one always judges.
    """

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        ledger: Ledger,
        audiences: Mapping[str, Audience],
        estate: Callable[[], Awaitable[Estate]],
        *,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
        plan: IncidentPolicy | None = None,
        currency: str = "",
        duty: LeaderLease | None = None,
        vantage: str = "",
    ) -> None:
        self._ledger, self._estate = ledger, estate
        self._clock, self._sleep = clock, sleep
        self._plan = plan or IncidentPolicy()
        self._office = AudienceRouting(audiences, currency)
        self._telling = Notifier(self._office)
        self._duty, self.vantage = duty, vantage
        self._inbox: list[Signal] = []
        self._pages = FeedTracker()
        self._readings: list[FeedReading] = []
        self._moved = False
        self._board = EngineState()
        self._known = Estate()
        self._places: Collection[Scope] = ()
        self._own: Mapping[str, tuple[str, ...]] = {}
        self._loaded: int | None = None
        self._lock = asyncio.Lock()

    def observe(self, signal: Signal) -> None:
        """Take in what a probe, a hook or a canary saw."""
        if len(self._inbox) >= _INBOX_AT_MOST:  # of an observer the newest word counts: the oldest ones go
            del self._inbox[: _INBOX_AT_MOST // 2]
            _log.warning("watch.signals_dropped", signals=_INBOX_AT_MOST // 2)
        self._inbox.append(signal)

    def observe_feed(self, reading: FeedReading) -> None:
        """Take in a poll of a provider's page. What it says is placed among ours at the next tick."""
        self._readings.append(reading)
        del self._readings[:-_READINGS_AT_MOST]

    @property
    def audiences(self) -> tuple[str, ...]:
        """Who can be told of an incident."""
        return tuple(self._office.audiences)

    @property
    def board(self) -> EngineState:
        """Everything that is known, as the last tick left it."""
        return self._board

    async def run(self) -> None:
        """Tick until cancelled. A ledger out of reach is waited for: nothing is told that is not written down."""
        while True:
            try:
                await self.evaluate()
            except LedgerError as error:
                _log.error("watch.ledger_out_of_reach", error=str(error))
            await self._sleep(TICK.total_seconds())

    async def evaluate(self) -> None:
        """Judge what came in since the last one, and post what is worth telling; or hand it to the replica that does.

        Raises:
            LedgerError: the state could not be written; the board stays as it was and the signals are kept.
        """
        async with self._lock:
            await self._look_around()
            signals, self._inbox = self._inbox, []
            try:
                if not self.is_leader:
                    await self._pass_on(signals)
                    return
                await self._load()
                signals += await self._ledger.take_shared_signals(self._clock())
                await self._judge(signals)
            except LeadershipLostError:
                _log.warning("watch.taken_over")
                self._loaded = None
                self._inbox = [*signals, *self._inbox]
            except BaseException:
                self._inbox = [*signals, *self._inbox]
                raise

    @property
    def is_leader(self) -> bool:
        """Whether it is this replica that judges and tells."""
        return self._duty is None or self._duty.held

    async def incidents(self, *, since: datetime | None = None) -> tuple[Incident, ...]:
        """The open ones that are sure, and those that ended at or after `since`; the worst first."""
        async with self._lock:
            found = await self._known_incidents(since)
        told = (one for one in found.values() if one.phase is not Phase.SUSPECTED)
        wanted = [one for one in told if one.open or (since and one.resolved_at and one.resolved_at >= since)]
        order = list(Severity)
        return tuple(sorted(wanted, key=lambda one: (not one.open, order.index(one.severity), one.onset_at, one.id)))

    async def incident(self, id: str) -> Incident:
        """One of them, by its id or the beginning of it; of one that is part of another now, that other."""
        known = {one.id: one for one in await self.incidents(since=datetime.fromtimestamp(0, self._clock().tzinfo))}
        begins = [id] if id in known else [name for name in known if id and name.startswith(id)]
        if len(begins) != 1:
            raise UnknownIncidentError(id)
        found = known[begins[0]]
        return known.get(found.part_of, found)

    def active_maintenance(self) -> tuple[ActiveMaintenance, ...]:
        """The maintenance that is on now and keeps incidents from being opened; what ends first, first."""
        now, policy = self._clock(), self._plan.policy
        on = [one for one in self._windows(now) if one.on(now, policy)]
        return tuple(
            ActiveMaintenance(one.scope, one.ends, one.why, one.ours) for one in sorted(on, key=lambda one: one.ends)
        )

    def blind(self) -> tuple[tuple[str, str], ...]:
        """Ways of looking that even the control group fails over, as far as this replica judges: what they show does not count."""
        return tuple(sorted(self._board.blind)) if self.is_leader else ()

    def _windows(self, now: datetime) -> tuple[MaintenanceWindow, ...]:
        return (*self._plan.windows(now), *self._pages.windows(self._places))

    async def notification_receipts(self, id: str) -> tuple[NotificationReceipt, ...]:
        """Who was told of it, when and by which route; oldest first."""
        return await self._ledger.notification_receipts((await self.incident(id)).id)

    async def acknowledge(self, id: str, by: str, *, actor: str = "") -> Incident:
        """Somebody is on it: it is not repeated to the next audience."""
        return await self._act(IncidentAction(id, "acknowledge", by, self._clock(), actor=actor))

    async def assign(self, id: str, to: str, by: str, *, actor: str = "") -> Incident:
        """Somebody is to be on it."""
        return await self._act(IncidentAction(id, "assign", by, self._clock(), to=to, actor=actor))

    async def mute(self, id: str, lasts: timedelta, by: str, *, actor: str = "") -> Incident:
        """No new message for so long but that it is over; those that are there are still kept up to date."""
        now = self._clock()
        return await self._act(IncidentAction(id, "mute", by, now, until=now + lasts, actor=actor))

    async def escalate(self, id: str, audience: str, by: str, *, actor: str = "") -> Incident:
        """Tell another audience now.

        Raises:
            UnknownIncidentError: there is no such incident.
            ValueError: there is no such audience.
        """
        if audience not in self._office.audiences:
            raise ValueError(f"no audience is called {audience}")
        return await self._act(IncidentAction(id, "escalate", by, self._clock(), to=audience, actor=actor))

    async def _act(self, action: IncidentAction) -> Incident:
        """Carry it out here, or leave it for the replica that judges."""
        found = await self.incident(action.incident)
        action = replace(action, incident=found.id)
        detail = {"incident": found.id, "by": action.by, **({"to": action.to} if action.to else {})}
        entry = AuditLogEntry(action.at, action.actor or action.by, f"incident.{action.verb}", detail)
        async with self._lock:
            if self.is_leader:
                try:
                    await self._load()
                    moved = apply_action(self._board.incidents.get(found.id, found), action)
                    board = replace(self._board, incidents={**self._board.incidents, found.id: moved})
                    await self._publish(board, action.at, entry)
                except LeadershipLostError:
                    self._loaded = None
                else:
                    return moved
            async with self._ledger.begin() as transaction:
                await transaction.queue_action(action)
                await transaction.log(entry)
        return apply_action(found, action)

    async def _pass_on(self, signals: Sequence[Signal]) -> None:
        """What a page or a hook says every replica reads for itself; what was seen from here only this one can tell."""
        self._loaded = None
        own = [replace(one, vantage=one.vantage or self.vantage) for one in signals if one.kind not in ("feed", "hook")]
        if own:
            await self._ledger.share_signals(self.vantage, own, self._clock())

    async def _known_incidents(self, since: datetime | None) -> dict[str, Incident]:
        """By the board where it is ours, else as the ledger has them, with what people did that is not carried out yet."""
        if self.is_leader:
            await self._load()
            kept = await self._ledger.incidents_since(since) if since else ()
            return {one.id: one for one in (*kept, *self._board.incidents.values())}
        found = {one.id: one for one in await self._ledger.incidents_since(since or self._clock())}
        for action in (await self._ledger.queued_actions()).values():
            if action.incident in found:
                found[action.incident] = apply_action(found[action.incident], action)
        return found

    async def _load(self) -> None:
        """Take up what the ledger has, at first and whenever another replica may have written meanwhile."""
        term = self._duty.term if self._duty else 0
        if self._loaded == term:
            return
        kept = await self._ledger.incidents_since(self._clock() - self._plan.policy.reopen)
        told = await self._ledger.notification_states()
        self._board = EngineState(self._board.witnesses, {one.id: one for one in kept})
        self._pages.recall(kept)
        self._telling = Notifier(self._office)
        self._telling.load(told)
        self._loaded = term

    async def _look_around(self) -> None:
        """What is known of ours now, and what pages said since, in its terms: before that no word of theirs has a place."""
        estate = await self._estate()
        if estate is not self._known:
            self._known, self._places, self._moved = estate, places(estate.seen), True
            self._own = dependencies_of(estate.seen)
        now, readings = self._clock(), self._readings
        self._readings = []
        for reading in readings:
            self._inbox += self._pages.read(reading, self._places, now)

    async def _judge(self, signals: Sequence[Signal]) -> None:
        now = self._clock()
        asked = await self._ledger.queued_actions()
        # In a thread: over thousands of observers it takes a tenth of a second, in which chat would not be answered.
        board = await asyncio.to_thread(
            step,
            replace(self._board, incidents=self._after(asked.values())),
            signals,
            now,
            runs_on=self._known.runs_on,
            own=self._own,
            windows=self._windows(now),
            policy=self._plan.policy,
        )
        incidents = {}
        for name, one in board.incidents.items():
            incidents[name] = await self._with_affected(one, now, estate_changed=self._moved)
        await self._publish(replace(board, incidents=incidents), now, asked=asked)
        self._moved = False

    def _after(self, actions: Iterable[IncidentAction]) -> dict[str, Incident]:
        """The incidents after what people did on other replicas. One that is long over is not dug up for it."""
        found = dict(self._board.incidents)
        for action in actions:
            if action.incident in found:
                found[action.incident] = apply_action(found[action.incident], action)
        return found

    async def _with_affected(self, one: Incident, now: datetime, *, estate_changed: bool) -> Incident:
        """Walk the graph again only where that may change the answer; what is over keeps whom it hit."""
        before = self._board.incidents.get(one.id)
        if one.phase is Phase.SUSPECTED or not one.open:
            return one
        same = before is not None and before.phase is not Phase.SUSPECTED and before.scopes == one.scopes
        if not same or estate_changed:
            one = await asyncio.to_thread(with_affected_services, one, self._known, now)
        return with_escalation(one, self._plan.escalate_to, self._plan.escalate_after, now)

    async def _publish(
        self, board: EngineState, now: datetime, entry: AuditLogEntry | None = None, asked: Collection[int] = ()
    ) -> None:
        """Write down what changed and what it makes us say: both or neither."""
        before = self._board.incidents
        changed = [one for one in board.incidents.values() if should_persist(before.get(one.id), one)]
        changed += merged_incidents(before, board.merged, now)
        ended = [one.id for one in changed if not one.open and one.id in board.incidents]
        heard = {name: await self._ledger.notification_receipts(name) for name in ended}
        due = self._telling.due(board.incidents.values(), now, board.merged, heard)
        if changed or due.posts or due.moved or entry or asked:
            async with self._ledger.begin() as transaction:
                if self._duty is not None:
                    await self._duty.fence(transaction)
                for one in changed:
                    await transaction.save_incident(one)
                for told in due.moved:
                    await transaction.save_notification_state(told)
                for post in due.posts:
                    await transaction.post(post.message, post.routes, now)
                    await transaction.save_notification_state(post.told)
                if entry is not None:
                    await transaction.log(entry)
                if asked:
                    await transaction.remove_actions(list(asked))
        self._telling.sent(due)
        self._board = replace(board, merged={})
