"""Whether a failover was tested successfully: rehearsals -> proof for one kind of loss."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from checks._evidence import doubt_about, failover_period
from checks._facts import Rehearsal, RehearsalKind, RehearsalResult
from checks._loss import Loss
from checks._model import Scope, Service
from checks._recovery_times import RecoveryTimes, recovery_times

_CONCLUSIVE = (RehearsalResult.SUCCEEDED, RehearsalResult.FAILED)


@dataclass(frozen=True, slots=True)
class FailoverProof:
    """When a failover test last succeeded, and how long recovery took in the last tests. `valid`: within its period.

    `sentence` is for people. `times` None: not measured.
    """

    sentence: str
    at: datetime | None = None
    times: RecoveryTimes | None = None
    valid: bool = False

    @property
    def rto(self) -> timedelta | None:
        """The median recovery time; None: not measured."""
        return self.times.median if self.times else None

    @property
    def worst(self) -> timedelta | None:
        """The longest recovery time; None: not measured."""
        return self.times.worst if self.times else None


def failover_proof(service: Service, rehearsals: Iterable[Rehearsal], loss: Loss, now: datetime) -> FailoverProof:
    """The proof that this service survives this kind of loss.

    The newest test with a result decides, a machine's record before an attestation. An attestation that does not count
    (by the owner, expired, without a link) and an interrupted test prove nothing.
    """
    fitting = [run for run in rehearsals if _counts(run, service, now) and _fits(run, loss)]
    measured = [run for run in fitting if not run.attested_by and _age(run, now) <= failover_period(service)]
    counting = measured or fitting
    last = max(counting, key=lambda run: (run.at or now, run.resource), default=None)
    if last is None or last.at is None:
        return FailoverProof(f"failover of {service.name} for this loss was never tested")
    if last.result is RehearsalResult.FAILED:
        return FailoverProof(f"last failover test of {service.name}, on {last.at:%Y-%m-%d}, failed")
    sentence = f"last successful failover test of {service.name}: {last.at:%Y-%m-%d}"
    times = recovery_times(counting, last, now)
    if _age(last, now) > failover_period(service):
        return FailoverProof(f"{sentence}, more than {failover_period(service).days} days ago", last.at, times)
    if times is None:
        return FailoverProof(f"{sentence}, duration not measured", last.at, None, valid=True)
    return FailoverProof(f"{sentence}, {_took(times)}", last.at, times, valid=True)


def _took(times: RecoveryTimes) -> str:
    """`took 11 min (one test)`, or the median and the worst of several tests."""
    if times.tests == 1:
        return f"took {hours_and_minutes(times.median)} (one test)"
    median, worst = hours_and_minutes(times.median), hours_and_minutes(times.worst)
    return f"last {times.tests} tests took {median} at the median and {worst} at worst"


def hours_and_minutes(length: timedelta) -> str:
    """A duration with its unit: `45 s`, `12 min`, `3 h 20 min`."""
    seconds = round(length.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    hours, rest = divmod(round(seconds / 60), 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )


def _age(run: Rehearsal, now: datetime) -> timedelta:
    return now - (run.at or now)


def _counts(run: Rehearsal, service: Service, now: datetime) -> bool:
    if run.at is None or run.at > now or run.result not in _CONCLUSIVE:
        return False
    return not (run.attested_by and doubt_about(service, run, now))


def _fits(run: Rehearsal, loss: Loss) -> bool:
    lost = _scope(run.scope)
    if run.kind is RehearsalKind.FAILOVER:
        return loss.kind != "provider" if lost is None else lost.covers(loss.scope)
    if run.kind is RehearsalKind.ZONE_SHIFT:
        same = lost is None or not lost.region or lost.steps[:2] == loss.scope.steps[:2]
        return loss.kind == "zone" and same
    return run.kind is RehearsalKind.FAULT_INJECTION and lost is not None and lost.covers(loss.scope)


def _scope(text: str) -> Scope | None:
    try:
        return Scope.parse(text) if text else None
    except ValueError:
        return None
