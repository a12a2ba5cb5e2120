"""Datadog as the collector of monitoring systems reads it from the loopback fake."""

from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr
from support.fakes.datadog import API_KEY, APP_KEY, Datadog
from support.harness.loopback import serving

from bot.audit.collectors.monitors.access import MonitorAccess
from bot.audit.collectors.monitors.collector import MonitorsCollector
from bot.model import Collected

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ERRORS = (
    "sum(last_5m):sum:trace.http.request.errors{env:prod,service:checkout}.as_count() / "
    "sum:trace.http.request.hits{env:prod,service:checkout}.as_count() > 0.05"
)


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


async def collected(fake: Datadog, **changed: Any) -> Collected:
    """What the collector reads of the fake."""
    async with serving(fake.app()) as url:
        access = {
            "kind": "datadog",
            "name": "dd",
            "url": url,
            "api_key": SecretStr(API_KEY),
            "app_key": SecretStr(APP_KEY),
            "service_labels": ("service",),
            "calls_per_second": 1000.0,
            **changed,
        }
        collector = MonitorsCollector((MonitorAccess(**access),), lambda: NOW, {"pagerduty": ("aws",)})
        return await collector.collect((), lambda _: None)
