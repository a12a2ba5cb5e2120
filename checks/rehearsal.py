"""A recovery plan that was never tested does not work, and a test gets out of date. Only a recent test turns a plan into a fact.

A machine's record outranks a person's attestation, an interrupted run proves nothing, and a test older than its
period does not count.
"""

from collections.abc import Sequence
from datetime import datetime

from checks._check import check
from checks._evidence import (
    FAILOVER,
    FAULT,
    GAME_DAY,
    RESTORE,
    ZONE,
    Practice,
    doubt_about,
    failover_period,
    judge_rehearsals,
    newest,
)
from checks._facts import (
    Assessment,
    ComputeGroup,
    Datastore,
    Maybe,
    Rehearsal,
    RehearsalKind,
    RehearsalResult,
    Unread,
    known,
    settling,
)
from checks._model import ATTESTED_BY, Scalar, Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._nouns import named
from checks._places import over_zones
from checks._recovery_times import RecoveryTimes, recovery_times
from checks._words import duration

_RESTORE = Practice(RESTORE, (RehearsalKind.RESTORE,))
_GAME_DAY = Practice(GAME_DAY, (RehearsalKind.GAME_DAY,))
_FAULT = Practice(FAULT, (RehearsalKind.FAULT_INJECTION,))
_ZONE = Practice(ZONE, (RehearsalKind.ZONE_SHIFT,))
_LOWEST_TIER = 2


@check(
    id="RH01",
    title="A failover test succeeded within its period",
    severity=Severity.HIGH,
    lesson="On 20 October 2025 teams with a standby learned during the outage what their failover needed; teams that "
    "test every quarter failed over within minutes.",
    remediation="Test it on a normal working day: `aws arc-region-switch start-plan-execution`, `aws rds "
    "switchover-global-cluster`, or the runbook by hand; record manual tests under `drills:` in backstay.yaml.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_planning_for_recovery_dr_tested.html",
)
def failover_rehearsed(service: Service, rehearsals: tuple[Rehearsal, ...], now: datetime) -> Verdict:
    """Require a test within 90 days on tier 1, else within 365 days."""
    practice = Practice(FAILOVER, (RehearsalKind.FAILOVER,), failover_period(service))
    return judge_rehearsals(service, rehearsals, practice, now)


@check(
    id="RH02",
    title="A restore test succeeded in the last 90 days",
    severity=Severity.HIGH,
    lesson="On 31 January 2017 GitLab had five ways to back up and restore. None worked when it was needed, because "
    "none had been tested.",
    remediation="Create a restore testing plan (`aws backup create-restore-testing-plan`) with a selection and a "
    "validation that reports `aws backup put-restore-validation-result`; a restore without validation proves nothing.",
    docs="https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html",
)
def restore_rehearsed(
    service: Service, rehearsals: tuple[Rehearsal, ...], stores: tuple[Datastore, ...], now: datetime
) -> Verdict:
    """Apply to services that hold data."""
    if not any(store.holds_data for store in stores):
        return not_applicable(f"{service.name} has no datastore that holds data of its own")
    return judge_rehearsals(service, rehearsals, _RESTORE, now)


@check(
    id="RH03",
    title="A game day was held in the last 90 days",
    severity=Severity.MEDIUM,
    lesson="Machines fail over in minutes, people in hours: who decides, who has access, who informs customers is "
    "found out in a game day.",
    remediation="Hold one two-hour game day a quarter: announce a region outage, let the on-call team work through "
    "the runbook, write down what was missing; record it under `drills:` with `kind: game_day` and a link.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_testing_resiliency_game_days_resiliency.html",
)
def game_day(service: Service, rehearsals: tuple[Rehearsal, ...], now: datetime) -> Verdict:
    """Apply to tiers 1 and 2."""
    if service.tier.number > _LOWEST_TIER:
        return not_applicable(f"{service.name} is tier {service.tier.number}; this applies to tiers 1 and 2")
    return judge_rehearsals(service, rehearsals, _GAME_DAY, now)


