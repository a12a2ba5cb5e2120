"""What the watch flow is told to do by the settings: its numbers, maintenance of our own, and who hears next."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.incidents.maintenance import RecurringWindow
from bot.model.maintenance import MaintenanceWindow
from bot.model.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class IncidentPolicy:
    """What the flow is told to do.

    `maintenance`: windows of our own. `escalate_to`: audiences in the order in which a tier-1 alert that nobody has
    acknowledged is repeated to them, each `escalate_after` later.
    """

    policy: Thresholds = field(default_factory=Thresholds)
    maintenance: tuple[MaintenanceWindow | RecurringWindow, ...] = ()
    escalate_to: tuple[str, ...] = ()
    escalate_after: timedelta = timedelta(minutes=15)

    def windows(self, now: datetime) -> Iterator[MaintenanceWindow]:
        """Those of our own that are worth a look now."""
        for one in self.maintenance:
            window = one.window(now) if isinstance(one, RecurringWindow) else one
            if window is not None:
                yield window
