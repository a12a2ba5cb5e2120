"""Combines the alerts of one webhook source about one place into one signal: bad while any of them fires."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.model import IncidentSeverity
from bot.model.signals import Health, Signal
from bot.model.thresholds import Thresholds
from checks import Scope

_UNPLACED = "alerts of "
"""Begins the provider of a scope that stands for alerts without a location. Stored rows contain it."""
AT_MOST = 1000
"""How many alerts of one source and place are kept apart; more than that are only counted."""
_NAMED = 3
_GRADES = list(IncidentSeverity)


@dataclass(frozen=True, slots=True)
class FiringAlert:
    """An alert that fires: when it was last reported (UTC), how severe it is, and its name."""

    at: datetime
    severity: IncidentSeverity
    detail: str


@dataclass(frozen=True, slots=True)
class SourceAlerts:
    """What one webhook source reports about one place.

    `ended`: when alerts stopped firing, so that reports that arrive late are recognised. `at`: the last report (UTC).
    `severity` and `detail` keep their last values once nothing fires any more. `untold`: alerts that are only counted.
    """

    hook: str
    scope: Scope
    at: datetime
    firing: Mapping[str, FiringAlert] = field(default_factory=dict)
    ended: Mapping[str, datetime] = field(default_factory=dict)
    untold: int = 0
    severity: IncidentSeverity = IncidentSeverity.MAJOR
    detail: str = ""
    url: str = ""

    @property
    def signal(self) -> Signal:
        """The report as a signal for incident detection."""
        return Signal(
            provider=self.scope.provider,
            region=self.scope.region,
            service=self.scope.part,
            kind="hook",
            state=Health.BAD if self.firing else Health.GOOD,
            at=self.at,
            source=f"hook:{self.hook}",
            severity=self.severity,
            detail=self.detail,
            url=self.url,
        )


def unplaced_scope(hook: str) -> Scope:
    """The scope of a source's alerts where neither the alert nor the settings name a location."""
    return Scope(f"{_UNPLACED}{hook}")


def source_of_unplaced(provider: str) -> str:
    """The webhook source behind a scope that `unplaced_scope` made, by the scope's provider; empty for any other scope."""
    return provider.removeprefix(_UNPLACED) if provider.startswith(_UNPLACED) else ""


def fold_alerts(
    before: SourceAlerts, signals: Iterable[Signal], now: datetime, policy: Thresholds | None = None
) -> SourceAlerts:
    """The same source and place after more of its alerts. A repeated alert changes only the time of the last report.

    Args:
        before: the state so far; without alerts for a source that never reported this place.
        signals: of this place, one for each alert; `source` identifies the alert.
        now: UTC.
        policy: the thresholds; an alert that is not repeated within `hook_lasts` no longer fires.
    """
    policy = policy or Thresholds()
    firing = {name: alert for name, alert in before.firing.items() if now - alert.at <= policy.hook_lasts}
    ended = {name: at for name, at in before.ended.items() if now - at <= policy.hook_lasts}
    untold, at, url = 0, before.at, before.url
    for signal in sorted(signals, key=lambda signal: (signal.at, signal.state is Health.BAD, signal.source)):
        last = firing[signal.source].at if signal.source in firing else ended.get(signal.source)
        if (last is not None and signal.at < last) or now - signal.at > policy.hook_lasts:
            continue  # arrived late: a newer report is known
        at = max(at, signal.at)
        if signal.state is Health.GOOD:
            if firing.pop(signal.source, None) is not None:
                ended[signal.source] = signal.at
        elif signal.source in firing or len(firing) < AT_MOST:
            ended.pop(signal.source, None)
            firing[signal.source] = FiringAlert(signal.at, signal.severity, signal.detail)
            url = signal.url or url
        else:
            untold += 1
    newest = dict(sorted(ended.items(), key=lambda pair: pair[1])[-AT_MOST:])
    after = replace(
        before, at=at, firing=firing, ended=newest, untold=max(untold, before.untold) if firing else 0, url=url
    )
    return replace(after, severity=_worst_severity(after), detail=_summary(after))


def _worst_severity(alerts: SourceAlerts) -> IncidentSeverity:
    return max((alert.severity for alert in alerts.firing.values()), key=_GRADES.index, default=alerts.severity)


def _summary(alerts: SourceAlerts) -> str:
    if not alerts.firing:
        return ""
    ranked = sorted(alerts.firing.values(), key=lambda alert: (-_GRADES.index(alert.severity), alert.detail))
    named = list(dict.fromkeys(alert.detail for alert in ranked if alert.detail))[:_NAMED]
    more = len(alerts.firing) + alerts.untold - len(named)
    return f"{alerts.hook}: {'; '.join(named) or 'an alert'}" + (f"; and {more:,} more" if more > 0 and named else "")
