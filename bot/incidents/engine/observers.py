"""Turns signals into the last state of each observer, and counts its rounds in a row: the first step to an incident."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.incidents.engine.error_rate import NO_ROUNDS, ErrorRate
from bot.incidents.engine.known_records import KnownRecords, ObserverKey, Record
from bot.incidents.engine.latency import NO_ANSWERS, Latency
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate
from bot.model.signals import SILENT_PAGE, Health, Signal, SignalSource, Trouble
from bot.model.thresholds import Thresholds

_OWN = ("probe", "canary")
NOTHING_KNOWN = KnownRecords()
_NOT_GOOD = (Health.BAD, Health.DEGRADED)


@dataclass(frozen=True, slots=True)
class ObserverState:
    """The last report of an observer. `streak`: rounds in a row with this state; `since`: the first of them (UTC).

    `in_doubt`: its last round was not good, or its record is in doubt. Of probes and canaries: `failing` is the record of failed
    rounds, `slow` that of slow answers against `latency`; `symptom` is the detail of the last round that was not good, as long as
    it is in doubt, and `doubted` since when. `recovered_at`: its first good round after one that was not. The rest is as in
    `Signal`.
    """

    kind: SignalSource
    state: Health
    at: datetime
    since: datetime
    streak: int
    severity: IncidentSeverity
    control: bool
    detail: str
    url: str
    failing: ErrorRate = NO_ROUNDS
    slow: ErrorRate = NO_ROUNDS
    latency: Latency = NO_ANSWERS
    trouble: Trouble = Trouble.NONE
    seconds: float | None = None
    symptom: str = ""
    doubted: datetime | None = None
    recovered_at: datetime | None = None
    began: datetime | None = None
    parts: tuple[str, ...] = ()
    progress: IncidentState | None = None
    updates: tuple[IncidentUpdate, ...] = ()
    first_reading: bool = False
    in_doubt: bool = False

    @property
    def own(self) -> bool:
        """Whether it observes round by round, as probes and canaries do."""
        return self.kind in _OWN

    @property
    def record(self) -> Record:
        """The record of its rounds."""
        return Record(self.failing, self.slow, self.latency)

    @property
    def bad_since(self) -> datetime:
        """Since when it has not been good (UTC)."""
        return self.doubted or self.since

    def fresh(self, now: datetime, policy: Thresholds) -> bool:
        """Whether it still counts."""
        return now - self.at <= policy.stands(self.kind)


Observers = Mapping[ObserverKey, ObserverState]


def apply_signals(
    before: Observers,
    signals: Iterable[Signal],
    now: datetime,
    policy: Thresholds,
    known: KnownRecords = NOTHING_KNOWN,
) -> dict[ObserverKey, ObserverState]:
    """The observers after these signals, whose order makes no difference: time and content decide.

    An observer that has been silent for long is forgotten; a signal from the future counts as one of `now` (UTC). `known`: records
    from before a restart, for observers that have none.
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
        after[key] = _next(last, signal, at, policy, last.record if last else known.begin(key, after))
    return after


Paths = Collection[tuple[str, str]]


def forgive_own_trouble(observers: Observers, blind: Paths, slow: Paths) -> Observers:
    """The observers, without what they saw over paths of ours that fail (`blind`), and without slowness over `slow` ones.

    When a path works as usual again, counting starts again.
    """
    if not blind and not slow:
        return observers
    return {key: _forgiven(key, observer, blind, slow) for key, observer in observers.items()}


def _forgiven(key: ObserverKey, observer: ObserverState, blind: Paths, slow: Paths) -> ObserverState:
    path = (key.vantage, key.via)
    if blind and key.source.startswith(SILENT_PAGE):
        return replace(observer, streak=0)  # it may be us who cannot read the page, until it is read again
    if not observer.in_doubt or observer.control or (path not in blind and path not in slow):
        return observer
    if path in blind:
        streak = observer.streak if observer.state is Health.GOOD else 0
        failing, slowness = observer.failing.forgiven(), observer.slow.forgiven()
        return replace(
            observer, streak=streak, failing=failing, slow=slowness, symptom="", doubted=None, in_doubt=False
        )
    streak = 0 if observer.state is Health.DEGRADED else observer.streak
    in_doubt = observer.state is Health.BAD or observer.failing.in_doubt
    since = observer.doubted if in_doubt else None
    symptom = observer.symptom if in_doubt else ""
    slowness = observer.slow.forgiven()
    return replace(observer, streak=streak, slow=slowness, symptom=symptom, doubted=since, in_doubt=in_doubt)


