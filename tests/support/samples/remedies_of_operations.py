"""Remedies of what people do: alarms, runbooks, rehearsals, routes, figures, attestations."""

from datetime import timedelta
from typing import Any

from support.builders.facts import (
    AWAY,
    NOW,
    alarm,
    assessment,
    attestation,
    compute,
    datastore,
    days_ago,
    health_check,
    rehearsal,
    route,
    runbook,
    service,
    topic,
)
from support.samples.alert_cases import alert, muted
from support.samples.remedy import Remedy, remedy

from checks import AlarmState, Dependency, Rehearsal, RehearsalKind, Service, SignalKind

SILENT: dict[str, Any] = {"actions": (), "reaches_someone": False}
STORE, WEB = datastore(), compute()
NEEDS_LOST = "aws/us-east-1|4|--region us-east-1"


def tested(kind: RehearsalKind, **fields: Any) -> Rehearsal:
    sound: dict[str, Any] = {"kind": kind, "at": days_ago(5)}
    return rehearsal(**sound | fields)


def by_hand(kind: RehearsalKind) -> Rehearsal:
    return tested(kind, attested_by="platform", link="https://docs.example.com/drill")


def bought(**fields: Any) -> Service:
    return service(depends_on=(Dependency("stripe", "saas", **fields),))


