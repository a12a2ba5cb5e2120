"""An alert that is muted, broken, sent to nobody or lost with what it watches looks like one that works, until an outage."""

from datetime import datetime, timedelta

from checks._alerting import MUTED_AT_MOST, cannot_fire, muted_for_long, notifies, survives
from checks._check import check
from checks._evidence import ALERT_TEST, QUARTER, judge_attestation
from checks._facts import (
    Alarm,
    AlarmState,
    Attestation,
    ComputeGroup,
    Deployment,
    NotKnownError,
    Unread,
    known,
)
from checks._model import Outcome, Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._nouns import subject
from checks._places import Place, as_far_as_read, region_names, running_as_far_as_read
from checks._words import listed

_WEEK = 168.0


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


@check(
    id="OB11",
    title="Alert is not muted for more than 7 days",
    severity=Severity.MEDIUM,
    lesson="A silence for a migration outlives the migration: months later the alert still shows as configured, and "
    "nobody is notified.",
    remediation="End the silence (`amtool silence expire ID`, or in the monitoring system's list of silences and downtimes); "
    "mute with an end of hours.",
    docs="https://prometheus.io/docs/alerting/latest/alertmanager/#silences",
)
def alert_muted(_: Service, alarm: Alarm) -> Verdict:
    """Apply to enabled alerts; disabled ones are OB05."""
    if alarm.enabled is False:
        return not_applicable(f"{subject(alarm)} is disabled")
    if alarm.quiet_hours >= _WEEK:
        return failed(
            f"{subject(alarm)} is muted at every hour of the week by its schedule", quiet_hours=alarm.quiet_hours
        )
    if not known(alarm.muted):
        hours = f"; its schedule mutes it {alarm.quiet_hours:g} h a week" if alarm.quiet_hours else ""
        return passed(f"{subject(alarm)} is not muted{hours}", quiet_hours=alarm.quiet_hours)
    end = f"until {_day(alarm.muted_until)}" if alarm.muted_until else "without an end"
    since = f" since {_day(alarm.muted_since)}" if alarm.muted_since else ""
    told = f"{subject(alarm)} is muted{since} {end}"
    if muted_for_long(alarm):
        return failed(f"{told}; an outage would notify nobody")
    return passed(f"{told}, at most {MUTED_AT_MOST.days} days")


@check(
    id="OB12",
    title="Alert is evaluated without errors and has data",
    severity=Severity.MEDIUM,
    lesson="A metric is renamed in a release, and the alert on the old name never fires again: no data looks like no "
    "errors.",
    remediation="Correct the query (`promtool check rules` for Prometheus), and alert on missing data: `absent(...)`, "
    "or the monitor's setting for no data.",
    docs="https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/",
)
def alert_works(_: Service, alarm: Alarm) -> Verdict:
    """Judge the state of the alert's own evaluation, as its monitoring system reports it."""
    if alarm.enabled is False:
        return not_applicable(f"{subject(alarm)} is disabled")
    if isinstance(alarm.state, Unread) and not alarm.monitor:
        return not_applicable(f"The state of {subject(alarm)} is not read")
    state = known(alarm.state)
    if not cannot_fire(alarm):
        return passed(f"{subject(alarm)} is evaluated and has data", state=state)
    what = "has no data" if state is AlarmState.NO_DATA else "cannot be evaluated"
    why = f": {alarm.problem[:100]}" if alarm.problem else ""
    return failed(f"{subject(alarm)} {what} and cannot fire{why}", state=state)


@check(
    id="OB13",
    title="Alert reaches a person",
    severity=Severity.MEDIUM,
    lesson="A route with a misspelt label sends alerts to the default receiver, which has no address: every test of the rule passes, "
    "and nobody is called.",
    remediation="Route it to a receiver with an address, and check with `amtool config routes test`; for a webhook that reaches "
    "a person, name its receiver under `people:` of the monitor in backstay.yaml.",
    docs="https://prometheus.io/docs/alerting/latest/configuration/#route",
)
def alert_reaches_person(_: Service, alarm: Alarm) -> Verdict:
    """Apply to alerts of monitoring systems; alarms of a cloud are OB09."""
    if not alarm.monitor:
        return not_applicable(f"{subject(alarm)} has actions instead of receivers")
    if alarm.enabled is False:
        return not_applicable(f"{subject(alarm)} is disabled")
    receivers = () if isinstance(alarm.receivers, Unread) else alarm.receivers
    evidence = {
        "receivers": listed(receivers) or None,
        "matched_by": alarm.watches[0] if alarm.watches else None,
        "inhibited_by": alarm.inhibited_by or None,
    }
    if known(alarm.reaches_someone):
        return passed(f"{subject(alarm)} reaches {listed(receivers[:3]) or 'a person'}", **evidence)
    where = (
        f"ends at {listed(receivers[:3])}, which notifies no one"
        if receivers
        else "ends at a receiver without an address"
    )
    return failed(f"{subject(alarm)} {where}", **evidence)


