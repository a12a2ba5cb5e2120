"""Objectives read from loopback: Prometheus and Datadog in their shapes, what cannot be read and why, and how seldom is asked."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from support.fakes.datadog import API_KEY, APP_KEY, Datadog
from support.fakes.metrics import TOKEN, Prometheus
from support.harness.loopback import serving

from bot.audit.collectors.monitors.access import MonitorAccess
from bot.audit.slos.reader import SloReader
from bot.audit.slos.service import SloService
from bot.model.entries import CatalogueEntry, Declared
from bot.model.slos import BurnLevel, DeclaredSlo, SloReading, SloState
from checks import DEFAULT_TIERS, Service, SignalKind

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FILE = """
apiVersion: openslo/v1
kind: SLO
metadata: {{name: availability, displayName: Availability}}
spec:
  service: checkout
  indicator:
    metadata: {{name: errors}}
    spec:
      ratioMetric:
        counter: true
        {side}: {{metricSource: {{type: {type}, spec: {{query: "{part}"}}}}}}
        total: {{metricSource: {{type: {type}, spec: {{query: "{total}"}}}}}}
  timeWindow: [{{duration: 30d, isRolling: true}}]
  budgetingMethod: Occurrences
  objectives: [{{target: 0.999}}]
"""
PROMETHEUS = FILE.format(side="good", type="Prometheus", part="sum(ok_total)", total="sum(all_total)")
DATADOG = FILE.format(side="bad", type="Datadog", part="sum:bad{*}.as_count()", total="sum:all{*}.as_count()")
LATENCY = """
apiVersion: openslo/v1
kind: SLO
metadata: {name: latency}
spec:
  service: checkout
  indicator: {spec: {thresholdMetric: {metricSource: {type: TYPE, spec: {query: "p99"}}}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{op: lte, value: 0.3, target: 0.99}]
"""


@asynccontextmanager
async def reader(
    folder: Path,
    text: str,
    *fakes: Prometheus | Datadog,
    monitor: str = "",
    patience: timedelta = timedelta(seconds=30),
) -> AsyncIterator[SloReader]:
    """A reader of one file and of these servers, named `one`, `two`, ..."""
    path = folder / "slos.yaml"
    path.write_text(text, encoding="utf-8")
    entry = CatalogueEntry(Service("checkout", DEFAULT_TIERS[1]), declared=Declared(slos=(DeclaredSlo(path, monitor),)))
    async with AsyncExitStack() as stack:
        accesses = []
        for name, fake in zip(("one", "two"), fakes, strict=False):
            secrets: dict[str, Any] = {"token": SecretStr(TOKEN)}
            if isinstance(fake, Datadog):
                secrets = {"api_key": SecretStr(API_KEY), "app_key": SecretStr(APP_KEY)}
            kind = "datadog" if isinstance(fake, Datadog) else "prometheus"
            url = await stack.enter_async_context(serving(fake.app()))
            accesses.append(
                MonitorAccess(kind=kind, name=name, url=url, calls_per_second=1000, timeout=patience, **secrets)
            )
        yield SloReader((entry,), accesses, lambda: NOW)


async def read(folder: Path, text: str, *fakes: Prometheus | Datadog, **more: Any) -> SloReading:
    async with reader(folder, text, *fakes, **more) as opened:
        (found,) = await opened.read()
        return found


async def test_a_burning_ratio_of_prometheus(tmp_path: Path) -> None:
    fake = Prometheus(share=lambda seconds: 0.0005 if seconds > 100_000 else 0.12)
    found = await read(tmp_path, PROMETHEUS, fake)
    assert (found.problem, found.level, found.measures) == ("", BurnLevel.FAST, SignalKind.ERRORS)
    assert found.burn == pytest.approx(120)
    assert found.budget_lasts == timedelta(hours=6)
    assert found.spent == pytest.approx(0.5)
    assert found.windows[0].window == timedelta(minutes=5)


async def test_a_threshold_of_prometheus(tmp_path: Path) -> None:
    fake = Prometheus(share=lambda _: 0.004, value=0.21, points=24)
    found = await read(tmp_path, LATENCY.replace("TYPE", "Prometheus"), fake)
    assert (found.level, found.value, found.op, found.limit) == (BurnLevel.NONE, 0.21, "lte", 0.3)
    assert found.covered == pytest.approx(0.51, abs=0.01)
    assert found.spent == pytest.approx(0.4 * found.covered)


async def test_a_ratio_of_datadog(tmp_path: Path) -> None:
    def points(query: str, first: int, last: int) -> Sequence[tuple[float, float | None]]:
        count = 3.0 if "bad" in query else 100.0
        return [(moment * 1000.0, count) for moment in range(first, last, max(60, (last - first) // 50))]

    found = await read(tmp_path, DATADOG, Datadog(points=points))
    assert (found.problem, found.level) == ("", BurnLevel.FAST)
    assert found.burn == pytest.approx(30)
    assert found.covered == 1


async def test_of_datadog_a_metric_that_was_never_reported_counted_nothing(tmp_path: Path) -> None:
    def points(query: str, first: int, last: int) -> Sequence[tuple[float, float | None]]:
        return [] if "bad" in query else [(first * 1000.0, 5.0), (last * 1000.0, None)]

    found = await read(tmp_path, DATADOG, Datadog(points=points))
    assert (found.problem, found.level, found.spent) == ("", BurnLevel.NONE, 0.0)


async def test_a_threshold_of_datadog(tmp_path: Path) -> None:
    def points(_: str, first: int, last: int) -> Sequence[tuple[float, float | None]]:
        return [(first * 1000.0, 0.1), (last * 1000.0 - 1, 0.2), (last * 1000.0, 0.9)]

    found = await read(tmp_path, LATENCY.replace("TYPE", "Datadog"), Datadog(points=points))
    assert (found.level, found.value) == (BurnLevel.FAST, 0.9)
    assert found.windows[0].bad == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("fake", "problem"),
    [
        (Prometheus(series=2), "the query finds 2 series instead of one number"),
        (Prometheus(series=0), "the query finds no series"),
        (Prometheus(share=lambda _: "parse error"), "/api/v1/query failed: HTTP 400"),
        (Prometheus(faults=[401] * 9), "does not accept the credentials"),
        (Prometheus(faults=[403] * 9), "access denied to /api/v1/query"),
        (Prometheus(faults=[500] * 9), "/api/v1/query failed: HTTP 500"),
        (Prometheus(faults=[0] * 9), "no answer to /api/v1/query"),
        (Prometheus(faults=[200] * 9), "/api/v1/query answered with something that is not JSON"),
    ],
)
async def test_what_cannot_be_read_says_why(tmp_path: Path, fake: Prometheus, problem: str) -> None:
    found = await read(tmp_path, PROMETHEUS, fake)
    assert problem in found.problem
    assert (found.level, found.title, found.target) == (BurnLevel.NONE, "Availability", 0.999)
    assert TOKEN not in str(found)


async def test_no_answer_in_time_is_a_problem(tmp_path: Path) -> None:
    found = await read(tmp_path, PROMETHEUS, Prometheus(faults=[-1] * 9), patience=timedelta(milliseconds=20))
    assert "no answer to /api/v1/query" in found.problem


async def test_a_rate_limit_is_waited_for(tmp_path: Path) -> None:
    assert (await read(tmp_path, PROMETHEUS, Prometheus(faults=[429, 429]))).problem == ""


async def test_no_traffic_burns_nothing(tmp_path: Path) -> None:
    found = await read(tmp_path, PROMETHEUS, Prometheus(share=lambda _: None))
    assert (found.problem, found.level, found.spent) == ("", BurnLevel.NONE, None)


@pytest.mark.parametrize(
    ("fakes", "monitor", "problem"),
    [
        ((), "", "no monitoring system of kind prometheus is listed under monitors:"),
        ((Datadog(),), "", "no monitoring system of kind prometheus is listed under monitors:"),
        (
            (Prometheus(), Prometheus()),
            "",
            "several monitoring systems of kind prometheus are listed; set monitor: to one of one, two",
        ),
        ((Prometheus(), Prometheus()), "two", ""),
        ((Prometheus(),), "prod", "no monitoring system of kind prometheus is named prod; listed under monitors: one"),
    ],
)
async def test_which_system_answers(
    tmp_path: Path, fakes: Sequence[Prometheus | Datadog], monitor: str, problem: str
) -> None:
    found = await read(tmp_path, PROMETHEUS, *fakes, monitor=monitor)
    assert found.problem == problem


async def test_long_windows_are_asked_for_seldom(tmp_path: Path) -> None:
    fake = Prometheus()
    async with reader(tmp_path, PROMETHEUS, fake) as opened:
        await opened.read()
        first = len(fake.asked)
        opened.clock = lambda: NOW + timedelta(minutes=1)
        await opened.read()
    assert (first, len(fake.asked) - first) == (7, 3), "then only 5 min, 30 min and 1 h"


async def test_whoever_asks_again_at_once_gets_the_same_reading(tmp_path: Path) -> None:
    class Nothing:
        async def slo_states(self, service: str = "") -> tuple[SloState, ...]:
            return ()

    fake = Prometheus()
    async with reader(tmp_path, PROMETHEUS, fake) as opened:
        service = SloService(opened, Nothing(), lambda: NOW)
        found = await asyncio.gather(service.read(), service.read("checkout"), service.read("other"), service.read())
    assert [len(readings) for readings in found] == [1, 1, 0, 1]
    assert len(fake.asked) == 7
