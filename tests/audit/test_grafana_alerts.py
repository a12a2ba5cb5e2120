"""Alerts of Grafana: state, instances, what they query, policies, contact points, mute timings, silences, history."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from support.fakes.monitoring import Monitoring, grafana, grafana_rule, grafana_state, silence
from support.harness.monitors import NOW, RUNS_ON, alarms, read

from checks import Alarm, AlarmState, SignalKind, Unread

CONTACTS, POLICIES = "/api/v1/provisioning/contact-points", "/api/v1/provisioning/policies"
RULES, STATES = "/api/v1/provisioning/alert-rules", "/api/prometheus/grafana/api/v1/rules"
SILENCES, ANNOTATIONS = "/api/alertmanager/grafana/api/v2/silences", "/api/annotations"


async def only(fake: Monitoring, **changed: Any) -> Alarm:
    [alarm] = alarms(await read(("grafana", fake), **changed))
    return alarm


async def test_a_rule_that_works_reaches_its_contact_point() -> None:
    alarm = await only(grafana([grafana_rule()], [grafana_state()]))
    assert (alarm.signal, alarm.state, alarm.enabled, alarm.muted) == (SignalKind.LATENCY, AlarmState.OK, True, False)
    assert alarm.receivers == ("PagerDuty (on-call)", "Slack (on-call)")
    assert alarm.receivers_run_on == (RUNS_ON["pagerduty"], RUNS_ON["slack"])
    assert alarm.reaches_someone is True
    assert alarm.watches == ("service=checkout",)
    assert alarm.fired_at == datetime.fromtimestamp(1763000000, UTC)
    assert alarm.metric == "http_request_duration_seconds_bucket"


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"health": "error", "lastError": "no such host"}, AlarmState.ERROR),
        ({"health": "nodata"}, AlarmState.NO_DATA),
        ({"state": "firing"}, AlarmState.FIRING),
        ({"health": ""}, None),
    ],
)
async def test_the_state_of_a_rule(changed: dict[str, Any], state: AlarmState | None) -> None:
    alarm = await only(grafana([grafana_rule()], [grafana_state(**changed)]))
    assert alarm.state == state if state else isinstance(alarm.state, Unread)
    assert alarm.problem == changed.get("lastError", "")
    if state is AlarmState.FIRING:
        assert alarm.fired_at == NOW


async def test_a_paused_rule_is_off() -> None:
    assert (await only(grafana([grafana_rule(isPaused=True)], [grafana_state()]))).enabled is False


async def test_rules_are_joined_by_title_and_group_where_states_have_no_uid() -> None:
    state = grafana_state()
    del state["uid"]
    alarm = await only(grafana([grafana_rule(isPaused=True)], [state]))
    assert (alarm.enabled, alarm.resource) == (False, "grafana:grafana-0/abc")


@pytest.mark.parametrize(
    ("model", "signal", "watches"),
    [
        (
            {
                "namespace": "AWS/RDS",
                "metricName": "CPUUtilization",
                "dimensions": {"DBInstanceIdentifier": ["orders"]},
            },
            SignalKind.SATURATION,
            (),
        ),
        ({"expr": '{service="checkout"} |= "error"'}, SignalKind.ERRORS, ("service=checkout",)),
        ({"rawSql": "select 1"}, SignalKind.ERRORS, ()),
        ({"expr": 'up{job="checkout"}'}, SignalKind.AVAILABILITY, ("job=checkout",)),
    ],
)
async def test_what_a_rule_queries(model: dict[str, Any], signal: SignalKind, watches: tuple[str, ...]) -> None:
    data = [{"refId": "A", "datasourceUid": "x", "model": model}]
    alarm = await only(
        grafana([grafana_rule(title="Order errors", data=data)], [grafana_state(name="Order errors", alerts=[])])
    )
    assert (alarm.signal, alarm.watches) == (signal, watches)


async def test_policies_and_receivers_decide_whom_it_reaches() -> None:
    plain = grafana_state(labels={}, alerts=[{"labels": {"service": "checkout"}, "state": "Normal"}])
    ticket = await only(grafana([grafana_rule(labels={})], [plain]))
    assert ticket.receivers == ("Jira (tickets)",)
    assert isinstance(ticket.reaches_someone, Unread)
    direct = grafana_rule(labels={}, notification_settings={"receiver": "on-call"})
    assert (await only(grafana([direct], [plain]))).reaches_someone is True
    nowhere = grafana_rule(notification_settings={"receiver": "gone"})
    assert (await only(grafana([nowhere], [grafana_state()]))).reaches_someone is False


async def test_mute_timings_and_silences_mute() -> None:
    nights = [{"name": "nights", "time_intervals": [{"times": [{"start_time": "00:00", "end_time": "12:00"}]}]}]
    policies = {"receiver": "on-call", "routes": [{"object_matchers": [], "mute_time_intervals": ["nights"]}]}
    fake = grafana(
        [grafana_rule()], [grafana_state()], **{POLICIES: policies, "/api/v1/provisioning/mute-timings": nights}
    )
    assert (await only(fake)).quiet_hours == 84.0
    by_uid = grafana([grafana_rule()], [grafana_state()], **{SILENCES: [silence(("__alert_rule_uid__", "abc"))]})
    assert (await only(by_uid)).muted is True


async def test_without_provisioning_the_states_tell_what_they_can() -> None:
    query = json.dumps([{"refId": "A", "datasourceUid": "x", "model": {"expr": "rate(x_errors_total[5m]) > 1"}}])
    fake = grafana([grafana_rule()], [grafana_state(query=query)])
    fake.always |= {RULES: 403, POLICIES: 403}
    found = await read(("grafana", fake))
    [alarm] = alarms(found)
    assert (alarm.signal, alarm.state) == (SignalKind.ERRORS, AlarmState.OK)
    assert isinstance(alarm.reaches_someone, Unread)
    reasons = sorted(gap.reason for gap in found.gaps)
    assert len(reasons) == 2
    assert all("alert.provisioning:read" in reason for reason in reasons)


async def test_without_states_the_rules_tell_what_they_can() -> None:
    fake = grafana([grafana_rule()])
    fake.always[STATES] = 500
    alarm = await only(fake)
    assert isinstance(alarm.state, Unread)
    assert alarm.signal is SignalKind.LATENCY


async def test_no_annotation_at_all_is_no_history() -> None:
    alarm = await only(grafana([grafana_rule()], [grafana_state()], **{ANNOTATIONS: []}))
    assert isinstance(alarm.fired_at, Unread)
    other = await only(grafana([grafana_rule(title="Other", id=9)], [grafana_state(name="Other")]))
    assert other.fired_at is None
    assert other.fired_since is not None


async def test_the_organization_is_chosen_by_a_header() -> None:
    fake = grafana([grafana_rule()], [grafana_state()])
    await only(fake, tenant="7")
    assert {asked["x-grafana-org-id"] for asked in fake.headers} == {"7"}
