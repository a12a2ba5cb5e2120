"""New Relic read from loopback: what its conditions watch, whether they work, whom they reach; cursors, faults, regions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from support.fakes.newrelic import (
    ACCOUNT,
    USER_KEY,
    NewRelic,
    channel,
    condition,
    destination,
    muting_rule,
    workflow,
)
from support.harness.loopback import serving

from bot.app.settings.monitors import MonitorSettings
from bot.audit.collectors.monitors.access import MonitorAccess
from bot.audit.collectors.monitors.collector import MonitorsCollector
from bot.audit.collectors.monitors.newrelic.nrql import signal_of, watched, watched_resources
from bot.model import Collected
from checks import Alarm, AlarmState, SignalKind, Unread

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ERRORS = "SELECT percentage(count(*), WHERE error is true) FROM Transaction WHERE appName = 'checkout'"
ON_CALL: dict[str, Any] = {
    "workflows": [workflow("w", ["c"])],
    "channels": [channel("c", "d", "PAGERDUTY_SERVICE_INTEGRATION")],
    "destinations": [destination("d", "PAGERDUTY_SERVICE_INTEGRATION", "on-call")],
}


async def collected(fake: NewRelic, **changed: Any) -> Collected:
    """What the collector reads of the fake."""
    async with serving(fake.app()) as url:
        access = {
            "kind": "newrelic",
            "name": "nr",
            "url": url,
            "api_key": SecretStr(USER_KEY),
            "accounts": (str(ACCOUNT),),
            "service_labels": ("service", "service_name"),
            "calls_per_second": 1000.0,
            **changed,
        }
        collector = MonitorsCollector((MonitorAccess(**access),), lambda: NOW, {"pagerduty": ("aws",)})
        return await collector.collect((), lambda _: None)


async def alarms(fake: NewRelic, **changed: Any) -> Sequence[Alarm]:
    found = await collected(fake, **changed)
    assert not found.gaps
    return [fact for fact in found.facts if isinstance(fact, Alarm)]


async def test_a_condition_is_read_with_what_it_watches_and_whom_it_reaches() -> None:
    opened = datetime(2026, 10, 20, 6, 49, tzinfo=UTC)
    incidents = [{"facet": "7", "conditionId": "7", "event": "close", "opened": opened.timestamp() * 1000}]
    (found,) = await alarms(NewRelic([condition("7", ERRORS, name="errors")], incidents=incidents, **ON_CALL))
    assert (found.resource, found.name) == (f"newrelic:nr/{ACCOUNT}/condition/7", "errors")
    assert (found.signal, found.watches) == (SignalKind.ERRORS, ("service=checkout",))
    assert found.receivers == ("pagerduty service on-call",)
    assert found.receivers_run_on == (("aws",),)
    assert (found.reaches_someone, found.enabled, found.muted) == (True, True, False)
    assert (found.state, found.fired_at, found.fired_since) == (AlarmState.OK, opened, NOW - timedelta(days=90))


async def test_all_pages_are_read() -> None:
    conditions = [condition(str(number), ERRORS, policy=str(number)) for number in range(1, 6)]
    policies = [{"id": str(number), "name": f"policy {number}"} for number in range(1, 6)]
    ways: dict[str, Any] = {
        "workflows": [workflow(str(number), [f"c{number}"], [str(number)]) for number in range(1, 6)],
        "channels": [channel(f"c{number}", f"d{number}", "EMAIL") for number in range(1, 6)],
        "destinations": [destination(f"d{number}", "EMAIL", f"team {number}") for number in range(1, 6)],
    }
    found = await alarms(NewRelic(conditions, policies, page=2, **ways))
    assert [alarm.receivers for alarm in found] == [(f"email team {number}",) for number in range(1, 6)]


@pytest.mark.parametrize(
    ("ways", "reaches"),
    [
        ({}, False),
        ({"workflows": [workflow("w", ["c"], ["2"])]}, False),
        ({"workflows": [workflow("w", ["c"], [])]}, True),
        ({"workflows": [workflow("w", ["c"], workflowEnabled=False)]}, False),
        ({"workflows": [workflow("w", ["gone"])]}, False),
        ({"destinations": [destination("d", "EMAIL", "team", active=False)]}, False),
        ({"destinations": [destination("d", "EMAIL", "team", status="AUTHENTICATION_ERROR")]}, False),
        ({"destinations": [destination("d", "WEBHOOK", "relay")]}, None),
        ({"destinations": [destination("d", "JIRA", "board")]}, False),
        (
            {
                "workflows": [
                    workflow(
                        "w",
                        ["c"],
                        issuesFilter={
                            "predicates": [
                                {"attribute": "accumulations.tag.team", "operator": "CONTAINS", "values": ["a"]}
                            ]
                        },
                    )
                ]
            },
            None,
        ),
        (
            {
                "workflows": [
                    workflow(
                        "w",
                        ["c"],
                        issuesFilter={
                            "predicates": [
                                {
                                    "attribute": "accumulations.policyName",
                                    "operator": "STARTS_WITH",
                                    "values": ["Check"],
                                },
                                {"attribute": "priority", "operator": "EQUAL", "values": ["CRITICAL"]},
                            ]
                        },
                    )
                ]
            },
            True,
        ),
    ],
)
async def test_whom_a_condition_reaches(ways: dict[str, Any], reaches: bool | None) -> None:
    given = {**ON_CALL, **ways} if ways else {}
    (found,) = await alarms(NewRelic([condition("1", ERRORS)], **given))
    assert isinstance(found.reaches_someone, Unread) if reaches is None else found.reaches_someone is reaches


@pytest.mark.parametrize(
    ("rule", "muted", "until", "quiet"),
    [
        (muting_rule("m", "Checkout"), True, None, 0),
        (muting_rule("m", "Other"), False, None, 0),
        (muting_rule("m", "Checkout", enabled=False), False, None, 0),
        (muting_rule("m", "Checkout", status="ENDED"), False, None, 0),
        (
            muting_rule(
                "m",
                "Checkout",
                schedule={
                    "startTime": "2026-11-23T10:00:00",
                    "endTime": "2026-11-23T16:00:00",
                    "timeZone": "Europe/Berlin",
                },
            ),
            True,
            NOW + timedelta(hours=3),
            0,
        ),
        (
            muting_rule(
                "m",
                "Checkout",
                status="SCHEDULED",
                schedule={
                    "startTime": "2026-11-22T02:00:00",
                    "endTime": "2026-11-22T04:00:00",
                    "timeZone": "UTC",
                    "repeat": "DAILY",
                },
            ),
            False,
            None,
            14,
        ),
    ],
)
async def test_muting_rules(rule: dict[str, Any], muted: bool, until: datetime | None, quiet: float) -> None:
    (found,) = await alarms(NewRelic([condition("1", ERRORS)], muting=[rule], **ON_CALL))
    assert (found.muted, found.muted_until, found.quiet_hours) == (muted, until, quiet)


async def test_a_workflow_that_notifies_of_muted_issues_is_muted_by_nothing() -> None:
    loud: dict[str, Any] = {**ON_CALL, "workflows": [workflow("w", ["c"], mutingRulesHandling="NOTIFY_ALL_ISSUES")]}
    (found,) = await alarms(NewRelic([condition("1", ERRORS)], muting=[muting_rule("m", "Checkout")], **loud))
    assert found.muted is False


async def test_whether_queries_return_data() -> None:
    conditions = [
        condition("1", "SELECT average(a) FROM A"),
        condition("2", "SELECT count(*) FROM B FACET host"),
        condition("3", "SELECT percentile(c, 95) FROM C"),
        condition("4", "SELECT broken FROM D"),
        condition("5", "SELECT sum(e) FROM E", enabled=False),
        *(condition(str(number), "SELECT count(*) FROM F") for number in range(6, 14)),
    ]
    results = {
        "SELECT average(a)": [{"average.a": None}],
        "SELECT count(*) FROM B": [],
        "SELECT percentile": [{"percentile.c": {"95": 0.2}}],
        "SELECT broken": "NRQL Syntax Error",
    }
    fake = NewRelic(conditions, results=results, **ON_CALL)
    found = await alarms(fake, most_queries=11)
    states = [alarm.state for alarm in found]
    assert states[0] is AlarmState.NO_DATA
    assert isinstance(states[1], Unread), "no group may be right"
    assert states[2] is AlarmState.OK
    assert (states[3], found[3].problem) == (AlarmState.ERROR, "NRQL Syntax Error")
    assert isinstance(states[4], Unread)
    assert [isinstance(state, Unread) for state in states[5:]] == [False] * 7 + [True], "most_queries was reached"
    assert len(fake.nrql) == 11
    assert fake.nrql[0] == "SELECT average(a) FROM A SINCE 60 minutes ago"


@pytest.mark.parametrize("fault", [403, 500, 0, "Access denied to alerts"])
async def test_without_ways_muting_and_incidents_conditions_are_still_read(fault: int | str) -> None:
    words = ("aiWorkflows", "mutingRules {", "{ nrql(", "r0: nrql(")
    fake = NewRelic([condition("1", ERRORS)], faults=[(word, fault) for word in words for _ in range(3)])
    found = await collected(fake)
    (alarm,) = (fact for fact in found.facts if isinstance(fact, Alarm))
    unread = (alarm.reaches_someone, alarm.receivers, alarm.muted, alarm.state, alarm.fired_at)
    assert all(isinstance(answer, Unread) for answer in unread)
    assert sorted(gap.action for gap in found.gaps) == [
        "list muting rules",
        "list workflows",
        "query incidents",
        *(["run queries of conditions"] if isinstance(fault, int) else []),
    ]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (401, "does not accept the credentials"),
        (403, "the right to view alerts"),
        (500, "failed: HTTP 500"),
        (0, "no answer to list conditions"),
        ("Unknown field", "list conditions failed: Unknown field"),
        ("Not authorized to view", "the right to view alerts"),
    ],
)
async def test_unreadable_conditions_are_a_gap_of_all_alarms(fault: int | str, said: str) -> None:
    found = await collected(NewRelic([condition("1", ERRORS)], faults=[("nrqlConditionsSearch", fault)] * 3))
    assert not found.facts
    (gap,) = found.gaps
    assert said in gap.reason
    assert gap.kinds == (Alarm,)
    assert USER_KEY not in str(found)


async def test_an_account_that_is_not_there_leaves_the_others_whole() -> None:
    found = await collected(NewRelic([condition("1", ERRORS)], **ON_CALL), accounts=("999", str(ACCOUNT)))
    assert len(found.facts) == 1
    assert [gap.reason.partition(":")[0] for gap in found.gaps] == ["account 999"]


async def test_a_rate_limit_is_waited_for_and_odd_items_cost_only_themselves() -> None:
    odd: list[Any] = [condition("1", ERRORS), "nonsense", {"name": "no id"}, condition("2", None)]  # type: ignore[arg-type]
    found = await collected(NewRelic(odd, faults=[("nrqlConditionsSearch", 429)], **ON_CALL))
    assert [fact.resource.rpartition("/")[2] for fact in found.facts] == ["1", "2"]
    assert len(found.gaps) == 2


@pytest.mark.parametrize(
    ("query", "signal", "services"),
    [
        (ERRORS, SignalKind.ERRORS, ("service=checkout",)),
        (
            "SELECT count(*) FROM TransactionError WHERE appName IN ('a', 'b') FACET host",
            SignalKind.ERRORS,
            ("service=a", "service=b"),
        ),
        (
            "SELECT percentile(duration, 95) FROM Transaction WHERE `service.name` = 'a'",
            SignalKind.LATENCY,
            ("service=a",),
        ),
        ("SELECT average(cpuPercent) FROM SystemSample WHERE hostname = 'a'", SignalKind.SATURATION, ()),
        (
            "SELECT filter(count(*), WHERE result = 'FAILED') FROM SyntheticCheck WHERE monitorName='a'",
            SignalKind.AVAILABILITY,
            (),
        ),
        ("SELECT count(*) FROM Transaction WHERE appName != 'a' AND appName NOT IN ('b')", SignalKind.TRAFFIC, ()),
        ("SELECT count(*) FROM Transaction WHERE appName LIKE 'a%' FACET appName", SignalKind.TRAFFIC, ()),
        (
            "SELECT count(*) FROM Span WHERE httpResponseCode >= '500' AND entity.name = 'a'",
            SignalKind.ERRORS,
            ("service=a",),
        ),
        (
            "SELECT apdex(duration, 0.4) FROM Transaction WHERE tags.service = 'it\\'s'",
            SignalKind.LATENCY,
            ("service=it's",),
        ),
    ],
)
def test_what_a_query_says(query: str, signal: SignalKind, services: tuple[str, ...]) -> None:
    assert signal_of(query) is signal
    assert watched(query, ("service",)) == services


def test_a_datastore_is_named_by_its_attribute() -> None:
    query = "SELECT average(provider.cpuUtilization.average) FROM DatastoreSample WHERE provider.dbInstanceIdentifier = 'orders'"
    assert watched_resources(query) == ("dbInstanceIdentifier=orders",)
    assert signal_of(query) is SignalKind.SATURATION


def test_the_region_decides_the_address() -> None:
    given = {"kind": "newrelic", "api_key": "env:A", "accounts": [ACCOUNT]}
    assert MonitorSettings.model_validate({**given, "region": "eu"}).address == "https://api.eu.newrelic.com"
    assert MonitorSettings.model_validate({**given, "region": "us"}).address == ""
    with pytest.raises(ValidationError, match="is a number"):
        MonitorSettings.model_validate({**given, "accounts": ["shop"]})
