"""Prometheus, and Mimir and Thanos, which answer in its shapes: alert rules, what they measure, and whether they have data.

Shapes: https://prometheus.io/docs/prometheus/latest/querying/api/ (rules, targets, alertmanagers, instant and range queries).
"""

from typing import Any, Final

from bot.audit.collectors.monitors.reader import Reader, rows_of
from bot.audit.collectors.monitors.source import Reading, Routed, Source
from bot.net.read_error import ReadError
from checks import SignalKind

RULES: Final = "/api/v1/rules"


async def read(reader: Reader) -> Reading:
    """Read the alert rules."""
    found = await _data(reader, RULES, {"type": "alert"})
    reading = Reading()
    for group in rows_of(found.get("groups"), RULES):
        for rule in group.rows("rules"):
            name = rule.text("name")
            alarm = reader.alarm(f"{group.text('file')}/{group.text('name')}/{name}", name, signal=SignalKind.OTHER)
            reading.routed.append(Routed(alarm, [{"alertname": name, **rule.labels("labels")}]))
    return reading


async def _data(reader: Reader, path: str, params: dict[str, str] | None = None) -> dict[str, Any]:
    body = await reader.get(path, path, params)
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise ReadError(path, f"{path} answered without data", "NotUnderstood")
    return data


SOURCE = Source(
    kind="prometheus",
    title="Prometheus",
    read=read,
    grants={},
    least_privilege="",
)
