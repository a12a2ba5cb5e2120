"""How rehearsals and attestations count: they expire, and a machine's record outranks a person's attestation."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from checks._facts import Attestation, Rehearsal, RehearsalKind, RehearsalResult, Unread
from checks._model import ATTESTED_BY, Service, Verdict, failed, passed, unknown
from checks._nouns import capitalised

QUARTER = timedelta(days=90)
YEAR = timedelta(days=365)
E = TypeVar("E", Rehearsal, Attestation)
_CONCLUSIVE = (RehearsalResult.SUCCEEDED, RehearsalResult.FAILED)


class Practice(NamedTuple):
    """What has to be rehearsed: `what` in words (`failover test`), by which kinds of rehearsal, how often."""

    what: str
    kinds: tuple[RehearsalKind, ...]
    period: timedelta = QUARTER


class Promise(NamedTuple):
    """What a person can attest: the attestation's `practice`, `what` in words (`exit plan`), how long it counts."""

    practice: str
    what: str
    period: timedelta = YEAR


KILL_SWITCH = Promise("kill_switch", "automation kill switch")
TRAINING = Promise("training", "on-call training")
LOAD_SHEDDING = Promise("load_shedding", "timeouts, bounded retries and load shedding")
EXIT_PLAN = Promise("exit_plan", "exit plan")
AS_CODE = Promise("infrastructure_as_code", "infrastructure as code")
ALERT_TEST = Promise("alert_test", "test of the alerts", QUARTER)
FAILOVER, RESTORE = "failover test", "restore test"
GAME_DAY, FAULT, ZONE = "game day", "chaos experiment", "zonal shift"


def vouchable(service: Service) -> Mapping[str, Promise]:
    """What a person can attest for a service, by practice: each kind of rehearsal, and the practices that no API shows."""
    rehearsed = (
        Promise(RehearsalKind.FAILOVER, FAILOVER, failover_period(service)),
        Promise(RehearsalKind.RESTORE, RESTORE, QUARTER),
        Promise(RehearsalKind.GAME_DAY, GAME_DAY, QUARTER),
        Promise(RehearsalKind.FAULT_INJECTION, FAULT, QUARTER),
        Promise(RehearsalKind.ZONE_SHIFT, ZONE, QUARTER),
    )
    every = (*rehearsed, KILL_SWITCH, TRAINING, LOAD_SHEDDING, EXIT_PLAN, AS_CODE, ALERT_TEST)
    return {str(promise.practice): promise for promise in every}


def failover_period(service: Service) -> timedelta:
    """How long a failover test counts: 90 days on tier 1, else 365 days."""
    return QUARTER if service.tier.number == 1 else YEAR


def newest(rehearsals: Iterable[Rehearsal], kinds: Sequence[RehearsalKind], now: datetime) -> Rehearsal | None:
    """The newest rehearsal of these kinds that succeeded or failed, None where there is none."""
    dated = [
        (rehearsal.at, rehearsal)
        for rehearsal in rehearsals
        if rehearsal.kind in kinds
        and rehearsal.result in _CONCLUSIVE
        and rehearsal.at is not None
        and rehearsal.at <= now
    ]
    return max(dated, key=lambda pair: pair[0])[1] if dated else None


def judge_rehearsals(service: Service, rehearsals: Sequence[Rehearsal], practice: Practice, now: datetime) -> Verdict:
    """Judge whether a practice was rehearsed successfully within its period.

    A machine's record within the period decides. An attested rehearsal counts where there is none, provided it is not
    attested by the owner, has a link and has not expired. Inconclusive runs are ignored.
    """
    machine = newest((run for run in rehearsals if not run.attested_by), practice.kinds, now)
    if machine is not None and _within(machine, practice, now):
        return _by_result(service, machine, practice.what)
    by_word = [run for run in rehearsals if run.attested_by]
    counting = [run for run in by_word if not doubt_about(service, run, now)]
    attested = newest(counting, practice.kinds, now) or newest(by_word, practice.kinds, now)
    if attested is not None and not _within(attested, practice, now):
        recent = [run for run in by_word if newest([run], practice.kinds, now) and _within(run, practice, now)]
        attested = _unread_link(service, sorted(recent, key=lambda run: run.at or now), now) or attested
    if attested is not None:
        doubt = doubt_about(service, attested, now)
        if doubt:
            return _discounted(f"Attested {practice.what} of {service.name} does not count: {doubt}", attested)
        if _within(attested, practice, now):
            return _by_result(service, attested, practice.what)
    last = newest([run for run in (machine, attested) if run is not None], practice.kinds, now)
    if last is None:
        inconclusive = any(run.kind in practice.kinds and run.at is not None and run.at <= now for run in rehearsals)
        which = f"No conclusive {practice.what}" if inconclusive else f"No {practice.what}"
        return failed(f"{which} on record for {service.name}")
    return failed(
        f"Last {practice.what} of {service.name} was on {_day(last.at)}, more than {practice.period.days} days ago",
        rehearsed_at=_iso(last.at),
        period_days=practice.period.days,
    )