@check(
    id="RH04",
    title="A chaos experiment succeeded in the last 90 days",
    severity=Severity.MEDIUM,
    lesson="Netflix has terminated its own instances on working days since 2011, later whole regions too: faults "
    "found that way did not cause an outage.",
    remediation="Run `aws fis start-experiment` from a template with a stop condition, such as "
    "aws:ec2:terminate-instances or the scenario `AZ Availability: Power Interruption`; use Chaos Toolkit or Litmus "
    "on other clouds.",
    docs="https://docs.aws.amazon.com/fis/latest/userguide/what-is.html",
)
def fault_injected(service: Service, rehearsals: tuple[Rehearsal, ...], now: datetime) -> Verdict:
    """Apply to tiers 1 and 2."""
    if service.tier.number > _LOWEST_TIER:
        return not_applicable(f"{service.name} is tier {service.tier.number}; this applies to tiers 1 and 2")
    return judge_rehearsals(service, rehearsals, _FAULT, now)


@check(
    id="RH05",
    title="A zonal shift was tested successfully in the last 90 days",
    severity=Severity.MEDIUM,
    lesson="It is only an assumption that two AZs carry the load of three until traffic was shifted away from one of "
    "them on purpose.",
    remediation="Configure a weekly practice run with an alarm that stops it: `aws arc-zonal-shift "
    "create-practice-run-configuration`.",
    docs="https://docs.aws.amazon.com/r53recovery/latest/dg/arc-zonal-autoshift.html",
)
def zone_left(
    service: Service, rehearsals: tuple[Rehearsal, ...], compute: tuple[ComputeGroup, ...], now: datetime
) -> Verdict:
    """Apply to services whose compute can run in several AZs and leave one of them by a zonal shift."""
    if not settling(_zonal_shift(group) for group in compute if over_zones(group)):
        return not_applicable(f"{service.name} has no compute that can run in several AZs and supports zonal shift")
    return judge_rehearsals(service, rehearsals, _ZONE, now)


def _zonal_shift(group: ComputeGroup) -> Maybe[bool | None]:
    """Whether a group can leave a zone; on machines of an unknown cloud that is unknown as well."""
    if group.host is None and group.zonal_shift is None:
        return Unread(f"the cloud below {named(group)} is not known")
    return group.zonal_shift


@check(
    id="RH06",
    title="The last failover test met the RTO",
    severity=Severity.HIGH,
    lesson="With an RTO of one hour and a tested failover of three hours, the next outage misses its target.",
    remediation="Find where the time went (detection, decision, promotion, DNS) and shorten the longest step; region "
    "switch plans report it as `actualRecoveryTime` (`aws arc-region-switch get-plan-execution`).",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_planning_for_recovery_objective_defined_recovery.html",
)
def within_target(service: Service, rehearsals: tuple[Rehearsal, ...], now: datetime) -> Verdict:
    """Compare the measured recovery time with the RTO; machine records come before attestations."""
    target = service.rto_target
    done = [run for run in rehearsals if run.result is RehearsalResult.SUCCEEDED]
    by_machine = newest((run for run in done if not run.attested_by), (RehearsalKind.FAILOVER,), now)
    last = by_machine or newest(
        (run for run in done if run.attested_by and not doubt_about(service, run, now)), (RehearsalKind.FAILOVER,), now
    )
    if target is None or last is None:
        return not_applicable(f"{service.name} has no RTO, or no successful failover test")
    times = recovery_times(_like(service, done, last, now), last, now)
    if last.measured_rto is None:
        return unknown(f"Duration of the last failover test of {service.name} was not measured")
    seconds = {
        "measured_seconds": int(last.measured_rto.total_seconds()),
        "target_seconds": int(target.total_seconds()),
    }
    seconds |= _spread(times)
    word: dict[str, Scalar] = {ATTESTED_BY: last.attested_by} if last.attested_by else {}
    took = f"{duration(last.measured_rto)} (target {duration(target)}){_in_words(times)}"
    if last.measured_rto <= target:
        return passed(f"{service.name} met its RTO: last failover test took {took}", **seconds, **word)
    return failed(f"{service.name} missed its RTO: last failover test took {took}", **seconds)


