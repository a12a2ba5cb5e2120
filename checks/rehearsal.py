"""What was never practised does not work, and what worked once decays. Only a rehearsal turns a plan into a fact.

A machine's record outranks a person's word; an interrupted run proves nothing; and what is older than its period
counts no more.
"""

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
    Rehearsal,
    RehearsalKind,
    RehearsalResult,
    known,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._places import over_zones
from checks._words import duration

_RESTORE = Practice(RESTORE, (RehearsalKind.RESTORE,))
_GAME_DAY = Practice(GAME_DAY, (RehearsalKind.GAME_DAY,))
_FAULT = Practice(FAULT, (RehearsalKind.FAULT_INJECTION,))
_ZONE = Practice(ZONE, (RehearsalKind.ZONE_SHIFT,))
_LOWEST_TIER = 2


@check(
    id="RH01",
    title="A failover was rehearsed within its period and went well",
    severity=Severity.HIGH,
    lesson="On 20 October 2025 teams with a standby found out during the outage what their failover needed; those who practise "
    "every quarter moved and went on with breakfast.",
    remediation="Practise it on a quiet day: `aws arc-region-switch start-plan-execution`, "
    "`aws rds switchover-global-cluster`, or the runbook by hand; tell of manual ones under `drills:` in backstay.yaml.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_planning_for_recovery_dr_tested.html",
)
def failover_rehearsed(service: Service, rehearsals: tuple[Rehearsal, ...], now: datetime) -> Verdict:
    """Within 90 days on tier 1, else within a year."""
    practice = Practice(FAILOVER, (RehearsalKind.FAILOVER,), failover_period(service))
    return judge_rehearsals(service, rehearsals, practice, now)


@check(
    id="RH02",
    title="A restore was rehearsed in the last 90 days and went well",
    severity=Severity.HIGH,
    lesson="GitLab had five ways to back up and restore on 31 January 2017; none of them worked when it was needed, because "
    "none had been tried.",
    remediation="`aws backup create-restore-testing-plan` with a selection, and a validation that reports with "
    "`aws backup put-restore-validation-result`; without validation a restore proves nothing.",
    docs="https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html",
)
def restore_rehearsed(
    service: Service, rehearsals: tuple[Rehearsal, ...], stores: tuple[Datastore, ...], now: datetime
) -> Verdict:
    """Asked of services that hold data."""
    if not any(store.primary for store in stores):
        return not_applicable(f"{service.name} holds no data of its own")
    return judge_rehearsals(service, rehearsals, _RESTORE, now)


@check(
    id="RH03",
    title="A game day was held in the last 90 days",
    severity=Severity.MEDIUM,
    lesson="Machines fail over in minutes, people in hours: who decides, who may, who tells the customers is found out by "
    "playing it through.",
    remediation="Two hours a quarter: announce an outage of the region, let the team on call work through the runbook, write "
    "down what lacked; enter it under `drills:` with `kind: game_day` and a link.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_testing_resiliency_game_days_resiliency.html",
)
def game_day(service: Service, rehearsals: tuple[Rehearsal, ...], now: datetime) -> Verdict:
    """Asked of tiers 1 and 2."""
    if service.tier.number > _LOWEST_TIER:
        return not_applicable(f"{service.name} is of tier {service.tier.number}")
    return judge_rehearsals(service, rehearsals, _GAME_DAY, now)


@check(
    id="RH04",
    title="A fault was injected in the last 90 days and was survived",
    severity=Severity.MEDIUM,
    lesson="Netflix has been stopping its own machines on working days since 2011, later whole regions too: what it found "
    "that way it did not have to find in an outage.",
    remediation="`aws fis start-experiment` from a template with a stop condition, such as aws:ec2:terminate-instances or "
    "the scenario `AZ Availability: Power Interruption`; Chaos Toolkit and Litmus on other clouds.",
    docs="https://docs.aws.amazon.com/fis/latest/userguide/what-is.html",
)
def fault_injected(service: Service, rehearsals: tuple[Rehearsal, ...], now: datetime) -> Verdict:
    """Asked of tiers 1 and 2."""
    if service.tier.number > _LOWEST_TIER:
        return not_applicable(f"{service.name} is of tier {service.tier.number}")
    return judge_rehearsals(service, rehearsals, _FAULT, now)


