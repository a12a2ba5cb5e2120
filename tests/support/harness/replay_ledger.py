"""What incident detection keeps, in memory, and every message that it posts."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import cast

from bot.model import CachedReading, Message
from bot.model.incident_actions import IncidentAction
from bot.model.incidents import Incident, NotificationReceipt
from bot.model.notifications import NotificationState
from bot.model.signals import Signal
from bot.model.target_records import KeptRecord
from bot.storage.ledger import AuditLogEntry, Transaction
from bot.storage.outbox_writes import OutboxPost


class ReplayLedger:
    """Implements `IncidentLedger` and `ReadingLedger`. `posted`: messages in order, each with its moment and incident."""

    def __init__(self) -> None:
        self.posted: list[tuple[datetime, Message, Incident | None]] = []
        self.saved: dict[str, Incident] = {}
        self._told: dict[tuple[str, str], NotificationState] = {}
        self._actions: dict[int, IncidentAction] = {}
        self._records: dict[tuple[str, str, str], KeptRecord] = {}

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """Nothing is ever undone here."""
        yield cast("Transaction", _Writing(self))

    async def incidents_since(self, since: datetime) -> tuple[Incident, ...]:
        return tuple(
            incident
            for incident in self.saved.values()
            if incident.resolved_at is None or incident.resolved_at >= since
        )

    async def notification_receipts(self, incident: str) -> tuple[NotificationReceipt, ...]:
        return tuple(
            NotificationReceipt(message.audience, message.reason, at, at)
            for at, message, _ in self.posted
            if message.incident == incident and not message.replaces and not message.under
        )

    async def notification_states(self, incident: str = "") -> tuple[NotificationState, ...]:
        return tuple(state for state in self._told.values() if not incident or state.incident == incident)

    async def queued_actions(self) -> dict[int, IncidentAction]:
        return {}

    async def share_signals(self, vantage: str, signals: Sequence[Signal], now: datetime) -> None:
        raise AssertionError("one replica is the leader here")

    async def take_shared_signals(self, now: datetime) -> tuple[Signal, ...]:
        return ()

    async def save_target_records(self, records: Sequence[KeptRecord], at: datetime) -> None:
        self._records |= {(record.about, record.source, record.via): record for record in records}

    async def target_records(self, *about: str) -> tuple[KeptRecord, ...]:
        return tuple(record for record in self._records.values() if record.about in about)

    async def delete_readings(self, names: Collection[str]) -> None:
        """Nothing is kept of pages."""

    async def save_readings(self, kept: Sequence[CachedReading], at: datetime) -> None:
        """Nothing is kept of pages."""

    async def saved_readings(self, since: datetime | None = None) -> dict[str, CachedReading]:
        return {}

    @property
    def embedded(self) -> bool:
        return True

    async def keep(self, posts: Sequence[OutboxPost]) -> None:
        raise AssertionError("no disk is full here")

    def remember(self, state: NotificationState) -> None:
        self._told[state.incident, state.audience] = state


class _Writing:
    """The parts of a transaction that incident detection uses."""

    def __init__(self, ledger: ReplayLedger) -> None:
        self._ledger = ledger

    async def save_incident(self, incident: Incident) -> None:
        self._ledger.saved[incident.id] = incident

    async def save_notification_state(self, state: NotificationState) -> None:
        self._ledger.remember(state)

    async def post(self, message: Message, routes: Sequence[str], now: datetime | None = None) -> bool:
        at = now or message.created_at
        assert at is not None
        self._ledger.posted.append((at, message, self._ledger.saved.get(message.incident)))
        return True

    async def remove_actions(self, asked: Sequence[int]) -> None:
        """Nobody queues any."""

    async def log(self, entry: AuditLogEntry) -> None:
        """Nobody reads it."""
