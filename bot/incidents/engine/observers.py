"""Signals -> what each observer last said, and for how many rounds it has said so: the first step to an incident."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from bot.model import IncidentSeverity
from bot.model.incidents import Health, Signal, SignalSource
from bot.model.thresholds import Thresholds
from checks import Scope


class ObserverKey(NamedTuple):
    """One observer of one thing over one path."""

    scope: Scope
    source: str
    via: str
    vantage: str


@dataclass(frozen=True, slots=True)
class ObserverState:
    """What an observer last said. `streak`: rounds in a row with this state; `since`: when the first of them was."""

    kind: SignalSource
    state: Health
    at: datetime
    since: datetime
    streak: int
    severity: IncidentSeverity
    control: bool
    detail: str
    url: str

    def fresh(self, now: datetime, policy: Thresholds) -> bool:
        """Whether it still counts."""
        return now - self.at <= policy.stands(self.kind)


Observers = Mapping[ObserverKey, ObserverState]


def apply_signals(
    before: Observers, signals: Iterable[Signal], now: datetime, policy: Thresholds
) -> dict[ObserverKey, ObserverState]:
    """What the observers say after these signals. Their order makes no difference: time and content decide.

    Who has been silent for long is forgotten; what claims to come from the future is taken as of now.
    """
    after = {key: _by_now(one, now) for key, one in before.items() if now - one.at <= policy.remembered(one.kind)}
    for signal in sorted(signals, key=_order):
        key = ObserverKey(signal.scope, signal.source, signal.via, signal.vantage)
        at = min(signal.at, now)
        last = after.get(key)
        if last is not None and at < last.at:
            continue
        after[key] = _next(last, replace(signal, at=at), policy)
    return after


def reset_blind_streaks(witnesses: Observers, blind: Collection[tuple[str, str]]) -> Observers:
    """What was bad over a path that is blind is no round that counts: when the path is back, counting begins anew."""
    if not blind:
        return witnesses
    return {
        key: replace(one, streak=0)
        if one.state is Health.BAD and not one.control and (key.vantage, key.via) in blind
        else one
        for key, one in witnesses.items()
    }


def _by_now(one: ObserverState, now: datetime) -> ObserverState:
    """After the clock was put back, what was heard before is of now: else nothing new would count until it caught up."""
    return one if one.at <= now else replace(one, at=now, since=min(one.since, now))


def _order(signal: Signal) -> tuple[datetime, bool, str, str, str, str, str, str]:
    # Of two that contradict each other at one moment the bad one is heard last: it stands. The rest only makes it sure
    # that any two that differ have an order.
    said = signal.state.value, signal.kind, signal.severity.value, signal.detail, signal.url, str(signal.control)
    return signal.at, signal.state is Health.BAD, *said


def _next(last: ObserverState | None, signal: Signal, policy: Thresholds) -> ObserverState:
    streak, since = 1, signal.at
    # Rounds with a hole between them are not rounds in a row.
    going_on = last is not None and last.streak and signal.at - last.at <= policy.stands(signal.kind)
    if last is not None and going_on and last.state is signal.state:
        streak, since = last.streak + (signal.at > last.at), last.since
    return ObserverState(
        kind=signal.kind,
        state=signal.state,
        at=signal.at,
        since=since,
        streak=streak,
        severity=signal.severity,
        control=signal.control,
        detail=signal.detail,
        url=signal.url,
    )