@check(
    id="OB14",
    title="An alert reaches a person without what it watches",
    severity=Severity.HIGH,
    lesson="On 20 October 2025 monitoring that ran in us-east-1 failed with what it watched, and chat on the same cloud was slow: "
    "the alert and its way were part of the outage.",
    remediation="Evaluate one alert outside the service's region (`amtool` and Prometheus in another cloud, or a hosted monitor), "
    "send it to a platform on another cloud, and declare `runs_on:` of the monitor in backstay.yaml.",
    docs="https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/abstract-and-introduction.html",
)
def alert_shares_no_fate(
    service: Service,
    alarms: tuple[Alarm, ...],
    compute: tuple[ComputeGroup, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """For each place where the service runs, accept an alert whose evaluation and one receiver run elsewhere."""
    running, more = running_as_far_as_read(compute, deployments)
    if not running:
        if more is not None:
            raise more
        return not_applicable(f"No running resources of {service.name} found")
    read, doubt = as_far_as_read(alarms)
    sound, unread = _notifying(read)
    if not sound:
        if doubt := doubt or unread:
            raise doubt
        return not_applicable(f"No alert of {service.name} notifies anyone")
    lost, why = _not_survived(running, sound)
    if not lost:
        if more is not None:
            raise more
        return passed(
            f"Alerts on {service.name} reach a person while {region_names(running)} is down", alert=sound[0].name
        )
    if doubt := doubt or why or unread:
        raise doubt
    return failed(
        f"Every alert on {service.name} is evaluated in {region_names(lost)} or reaches people through it; an outage there "
        "silences them",
        region=region_names(lost),
    )


def _notifying(alarms: list[Alarm]) -> tuple[list[Alarm], NotKnownError | None]:
    sound: list[Alarm] = []
    doubt: NotKnownError | None = None
    for alarm in alarms:
        try:
            if notifies(alarm):
                sound.append(alarm)
        except NotKnownError as reason:
            doubt = doubt or reason
    return sound, doubt


def _not_survived(running: set[Place], alarms: list[Alarm]) -> tuple[set[Place], NotKnownError | None]:
    """The places whose loss no alert is known to survive, and why that is not certain."""
    lost: set[Place] = set()
    doubt: NotKnownError | None = None
    for place in running:
        answers: list[bool] = []
        for alarm in alarms:
            try:
                answers.append(survives(alarm, place))
            except NotKnownError as reason:
                doubt = doubt or reason
        if not any(answers):
            lost.add(place)
    return lost, doubt


@check(
    id="OB15",
    title="An alert fired or was tested in the last 90 days",
    severity=Severity.MEDIUM,
    lesson="An alert that never fired has never been tested either: its threshold, its route and the phone behind it are "
    "assumptions.",
    remediation="Trigger one alert of the service on a working day (lower its threshold for an hour, or a fault in staging), see that "
    "it arrives, and record it: `practice: alert_test` under `attestations:` in backstay.yaml.",
    docs="https://sre.google/workbook/alerting-on-slos/",
)
def alert_tested(
    service: Service, alarms: tuple[Alarm, ...], attestations: tuple[Attestation, ...], now: datetime
) -> Verdict:
    """Accept the last firing of any alert that is enabled, else an attested test."""
    read, doubt = as_far_as_read(alarms)
    enabled = [alarm for alarm in read if alarm.enabled is not False]
    fired = [(alarm.fired_at, alarm) for alarm in enabled if isinstance(alarm.fired_at, datetime)]
    last = max(fired, key=lambda pair: pair[0], default=None)
    if last is not None and now - last[0] <= QUARTER:
        return passed(f"{subject(last[1])} fired on {_day(last[0])}", fired_at=last[0].isoformat())
    attested = judge_attestation(service, attestations, ALERT_TEST, now)
    if attested.outcome is Outcome.PASS:
        return attested
    if doubt is not None:
        raise doubt
    asked = [alarm for alarm in enabled if alarm.monitor or not isinstance(alarm.fired_at, Unread)]
    return _never_lately(service, asked, last[0] if last else None, now)


def _never_lately(service: Service, asked: list[Alarm], last: datetime | None, now: datetime) -> Verdict:
    """The verdict on alerts none of which is known to have fired lately. `last`: when one did."""
    if not asked:
        return not_applicable(f"No alert of {service.name} tells when it fired")
    if reason := next((alarm.fired_at.reason for alarm in asked if isinstance(alarm.fired_at, Unread)), ""):
        return unknown(f"When alerts on {service.name} last fired is not known: {reason}")
    if last is not None:
        return failed(
            f"Alerts on {service.name} last fired on {_day(last)}, more than {QUARTER.days} days ago, and no later test is attested",
            fired_at=last.isoformat(),
        )
    since = max((alarm.fired_since for alarm in asked if alarm.fired_since), default=None)
    if since is not None and now - since < QUARTER - timedelta(days=2):
        return unknown(f"No alert on {service.name} fired since {_day(since)}; the history reaches no further back")
    return failed(f"No alert on {service.name} fired or was tested in the last {QUARTER.days} days")
