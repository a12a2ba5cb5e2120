"""Builders of facts on what people do: alarms, backups, deployment, rehearsals, runbooks, routes, attestations."""

from datetime import timedelta
from typing import Any

from support.builders.moment import AWAY, HOME, NOW, ZONES, days_ago, fact

from checks import (
    GLOBAL,
    Alarm,
    Assessment,
    Attestation,
    Backup,
    BackupPlan,
    CommunicationRoute,
    Deployment,
    EndpointUse,
    Pipeline,
    Rehearsal,
    RehearsalKind,
    RehearsalResult,
    Runbook,
    SignalKind,
    Stack,
    TrafficShift,
)


def alarm(name: str = "orders-errors", **fields: Any) -> Alarm:
    """An alarm on errors that reaches someone; `about=` names what it watches."""
    return fact(
        Alarm,
        name,
        fields,
        product="cloudwatch",
        signal=SignalKind.ERRORS,
        metric="Errors",
        actions=("arn:aws:sns:us-east-1:111122223333:alerts",),
        reaches_someone=True,
    )


def backup_plan(name: str = "nightly", **fields: Any) -> BackupPlan:
    """A daily plan that copies to another region and account."""
    return fact(
        BackupPlan,
        name,
        fields,
        product="backup",
        every=timedelta(days=1),
        keep_days=35,
        copy_regions=(AWAY,),
        copy_accounts=("444455556666",),
        selects=5,
    )


def backup(name: str = "orders", **fields: Any) -> Backup:
    """Yesterday's recovery point, copied to another region and account; `about=` names its resource."""
    return fact(
        Backup,
        name,
        fields,
        product="backup",
        latest_at=days_ago(1),
        copy_regions=(AWAY,),
        copy_accounts=("444455556666",),
    )


def stack(name: str = "checkout-prod", **fields: Any) -> Stack:
    """A protected stack without drift."""
    return fact(
        Stack,
        name,
        fields,
        product="cloudformation",
        termination_protection=True,
        rollback_triggers=1,
        status="UPDATE_COMPLETE",
        drifted=False,
    )


def pipeline(name: str = "deliver", **fields: Any) -> Pipeline:
    """A pipeline that tries staging first, asks, goes gradually and rolls back by itself."""
    return fact(
        Pipeline,
        name,
        fields,
        product="codepipeline",
        stages=("Source", "Staging", "Approve", "Production"),
        approval=True,
        automatic_rollback=True,
        gradual=True,
        staging_first=True,
        regions=(HOME, AWAY),
    )


def rehearsal(name: str = "failover drill", **fields: Any) -> Rehearsal:
    """A failover that a machine saw succeed a month ago, back in a quarter of an hour."""
    return fact(
        Rehearsal,
        name,
        fields,
        product="drill",
        region=GLOBAL,
        kind=RehearsalKind.FAILOVER,
        at=days_ago(30),
        result=RehearsalResult.SUCCEEDED,
        scope="aws/us-east-1",
        measured_rto=timedelta(minutes=15),
    )


def traffic_shift(name: str = "shift", **fields: Any) -> TrafficShift:
    """An automatic zonal shift; `protects=` names what is under it."""
    return fact(TrafficShift, name, fields, product="arc", kind="zonal", automatic=True)


def endpoint_use(name: str = "deployer", **fields: Any) -> EndpointUse:
    """A principal that calls the regional STS endpoint."""
    return fact(
        EndpointUse,
        name,
        fields,
        product="sts",
        endpoint="sts.us-east-1.amazonaws.com",
        endpoint_region=HOME,
        principal="deployer",
        calls=40,
        window=timedelta(days=7),
    )


def assessment(name: str = "checkout", **fields: Any) -> Assessment:
    """Another tool's favourable judgement."""
    return fact(
        Assessment,
        name,
        fields,
        product="resiliencehub",
        tool="Resilience Hub",
        assessed_at=days_ago(5),
        compliant=True,
    )


def deployment(name: str = "checkout in us-east-1", **fields: Any) -> Deployment:
    """A declared active deployment in three zones."""
    return fact(Deployment, name, fields, product="catalogue", role="active", zones=ZONES, runs="containers")


def runbook(name: str = "checkout runbook", **fields: Any) -> Runbook:
    """A whole runbook, changed and reviewed a month ago, hosted elsewhere, with a copy kept."""
    return fact(
        Runbook,
        name,
        fields,
        product="runbook",
        region=GLOBAL,
        url="https://docs.example.com/checkout",
        reviewed_at=days_ago(30),
        reachable=True,
        hosted_on=("gcp",),
        copy_kept=True,
        steps=8,
        names_failover=True,
        changed_at=days_ago(30),
        changed_by="Ada",
        owner="team payments",
        sections=("detect", "decide", "fail_over", "communicate", "roll_back"),
        needs=("aws/us-west-2|3|--region us-west-2",),
        links=4,
        dead_links=(),
    )


def route(name: str = "slack #payments", **fields: Any) -> CommunicationRoute:
    """The primary route; a fallback is `order=1, runs_on=...`."""
    return fact(
        CommunicationRoute,
        name,
        fields,
        product="slack",
        region=GLOBAL,
        audience="payments",
        kind="slack",
        order=0,
        runs_on=("aws",),
        tested_at=days_ago(3),
    )


def attestation(practice: str = "kill_switch", **fields: Any) -> Attestation:
    """A colleague's word of a month ago, with a link, valid for months."""
    return fact(
        Attestation,
        practice,
        fields,
        product="catalogue",
        region=GLOBAL,
        practice=practice,
        by="platform",
        at=days_ago(30),
        link="https://docs.example.com/evidence",
        expires_at=NOW + timedelta(days=150),
    )
