"""The parts of the ledger that incidents use."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from bot.model.incident_actions import IncidentAction
from bot.model.incidents import Incident, NotificationReceipt
from bot.model.notifications import NotificationState
from bot.model.signals import Signal
from bot.model.target_records import TargetRecordLedger
from bot.storage.ledger import Transaction
from bot.storage.outbox_writes import OutboxPost


class IncidentLedger(TargetRecordLedger, Protocol):
    """Keeps incidents, what audiences were notified of, and what replicas share."""

    @property
    def embedded(self) -> bool:
        """Whether it is a SQLite file, which this process alone uses."""
        ...

    async def keep(self, posts: Sequence[OutboxPost]) -> None:
        """Keep messages in memory that the full disk does not take: alerts are sent all the same."""
        ...

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        """Return a transaction, committed at the end of the block and undone when that raises."""
        ...

    async def incidents_since(self, since: datetime) -> tuple[Incident, ...]:
        """Open incidents, and those that ended at or after `since`; oldest first."""
        ...

    async def notification_receipts(self, incident: str) -> tuple[NotificationReceipt, ...]:
        """Which audiences were notified of an incident, when and by which route, by the receipts; oldest first."""
        ...

    async def notification_states(self, incident: str = "") -> tuple[NotificationState, ...]:
        """The last notification of each audience about an incident, or about all where none is named."""
        ...

    async def queued_actions(self) -> dict[int, IncidentAction]:
        """The actions that people took on other replicas and that are not carried out yet, in order, by their number."""
        ...

    async def share_signals(self, vantage: str, signals: Sequence[Signal], now: datetime) -> None:
        """Write the signals of this replica. `now`: by the clock that dates them."""
        ...

    async def take_shared_signals(self, now: datetime) -> tuple[Signal, ...]:
        """Take the signals of all replicas out of the ledger, dated by the clock of `now`."""
        ...


class AlertLedger(Protocol):
    """Keeps the alerts of other monitoring."""

    async def alert_signals(self, since: datetime) -> tuple[Signal, ...]:
        """The signals of sources about scopes that had an alert at or after `since`, oldest first."""
        ...

    async def save_alerts(self, hook: str, signals: Sequence[Signal], now: datetime) -> tuple[Signal, ...]:
        """Save alerts of a source; one signal for each scope that they are about. Repeated alerts change nothing."""
        ...
