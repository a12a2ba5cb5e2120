"""The section of backstay.yaml about maintenance of one's own: trouble in its time opens no incident."""

from datetime import UTC, timedelta

from pydantic import AwareDatetime, Field, model_validator

from bot.catalogue import Cron, Duration, Section, Target, TimeZone, refuse
from bot.incidents.maintenance import RecurringWindow
from bot.model.maintenance import MaintenanceWindow
from checks import Scope

LONGEST = timedelta(days=7)


class Maintenance(Section):
    """A window of your own: once, with begins and ends, or again and again, with cron and lasts."""

    about: Target = Field(description="the service, or the scope, that may be in trouble")
    begins: AwareDatetime | None = Field(default=None, description="2026-11-23T22:00:00Z, or with an offset")
    ends: AwareDatetime | None = Field(default=None, description="the same, at most a week later")
    cron: Cron | None = Field(default=None, description="when it begins, again and again: '0 2 * * SUN'")
    timezone: TimeZone = Field(default="UTC", description="of the cron expression")
    lasts: Duration | None = Field(default=None, description="how long after each slot of cron, at most a week")
    why: str = Field(default="", description="a word for people", max_length=200)

    @model_validator(mode="after")
    def _whole(self) -> "Maintenance":
        once, again = (self.begins, self.ends), (self.cron, self.lasts)
        if any(once) == any(again) or not (all(once) or all(again)):
            raise refuse("expected begins and ends, or cron and lasts, and not both")
        lasts = self.lasts or timedelta(0)
        if self.begins and self.ends:
            lasts = self.ends - self.begins
        if not timedelta(0) < lasts <= LONGEST:
            raise refuse("a maintenance ends after it begins, and lasts a week at most: a longer one hides an outage")
        return self

    @property
    def made(self) -> MaintenanceWindow | RecurringWindow:
        """As the watch flow knows it."""
        scope = Scope.parse(self.about)
        if self.begins and self.ends:
            return MaintenanceWindow(scope, self.begins.astimezone(UTC), self.ends.astimezone(UTC), self.why, ours=True)
        return RecurringWindow(scope, self.cron or "", self.timezone, self.lasts or timedelta(0), self.why)
