"""Alerts of Prometheus and Alertmanager: state, data, firings, whom they reach, and which services and datastores they watch."""

from datetime import UTC, datetime
from typing import Any

import pytest
from support.builders.facts import compute, datastore
from support.fakes.monitoring import CONFIG, Monitoring, alertmanager, prometheus, rule, silence, success
from support.harness.monitors import NOW, RUNS_ON, alarms, read

from bot.audit.attribution import attribute
from bot.model.entries import CatalogueEntry, Selector
from checks import DEFAULT_TIERS, Alarm, AlarmState, Fact, Service, SignalKind, Unread

PAGER = {"name": "pager", "pagerduty_configs": [{"routing_key": "<secret>"}]}
CHECKOUT = [{"service": "checkout"}]


async def only(*rules: dict[str, Any], **changed: Any) -> Alarm:
    """The single alarm of a Prometheus with this rule, and an Alertmanager."""
    [alarm] = await several(*rules, **changed)
    return alarm


async def several(
    *rules: dict[str, Any],
    am: Monitoring | None = None,
    series: Any = lambda _: CHECKOUT,
    answers: Any = None,
    **changed: Any,
) -> list[Alarm]:
    fake = prometheus(list(rules), series, **(answers or {}))
    return list(alarms(await read(("prometheus", fake), ("alertmanager", am or alertmanager()), **changed)))


def owners(
    *facts: Fact, names: tuple[str, ...] = ("checkout", "payments"), selectors: Any = None
) -> dict[str, list[str]]:
    """The names of the alarms of each service."""
    entries = [
        CatalogueEntry(Service(name, DEFAULT_TIERS[1]), (selectors or {}).get(name, Selector())) for name in names
    ]
    return {
        seen.service.name: [fact.name for fact in seen.facts if isinstance(fact, Alarm)]
        for seen in attribute(entries, facts, ())
    }


async def test_a_rule_that_works_reaches_its_receiver() -> None:
    alarm = await only(rule())
    assert (alarm.signal, alarm.state, alarm.enabled) == (SignalKind.ERRORS, AlarmState.OK, True)
    assert (alarm.receivers, alarm.receivers_run_on) == (("PagerDuty (pager)",), (RUNS_ON["pagerduty"],))
    assert (alarm.reaches_someone, alarm.muted) == (True, False)
    assert alarm.watches == ("service=checkout",)
    assert "where alertmanager-1 runs is not known" in repr(alarm.route_runs_on)
    assert (await only(rule(), runs_on=("gcp",))).route_runs_on == ("gcp",)


@pytest.mark.parametrize(
    ("changed", "series", "state", "problem"),
    [
        (
            {"health": "err", "lastError": "many-to-many <b>matching</b>"},
            CHECKOUT,
            AlarmState.ERROR,
            "many-to-many matching",
        ),
        ({"state": "firing"}, CHECKOUT, AlarmState.FIRING, ""),
        ({"query": "latency_seconds > 1"}, [], AlarmState.NO_DATA, "no series of latency_seconds now"),
        ({"query": 'absent(up{job="web"})'}, [], AlarmState.OK, ""),
        ({"query": "vector(1) > 2"}, [], AlarmState.OK, ""),
    ],
)
async def test_the_state_of_a_rule(changed: dict[str, Any], series: Any, state: AlarmState, problem: str) -> None:
    alarm = await only(rule(**changed), series=lambda _: series)
    assert (alarm.state, alarm.problem) == (state, problem)
    assert alarm.fired_at == (NOW if state is AlarmState.FIRING else None)


async def test_errors_that_never_happened_are_no_missing_data() -> None:
    series = {'http_requests_total{code=~"5.."}': [], "http_requests_total": CHECKOUT}
    alarm = await only(rule(query='rate(http_requests_total{code=~"5.."}[5m]) > 1'), series=lambda text: series[text])
    assert alarm.state is AlarmState.OK
    counter = await only(rule(query="increase(checkout_errors_total[5m]) > 0"), series=lambda _: [])
    assert isinstance(counter.state, Unread)
    assert "may appear with the first error" in counter.state.reason


async def test_targets_that_are_down_are_why_there_is_no_data() -> None:
    down = {"labels": {"job": "web"}, "health": "down", "lastError": "connection refused"}
    targets = {"/api/v1/targets": success({"activeTargets": [down]})}
    alarm = await only(rule(query='latency_seconds{job="web"} > 1'), series=lambda _: [], answers=targets)
    assert alarm.problem == "every target of job web is down (1): connection refused"


async def test_beyond_the_queries_that_are_allowed_data_is_unknown() -> None:
    alarm = await only(rule(), most_queries=0)
    assert isinstance(alarm.state, Unread)
    assert "most_queries" in alarm.state.reason


