"""The ledger: everything that backstay keeps, in one database, and the transactions that change it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Message, utc_now
from bot.model.drills import DrillRecord, GuessDecision
from bot.model.incident_actions import IncidentAction
from bot.model.incidents import Incident
from bot.model.notifications import NotificationState
from bot.model.records import AttestationRecord, Broadcast, Subscription
from bot.model.slos import SloState
from bot.storage import (
    audit_log,
    broadcasts,
    drills,
    incidents,
    leases,
    outbox,
    people,
    replica_signals,
    retention,
    slo_states,
    slots,
)
from bot.storage.audit_log import AuditLog, AuditLogEntry
from bot.storage.audit_units import AuditUnitStore
from bot.storage.broadcasts import BroadcastStore
from bot.storage.checklists import ChecklistStore
from bot.storage.claims import Claim
from bot.storage.clock_skew import ClockSkewStore
from bot.storage.conversations import ConversationStore
from bot.storage.diverted import DiversionStore
from bot.storage.drills import DrillStore
from bot.storage.engine import LedgerError
from bot.storage.external_alerts import ExternalAlertStore
from bot.storage.feed_readings import FeedReadingStore
from bot.storage.handled_requests import HandledRequestStore
from bot.storage.incidents import IncidentStore
from bot.storage.leases import LeadershipLostError, Lease, Leases
from bot.storage.opening import open_engine, require_existing
from bot.storage.outbox import Backlog, Outbox
from bot.storage.outbox_writes import Ending, OutdatedError
from bot.storage.people import PeopleStore
from bot.storage.replica_signals import ReplicaSignalStore
from bot.storage.runbooks import RunbookStore
from bot.storage.scores import ScoreStore
from bot.storage.slo_states import SloStateStore
from bot.storage.slots import SlotState, SlotStore
from bot.storage.target_records import TargetRecordStore
from bot.storage.tickets import TicketStore
from checks import Waiver

__all__ = [
    "AuditLogEntry",
    "Backlog",
    "Claim",
    "Ending",
    "LeadershipLostError",
    "Lease",
    "Ledger",
    "LedgerError",
    "OutdatedError",
    "SlotState",
    "Transaction",
    "require_existing",
]


class Transaction:
    """A change of state and the messages that it causes: both or neither."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.posted = False

    async def post(self, message: Message, routes: Sequence[str], now: datetime | None = None) -> bool:
        """Accept a message for delivery over `routes` (names, in order). False: its id or dedupe was accepted before."""
        accepted = await outbox.post(self._connection, message, routes, now or utc_now())
        self.posted = self.posted or accepted
        return accepted

    async def take_slot(self, schedule: str, slot: datetime, state: SlotState, now: datetime) -> bool:
        """Take a slot of a schedule. False: it was taken before, here or by another replica."""
        return await slots.take(self._connection, schedule, slot, state, now)

    async def save_incident(self, incident: Incident) -> None:
        """Save an incident in place of its earlier state."""
        await incidents.save(self._connection, incident)

    async def save_notification_state(self, state: NotificationState) -> None:
        """Save the last notification of an audience about an incident."""
        await incidents.save_notification_state(self._connection, state)

    async def may_be_open(self, alert_key: str, route: str) -> bool:
        """Whether a route told the beginning of this alert and not its end, or may still tell it."""
        return await outbox.may_be_open(self._connection, alert_key, route)

    async def require_lease(self, duty: str, lease: Lease) -> None:
        """Make the transaction fail unless this lease still holds.

        Raises:
            LeadershipLostError: it does not.
        """
        await leases.require_lease(self._connection, duty, lease)

    async def queue_action(self, action: IncidentAction) -> None:
        """Queue what somebody did about an incident for the leader."""
        await replica_signals.queue_action(self._connection, action)

    async def remove_actions(self, asked: Sequence[int]) -> None:
        """Remove actions that are carried out."""
        await replica_signals.remove_actions(self._connection, asked)

    async def log(self, entry: AuditLogEntry) -> None:
        """Write a line of the audit log. `detail` contains JSON, never a secret."""
        await audit_log.write(self._connection, entry)

    async def attest(self, attestation: AttestationRecord) -> None:
        """Save an attestation."""
        await people.attest(self._connection, attestation)

    async def waive(self, waiver: Waiver, at: datetime) -> None:
        """Save a waiver, in place of one for the same finding."""
        await people.waive(self._connection, waiver, at)

    async def subscribe(self, wanted: Subscription) -> bool:
        """Save a subscription, in place of the same post's. False: nothing changed."""
        return await people.subscribe(self._connection, wanted)

    async def unsubscribe(self, platform: str, channel: str, post: str) -> int:
        """Delete a channel's subscription to a post (empty: to all of them); how many there were."""
        return await people.unsubscribe(self._connection, platform, channel, post)

    async def record_drill(self, drill: DrillRecord) -> bool:
        """Save a drill of CI. False: the same run of the same source is there already."""
        return await drills.record_drill(self._connection, drill)

    async def decide(self, decision: GuessDecision) -> None:
        """Save what somebody decided about a guessed dependency."""
        await drills.decide(self._connection, decision)

    async def save_slo_states(self, states: Sequence[SloState]) -> None:
        """Save the states of all objectives in place of those before."""
        await slo_states.save_slo_states(self._connection, states)

    async def take_broadcast(self, id: str, now: datetime) -> Broadcast | None:
        """Mark a draft as sent. None: it was sent before, or there is none."""
        return await broadcasts.take(self._connection, id, now)


class Ledger(
    ScoreStore,
    Outbox,
    SlotStore,
    AuditLog,
    ConversationStore,
    PeopleStore,
    BroadcastStore,
    RunbookStore,
    IncidentStore,
    ExternalAlertStore,
    Leases,
    ReplicaSignalStore,
    AuditUnitStore,
    ClockSkewStore,
    FeedReadingStore,
    DiversionStore,
    HandledRequestStore,
    DrillStore,
    TargetRecordStore,
    SloStateStore,
    ChecklistStore,
    TicketStore,
):
    """The database. All datetimes are in UTC; every method raises `LedgerError` when it cannot be reached."""

    @classmethod
    async def open(cls, where: str | Path, *, patience: timedelta = timedelta(seconds=10)) -> "Ledger":
        """Open a path, `sqlite:///path` or `postgresql://...`; create or migrate its tables.

        Args:
            where: a secret when it contains a password, which is never shown.
            patience: how long to wait for a lock that another program holds.

        Raises:
            LedgerError: it is locked, damaged, written by another program or by a newer version. Nothing was changed.
        """
        ledger = cls(await open_engine(where, patience))
        try:
            await ledger.recognise()
        except LedgerError:
            await ledger.close()
            raise
        return ledger

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """A transaction, committed at the end of the block and undone when that raises."""
        async with self.write() as connection:
            transaction = Transaction(connection)
            yield transaction
        if transaction.posted:
            self.posted.set()

    async def prune(self, before: datetime, now: datetime | None = None) -> int:
        """Delete rows older than `before`, except pending messages, and thin out scores; how many were deleted."""
        return await retention.prune(self, before, now or utc_now())