def doubt_about(service: Service, evidence: Rehearsal | Attestation, now: datetime) -> str:
    """Why an attestation does not count, empty where it does."""
    by = evidence.attested_by if isinstance(evidence, Rehearsal) else evidence.by
    if evidence.expires_at is not None and evidence.expires_at <= now:
        return f"it expired on {_day(evidence.expires_at)}"
    if by == service.owner:
        return "it was attested by the owner of the service"
    if not evidence.link:
        return "it has no link to evidence"
    problem = evidence.link_problem
    return problem.reason if isinstance(problem, Unread) else problem


def _unread_link(service: Service, evidence: Sequence[E], now: datetime) -> E | None:
    """The newest of these whose link alone is in doubt, because it could not be opened: it may be as good as any."""
    return next(
        (
            item
            for item in reversed(evidence)
            if isinstance(item.link_problem, Unread) and doubt_about(service, item, now) == item.link_problem.reason
        ),
        None,
    )


def judge_attestation(
    service: Service, attestations: Sequence[Attestation], promise: Promise, now: datetime
) -> Verdict:
    """Judge whether someone other than the owner attested a practice, with a link, within its period."""
    matching = sorted(
        (
            attestation
            for attestation in attestations
            if attestation.practice == promise.practice and attestation.at <= now
        ),
        key=lambda attestation: attestation.at,
    )
    if not matching:
        return failed(f"No attestation on record for {service.name}: {promise.what}", practice=promise.practice)
    valid = [attestation for attestation in matching if not doubt_about(service, attestation, now)]
    within = [attestation for attestation in matching if now - attestation.at <= promise.period]
    doubtful = _unread_link(service, within, now) if not valid or valid[-1] not in within else None
    if doubtful is None and not valid:
        doubtful = matching[-1]
    if doubtful is not None:
        doubt = doubt_about(service, doubtful, now)
        return _discounted(f"Attestation for {service.name} ({promise.what}) does not count: {doubt}", doubtful)
    last = valid[-1]
    if last not in within:
        return failed(
            f"Last attestation for {service.name} ({promise.what}) is from {_day(last.at)}, more than "
            f"{promise.period.days} days ago",
            attested_at=_iso(last.at),
        )
    return passed(
        f"{capitalised(promise.what)} of {service.name} attested by {last.by} on {_day(last.at)}",
        attested_at=_iso(last.at),
        link=last.link,
        **{ATTESTED_BY: last.by},
    )


def _discounted(summary: str, evidence: Rehearsal | Attestation) -> Verdict:
    """The verdict on an attestation that does not count: a link that does not open proves that there is no evidence."""
    by = evidence.attested_by if isinstance(evidence, Rehearsal) else evidence.by
    return (
        failed(summary, by=by)
        if evidence.link_problem and isinstance(evidence.link_problem, str)
        else unknown(summary, by=by)
    )


def _within(rehearsal: Rehearsal, practice: Practice, now: datetime) -> bool:
    return rehearsal.at is not None and now - rehearsal.at <= practice.period


def _by_result(service: Service, rehearsal: Rehearsal, what: str) -> Verdict:
    succeeded = rehearsal.result is RehearsalResult.SUCCEEDED
    verdict = passed if succeeded else failed
    by = f", attested by {rehearsal.attested_by}" if rehearsal.attested_by else ""
    return verdict(
        f"{capitalised(what)} of {service.name} on {_day(rehearsal.at)} {'succeeded' if succeeded else 'failed'}{by}",
        rehearsed_at=_iso(rehearsal.at),
        link=rehearsal.link or None,
        **({ATTESTED_BY: rehearsal.attested_by} if rehearsal.attested_by else {}),
    )


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "an unknown date"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
