"""Whether a failover was ever shown to work: rehearsals -> proof for one kind of loss."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from checks._evidence import doubt_about, failover_period
from checks._facts import Rehearsal, RehearsalKind, RehearsalResult
from checks._loss import Loss
from checks._model import Scope, Service

_CONCLUSIVE = (RehearsalResult.SUCCEEDED, RehearsalResult.FAILED)


@dataclass(frozen=True, slots=True)
class Proof:
    """When a failover was last shown to work, and how long it took. `holds`: recently enough to be counted on.

    `says` is the sentence about it. `rto` None: not measured.
    """

    says: str
    at: datetime | None = None
    rto: timedelta | None = None
    holds: bool = False


def proof(service: Service, rehearsals: Iterable[Rehearsal], loss: Loss, now: datetime) -> Proof:
    """The proof that this service survives this kind of loss.

    The newest rehearsal with a result decides, machine evidence before a person's word. A word that cannot count (the
    owner's own, expired, without a link) and an interrupted rehearsal prove nothing.
    """
    fitting = [one for one in rehearsals if _counts(one, service, now) and _fits(one, loss)]
    measured = [one for one in fitting if not one.attested_by and _age(one, now) <= failover_period(service)]
    last = max(measured or fitting, key=lambda one: (one.at or now, one.resource), default=None)
    if last is None or last.at is None:
        return Proof(f"the failover of {service.name} for this loss was never proved")
    if last.result is RehearsalResult.FAILED:
        return Proof(f"the last rehearsal of this failover of {service.name}, on {last.at:%Y-%m-%d}, failed")
    if _age(last, now) > failover_period(service):
        days = failover_period(service).days
        said = f"the failover of {service.name} was last proved on {last.at:%Y-%m-%d}, more than {days} days ago"
        return Proof(said, last.at, last.measured_rto)
    said = f"the failover of {service.name} was proved on {last.at:%Y-%m-%d}"
    if last.measured_rto is None:
        return Proof(f"{said}; how long it took was not measured", last.at, None, holds=True)
    return Proof(f"{said} and took {minutes(last.measured_rto)}", last.at, last.measured_rto, holds=True)


def minutes(span: timedelta) -> str:
    """A time span in words: `45 s`, `12 min`, `3 h 20 min`."""
    seconds = round(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    hours, rest = divmod(round(seconds / 60), 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )


def _age(one: Rehearsal, now: datetime) -> timedelta:
    return now - (one.at or now)


def _counts(one: Rehearsal, service: Service, now: datetime) -> bool:
    if one.at is None or one.at > now or one.result not in _CONCLUSIVE:
        return False
    return not (one.attested_by and doubt_about(service, one, now))


def _fits(one: Rehearsal, loss: Loss) -> bool:
    lost = _scope(one.scope)
    if one.kind is RehearsalKind.FAILOVER:
        return loss.kind != "provider" if lost is None else lost.covers(loss.scope)
    if one.kind is RehearsalKind.ZONE_SHIFT:
        same = lost is None or not lost.region or lost.steps[:2] == loss.scope.steps[:2]
        return loss.kind == "zone" and same
    return one.kind is RehearsalKind.FAULT_INJECTION and lost is not None and lost.covers(loss.scope)


def _scope(text: str) -> Scope | None:
    try:
        return Scope.parse(text) if text else None
    except ValueError:
        return None