def _not_after(observer: ObserverState, now: datetime) -> ObserverState:
    """The state, dated `now` if the clock was set back: else nothing new would count until the clock caught up."""
    return observer if observer.at <= now else replace(observer, at=now, since=min(observer.since, now))


def _order(signal: Signal) -> tuple[datetime, bool, str, str, str, str, str, str]:
    # Of two signals that contradict each other at one moment the bad one comes last and counts. The rest only makes
    # sure that any two that differ have an order.
    content = (
        str(signal.state is Health.BAD),
        signal.kind,
        signal.severity.value,
        signal.detail,
        signal.url,
        str(signal.control),
    )
    return signal.at, signal.state in (Health.DEGRADED, Health.BAD), *content


def _next(
    last: ObserverState | None, signal: Signal, at: datetime, policy: Thresholds, record: Record
) -> ObserverState:
    streak, since = 1, at
    # Rounds with a gap between them are not rounds in a row.
    goes_on = last is not None and last.streak and last.state is signal.state and not _is_reopened(last, signal)
    if last is not None and goes_on and at - last.at <= policy.stands(signal.kind):
        streak, since = last.streak + (at > last.at), last.since
    failing, slow, latency = record
    own = signal.kind in _OWN
    if own and signal.state is not Health.UNKNOWN:
        failing = failing.after(failed=signal.state is Health.BAD or signal.retried)
        slow = slow.after(failed=_is_slow(signal, latency))
        answered = signal.state is not Health.BAD and signal.seconds is not None
        if answered and signal.seconds is not None and (not slow.raised or slow.lasting):
            latency = latency.after(signal.seconds)
    in_doubt = signal.state in _NOT_GOOD or (own and (failing.in_doubt or slow.in_doubt))
    before = last if in_doubt and last and last.in_doubt else None
    return ObserverState(
        kind=signal.kind,
        state=signal.state,
        at=at,
        since=since,
        streak=streak,
        severity=signal.severity,
        control=signal.control,
        detail=signal.detail,
        url=signal.url,
        failing=failing,
        slow=slow,
        latency=latency,
        trouble=signal.trouble,
        seconds=signal.seconds,
        symptom=(signal.detail or (before.symptom if before else "")) if in_doubt else "",
        doubted=(before.bad_since if before else since if signal.state in _NOT_GOOD else at) if in_doubt else None,
        recovered_at=_recovered_at(last, failing, slow, at) if own else None,
        began=signal.began,
        parts=signal.parts,
        progress=signal.progress,
        updates=signal.updates,
        first_reading=signal.first_reading,
        in_doubt=in_doubt,
    )


def _is_reopened(last: ObserverState, signal: Signal) -> bool:
    """Whether a provider that watched a fix works on its incident again."""
    return last.progress is IncidentState.MONITORING and signal.progress not in (None, IncidentState.MONITORING)


def _recovered_at(last: ObserverState | None, failing: ErrorRate, slow: ErrorRate, at: datetime) -> datetime | None:
    """The first good round after one that was not; None while they are not, and where none ever was."""
    if last is None or (failing.history | slow.history) & 1:
        return None
    return at if (last.failing.history | last.slow.history) & 1 else last.recovered_at


def _is_slow(signal: Signal, latency: Latency) -> bool:
    """Whether the answer was degraded, or far slower than usual. A certificate that ends soon is no slow answer."""
    if signal.state is Health.DEGRADED:
        return signal.trouble is not Trouble.EXPIRING
    return signal.state is Health.GOOD and signal.seconds is not None and latency.is_slow(signal.seconds)