def _like(service: Service, done: Sequence[Rehearsal], last: Rehearsal, now: datetime) -> list[Rehearsal]:
    """The successful tests that count beside the last one: machine records beside one of them, else sound attestations."""
    if not last.attested_by:
        return [run for run in done if not run.attested_by]
    return [run for run in done if run.attested_by and not doubt_about(service, run, now)]


def _spread(times: RecoveryTimes | None) -> dict[str, int]:
    if times is None:
        return {}
    return {
        "tests": times.tests,
        "median_seconds": int(times.median.total_seconds()),
        "worst_seconds": int(times.worst.total_seconds()),
    }


def _in_words(times: RecoveryTimes | None) -> str:
    if times is None:
        return ""
    if times.tests == 1:
        return "; it is the only measured test"
    return f"; median {duration(times.median)} and worst {duration(times.worst)} of {times.tests} tests"


@check(
    id="RH08",
    title="Every recent failover test met the RTO",
    severity=Severity.MEDIUM,
    lesson="Recovery times spread: a failover that took 10 minutes in four tests and 50 minutes in the fifth takes 50 "
    "minutes in some outage.",
    remediation="Compare the slowest test with the others step by step, remove what made it slow (cold caches, DNS TTL, "
    "manual approval), and test again; each test adds its recovery time: `rto:` under `drills:` in backstay.yaml.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_planning_for_recovery_disaster_recovery.html",
)
def spread_within_target(service: Service, rehearsals: tuple[Rehearsal, ...], now: datetime) -> Verdict:
    """Compare the longest recovery time of the last five measured tests with the RTO."""
    target = service.rto_target
    done = [run for run in rehearsals if run.result is RehearsalResult.SUCCEEDED]
    last = newest(_counting(service, done, now), (RehearsalKind.FAILOVER,), now)
    times = recovery_times(_like(service, done, last, now), last, now) if last else None
    if target is None or times is None or times.tests == 1:
        return not_applicable(f"{service.name} has no RTO, or fewer than two measured failover tests")
    evidence = {"target_seconds": int(target.total_seconds())} | _spread(times)
    told = f"{_in_words(times)[2:]} (target {duration(target)})"
    if times.worst <= target:
        return passed(f"{service.name} met its RTO in its last failover tests: {told}", **evidence)
    return failed(f"{service.name} missed its RTO in a recent failover test: {told}", **evidence)


def _counting(service: Service, done: Sequence[Rehearsal], now: datetime) -> list[Rehearsal]:
    """Machine records where there is one, else sound attestations."""
    failovers = [run for run in done if run.kind is RehearsalKind.FAILOVER]
    by_machine = [run for run in failovers if not run.attested_by]
    return by_machine or [run for run in failovers if not doubt_about(service, run, now)]


@check(
    id="RH07",
    title="Assessments by other tools report the RTO and RPO as met",
    severity=Severity.LOW,
    lesson="A second opinion; it is an estimate, so it counts little here, but a reported breach should be "
    "investigated.",
    remediation="Run `aws resiliencehub start-app-assessment` and apply its recommendations, breached policies first.",
    docs="https://docs.aws.amazon.com/resilience-hub/latest/userguide/what-is.html",
)
def assessed(service: Service, assessment: Assessment) -> Verdict:
    """Apply where the tool has published a result."""
    compliant = known(assessment.compliant)
    if compliant is None or assessment.assessed_at is None:
        return not_applicable(f"{assessment.tool} has not assessed {assessment.name} yet")
    day = f"{assessment.assessed_at:%Y-%m-%d}"
    if compliant:
        return passed(f"{assessment.tool} assessed {assessment.name} on {day}: targets met", score=assessment.score)
    return failed(f"{assessment.tool} assessed {service.name} on {day}: targets breached", score=assessment.score)
