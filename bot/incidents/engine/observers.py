"""Turns signals into the last state of each observer, and counts its rounds in a row: the first step to an incident."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from bot.model import IncidentSeverity
from bot.model.signals import Health, Signal, SignalSource
from bot.model.thresholds import Thresholds
from checks import Scope


class ObserverKey(NamedTuple):
    """One observer of one scope over one path."""

    scope: Scope
    source: str
    via: str
    vantage: str


@dataclass(frozen=True, slots=True)
class ObserverState:
    """The last report of an observer. `streak`: rounds in a row with this state; `since`: the first of them (UTC)."""

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
    """The observers after these signals, whose order makes no difference: time and content decide.

    An observer that has been silent for long is forgotten; a signal from the future counts as one of `now` (UTC).
    """
    after = {
        key: _not_after(observer, now)
        for key, observer in before.items()
        if now - observer.at <= policy.remembered(observer.kind)
    }
    for signal in sorted(signals, key=_order):
        key = ObserverKey(signal.scope, signal.source, signal.via, signal.vantage)
        at = min(signal.at, now)
        last = after.get(key)
        if last is not None and at < last.at:
            continue
        after[key] = _next(last, replace(signal, at=at), policy)
    return after


def reset_blind_streaks(observers: Observers, blind: Collection[tuple[str, str]]) -> Observers:
    """The observers, with bad rounds over blind paths not counted: when the path works again, counting starts again."""
    if not blind:
        return observers
    return {
        key: replace(observer, streak=0)
        if observer.state is Health.BAD and not observer.control and (key.vantage, key.via) in blind
        else observer
        for key, observer in observers.items()
    }


def _not_after(observer: ObserverState, now: datetime) -> ObserverState:
    """The state, dated `now` if the clock was set back: else nothing new would count until the clock caught up."""
    return observer if observer.at <= now else replace(observer, at=now, since=min(observer.since, now))


def _order(signal: Signal) -> tuple[datetime, bool, str, str, str, str, str, str]:
    # Of two signals that contradict each other at one moment the bad one comes last and counts. The rest only makes
    # sure that any two that differ have an order.
    content = signal.state.value, signal.kind, signal.severity.value, signal.detail, signal.url, str(signal.control)
    return signal.at, signal.state is Health.BAD, *content


def _next(last: ObserverState | None, signal: Signal, policy: Thresholds) -> ObserverState:
    streak, since = 1, signal.at
    # Rounds with a gap between them are not rounds in a row.
    continues = last is not None and last.streak and signal.at - last.at <= policy.stands(signal.kind)
    if last is not None and continues and last.state is signal.state:
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