async def test_the_last_firing_is_that_of_its_own_labels() -> None:
    rows = [
        {"metric": {"alertname": "A", "severity": "page"}, "values": [[1764000000, "1"], [1764003600, "1"]]},
        {"metric": {"alertname": "A", "severity": "log"}, "values": [[1764400000, "1"]]},
    ]
    answers = {"/api/v1/query_range": success({"resultType": "matrix", "result": rows})}
    found = await several(rule("A"), rule("B"), answers=answers)
    fired = {alarm.name: alarm.fired_at for alarm in found}
    assert fired == {"A": datetime.fromtimestamp(1764003600, UTC), "B": None}
    assert {alarm.fired_since for alarm in found} == {datetime.fromtimestamp(1756000000, UTC)}


async def test_what_thanos_and_mimir_do_not_have_is_no_gap() -> None:
    fake = prometheus([rule()])
    for path in ("/api/v1/alertmanagers", "/api/v1/status/config", "/api/v1/targets"):
        fake.answers[path] = None
    found = await read(("prometheus", fake), ("alertmanager", alertmanager()), tenant="shop")
    assert not found.gaps
    assert all(asked["x-scope-orgid"] == "shop" for asked in fake.headers)


@pytest.mark.parametrize(
    ("labels", "receivers", "reaches"),
    [
        ({"severity": "page"}, ("PagerDuty (pager)",), True),
        ({"severity": "log"}, ("webhook (hook)",), "people:"),
        ({"severity": "info"}, (), False),
        (
            {"severity": "{{ if gt $value 1.0 }}page{{ end }}"},
            "depends on labels that are not known: severity",
            "depends on",
        ),
        ({"severity": "{{ $labels.tier }}"}, ("PagerDuty (pager)",), True),
    ],
)
async def test_whom_a_rule_reaches(labels: dict[str, str], receivers: Any, reaches: bool | str) -> None:
    query = 'sum by (service, tier) (rate(x_total{code="500"}[5m])) > 1'
    alarm = await only(rule(query=query, labels=labels), series=lambda _: [{"service": "checkout", "tier": "page"}])
    assert receivers in repr(alarm.receivers) if isinstance(receivers, str) else alarm.receivers == receivers
    assert reaches in repr(alarm.reaches_someone) if isinstance(reaches, str) else alarm.reaches_someone is reaches


async def test_one_rule_may_reach_another_receiver_for_each_service() -> None:
    config = {
        "route": {"receiver": "nobody", "routes": [{"receiver": "pager", "matchers": ["service=~checkout|cart"]}]},
        "receivers": CONFIG["receivers"],
    }
    seen = [{"service": name} for name in ("checkout", "cart", "payments")]
    found = await several(rule(), am=alertmanager(config), series=lambda _: seen)
    assert {(alarm.reaches_someone, alarm.watches) for alarm in found} == {
        (True, ("service=checkout", "service=cart")),
        (False, ("service=payments",)),
    }
    assert len({alarm.resource for alarm in found}) == 2
    assert owners(*found) == {"checkout": ["HighErrorRate"], "payments": ["HighErrorRate"]}


async def test_silences_mute_what_they_match() -> None:
    silences = [silence(("service", "checkout")), silence(("service", "payments"), status={"state": "expired"})]
    seen = [{"service": "checkout"}, {"service": "payments"}]
    found = await several(rule(), am=alertmanager(silences=silences), series=lambda _: seen)
    muted = {alarm.watches[0]: alarm for alarm in found}
    assert muted["service=checkout"].muted is True
    assert muted["service=checkout"].muted_until == datetime(2027, 8, 1, tzinfo=UTC)
    assert muted["service=checkout"].muted_since == datetime(2026, 8, 1, tzinfo=UTC)
    assert muted["service=payments"].muted is False
    [unseen] = await several(rule(query="x_seconds > 1"), am=alertmanager(silences=silences), series=lambda _: [])
    assert isinstance(unseen.muted, Unread)


async def test_silences_that_cannot_be_read_leave_it_open_whether_it_is_muted() -> None:
    am = alertmanager()
    am.always["/api/v2/silences"] = 403
    fake = prometheus([rule()])
    found = await read(("prometheus", fake), ("alertmanager", am))
    [alarm] = alarms(found)
    assert isinstance(alarm.muted, Unread)
    assert "access denied to /api/v2/silences" in alarm.muted.reason
    assert [gap.kinds for gap in found.gaps] == [()]


async def test_intervals_inhibitions_and_templates_are_noted() -> None:
    config = {
        "route": {
            "receiver": "team",
            "routes": [{"receiver": "pager", "match": {"severity": "page"}, "mute_time_intervals": ["nights"]}],
        },
        "receivers": [
            PAGER,
            {"name": "team", "email_configs": [{"to": "{{ .CommonLabels.owner }}@x.example"}]},
        ],
        "time_intervals": [
            {"name": "nights", "time_intervals": [{"times": [{"start_time": "00:00", "end_time": "06:00"}]}]}
        ],
        "inhibit_rules": [
            {
                "source_match": {"alertname": "ClusterDown"},
                "target_match_re": {"severity": "page|log"},
                "equal": ["cluster"],
            }
        ],
    }
    paged, mailed = sorted(
        await several(rule("A"), rule("B", labels={"severity": "log"}), am=alertmanager(config)), key=lambda a: a.name
    )
    assert paged.quiet_hours == 42.0
    assert paged.inhibited_by == 'alerts with alertname="ClusterDown"'
    assert mailed.receivers == ("e-mail (team)",)
    assert isinstance(mailed.reaches_someone, Unread)
    assert "made of the label owner" in mailed.reaches_someone.reason