@check(
    id="RH05",
    title="Leaving a zone was rehearsed in the last 90 days and went well",
    severity=Severity.MEDIUM,
    lesson="That two zones carry the load of three is a sum on paper until one of them has been taken away on purpose.",
    remediation="`aws arc-zonal-shift create-practice-run-configuration`: a practice run a week, with an alarm that stops it.",
    docs="https://docs.aws.amazon.com/r53recovery/latest/dg/arc-zonal-autoshift.html",
)
def zone_left(
    service: Service, rehearsals: tuple[Rehearsal, ...], compute: tuple[ComputeGroup, ...], now: datetime
) -> Verdict:
    """Asked of services whose compute may use several zones."""
    if not any(over_zones(group) for group in compute):
        return not_applicable(f"{service.name} has no second zone to go to")
    return judge_rehearsals(service, rehearsals, _ZONE, now)


@check(
    id="RH06",
    title="The last rehearsed failover was done within the recovery target",
    severity=Severity.HIGH,
    lesson="A target of an hour and a rehearsal of three is a promise that is known to be false.",
    remediation="See where the time went (detection, decision, promotion, DNS), take away the longest; region switch plans "
    "tell it as `actualRecoveryTime` (`aws arc-region-switch get-plan-execution`).",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_planning_for_recovery_objective_defined_recovery.html",
)
def within_target(service: Service, rehearsals: tuple[Rehearsal, ...], now: datetime) -> Verdict:
    """What was measured against the service's recovery time objective; machines first."""
    target = service.rto_target
    done = [one for one in rehearsals if one.result is RehearsalResult.SUCCEEDED]
    by_machine = newest((one for one in done if not one.attested_by), (RehearsalKind.FAILOVER,), now)
    last = by_machine or newest(
        (one for one in done if one.attested_by and not doubt_about(service, one, now)), (RehearsalKind.FAILOVER,), now
    )
    if target is None or last is None:
        return not_applicable(f"{service.name} has no target, or no rehearsed failover to hold against it")
    if last.measured_rto is None:
        return unknown(f"How long {last.name} took was not measured")
    seconds = {
        "measured_seconds": int(last.measured_rto.total_seconds()),
        "target_seconds": int(target.total_seconds()),
    }
    if last.measured_rto <= target:
        return passed(
            f"{service.name} was back after {duration(last.measured_rto)}, within its {duration(target)}", **seconds
        )
    return failed(
        f"{service.name} was back after {duration(last.measured_rto)}; its target is {duration(target)}", **seconds
    )


@check(
    id="RH07",
    title="Other tools' assessments say that the targets are met",
    severity=Severity.LOW,
    lesson="A second opinion from another angle; an estimate, so it counts little here, but a breach that it finds is worth "
    "a look.",
    remediation="`aws resiliencehub start-app-assessment`, and its recommendations in the order of the breached policies.",
    docs="https://docs.aws.amazon.com/resilience-hub/latest/userguide/what-is.html",
)
def assessed(service: Service, assessment: Assessment) -> Verdict:
    """As far as the tool says."""
    compliant = known(assessment.compliant)
    if compliant is None or assessment.assessed_at is None:
        return not_applicable(f"{assessment.tool} has not assessed {assessment.name} yet")
    day = f"{assessment.assessed_at:%Y-%m-%d}"
    if compliant:
        return passed(f"{assessment.tool} found the targets of {assessment.name} met on {day}", score=assessment.score)
    return failed(f"{assessment.tool} found targets of {service.name} breached on {day}", score=assessment.score)
