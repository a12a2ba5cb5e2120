"""The section of backstay.yaml about maintenance of one's own: trouble in its time opens no incident."""

from datetime import UTC, timedelta

from pydantic import AwareDatetime, Field, model_validator

from bot.catalogue import Cron, Duration, Section, Target, TimeZone, refuse
from bot.incidents.maintenance import RecurringWindow
from bot.model.maintenance import MaintenanceWindow
from checks import Scope

LONGEST = timedelta(days=7)


class Maintenance(Section):
    """A maintenance window: once, with begins and ends, or recurring, with cron and lasts."""

    about: Target = Field(description="service or scope under maintenance")
    begins: AwareDatetime | None = Field(default=None, description="start, such as 2026-11-23T22:00:00Z")
    ends: AwareDatetime | None = Field(default=None, description="end, at most a week after the start")
    cron: Cron | None = Field(default=None, description="start of a recurring window, such as '0 2 * * SUN'")
    timezone: TimeZone = Field(default="UTC", description="time zone of the cron expression")
    lasts: Duration | None = Field(default=None, description="length of a recurring window, at most a week")
    why: str = Field(default="", description="reason, shown to people", max_length=200)

    @model_validator(mode="after")
    def _whole(self) -> "Maintenance":
        once, again = (self.begins, self.ends), (self.cron, self.lasts)
        if any(once) == any(again) or not (all(once) or all(again)):
            raise refuse("expected either begins and ends, or cron and lasts")
        lasts = self.lasts or timedelta(0)
        if self.begins and self.ends:
            lasts = self.ends - self.begins
        if not timedelta(0) < lasts <= LONGEST:
            raise refuse("a window must end after it begins and last at most a week; a longer one would hide an outage")
        return self

    @property
    def made(self) -> MaintenanceWindow | RecurringWindow:
        """As the watch flow knows it."""
        scope = Scope.parse(self.about)
        if self.begins and self.ends:
            return MaintenanceWindow(scope, self.begins.astimezone(UTC), self.ends.astimezone(UTC), self.why, ours=True)
        return RecurringWindow(scope, self.cron or "", self.timezone, self.lasts or timedelta(0), self.why)