async def test_an_alert_of_a_system_that_sends_to_nobody_reaches_nobody() -> None:
    answers = {"/api/v1/alertmanagers": success({"activeAlertmanagers": []})}
    assert (await only(rule(), answers=answers)).reaches_someone is False


async def test_without_an_alertmanager_nobody_knows_whom_it_reaches() -> None:
    [alarm] = alarms(await read(("prometheus", prometheus([rule()]))))
    assert isinstance(alarm.reaches_someone, Unread)
    assert "kind: alertmanager" in alarm.reaches_someone.reason
    broken = alertmanager()
    broken.always["/api/v2/status"] = 500
    [alarm] = alarms(await read(("prometheus", prometheus([rule()])), ("alertmanager", broken)))
    assert "Alertmanager alertmanager-1 could not be read: " in repr(alarm.reaches_someone)


async def test_external_labels_route_and_dropped_ones_do_not() -> None:
    text = (
        "global: {external_labels: {cluster: eu, replica: a}}\n"
        "alerting: {alert_relabel_configs: [{action: labeldrop, regex: replica}]}\n"
    )
    config = {
        "route": {"receiver": "nobody", "routes": [{"receiver": "pager", "matchers": ["cluster=eu", 'replica=""']}]},
        "receivers": CONFIG["receivers"],
    }
    alarm = await only(rule(), am=alertmanager(config), answers={"/api/v1/status/config": success({"yaml": text})})
    assert alarm.reaches_someone is True


WATCHED = [
    ("sum by (service) (rate(x_errors_total[5m])) > 1", {}, [{"service": "checkout"}], ["checkout"]),
    (
        "sum by (service) (rate(x_errors_total[5m])) > 1",
        {},
        [{"service": "checkout"}, {"service": "payments"}],
        ["checkout", "payments"],
    ),
    ("sum(rate(x_errors_total[5m])) > 1", {}, [{"service": "checkout"}, {"service": "payments"}], []),
    ("sum(rate(x_errors_total[5m])) > 1", {}, [{"service": "checkout"}, {"job": "other"}], []),
    ("sum(rate(x_errors_total[5m])) > 1", {}, [{"service": "checkout"}], ["checkout"]),
    ('x_errors_total{job="shop/checkout"} > 1', {}, [], ["checkout"]),
    ('x_errors_total{service=~"checkout|payments"} > 1', {}, [], ["checkout", "payments"]),
    ("sum(x_errors_total) > 1", {"service": "checkout"}, [{"service": "payments"}], ["checkout"]),
    ('x_errors_total{service="check"} > 1', {}, [], []),
    ('x_errors_total{job="kube-state-metrics", deployment="payments"} > 1', {}, [], ["payments"]),
    ("x_errors_total > 1", {}, [], []),
]


@pytest.mark.parametrize(("query", "labels", "series", "services"), WATCHED)
async def test_which_services_a_rule_watches(query: str, labels: Any, series: Any, services: list[str]) -> None:
    alarm = await only(rule(query=query, labels=labels), series=lambda _: series)
    found = owners(alarm)
    assert [name for name in found if found[name]] == services


async def test_a_selector_with_several_tags_needs_all_of_them() -> None:
    selectors = {
        "checkout": Selector(tags={"team": ("shop",), "app": ("web",)}),
        "payments": Selector(regions=("eu-west-1",)),
    }
    labels = ("team", "app")
    both = await only(rule(query='x_errors{app="web", team="shop"} > 1'), series=lambda _: [], service_labels=labels)
    one = await only(rule("One", query='x_errors{app="web"} > 1'), series=lambda _: [], service_labels=labels)
    assert owners(both, one, selectors=selectors) == {"checkout": ["HighErrorRate"], "payments": []}


async def test_a_datastore_is_found_by_its_name_in_an_address() -> None:
    query = 'pg_up{instance="orders.abc123.eu-west-1.rds.amazonaws.com:5432"} == 0'
    alarm = await only(rule("DbDown", query=query, labels={}), series=lambda _: [])
    store, twin = datastore("orders"), datastore("ledger")
    entries = [CatalogueEntry(Service("checkout", DEFAULT_TIERS[1]), Selector(arns=(store.resource,)))]
    [seen] = attribute(entries, [store, twin, compute(), alarm], ())
    [found] = [fact for fact in seen.facts if isinstance(fact, Alarm)]
    assert found.about == (store.resource,)
    assert found.engines == ("postgres",)
    same = datastore("orders", resource="arn:aws:rds:us-east-1:111122223333:db:orders-2")
    [seen] = attribute(entries, [store, same, alarm], ())
    assert not [fact for fact in seen.facts if isinstance(fact, Alarm)], "two have this name"
