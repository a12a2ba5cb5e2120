"""What an alert rule in PromQL measures, which labels its alerts have, and which values it fixes.

Real rules: samber/awesome-prometheus-alerts@a853318, in ../shared/samples/prometheus/rules where these are there.
"""

from pathlib import Path

import pytest
import yaml

from bot.audit.collectors.monitors.promql.alternatives import alternatives
from bot.audit.collectors.monitors.promql.expression import UnreadableExpressionError, read_expression
from bot.audit.collectors.monitors.promql.rules import Recorded, meaning_of
from checks import SignalKind

ERRORS, LATENCY, SATURATION = SignalKind.ERRORS, SignalKind.LATENCY, SignalKind.SATURATION
AVAILABILITY, TRAFFIC, OTHER = SignalKind.AVAILABILITY, SignalKind.TRAFFIC, SignalKind.OTHER

RULES = Path(__file__).parents[3] / "shared" / "samples" / "prometheus" / "rules"
REAL = {
    "AwsAlbHigh5xxErrorRate": ERRORS,
    "AwsAlbHighTargetResponseTime": LATENCY,
    "AwsRdsLowFreeStorageSpace": SATURATION,
    "AwsSqsMessageAgeTooOld": LATENCY,
    "BlackboxProbeFailed": AVAILABILITY,
    "BlackboxSslCertificateExpired": OTHER,
    "CassandraNodeIsUnavailable": AVAILABILITY,
    "CephPgInconsistent": ERRORS,
    "CiliumAgentApiErrors": ERRORS,
    "CloudflareHttp5xxErrorRate": ERRORS,
    "ContainerHighThrottleRate": SATURATION,
    "ElasticsearchClusterRed": AVAILABILITY,
    "ElasticsearchDiskOutOfSpace": SATURATION,
    "ElasticsearchHighQueryLatency": LATENCY,
    "EnvoyHighClusterUpstream5xxErrorRate": ERRORS,
    "EtcdGrpcRequestsSlow": LATENCY,
    "EtcdNoLeader": AVAILABILITY,
    "HostOutOfInodes": SATURATION,
    "IstioHigh4xxErrorRate": ERRORS,
    "IstioLatency99Percentile": LATENCY,
    "KafkaConsumerGroupLag": LATENCY,
    "PostgresqlDown": AVAILABILITY,
    "PostgresqlReplicationLag": LATENCY,
    "PostgresqlTooManyConnections": SATURATION,
    "RabbitmqTooManyReadyMessages": SATURATION,
    "RedisOutOfConfiguredMaxmemory": SATURATION,
    "TraefikHighHttp5xxErrorRateService": ERRORS,
    "WindowsServerCpuUsage": SATURATION,
}
MEANINGS = [
    ('sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05', ERRORS, ()),
    ('sum(rate(web_request_duration_seconds_count{status=~"[45].*"}[3m])) > 5', ERRORS, ()),
    ('rate(grpc_server_handled_total{grpc_code!="OK"}[5m]) > 1', ERRORS, ()),
    ('sum by (service) (increase(jobs_total{result="err"}[5m])) > 0', ERRORS, ()),
    ("increase(worker_unhandled_exceptions_total[10m]) > 3", ERRORS, ()),
    ('sum(rate(edge_responses_status{status=~"^5.."}[5m])) > 1', ERRORS, ()),
    ("histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 1", LATENCY, ()),
    ("rate(rpc_latency_seconds_sum[5m]) / rate(rpc_latency_seconds_count[5m]) > 0.5", LATENCY, ()),
    (
        '1 - sum(rate(x_request_duration_seconds_bucket{le="0.5"}[1h])) / sum(rate(x_request_duration_seconds_count[1h])) > 0.01',
        LATENCY,
        (),
    ),
    ("queue_oldest_message_age_seconds > 600", LATENCY, ()),
    ('my_task_time_ms{quantile="0.9"} > 100', LATENCY, ()),
    ('100 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])) * 100 > 90', SATURATION, ()),
    ("predict_linear(node_filesystem_free_bytes[1h], 4 * 3600) < 0", SATURATION, ()),
    ("session_active / session_limit > 0.8", SATURATION, ()),
    ('kube_node_status_condition{condition="MemoryPressure", status="true"} == 1', SATURATION, ()),
    ("container_memory_working_set_bytes / container_spec_memory_limit_bytes > 0.9", SATURATION, ()),
    ('up{job="web"} == 0', AVAILABILITY, ()),
    ('absent(up{job="web"})', AVAILABILITY, ()),
    ("probe_success == 0", AVAILABILITY, ()),
    ("changes(process_start_time_seconds[1h]) > 3", AVAILABILITY, ()),
    ("kube_deployment_status_replicas_available < 2", AVAILABILITY, ()),
    ("sum(rate(http_requests_total[5m])) > 1000", TRAFFIC, ()),
    ("probe_ssl_earliest_cert_expiry - time() < 86400", OTHER, ()),
    ("pg_exporter_last_scrape_error > 0", OTHER, ()),
    ("node_hwmon_temp_celsius > 80", OTHER, ()),
    ("pg_up == 0", AVAILABILITY, ("postgres",)),
    ("sum(pg_stat_activity_count) > min(pg_settings_max_connections) * 0.8", SATURATION, ("postgres",)),
    ("rate(mysql_global_status_slow_queries[5m]) > 0", LATENCY, ("mysql",)),
    ("redis_memory_used_bytes / redis_memory_max_bytes > 0.9", SATURATION, ("redis",)),
    ("aws_rds_free_storage_space_average < 2e9", SATURATION, ("rds",)),
    ("increase(elasticsearch_breakers_tripped[5m]) > 0 and on () vector(1)", OTHER, ("elasticsearch",)),
]


