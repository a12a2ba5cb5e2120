"""The alerts of one hook about one place -> one word of that hook: it is bad there while any of them fires."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.model import IncidentSeverity
from bot.model.incidents import Health, Signal
from bot.model.thresholds import Thresholds
from checks import Scope

UNPLACED = "alerts of "
"""How the provider begins of alerts that say nothing of where they are: no cloud and no service is called so."""
AT_MOST = 1000
"""So many alerts of one hook and place are told apart; a storm beyond that is still one word, and is counted."""
_NAMED = 3
_GRADES = list(IncidentSeverity)


@dataclass(frozen=True, slots=True)
class FiringAlert:
    """An alert that fires: when that was last said, how bad it is, and what it is called."""

    at: datetime
    severity: IncidentSeverity
    detail: str


@dataclass(frozen=True, slots=True)
class SourceAlerts:
    """What one hook says of one place. `ended`: when alerts that fire no more did end, against what arrives late.

    `at`: its last word. `severity` and `detail` are kept from before where nothing fires any more.
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
        """Its word, as the watch flow hears it."""
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
    """What alerts of a hook are about that say nothing of where they are, where its settings do not either."""
    return Scope(f"{UNPLACED}{hook}")


def fold_alerts(
    before: SourceAlerts, signals: Iterable[Signal], now: datetime, policy: Thresholds | None = None
) -> SourceAlerts:
    """The same hook and place after more of its alerts. The same alerts again change nothing but when it was last said.

    Args:
        before: as it was; of a hook that never spoke of the place one without alerts.
        signals: of this place, one for each alert, `source` telling them apart.
        now: UTC.
        policy: the numbers; what nobody repeats within `hook_lasts` fires no more.
    """
    policy = policy or Thresholds()
    firing = {name: one for name, one in before.firing.items() if now - one.at <= policy.hook_lasts}
    ended = {name: at for name, at in before.ended.items() if now - at <= policy.hook_lasts}
    untold, at, url = 0, before.at, before.url
    for one in sorted(signals, key=lambda one: (one.at, one.state is Health.BAD, one.source)):
        last = firing[one.source].at if one.source in firing else ended.get(one.source)
        if (last is not None and one.at < last) or now - one.at > policy.hook_lasts:
            continue  # it arrives late: something newer is known
        at = max(at, one.at)
        if one.state is Health.GOOD:
            if firing.pop(one.source, None) is not None:
                ended[one.source] = one.at
        elif one.source in firing or len(firing) < AT_MOST:
            ended.pop(one.source, None)
            firing[one.source] = FiringAlert(one.at, one.severity, one.detail)
            url = one.url or url
        else:
            untold += 1
    newest = dict(sorted(ended.items(), key=lambda pair: pair[1])[-AT_MOST:])
    after = replace(
        before, at=at, firing=firing, ended=newest, untold=max(untold, before.untold) if firing else 0, url=url
    )
    return replace(after, severity=_worst(after), detail=_said(after))


def _worst(one: SourceAlerts) -> IncidentSeverity:
    return max((alert.severity for alert in one.firing.values()), key=_GRADES.index, default=one.severity)


def _said(one: SourceAlerts) -> str:
    if not one.firing:
        return ""
    ranked = sorted(one.firing.values(), key=lambda alert: (-_GRADES.index(alert.severity), alert.detail))
    named = list(dict.fromkeys(alert.detail for alert in ranked if alert.detail))[:_NAMED]
    more = len(one.firing) + one.untold - len(named)
    return f"{one.hook}: {'; '.join(named) or 'an alert'}" + (f"; and {more:,} more" if more > 0 and named else "")
