"""The settings of incident detection: thresholds, our own maintenance windows, and escalation."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.incidents.maintenance import RecurringWindow
from bot.model.maintenance import MaintenanceWindow
from bot.model.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class IncidentPolicy:
    """What the settings ask of incident detection.

    `maintenance`: our own windows. `escalate_to`: audiences, in this order, to which a tier-1 alert that nobody has
    acknowledged is escalated, each `escalate_after` later. `admin_audience`: who alone is told that our own network fails, empty
    where everybody is.
    """

    thresholds: Thresholds = field(default_factory=Thresholds)
    maintenance: tuple[MaintenanceWindow | RecurringWindow, ...] = ()
    escalate_to: tuple[str, ...] = ()
    escalate_after: timedelta = timedelta(minutes=15)
    admin_audience: str = ""

    def windows(self, now: datetime) -> Iterator[MaintenanceWindow]:
        """Our own windows that may be open at `now` (UTC)."""
        for entry in self.maintenance:
            window = entry.window(now) if isinstance(entry, RecurringWindow) else entry
            if window is not None:
                yield window