UNFIRED = alert(fired_at=None)
SECOND = route("teams payments", order=1, kind="teams", runs_on=("azure",))
HOOK = route("hook", order=1, kind="webhook", runs_on=("gcp",))
SAME = route("slack #all", order=1)
OPERATIONS: tuple[Remedy, ...] = (
    *(
        remedy("OB01", words, WEB, (WEB, alarm()))
        for words in ("put-metric-alarm | HTTPCode_Target_5XX_Count", "Lambda Errors", "5XXError", "--alarm-actions")
    ),
    *(
        remedy("OB02", words, WEB, (WEB, alarm(signal=SignalKind.LATENCY)))
        for words in ("--metric-name TargetResponseTime", "API Gateway: Latency", "Lambda: Duration")
    ),
    *(
        remedy("OB03", words, WEB, (WEB, alarm(signal=SignalKind.SATURATION)))
        for words in (
            "put-metric-alarm",
            "CPUUtilization",
            "MemoryUtilization",
            "ConcurrentExecutions",
            "ApproximateAgeOfOldestMessage",
        )
    ),
    remedy("OB04", "put-metric-alarm", STORE, (STORE, alarm(about=(STORE.resource,)))),
    remedy("OB05", "enable-alarm-actions", alarm(enabled=False), alarm()),
    remedy("OB05", "delete alarms that are not needed", alarm(enabled=False), (), gone=True),
    remedy("OB06", "aws sns subscribe", topic(subscriptions=0), topic(subscriptions=1)),
    remedy("OB07", "create-health-check", (WEB, alarm()), (WEB, alarm(), health_check())),
    remedy(
        "OB07",
        "put-metric-alarm --region | create-canary --region",
        (WEB, alarm()),
        (WEB, alarm(), alarm("canary", region=AWAY)),
    ),
    remedy("OB08", "monitor-instances", compute(detailed_monitoring=False), compute()),
    remedy("OB08", "Monitoring: {Enabled: true}", compute(detailed_monitoring=False), compute()),
    remedy("OB09", "--alarm-actions TOPIC_ARN", alarm(**SILENT), alarm()),
    remedy("OB09", "the rule of a composite alarm", alarm(**SILENT), alarm(actions=(), reaches_someone=True)),
    remedy("OB11", "amtool silence expire ID", muted(), alert()),
    remedy("OB11", "mute with an end of hours", muted(), muted(muted_until=NOW + timedelta(hours=3))),
    remedy("OB12", "promtool check rules", alert(state=AlarmState.ERROR), alert()),
    remedy("OB12", "absent(...) | the monitor's setting for no data", alert(state=AlarmState.NO_DATA), alert()),
    remedy("OB13", "amtool config routes test", alert(reaches_someone=False, receivers=()), alert()),
    remedy("OB13", "people:", alert(reaches_someone=False, receivers=("webhook (hook)",)), alert()),
    remedy("OB14", "amtool | runs_on:", (WEB, alert(monitor_runs_on=("aws/us-east-1",))), (WEB, alert())),
    remedy("OB15", "practice: alert_test | attestations:", UNFIRED, (UNFIRED, attestation("alert_test"))),
    remedy("CM01", "routes: | a webhook", route(), (route(), HOOK)),
    remedy("CM01", "e-mail", route(), (route(), route("mail", order=1, kind="email", runs_on=("gcp",)))),
    remedy("CM01", "the other chat platform", route(), (route(), SECOND)),
    remedy("CM02", "use the other one as fallback", (route(), SAME), (route(), SAME, SECOND)),
    remedy("CM02", "a webhook hosted elsewhere | runs_on:", (route(), SAME), (route(), SAME, HOOK)),
    remedy("CM03", "Send a test message", (route(), route("b", order=1, tested_at=None)), (route(), SECOND)),
    remedy("CM04", "owner: | audience:", of=service(owner="", audience=""), then=service()),
    remedy("ED01", "training", (), attestation("training")),
    remedy("PR01", "a queue that holds the work | soft: true", of=bought(), then=bought(hard=False)),
    remedy("PR01", "depends_on: [{on: stripe, fallback: adyen}]", of=bought(), then=bought(fallback="adyen")),
    remedy("PR03", "users: | revenue_per_hour: | revenue_as_of:", of=service(users=None), then=service()),
    remedy("PR04", "load_shedding", WEB, (WEB, attestation("load_shedding"))),
    remedy("RB01", "runbook:", runbook(missing=True), runbook()),
    remedy("RB02", "reviewed:", runbook(reviewed_at=days_ago(100)), runbook()),
    remedy(
        "RB03", "runbook: runbooks/checkout.md", (WEB, runbook(hosted_on=("aws",), copy_kept=False)), (WEB, runbook())
    ),
    remedy(
        "RB03",
        "hosted_on:",
        (WEB, runbook(hosted_on=("aws",), copy_kept=False)),
        (WEB, runbook(hosted_on=("gcp",), copy_kept=False)),
    ),
    remedy("RB04", "Failover | Failback", runbook(names_failover=False), runbook()),
    remedy("RB05", "Owner: TEAM", runbook(owner=""), runbook()),
    remedy("RB06", "reviewed:", runbook(changed_at=days_ago(400)), runbook()),
    remedy(
        "RB07", "Detect | Decide | Fail over | Communicate | Roll back", runbook(sections=("fail_over",)), runbook()
    ),
    remedy("RB08", "--region", (WEB, runbook(needs=(NEEDS_LOST,))), (WEB, runbook())),
    remedy("RB09", "404", runbook(dead_links=("https://a.example",)), runbook()),
    remedy("RB10", "routes: | webhook", (route(), runbook(hosted_on=("aws",), copy_kept=False)), (route(), runbook())),
    remedy("RH01", "start-plan-execution", (), tested(RehearsalKind.FAILOVER)),
    remedy("RH01", "switchover-global-cluster", (), tested(RehearsalKind.FAILOVER)),
    remedy("RH01", "drills:", (), by_hand(RehearsalKind.FAILOVER)),
    remedy(
        "RH02",
        "create-restore-testing-plan | put-restore-validation-result",
        STORE,
        (STORE, tested(RehearsalKind.RESTORE)),
    ),
    remedy("RH03", "drills: | kind: game_day", (), by_hand(RehearsalKind.GAME_DAY)),
    remedy("RH04", "aws fis start-experiment | AZ Availability", (), tested(RehearsalKind.FAULT_INJECTION)),
    remedy("RH04", "Chaos Toolkit or Litmus", (), by_hand(RehearsalKind.FAULT_INJECTION)),
    remedy("RH05", "create-practice-run-configuration", WEB, (WEB, tested(RehearsalKind.ZONE_SHIFT))),
    remedy(
        "RH06",
        "actualRecoveryTime | get-plan-execution",
        tested(RehearsalKind.FAILOVER, measured_rto=timedelta(hours=3)),
        tested(RehearsalKind.FAILOVER, measured_rto=timedelta(minutes=20)),
    ),
    remedy(
        "RH08",
        "rto: | drills:",
        (tested(RehearsalKind.FAILOVER), rehearsal("slow", measured_rto=timedelta(hours=3))),
        (tested(RehearsalKind.FAILOVER), rehearsal("quick", measured_rto=timedelta(minutes=20))),
    ),
    remedy("RH07", "start-app-assessment", assessment(compliant=False), assessment(assessed_at=NOW)),
)
