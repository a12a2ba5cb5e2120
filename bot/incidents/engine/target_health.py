"""What the observers of one target say together: whether it is down or degraded, how certainly, and from where it is seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from bot.incidents.engine.observers import ObserverState
from bot.model.incidents import OutageState
from bot.model.signals import Health
from bot.model.thresholds import Thresholds

View = Mapping[str, Sequence[ObserverState]]
"""The observers of one source: vantage point -> one state for each path from there."""

_ALMOST_ALL, _MOSTLY = 0.9, 0.75
_RECENT, _MANY = 8, 32


class Level(IntEnum):
    """How certain it is that a scope is failing."""

    NONE = 0
    SUSPECTED = 1
    CONFIRMED = 2


@dataclass(frozen=True, slots=True)
class TargetHealth:
    """The health of one target. `outage` is DOWN or DEGRADED. `seen_from`, `not_seen_from`: set where vantage points differ."""

    level: Level = Level.NONE
    outage: OutageState = OutageState.DEGRADED
    seen_from: tuple[str, ...] = ()
    not_seen_from: tuple[str, ...] = ()


def judge(view: View, now: datetime, policy: Thresholds, *, slow_line: bool = False) -> TargetHealth:
    """The health of a target by all vantage points, each by most of its paths: three resolvers are no three votes.

    Most of them decide: one of one, two of two, two of three. Where fewer see it, and for longer, it is degraded: it fails from
    some places. `slow_line`: our own line is slow, so slowness says nothing.
    """
    by_vantage = {vantage: _from_one(paths, now, policy, slow_line=slow_line) for vantage, paths in view.items()}
    judged = list(by_vantage.values())
    if _most(target == (Level.CONFIRMED, OutageState.DOWN) for target in judged):
        return TargetHealth(Level.CONFIRMED, OutageState.DOWN, *_seen(by_vantage))
    if _most(level is Level.CONFIRMED for level, _ in judged):
        return TargetHealth(Level.CONFIRMED, OutageState.DEGRADED, *_seen(by_vantage))
    if any(by_vantage[vantage][0] is Level.CONFIRMED and _lasts(view[vantage], policy) for vantage in view):
        return TargetHealth(Level.CONFIRMED, OutageState.DEGRADED, *_seen(by_vantage))
    suspected = _most(level is not Level.NONE for level, _ in judged)
    return TargetHealth(Level.SUSPECTED if suspected else Level.NONE, _mostly(judged))


def is_in_doubt(view: View) -> bool:
    """Whether it cannot be called well: half of the vantage points, each by half of its paths, or one of them for long, see it bad.

    A single failed round is no doubt: at 1 % noise one of thirty targets has one in every quarter of an hour.
    """
    doubts = [sum(_is_doubtful(observer) for observer in paths) * 2 >= len(paths) for paths in view.values()]
    return sum(doubts) * 2 >= len(doubts)


def symptom_of(observer: ObserverState, target: str) -> str:
    """What an observer sees, in words: `api.stripe.com: HTTP 503 in 4 of 4 probes`; empty where there is nothing to say."""
    said = observer.symptom or observer.detail
    if not observer.own or observer.state is Health.DEGRADED:
        return said
    failing = observer.failing
    if failing.in_doubt or observer.state is Health.BAD:
        failed, rounds = failing.failed_of(max(failing.doubtful, 1))
        what = said or f"{target}: first attempts fail"
        if failed == rounds or rounds < _RECENT:
            return f"{what} in {failed} of {rounds} {'probe' if rounds == 1 else 'probes'}"
        return f"{target}: {failed / rounds:.0%} of probes fail, such as {what.removeprefix(f'{target}: ')}".replace(
            "%", " %"
        )
    return _slowness(observer, target, said) if observer.slow.in_doubt and observer.seconds is not None else ""


def _slowness(observer: ObserverState, target: str, said: str) -> str:
    """How slow it is; where its last answer was as fast as ever, what was wrong how often before."""
    if observer.seconds is not None and observer.latency.is_slow(observer.seconds):
        return f"{target}: answers in {observer.seconds:.2g} s, usually in {observer.latency.usual:.2g} s"
    slowed, rounds = observer.slow.failed_of(max(observer.slow.doubtful, 1))
    return f"{said or f'{target}: slow'} in {slowed} of {rounds} probes"


def _from_one(
    paths: Sequence[ObserverState], now: datetime, policy: Thresholds, *, slow_line: bool
) -> tuple[Level, OutageState]:
    """The health by one vantage point, by most of its paths."""
    found = [_of_one(observer, now, policy, slow_line=slow_line) for observer in paths]
    if _most(target == (Level.CONFIRMED, OutageState.DOWN) for target in found):
        return Level.CONFIRMED, OutageState.DOWN
    if _most(level is Level.CONFIRMED for level, _ in found):
        return Level.CONFIRMED, OutageState.DEGRADED
    suspected = _most(level is not Level.NONE for level, _ in found)
    return Level.SUSPECTED if suspected else Level.NONE, _mostly(found)


def _mostly(judged: Sequence[tuple[Level, OutageState]]) -> OutageState:
    down = _most(outage is OutageState.DOWN for level, outage in judged if level is not Level.NONE)
    return OutageState.DOWN if down else OutageState.DEGRADED


def _of_one(
    observer: ObserverState, now: datetime, policy: Thresholds, *, slow_line: bool
) -> tuple[Level, OutageState]:
    if not observer.own:
        bad = observer.state is Health.BAD
        level = (
            Level.CONFIRMED if bad and _report_lasts(observer, now, policy) else Level.SUSPECTED if bad else Level.NONE
        )
        return level, OutageState.DOWN
    failing = observer.failing
    is_bad, share = observer.state is Health.BAD, failing.share
    always = is_bad and (share >= _ALMOST_ALL or not failing.in_doubt)
    if is_bad and observer.streak >= policy.rise:
        # A failed round of noise shortly before makes an outage no partial one.
        down = always or share >= _MOSTLY or observer.streak >= 2 * policy.rise
        return Level.CONFIRMED, OutageState.DOWN if down else OutageState.DEGRADED
    if failing.recovering:
        return Level.SUSPECTED, OutageState.DOWN
    if failing.raised:
        failed, rounds = failing.failed_of(_RECENT)
        return Level.CONFIRMED, OutageState.DOWN if is_bad and failed == rounds else OutageState.DEGRADED
    slow = not slow_line and (
        (observer.state is Health.DEGRADED and observer.streak >= policy.rise) or observer.slow.raised
    )
    if slow:
        return Level.CONFIRMED, OutageState.DEGRADED
    suspected = observer.state in (Health.BAD, Health.DEGRADED)
    return Level.SUSPECTED if suspected else Level.NONE, OutageState.DOWN if always else OutageState.DEGRADED


def _report_lasts(observer: ObserverState, now: datetime, policy: Thresholds) -> bool:
    """Whether a report of other monitoring, which comes once, is old enough to count."""
    return now - observer.since >= (policy.gather if observer.severity.is_severe else policy.hook_minor)


def _lasts(paths: Sequence[ObserverState], policy: Thresholds) -> bool:
    """Whether what one vantage point alone sees has lasted for twice as long as what most of them see must."""
    enough = 2 * policy.rise
    return any(
        max(observer.failing.failed_of(_MANY)[0], observer.slow.failed_of(_MANY)[0], observer.streak) >= enough
        for observer in paths
        if observer.in_doubt
    )


def _seen(by_vantage: Mapping[str, tuple[Level, OutageState]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """From where it is seen and from where not; both empty where all vantage points agree."""
    seen = tuple(sorted(name for name, (level, _) in by_vantage.items() if level is Level.CONFIRMED))
    unseen = tuple(sorted(name for name in by_vantage if name not in seen))
    return (seen, unseen) if unseen else ((), ())


def _is_doubtful(observer: ObserverState) -> bool:
    if not observer.own:
        return observer.state is Health.BAD
    bad = observer.state in (Health.BAD, Health.DEGRADED) and observer.streak > 1
    return bad or observer.failing.raised or observer.slow.raised


def _most(agree: Iterable[bool]) -> bool:
    votes = list(agree)
    return sum(votes) * 2 > len(votes)
