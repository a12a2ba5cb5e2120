"""The PromQL of objectives, evaluated by Prometheus' own engine (promtool) on made series."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from support.processes.monitoring import IN_CI, PROMTOOL

from bot.audit.slos.prometheus import bad_expression
from bot.model.slos import Indicator

HOUR = timedelta(hours=1)
SERIES = {
    # Of 100 requests a minute 12 fail; one of two instances starts again after an hour.
    'requests_total{code="200",instance="a"}': "0+44x60 0+44x120",
    'requests_total{code="200",instance="b"}': "0+44x180",
    'requests_total{code="500",instance="a"}': "0+12x180",
    "latency_seconds": "0.1x90 0.5x90",
    "slo:ok:ratio": "0.9x180",
}
CASES = {
    "counters": (
        Indicator(good='sum(requests_total{code!~"5.."})', total="sum(requests_total)", cumulative=True),
        0.12,
    ),
    "selectors": (Indicator(bad='requests_total{code="500"}', total="requests_total", cumulative=True), 0.12),
    "rates": (Indicator(bad='sum(rate(requests_total{code="500"}[5m]))', total="sum(rate(requests_total[5m]))"), 0.12),
    "window left open": (
        Indicator(
            good='sum(rate(requests_total{code!~"5.."}[{{.window}}]))', total="sum(rate(requests_total[{{.window}}]))"
        ),
        0.12,
    ),
    "no good event ever": (
        Indicator(good='sum(requests_total{code="204"})', total="sum(requests_total)", cumulative=True),
        1.0,
    ),
    "no bad event ever": (
        Indicator(bad='sum(requests_total{code="503"})', total="sum(requests_total)", cumulative=True),
        0.0,
    ),
    "raw": (Indicator(raw="slo:ok:ratio"), 0.1),
    "raw failures": (Indicator(raw="1 - slo:ok:ratio", raw_fails=True), 0.1),
    "threshold": (Indicator(value="latency_seconds", op="lte", limit=0.3), 1.0),
    "threshold the other way": (Indicator(value="latency_seconds", op="gt", limit=0.3), 0.0),
    "slices": (
        Indicator(
            bad='sum(requests_total{code="500"})',
            total="sum(requests_total)",
            cumulative=True,
            slice=timedelta(minutes=5),
            slice_target=0.95,
        ),
        1.0,
    ),
    "mean of slices": (
        Indicator(
            bad='sum(requests_total{code="500"})',
            total="sum(requests_total)",
            cumulative=True,
            slice=timedelta(minutes=5),
        ),
        0.12,
    ),
}


@pytest.mark.skipif(
    PROMTOOL is None and not IN_CI, reason="promtool is not on this machine (apt-get install prometheus)"
)
def test_prometheus_agrees_with_every_form(tmp_path: Path) -> None:
    tests = [
        {
            "expr": f"round({bad_expression(indicator, HOUR)}, 0.001)",
            "eval_time": "3h",
            "exp_samples": [{"labels": "{}", "value": wanted}],
        }
        for indicator, wanted in CASES.values()
    ]
    series = [{"series": name, "values": values} for name, values in SERIES.items()]
    case = {"rule_files": [], "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": tests}]}
    path = tmp_path / "cases.yaml"
    path.write_text(yaml.safe_dump(case), encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - a program of this machine, found by its name
        [str(PROMTOOL), "test", "rules", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
