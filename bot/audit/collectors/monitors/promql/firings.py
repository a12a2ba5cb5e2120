"""When each alert last fired, from the series `ALERTS` that Prometheus writes of its own alerts.

https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#inspecting-alerts-during-runtime
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.audit.collectors.monitors.promql.series import QUERY, result_of
from bot.audit.collectors.monitors.reader import MonitorReader
from bot.net.read_error import ReadError
from checks import Maybe, Unread

RANGE: Final = "/api/v1/query_range"
_LOOKED_BACK: Final = (timedelta(days=90), timedelta(days=30), timedelta(days=7))
"""The longest that is granted counts: many installations limit the range of a query."""
_MOST_LABELS: Final = 30
_NO_HISTORY: Final = Unread("it is not known how far back the history of alerts reaches")


@dataclass(frozen=True, slots=True)
class Firings:
    """The last firings: by alert name, (labels, when). `since`: how far back the history reaches; `unread`: why there is none."""

    by_name: Mapping[str, list[tuple[Mapping[str, str], datetime]]] = field(default_factory=dict)
    since: datetime | None = None
    unread: Unread | None = None

    def last(self, name: str, labels: Mapping[str, str]) -> Maybe[datetime | None]:
        """When an alert with this name and these labels last fired; None where it did not."""
        if self.unread is not None:
            return self.unread
        times = [
            at
            for found, at in self.by_name.get(name, ())
            if all(found.get(label, value) == value for label, value in labels.items())
        ]
        if not times and self.since is None:
            return _NO_HISTORY
        return max(times, default=None)


async def read_firings(reader: MonitorReader, labels: Iterable[str]) -> Firings:
    """Read the last firing of every alert, by these labels too. One query of a range, one of an instant."""
    by = ", ".join(("alertname", *sorted(set(labels) - {"alertname"})[:_MOST_LABELS]))
    refused: ReadError | None = None
    for back in _LOOKED_BACK:
        step = timedelta(hours=1)
        query = f'count by ({by}) (max_over_time(ALERTS{{alertstate="firing"}}[1h]))'
        times = {
            "start": f"{(reader.now - back).timestamp():.0f}",
            "end": f"{reader.now.timestamp():.0f}",
            "step": f"{step.total_seconds():.0f}",
        }
        try:
            body = await reader.get(RANGE, RANGE, {"query": query, **times})
            found = await asyncio.to_thread(_firings_in, body)
            return Firings(found, await _history_since(reader, back))
        except ReadError as error:
            refused = error
            if error.fatal or error.code == "Unreachable":
                break
    assert refused is not None  # noqa: S101 - every other way out of the loop returns
    reader.failed(refused, kinds=())
    return Firings(unread=Unread(reader.advice(refused)))


async def _history_since(reader: MonitorReader, back: timedelta) -> datetime | None:
    """How far back the kept samples reach, within `back`; None where that cannot be told."""
    days = max(1, back.days)
    for span, step in ((f"{days}d", "1d"), ("1d", "5m")):
        query = f"min_over_time(min(timestamp(up))[{span}:{step}])"
        try:
            rows = result_of(await reader.get(QUERY, QUERY, {"query": query}), QUERY)
        except ReadError:
            return None
        moments = [at for row in rows if (at := _moment(_second(row.value("value")))) is not None]
        if moments:
            return min(moments)
    return None


def _firings_in(body: Any) -> dict[str, list[tuple[Mapping[str, str], datetime]]]:
    found: dict[str, list[tuple[Mapping[str, str], datetime]]] = defaultdict(list)
    for row in result_of(body, RANGE):
        labels = dict(row.labels("metric"))
        name = labels.pop("alertname", "")
        values = row.value("values")
        last = values[-1] if isinstance(values, list) and values else None
        at = _moment(last[0]) if isinstance(last, list) and last else None
        if name and at is not None:
            found[name].append((labels, at))
    return dict(found)


def _second(pair: Any) -> Any:
    return pair[1] if isinstance(pair, list) and len(pair) == 2 else None


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
