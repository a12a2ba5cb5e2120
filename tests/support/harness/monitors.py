"""Reads fakes of monitoring systems with the real collector."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr
from support.fakes.monitoring import TOKEN, Monitoring
from support.harness.loopback import serving

from bot.app.settings.monitors import SERVICE_LABELS
from bot.audit.collectors.monitors.access import MonitorAccess
from bot.audit.collectors.monitors.collector import MonitorsCollector
from bot.model import Collected
from checks import Alarm

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
RUNS_ON = {"slack": ("aws",), "opsgenie": ("aws",), "pagerduty": ("gcp",)}


async def read(
    *systems: tuple[str, Monitoring], longest: timedelta = timedelta(minutes=5), **changed: Any
) -> Collected:
    """What the collector reads of these: (kind, fake), named by kind and number. `changed`: fields of their access."""
    async with AsyncExitStack() as stack:
        accesses: list[MonitorAccess] = []
        for number, (kind, fake) in enumerate(systems):
            url = await stack.enter_async_context(serving(fake.app()))
            fields: dict[str, Any] = {
                "kind": kind,
                "name": f"{kind}-{number}",
                "url": url,
                "token": SecretStr(TOKEN),
                "service_labels": SERVICE_LABELS,
                "calls_per_second": 1000.0,
            }
            accesses.append(MonitorAccess(**fields | changed))
        collector = MonitorsCollector(accesses, lambda: NOW, RUNS_ON, longest=longest)
        return await collector.collect((), lambda _: None)


def alarms(found: Collected) -> Sequence[Alarm]:
    """The alarms, all of which are."""
    return [fact for fact in found.facts if isinstance(fact, Alarm)]