@pytest.mark.parametrize(("query", "signal", "engines"), MEANINGS, ids=[query[:40] for query, *_ in MEANINGS])
def test_what_a_rule_measures(query: str, signal: SignalKind, engines: tuple[str, ...]) -> None:
    meaning = meaning_of("Alert", query, Recorded())
    assert meaning.expression is not None
    assert (meaning.signal, meaning.engines) == (signal, engines)


def test_a_recorded_series_means_what_it_is_made_of() -> None:
    recorded = Recorded()
    recorded.add(
        "job:bad:ratio",
        'sum by (job) (rate(x_total{code=~"5..", service="checkout"}[5m])) / sum by (job) (rate(x_total[5m]))',
    )
    recorded.add("job:again", "job:bad:ratio")
    recorded.add("job:loop", "job:loop + job:again")
    recorded.add("job:odd", "no ( promql")
    for query in ("job:bad:ratio > 0.1", "job:again > 0.1", "job:loop > 0.1"):
        meaning = meaning_of("Alert", query, recorded)
        assert meaning.signal is ERRORS
    assert meaning_of("Alert", "job:odd > 1", recorded).signal is OTHER


def test_burn_rates_over_several_windows_are_errors() -> None:
    query = (
        'slo:sli_error:ratio_rate1h{service="checkout"} > (14.4 * 0.001) '
        'and slo:sli_error:ratio_rate5m{service="checkout"} > (14.4 * 0.001)'
    )
    meaning = meaning_of("ErrorBudgetBurn", query, Recorded())
    assert meaning.signal is ERRORS
    assert meaning.values(["service"]) == [("service", "checkout")]


