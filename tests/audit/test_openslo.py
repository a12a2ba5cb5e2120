"""OpenSLO files of both versions: objectives, references, windows, alert policies; what is wrong is said with its place."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.audit.slos.documents import Documents, OpenSloError, documents_of
from bot.audit.slos.objectives import SloProblem, objectives_of
from bot.audit.slos.openslo import slos_of
from bot.model.entries import CatalogueEntry, Declared
from bot.model.slos import BurnLevel, DeclaredSlo, Slo
from checks import DEFAULT_TIERS, Service, SignalKind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# After the examples of https://github.com/OpenSLO/OpenSLO (v1: README; v1alpha: package v1alpha of the SDK).
V1 = """
apiVersion: openslo/v1
kind: DataSource
metadata: {name: prod}
spec: {type: Prometheus, connectionDetails: {url: "https://prometheus.example"}}
---
apiVersion: openslo/v1
kind: Service
metadata: {name: checkout, displayName: Checkout}
spec: {description: pays}
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: good-answers}
spec:
  ratioMetric:
    counter: true
    good: {metricSource: {metricSourceRef: prod, spec: {query: 'sum(http_requests_total{code!~"5.."})'}}}
    total: {metricSource: {metricSourceRef: prod, spec: {query: sum(http_requests_total)}}}
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: burns}
spec: {severity: page, condition: {kind: burnrate, threshold: 10, lookbackWindow: 2h, alertAfter: 10m}}
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: policy}
spec:
  alertWhenBreaching: true
  conditions: [{conditionRef: burns}]
  notificationTargets: [{targetRef: pager}]
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: availability, displayName: Availability}
spec:
  service: checkout
  indicatorRef: good-answers
  timeWindow: [{duration: 4w, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{targetPercent: 99.95}]
  alertPolicies: [{alertPolicyRef: policy}]
"""
V1ALPHA = """
- apiVersion: openslo/v1alpha
  kind: SLO
  metadata:
    name: web-availability
    displayName: SLO for web availability
  spec:
    description: X% of search requests are successful
    service: web
    timeWindows:
      - unit: Week
        count: 1
        isRolling: false
        calendar: {startTime: 2022-01-01 12:00:00, timeZone: America/New_York}
    budgetingMethod: Timeslices
    objectives:
      - displayName: Good
        target: 0.995
        timeSliceTarget: 0.95
        value: 1
        ratioMetrics:
          incremental: true
          good: {source: datadog, queryType: query, query: "sum:requests{service:web,status:2xx}"}
          total: {source: datadog, queryType: query, query: "sum:requests{service:web}"}
"""
LATENCY = """
apiVersion: openslo/v1
kind: SLO
metadata: {name: speed}
spec:
  service: checkout
  indicator:
    metadata: {name: p99}
    spec:
      thresholdMetric: {metricSource: {type: prometheus, spec: {query: "histogram_quantile(0.99, x)"}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Timeslices
  objectives:
    - {displayName: fine, op: lte, value: 0.3, target: 0.99, timeSliceWindow: 5m}
    - {displayName: bearable, op: lt, value: 1, target: 0.999, timeSliceWindow: 1}
"""


def slos(text: str) -> list[Slo]:
    documents = Documents()
    documents.add(documents_of("f.yaml", text))
    return [slo for document in documents.slos for slo in slos_of(document, documents, "checkout")]


def test_version_1_with_references() -> None:
    (slo,) = slos(V1)
    assert (slo.service, slo.name, slo.title) == ("checkout", "availability", "Availability")
    assert slo.target == pytest.approx(0.9995)
    assert (slo.period, slo.begins, slo.measures) == (28 * DAY, None, SignalKind.ERRORS)
    assert (slo.source, slo.reference) == ("prometheus", "prod")
    assert slo.indicator.good == 'sum(http_requests_total{code!~"5.."})'
    assert slo.indicator.cumulative
    (condition,) = slo.conditions
    assert (condition.long, condition.short, condition.factor) == (2 * HOUR, timedelta(minutes=10), 10)
    assert condition.level is BurnLevel.FAST


def test_version_1alpha_with_a_calendar() -> None:
    (slo,) = slos(V1ALPHA)
    assert (slo.name, slo.period, slo.source) == ("web-availability", 7 * DAY, "datadog")
    assert slo.begins == datetime(2022, 1, 1, 17, tzinfo=UTC)
    assert (slo.indicator.slice, slo.indicator.slice_target) == (timedelta(minutes=1), 0.95)
    assert [condition.long for condition in slo.conditions] == [HOUR, 6 * HOUR, 72 * HOUR], "the workbook's"


def test_each_objective_of_a_threshold_is_one() -> None:
    fine, bearable = slos(LATENCY)
    assert [fine.name, bearable.name] == ["speed/1", "speed/2"]
    assert fine.title == "speed: fine"
    assert (fine.measures, fine.indicator.op, fine.indicator.limit) == (SignalKind.LATENCY, "lte", 0.3)
    assert (fine.indicator.slice, bearable.indicator.slice) == (timedelta(minutes=5), timedelta(minutes=1))


def test_what_files_of_other_tools_leave_out() -> None:
    """After test/inputs of OpenSLO/oslo: a policy of another file, Timeslices without a target, a month of the calendar."""
    month = "timeWindows: [{unit: Month, count: 1, isRolling: false, calendar: {startTime: 2021-05-01 00:00:00, timeZone: UTC}}]"
    text = V1.replace("alertPolicyRef: policy", "alertPolicyRef: elsewhere")
    (slo,) = slos(
        text.replace("timeWindow: [{duration: 4w, isRolling: true}]", month).replace("Occurrences", "Timeslices")
    )
    assert [condition.long for condition in slo.conditions] == [HOUR, 6 * HOUR, 72 * HOUR]
    assert (slo.months, slo.begins) == (1, datetime(2021, 5, 1, tzinfo=UTC))
    assert (slo.indicator.slice, slo.indicator.slice_target) == (timedelta(minutes=1), None)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("openslo/v1", "openslo/v9", "has apiVersion 'openslo/v9'"),
        ("kind: SLO", "kind: Objective", "unknown kind 'Objective'"),
        ("metadata: {name: speed}", "metadata: {}", "no metadata.name"),
        ("timeWindow: [{duration: 30d, isRolling: true}]", "x: 1", "has no timeWindow"),
        ("duration: 30d", "duration: soon", "in place of a duration"),
        ("duration: 30d", "duration: 1m", "1M one month"),
        ("target: 0.99,", "target: 99,", "more than 0 and less than 1"),
        ("target: 0.99,", "x: 1,", "without target"),
        ("target: 0.99,", "target: high,", "is str, not a number"),
        ("op: lte,", "", "without op"),
        ("value: 0.3,", "", "without value"),
        ("type: prometheus", "type: Redshift", "metrics of 'Redshift'"),
        ("query: ", "sql: ", "has no query"),
        ("indicator:\n", "indicatorRef: gone\n  x:\n", "refers to SLI 'gone'"),
        ("budgetingMethod: Timeslices", "budgetingMethod: Magic", "unknown budgetingMethod"),
        ("objectives:\n", "objectives: []\n  x:\n", "has no objectives"),
        ("thresholdMetric:", "ratioMetric:", "without total"),
        ("metadata: {name: speed}", "metadata: {name: speed", "f.yaml:"),
    ],
)
def test_what_is_wrong_is_said(old: str, new: str, said: str) -> None:
    assert old in LATENCY
    with pytest.raises(OpenSloError, match=r"f\.yaml") as error:
        slos(LATENCY.replace(old, new, 1))
    assert said in str(error.value)


@pytest.mark.parametrize("text", ["", "[]", "- 5", "a: &a [*a]", "x" * 2_000_000, "\x00", "{" * 5_000])
def test_no_file_breaks_the_reader(text: str) -> None:
    with pytest.raises(OpenSloError):
        slos(text)


def entry(name: str, *declared: DeclaredSlo) -> CatalogueEntry:
    return CatalogueEntry(Service(name, DEFAULT_TIERS[1]), declared=Declared(slos=declared))


def test_a_service_gets_its_own_objectives_of_a_file(tmp_path: Path) -> None:
    both = tmp_path / "all.yaml"
    both.write_text(f"{V1}\n---\n{LATENCY.replace('service: checkout', 'service: search')}", encoding="utf-8")
    found = objectives_of([entry("checkout", DeclaredSlo(both)), entry("cart", DeclaredSlo(both, "m", ("speed",)))])
    assert [(slo.service, slo.name, slo.monitor) for slo in found if isinstance(slo, Slo)] == [
        ("checkout", "availability", ""),
        ("cart", "speed/1", "m"),
        ("cart", "speed/2", "m"),
    ]


def test_what_cannot_be_used_is_a_problem_of_its_service(tmp_path: Path) -> None:
    both, odd = tmp_path / "all.yaml", tmp_path / "odd.yaml"
    both.write_text(f"{V1}\n---\n{LATENCY.replace('service: checkout', 'service: search')}", encoding="utf-8")
    odd.write_bytes(b"\xff\xfe")
    declared = (
        DeclaredSlo(both),
        DeclaredSlo(both, only=("gone",)),
        DeclaredSlo(odd),
        DeclaredSlo(tmp_path / "none.yaml"),
    )
    found = objectives_of([entry("cart", *declared)])
    assert [problem.reason for problem in found if isinstance(problem, SloProblem)] == [
        "all.yaml has no SLO of cart (it has those of checkout, search); list names under only:",
        "all.yaml has no SLO gone",
        "odd.yaml cannot be read: it is not text in utf-8",
        "none.yaml cannot be read: no such file or directory",
    ]
