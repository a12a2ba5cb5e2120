"""What is known of targets from before a restart: the alarms that open incidents keep, and what was usual for each target."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from bot.incidents.engine.error_rate import NO_ROUNDS, ErrorRate
from bot.incidents.engine.latency import NO_ANSWERS, Latency
from bot.model.observed import TargetAlarm
from checks import Scope


class ObserverKey(NamedTuple):
    """One observer of one scope over one path."""

    scope: Scope
    source: str
    via: str
    vantage: str


class Record(NamedTuple):
    """The record of a target's rounds: failed ones, slow ones, and the usual latency."""

    failing: ErrorRate = NO_ROUNDS
    slow: ErrorRate = NO_ROUNDS
    latency: Latency = NO_ANSWERS

    def usual(self) -> dict[str, Any]:
        """What is usual for the target, as JSON."""
        latency = {"answers": self.latency.answers, "centre": self.latency.centre, "spread": self.latency.spread}
        counted = {"failing": self.failing, "slow": self.slow}
        return latency | {name: [rate.rounds, rate.failures] for name, rate in counted.items()}

    @classmethod
    def of_usual(cls, kept: Mapping[str, Any]) -> "Record":
        """The record that `usual` came from.

        Raises:
            KeyError, TypeError, ValueError: it has another form.
        """
        failing, slow = (
            ErrorRate(rounds=float(rounds), failures=float(failures))
            for rounds, failures in (kept["failing"], kept["slow"])
        )
        return cls(failing, slow, Latency(int(kept["answers"]), float(kept["centre"]), float(kept["spread"])))


Baselines = Mapping[tuple[str, str], Record]
"""What is usual for targets, by source and path, for all observers."""


@dataclass(frozen=True, slots=True)
class KnownRecords:
    """The records with which observers begin after a restart. `alarms`: of targets that were degraded before it, by scope and path."""

    alarms: Mapping[tuple[Scope, str, str], Mapping[str, TargetAlarm]] = field(default_factory=dict)
    baselines: Baselines = field(default_factory=dict)

    @classmethod
    def of(cls, alarms: Iterable[TargetAlarm], baselines: Baselines) -> "KnownRecords":
        """The records by these alarms and baselines."""
        by_target: dict[tuple[Scope, str, str], dict[str, TargetAlarm]] = {}
        for alarm in alarms:
            by_target.setdefault((alarm.scope, alarm.source, alarm.via), {})[alarm.vantage] = alarm
        return cls(by_target, baselines)

    def begin(self, key: ObserverKey, present: Iterable[ObserverKey]) -> Record:
        """The record of an observer that has none yet.

        A replica has another name after most restarts, so it takes over the alarm of one that observes no more. `present`: the
        observers that do.
        """
        usual = self.baselines.get((key.source, key.via), Record())
        alarms = self.alarms.get((key.scope, key.source, key.via))
        if not alarms:
            return usual
        alarm = alarms.get(key.vantage)
        if alarm is None:
            observing = {other.vantage for other in present if other[:3] == key[:3]}
            left = [alarm for vantage, alarm in alarms.items() if vantage not in observing]
            alarm = max(left, key=lambda each: (each.failing, each.usual), default=None)
        return _alarmed(usual, alarm) if alarm else usual


def _alarmed(usual: Record, alarm: TargetAlarm) -> Record:
    failing, slow, latency = usual
    if alarm.failing:
        failing = replace(ErrorRate.alarmed(alarm.failing), rounds=failing.rounds, failures=failing.failures)
    if alarm.usual:
        slow = replace(ErrorRate.alarmed(1.0), rounds=slow.rounds, failures=slow.failures)
        latency = latency if latency.answers else Latency.known(alarm.usual)
    return Record(failing, slow, latency)