def test_the_name_of_an_alert_decides_where_its_metrics_do_not_tell() -> None:
    assert meaning_of("CheckoutHighErrorRate", "shop_ratio > 0.05", Recorded()).signal is ERRORS
    assert meaning_of("Unparsable errors", "this is { no promql", Recorded()).expression is None
    assert meaning_of("Unparsable errors", "this is { no promql", Recorded()).signal is ERRORS


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ('up{service="checkout"} == 0', [("service", "checkout")]),
        ('up{service=~"checkout|login"} == 0', [("service", "checkout"), ("service", "login")]),
        ('up{service=~"checkout.*"} == 0', []),
        ('up{service!="checkout"} == 0', []),
        ('a{service="checkout"} / b{service="checkout"} > 1', [("service", "checkout")]),
        ('a{service="checkout"} / b{service="login"} > 1', []),
        ('a{service="checkout"} unless on () b{service="login"}', [("service", "checkout")]),
        ('a{service="checkout"} or b{service="checkout"}', [("service", "checkout")]),
        ('a{service="checkout"} or b', [("service", "checkout")]),
        ('{__name__="a", service="checkout"} > 1', [("service", "checkout")]),
    ],
)
def test_values_are_told_where_selectors_agree(query: str, values: list[tuple[str, str]]) -> None:
    assert meaning_of("Alert", query, Recorded()).values(["service"]) == values


@pytest.mark.parametrize(
    ("query", "labels", "fixed"),
    [
        ('up{job="web"} == 0', None, {"job": "web"}),
        ("sum(up) > 1", set(), {}),
        ('sum by (job) (up{job="web", instance="a"}) > 1', {"job"}, {"job": "web"}),
        ('sum without (instance) (up{job="web", instance="a"}) > 1', None, {"job": "web"}),
        ('absent(up{job="web", zone=~"a|b"})', {"job"}, {"job": "web"}),
        ('label_replace(up{job="web"}, "job", "$1", "x", "(.*)")', None, {}),
        ("histogram_quantile(0.9, sum by (le, job) (rate(x_bucket[5m])))", {"job"}, {}),
        ('a{x="1", y="2"} / on (x) b > 1', {"x"}, {"x": "1"}),
        ('a{x="1", y="2"} / ignoring (y) b > 1', None, {"x": "1"}),
        ('a{x="1"} * on (x) group_left (team) b > 1', None, {"x": "1"}),
        ("time() - max(x) > 60", set(), {}),
        ("vector(1)", set(), {}),
        ('topk(3, up{job="web"}) > 1', None, {"job": "web"}),
        ('count_values("version", up)', {"version"}, {}),
        ("max_over_time(sum by (job) (up)[5m:1m]) > 1", {"job"}, {}),
    ],
)
def test_the_labels_of_a_result(query: str, labels: set[str] | None, fixed: dict[str, str]) -> None:
    found = read_expression(query)
    assert (None if found.labels is None else set(found.labels)) == labels
    assert found.fixed == fixed


@pytest.mark.parametrize(
    "query",
    ["", "up{", "a default 1", "(" * 3000 + "x" + ")" * 3000, " + ".join(["x"] * 2000), "-" * 5000 + "x", "x" * 9000],
)
def test_what_cannot_be_parsed_is_refused_and_harms_nothing(query: str) -> None:
    with pytest.raises(UnreadableExpressionError):
        read_expression(query)


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("checkout", ("checkout",)),
        ("checkout|login", ("checkout", "login")),
        ("^(checkout|login)$", ("checkout", "login")),
        ("shop-(?:a|b)-eu", ("shop-a-eu", "shop-b-eu")),
        ("10\\.0\\.0\\.1", ("10.0.0.1",)),
        ("checkout.*", ()),
        ("a?", ()),
        ("|a", ()),
        ("[ab]", ()),
        ("((a))", ()),
    ],
)
def test_the_values_that_a_pattern_lists(pattern: str, values: tuple[str, ...]) -> None:
    assert alternatives(pattern) == values


@pytest.mark.skipif(not RULES.is_dir(), reason="../shared/samples is not there")
def test_real_rules_are_understood() -> None:
    found: dict[str, SignalKind] = {}
    for path in sorted(RULES.rglob("*.yml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            for rule in group["rules"] or ():
                meaning = meaning_of(rule["alert"], rule["expr"], Recorded())
                assert meaning.expression is not None, rule["alert"]
                found[rule["alert"]] = meaning.signal
    assert {name: found[name] for name in REAL} == REAL
    told = [signal for signal in found.values() if signal not in (OTHER, TRAFFIC)]
    assert len(told) > 0.85 * len(found)
