"""Announced maintenance: trouble that it covers opens no incident."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.thresholds import Thresholds
from checks import Scope


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """A maintenance that was announced: trouble of the scope within it opens no incident. Times are UTC.

    `ours`: we announced it ourselves, so that it holds however long it is.
    """

    scope: Scope
    begins: datetime
    ends: datetime
    why: str = ""
    ours: bool = False

    def on(self, now: datetime, policy: Thresholds) -> bool:
        """Whether it is on, and believed."""
        believed = self.ours or self.ends - self.begins <= policy.window_at_most
        return believed and self.begins <= now <= self.ends

    def excuses(self, scope: Scope, now: datetime, policy: Thresholds) -> bool:
        """Whether trouble of this scope was to be expected now."""
        return self.on(now, policy) and self.scope.covers(scope)
