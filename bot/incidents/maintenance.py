"""Recurring maintenance of our own: finds the window that is open now."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from bot.model.maintenance import MaintenanceWindow
from checks import Scope


@dataclass(frozen=True, slots=True)
class RecurringWindow:
    """A maintenance window that opens at each slot of `cron`, in local time of `timezone`, for `lasts`."""

    scope: Scope
    cron: str
    timezone: str
    lasts: timedelta
    why: str = ""

    def window(self, now: datetime) -> MaintenanceWindow | None:
        """The window that is open at `now` (UTC), None between two.

        The search starts a day and the duration back: an hour that comes twice or never must not hide a slot.
        """
        local = ZoneInfo(self.timezone)
        last = None
        for slot in CronSim(self.cron, (now - self.lasts - timedelta(days=1)).astimezone(local)):
            begins = slot.astimezone(UTC)
            if begins > now:
                break
            last = begins
        if last is None or now - last > self.lasts:
            return None
        return MaintenanceWindow(self.scope, last, last + self.lasts, self.why, ours=True)
