"""Maintenance windows: problems within an announced window open no incident."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.model.thresholds import Thresholds
from checks import Scope


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """An announced maintenance of a scope. Problems of that scope within it open no incident. Times are UTC.

    `ours`: it comes from backstay's own settings, so it counts however long it is. `parts`: the components that it names; none:
    all of the scope. `predicts_downtime`: it announces that the parts will be unavailable, and not only that they may be.
    """

    scope: Scope
    begins: datetime
    ends: datetime
    why: str = ""
    ours: bool = False
    parts: tuple[str, ...] = ()
    predicts_downtime: bool = False

    def on(self, now: datetime, policy: Thresholds) -> bool:
        """Whether the window is open now and not implausibly long (`Thresholds.window_at_most`)."""
        believed = self.ours or self.ends - self.begins <= policy.window_at_most
        return believed and self.begins <= now <= self.ends

    def covers(self, scope: Scope, parts: Collection[str] = ()) -> bool:
        """Whether it was announced for this scope and all of these parts. `parts`: what fails, none for all of it."""
        return self.scope.covers(scope) and (not self.parts or (bool(parts) and set(parts) <= set(self.parts)))
