"""Datadog read from loopback: what its monitors watch, whether they work, whom they reach."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.fakes.datadog import Datadog, downtime, monitor, rule, slo
from support.harness.datadog_reading import ERRORS, NOW, collected, seconds

from checks import Alarm, AlarmState, SignalKind, Unread


async def alarms(*monitors: dict[str, Any], **lists: Any) -> Sequence[Alarm]:
    found = await collected(Datadog(monitors=monitors, **lists))
    assert not found.gaps
    return [fact for fact in found.facts if isinstance(fact, Alarm)]


async def alarm_of(*monitors: dict[str, Any], **lists: Any) -> Alarm:
    return (await alarms(*monitors, **lists))[0]


async def test_a_monitor_is_read_with_what_it_watches_and_whom_it_reaches() -> None:
    fired = datetime(2026, 9, 21, 13, 46, 40, tzinfo=UTC)
    groups = {"groups": {"*": {"name": "*", "status": "OK", "last_triggered_ts": seconds(fired)}}}
    found = await alarm_of(
        monitor(7, ERRORS, "Errors @pagerduty-checkout", name="errors", state=groups, tags=["team:a"])
    )
    assert (found.resource, found.name, found.product) == ("datadog:dd/monitor/7", "errors", "datadog")
    assert found.signal is SignalKind.ERRORS
    assert found.watches == ("service=checkout",)
    assert found.tags == {"team": "a", "env": "prod", "service": "checkout"}
    assert (found.receivers, found.receivers_run_on) == (("@pagerduty-checkout",), (("aws",),))
    assert (found.reaches_someone, found.enabled, found.muted) == (True, True, False)
    assert (found.state, found.fired_at) == (AlarmState.OK, fired)


async def test_every_list_is_read_to_its_end_whatever_the_size_of_a_page() -> None:
    monitors = [monitor(number) for number in range(1, 8)]
    downtimes = [downtime(f"d{number}", monitor_identifier={"monitor_id": 900 + number}) for number in range(5)]
    rules = [rule(f"r{number}", ["service:other"], ["slack-x"]) for number in range(4)]
    last = downtime("last", monitor_identifier={"monitor_id": 7})
    fake = Datadog(monitors=monitors, downtimes=[*downtimes, last], rules=rules, page=2)
    found = [fact for fact in (await collected(fake)).facts if isinstance(fact, Alarm)]
    assert [alarm.muted for alarm in found] == [False] * 6 + [True]


@pytest.mark.parametrize(
    ("changed", "muted", "until"),
    [
        ({"options": {"silenced": {"*": None}}}, True, None),
        ({"options": {"silenced": {"*": seconds(NOW + timedelta(hours=2))}}}, True, NOW + timedelta(hours=2)),
        ({"options": {"silenced": {"*": seconds(NOW - timedelta(hours=2))}}}, False, None),
        ({"options": {"silenced": {"host:a": None}}}, False, None),
        ({"options": {"silenced": {"env:prod": None}}}, True, None),
        (
            {
                "options": {"silenced": {"host:a": None, "host:b": None}},
                "state": {"groups": {"host:a": {"status": "OK"}}},
            },
            True,
            None,
        ),
        ({"options": {"silenced": {"host:a": None}}, "state": {"groups": {"host:a": {}, "host:b": {}}}}, False, None),
        (
            {
                "matching_downtimes": [
                    {"id": 3, "scope": ["*"], "start": seconds(NOW - timedelta(days=90)), "end": None}
                ]
            },
            True,
            None,
        ),
        (
            {"matching_downtimes": [{"id": 3, "scope": ["*"], "start": seconds(NOW + timedelta(days=9)), "end": None}]},
            False,
            None,
        ),
    ],
)
async def test_mutes_of_the_monitor(changed: dict[str, Any], muted: bool, until: datetime | None) -> None:
    found = await alarm_of(monitor(1, ERRORS, **changed))
    assert (found.muted, found.muted_until) == (muted, until)


RECURRING = {
    "recurrences": [{"duration": "2h", "rrule": "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU", "start": "2026-11-02T02:00:00"}],
    "timezone": "UTC",
    "current_downtime": {"start": "2026-11-30T02:00:00+00:00", "end": "2026-11-30T04:00:00+00:00"},
}


@pytest.mark.parametrize(
    ("changed", "muted", "quiet"),
    [
        ({"scope": "service:checkout AND env:(prod OR staging)"}, True, 0),
        ({"scope": "service:other"}, False, 0),
        ({"scope": "env:prod AND NOT service:checkout"}, False, 0),
        ({"scope": "host:web-1"}, False, 0),
        ({"monitor_identifier": {"monitor_id": 1}}, True, 0),
        ({"monitor_identifier": {"monitor_id": 2}}, False, 0),
        ({"monitor_identifier": {"monitor_tags": ["team:a"]}}, True, 0),
        ({"monitor_identifier": {"monitor_tags": ["team:a", "team:b"]}}, False, 0),
        ({"status": "canceled", "canceled": "2026-11-01T00:00:00+00:00"}, False, 0),
        ({"schedule": {"start": "2026-11-01T00:00:00+00:00", "end": "2026-11-02T00:00:00+00:00"}}, False, 0),
        ({"schedule": RECURRING}, False, 4),
        (
            {
                "schedule": {
                    **RECURRING,
                    "recurrences": [{"duration": "1d", "rrule": "FREQ=DAILY"}],
                    "current_downtime": {"start": "2026-11-23T00:00:00+00:00", "end": "2026-11-24T00:00:00+00:00"},
                }
            },
            True,
            168,
        ),
    ],
)
async def test_downtimes(changed: dict[str, Any], muted: bool, quiet: float) -> None:
    found = await alarm_of(monitor(1, ERRORS, tags=["team:a"]), downtimes=[downtime("d", **changed)])
    assert found.muted is muted
    assert found.quiet_hours == pytest.approx(quiet)


@pytest.mark.parametrize(
    ("message", "reaches", "receivers"),
    [
        ("nobody", False, ()),
        ("@slack-ops", True, ("@slack-ops",)),
        ("{{#is_warning}}@slack-ops{{/is_warning}}", False, ()),
        ("{{^is_alert}}@slack-ops{{else}}@pagerduty-a{{/is_alert}}", True, ("@pagerduty-a",)),
        ("{{#is_match 'host.name' 'web'}}@slack-ops{{/is_match}}", None, ("@slack-ops",)),
        ("@webhook-relay", None, ("@webhook-relay",)),
        ("@jira-ops", False, ("@jira-ops",)),
        ("@hipchat-room", False, ("@hipchat-room",)),
    ],
)
async def test_whom_a_message_reaches(message: str, reaches: bool | None, receivers: tuple[str, ...]) -> None:
    found = await alarm_of(monitor(1, ERRORS, message))
    assert found.receivers == receivers
    assert isinstance(found.reaches_someone, Unread) if reaches is None else found.reaches_someone is reaches


async def test_a_webhook_that_the_operator_vouches_for_reaches_a_person() -> None:
    found = await collected(Datadog(monitors=[monitor(1, ERRORS, "@webhook-relay")]), people=("webhook-relay",))
    assert [fact.reaches_someone for fact in found.facts if isinstance(fact, Alarm)] == [True]


async def test_rules_and_composites_notify_too() -> None:
    composite = monitor(2, "1 || 3", "@opsgenie-a", type="composite")
    both = monitor(4, "1 && 3", "@opsgenie-b", type="composite")
    rules = [
        rule("r", ["service:checkout"], ["slack-by-rule"]),
        rule("other", ["service:other"], ["slack-other"]),
        rule(
            "warn", ["env:prod"], [], conditional_recipients={"conditions": [], "fallback_recipients": ["slack-else"]}
        ),
    ]
    found = await alarms(monitor(1, ERRORS), composite, monitor(3), both, rules=rules)
    assert found[0].receivers == ("@slack-by-rule", "@slack-else", "@opsgenie-a")
    assert found[0].reaches_someone is True
    assert (found[2].receivers, found[2].reaches_someone) == (("@opsgenie-a",), True)
    assert found[3].signal is SignalKind.COMPOSITE


async def test_states() -> None:
    found = await alarms(
        monitor(1, overall_state="Alert"),
        monitor(2, overall_state="No Data", overall_state_modified=None),
        monitor(3, overall_state="Ignored"),
        monitor(4, "1 || 99", type="composite"),
        monitor(5, 'burn_rate("gone").over("30d").long_window("1h").short_window("5m") > 14.4', type="slo alert"),
        monitor(6, draft_status="draft"),
    )
    assert [alarm.state for alarm in found[:2]] == [AlarmState.FIRING, AlarmState.NO_DATA]
    assert found[1].problem == "it never had data"
    assert isinstance(found[2].state, Unread)
    assert (found[3].state, found[3].problem) == (AlarmState.ERROR, "it refers to monitor 99, which does not exist")
    assert (found[4].state, found[4].problem) == (AlarmState.ERROR, "it refers to SLO gone, which does not exist")
    assert found[5].enabled is False


async def test_the_alert_of_an_objective_watches_what_the_objective_measures() -> None:
    latency = slo(
        "abc", "sum:http.latency.ok{service:checkout}.as_count()", "sum:http.latency.all{service:checkout}.as_count()"
    )
    found = await alarm_of(monitor(1, 'error_budget("abc").over("7d") > 75', type="slo alert"), slos=[latency])
    assert (found.signal, found.watches) == (SignalKind.LATENCY, ("service=checkout",))


@pytest.mark.parametrize(
    ("changed", "watches"),
    [
        ({"query": "avg(last_5m):avg:http.latency{service:a OR service:b} > 1"}, ("service=a", "service=b")),
        ({"query": "avg(last_5m):avg:http.latency{service:web*} > 1"}, ()),
        ({"query": "avg(last_5m):avg:http.latency{!service:a} > 1"}, ()),
        ({"query": "avg(last_5m):avg:http.latency{service:a} > 1", "tags": ["service:b"]}, ("service=a",)),
        ({"query": "avg(last_5m):avg:http.latency{*} > 1", "tags": ["service:b"]}, ("service=b",)),
        (
            {
                "query": "avg(last_5m):avg:http.latency{*} by {service} > 1",
                "tags": ["service:b"],
                "state": {"groups": {"service:c": {}, "service:d": {}}},
            },
            ("service=c", "service=d"),
        ),
    ],
)
async def test_which_services_a_monitor_watches(changed: dict[str, Any], watches: tuple[str, ...]) -> None:
    assert (await alarm_of(monitor(1, **changed))).watches == watches


async def test_a_datastore_is_named_by_its_tag() -> None:
    found = await alarm_of(monitor(1, "avg(last_15m):avg:aws.rds.cpuutilization{dbinstanceidentifier:orders} > 90"))
    assert (found.watches_resources, found.engines) == (("dbinstanceidentifier=orders",), ("rds",))
    assert found.signal is SignalKind.SATURATION
