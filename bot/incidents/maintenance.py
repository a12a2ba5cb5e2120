"""Maintenance of our own that comes again and again -> the window that is open now, if one is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from bot.model.maintenance import MaintenanceWindow
from checks import Scope


@dataclass(frozen=True, slots=True)
class RecurringWindow:
    """A window of `lasts` from each slot of `cron`, in local time of `timezone`."""

    scope: Scope
    cron: str
    timezone: str
    lasts: timedelta
    why: str = ""

    def window(self, now: datetime) -> MaintenanceWindow | None:
        """The one that is open at `now` (UTC), None between two.

        Begun a day and the duration back: an hour that comes twice or never must not hide a slot.
        """
        zone = ZoneInfo(self.timezone)
        last = None
        for found in CronSim(self.cron, (now - self.lasts - timedelta(days=1)).astimezone(zone)):
            begins = found.astimezone(UTC)
            if begins > now:
                break
            last = begins
        if last is None or now - last > self.lasts:
            return None
        return MaintenanceWindow(self.scope, last, last + self.lasts, self.why, ours=True)
