"""How practised recovery and people's word count: evidence decays, and a machine's outranks a person's."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from checks._facts import Attestation, Rehearsal, RehearsalKind, RehearsalResult
from checks._model import Service, Verdict, failed, passed, unknown

QUARTER = timedelta(days=90)
YEAR = timedelta(days=365)
_CONCLUSIVE = (RehearsalResult.SUCCEEDED, RehearsalResult.FAILED)


class Practice(NamedTuple):
    """What has to be rehearsed: `what` in words (`a failover`), by which kinds of rehearsal, how often."""

    what: str
    kinds: tuple[RehearsalKind, ...]
    period: timedelta = QUARTER


class Promise(NamedTuple):
    """What a person can vouch for: the attestation's `practice`, `what` in words (`a kill switch`), how long it counts."""

    practice: str
    what: str
    period: timedelta = YEAR


KILL_SWITCH = Promise("kill_switch", "a switch that stops the automation")
TRAINING = Promise("training", "training of the people on call")
LOAD_SHEDDING = Promise("load_shedding", "time-outs, bounded retries and load shedding")
EXIT_PLAN = Promise("exit_plan", "an exit plan")
AS_CODE = Promise("infrastructure_as_code", "resources kept as code")
FAILOVER, RESTORE = "a failover", "a restore"
GAME_DAY, FAULT, ZONE = "an outage on a game day", "an injected fault", "leaving a zone"


def vouchable(service: Service) -> Mapping[str, Promise]:
    """What a person can vouch for of a service, by the word for it: practices, and the kinds of rehearsals."""
    rehearsed = (
        Promise(RehearsalKind.FAILOVER, FAILOVER, failover_period(service)),
        Promise(RehearsalKind.RESTORE, RESTORE, QUARTER),
        Promise(RehearsalKind.GAME_DAY, GAME_DAY, QUARTER),
        Promise(RehearsalKind.FAULT_INJECTION, FAULT, QUARTER),
        Promise(RehearsalKind.ZONE_SHIFT, ZONE, QUARTER),
    )
    every = (*rehearsed, KILL_SWITCH, TRAINING, LOAD_SHEDDING, EXIT_PLAN, AS_CODE)
    return {str(one.practice): one for one in every}


def failover_period(service: Service) -> timedelta:
    """How long a rehearsed failover counts: 90 days on tier 1, else a year."""
    return QUARTER if service.tier.number == 1 else YEAR


def newest(rehearsals: Iterable[Rehearsal], kinds: Sequence[RehearsalKind], now: datetime) -> Rehearsal | None:
    """The newest rehearsal of these kinds that came to a conclusion, None where there is none."""
    dated = [
        (one.at, one)
        for one in rehearsals
        if one.kind in kinds and one.result in _CONCLUSIVE and one.at is not None and one.at <= now
    ]
    return max(dated, key=lambda pair: pair[0])[1] if dated else None


def judge_rehearsals(service: Service, rehearsals: Sequence[Rehearsal], practice: Practice, now: datetime) -> Verdict:
    """Whether a practice was rehearsed within its period and went well.

    A machine's evidence within the period decides. A person's word counts where there is none, as long as it is not the
    owner's own, carries a link and has not expired. Inconclusive runs prove nothing.
    """
    machine = newest((one for one in rehearsals if not one.attested_by), practice.kinds, now)
    if machine is not None and _within(machine, practice, now):
        return _by_result(service, machine, practice.what)
    attested = newest((one for one in rehearsals if one.attested_by), practice.kinds, now)
    if attested is not None:
        doubt = doubt_about(service, attested, now)
        if doubt:
            return unknown(f"The rehearsal of {practice.what} of {service.name} is attested, but {doubt}")
        if _within(attested, practice, now):
            return _by_result(service, attested, practice.what)
    last = newest([one for one in (machine, attested) if one is not None], practice.kinds, now)
    if last is None:
        return failed(f"No record tells that {practice.what} of {service.name} was ever rehearsed")
    return failed(
        f"{_capital(practice.what)} of {service.name} was last rehearsed on {_day(last.at)}, "
        f"longer ago than {practice.period.days} days",
        rehearsed_at=_iso(last.at),
        period_days=practice.period.days,
    )


def doubt_about(service: Service, one: Rehearsal | Attestation, now: datetime) -> str:
    """Why a person's word cannot count, empty where it can."""
    by = one.attested_by if isinstance(one, Rehearsal) else one.by
    if one.expires_at is not None and one.expires_at <= now:
        return f"that word expired on {_day(one.expires_at)}"
    if by == service.owner:
        return "by the owner itself"
    return "" if one.link else "without a link to the evidence"


def judge_attestation(service: Service, words: Sequence[Attestation], promise: Promise, now: datetime) -> Verdict:
    """Whether someone other than the owner vouches for a practice, with a link, not too long ago."""
    told = sorted((one for one in words if one.practice == promise.practice and one.at <= now), key=lambda one: one.at)
    if not told:
        return failed(f"Nobody vouches for {promise.what} of {service.name}", practice=promise.practice)
    sound = [one for one in told if not doubt_about(service, one, now)]
    if not sound:
        doubt = doubt_about(service, told[-1], now)
        return unknown(f"{_capital(promise.what)} of {service.name} is attested, but {doubt}", by=told[-1].by)
    last = sound[-1]
    if now - last.at > promise.period:
        return failed(
            f"{_capital(promise.what)} of {service.name} was last attested on {_day(last.at)}, "
            f"longer ago than {promise.period.days} days",
            attested_at=_iso(last.at),
        )
    return passed(
        f"{last.by} vouched for {promise.what} of {service.name} on {_day(last.at)}",
        attested_at=_iso(last.at),
        link=last.link,
    )


def _within(one: Rehearsal, practice: Practice, now: datetime) -> bool:
    return one.at is not None and now - one.at <= practice.period


def _by_result(service: Service, one: Rehearsal, what: str) -> Verdict:
    who = f", says {one.attested_by}" if one.attested_by else ""
    said = passed if one.result is RehearsalResult.SUCCEEDED else failed
    ended = "went well" if one.result is RehearsalResult.SUCCEEDED else "failed"
    return said(
        f"The rehearsal of {what} of {service.name} on {_day(one.at)} {ended}{who}",
        rehearsed_at=_iso(one.at),
        link=one.link or None,
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "an unknown day"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
