"""Prometheus, and Mimir and Thanos, which answer in its shapes: alert rules, what they measure, and whether they have data.

Shapes: https://prometheus.io/docs/prometheus/latest/querying/api/ (rules, targets, alertmanagers, configuration, queries).
Mimir and Thanos have only some of these; what one does not have (404) is left out without a gap.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.audit.collectors.monitors.promql.alarms import (
    RESOURCE_LABELS,
    Surroundings,
    routed_of,
    selectors_to_ask,
    selectors_to_ask_again,
)
from bot.audit.collectors.monitors.promql.alert_rules import RULES, AlertRule, alert_rules
from bot.audit.collectors.monitors.promql.firings import RANGE, Firings, read_firings
from bot.audit.collectors.monitors.promql.series import QUERY, SeriesAsked
from bot.audit.collectors.monitors.reader import MonitorReader, rows_of
from bot.audit.collectors.monitors.routed import alarms_by_ways
from bot.audit.collectors.monitors.source import MonitorReading, MonitorSource, Ways
from bot.net.read_error import ReadError

ALERTMANAGERS: Final = "/api/v1/alertmanagers"
CONFIG: Final = "/api/v1/status/config"
TARGETS: Final = "/api/v1/targets"
_GROUPS: Final = "500"
"""Groups of one page; Prometheus before 3.0 does not know the limit and sends all at once."""
_MOST_PAGES: Final = 200
_ABSENT: Final = frozenset({"404", "405", "501"})


async def read(reader: MonitorReader) -> MonitorReading:
    """Read the rules first, then side by side their series, their firings, and what is known of the system itself.

    Raises:
        ReadError: the rules cannot be read.
    """
    groups = await _groups(reader)
    rules = await asyncio.to_thread(alert_rules, reader, groups)
    labels = dict.fromkeys((*reader.access.service_labels, *sorted(reader.route_labels - {"alertname"})))
    series = SeriesAsked(reader, tuple(labels), tuple(label for label in RESOURCE_LABELS if label not in labels))
    static = {label for rule in rules for label in rule.fixed}
    around, routes_to, firings, _ = await asyncio.gather(
        _surroundings(reader),
        _alertmanagers(reader),
        read_firings(reader, static) if rules else _no_firings(),
        _series(series, rules),
    )
    reading = MonitorReading(routes_to=routes_to or ())
    reading.routed = await asyncio.to_thread(routed_of, reader, rules, series, firings, around)
    if routes_to == ():
        reading.alarms = [alarm for routed in reading.routed for alarm in alarms_by_ways(routed, Ways(()))]
        reading.routed = []
    return reading


async def _groups(reader: MonitorReader) -> list[Row]:
    found: list[Row] = []
    token = ""
    for _ in range(_MOST_PAGES):
        params = {"exclude_alerts": "true", "group_limit": _GROUPS} | ({"group_next_token": token} if token else {})
        data = await _data(reader, RULES, params)
        found += rows_of(data.get("groups") or [], RULES)
        token = data.get("groupNextToken") or ""
        if not isinstance(token, str) or not token:
            return found
    raise ReadError(RULES, f"{RULES} has more than {_MOST_PAGES} pages", "NotUnderstood")


async def _series(series: SeriesAsked, rules: Sequence[AlertRule]) -> None:
    await series.ask(await asyncio.to_thread(selectors_to_ask, rules))
    await series.ask(await asyncio.to_thread(selectors_to_ask_again, rules, series))


async def _no_firings() -> Firings:
    return Firings()


async def _alertmanagers(reader: MonitorReader) -> tuple[str, ...] | None:
    """The addresses that alerts are sent to; None where that is not known."""
    data = await _optional(reader, ALERTMANAGERS)
    listed = data.get("activeAlertmanagers") if data else None
    if not isinstance(listed, list):
        return None
    return tuple(str(item.get("url", "")) for item in listed if isinstance(item, Mapping))


async def _surroundings(reader: MonitorReader) -> Surroundings:
    config, targets = await asyncio.gather(_optional(reader, CONFIG), _optional(reader, TARGETS, {"state": "active"}))
    text = config.get("yaml") if config else None
    return await asyncio.to_thread(_surroundings_in, text if isinstance(text, str) else "", targets or {})


def _surroundings_in(text: str, targets: Mapping[str, Any]) -> Surroundings:
    try:
        config = Row(yaml.safe_load(text) or {})
        external = config.labels("global.external_labels")
        relabelling = config.rows("alerting.alert_relabel_configs")
        dropping = [
            row for row in relabelling if row.text("action") == "labeldrop" and row.text("regex").isidentifier()
        ]
        dropped = frozenset(row.text("regex") for row in dropping)
        relabelled = len(dropping) < len(relabelling)
    except (yaml.YAMLError, OddFieldError, AttributeError, RecursionError):
        external, dropped, relabelled = {}, frozenset(), True
    return Surroundings(external, dropped, relabelled, _down(targets))


def _down(targets: Mapping[str, Any]) -> Mapping[str, str]:
    """Jobs of which every target is down, each with why."""
    by_job: dict[str, list[Row]] = defaultdict(list)
    listed = targets.get("activeTargets")
    for item in listed if isinstance(listed, list) else ():
        row = Row(item if isinstance(item, Mapping) else {})
        if isinstance(row.value("labels.job"), str):
            by_job[row.text("labels.job")].append(row)
    return {
        job: f"every target of job {job} is down ({len(rows)}): {rows[0].value('lastError')}"
        for job, rows in by_job.items()
        if all(row.value("health") == "down" for row in rows)
    }


async def _optional(reader: MonitorReader, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any] | None:
    """The data of an endpoint that not every product has; None where this one does not, or it cannot be read."""
    try:
        return await _data(reader, path, params)
    except ReadError as error:
        if error.code not in _ABSENT:
            reader.failed(error, kinds=())
        return None


async def _data(reader: MonitorReader, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
    body = await reader.get(path, path, params)
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise ReadError(path, f"{path} answered without data", "NotUnderstood")
    return data


_GRANT: Final = "let the token read it: Mimir, Cortex and gateways grant it with the role that reads metrics and rules"
SOURCE = MonitorSource(
    kind="prometheus",
    title="Prometheus",
    read=read,
    grants=dict.fromkeys((RULES, QUERY, RANGE, ALERTMANAGERS, CONFIG, TARGETS), _GRANT),
    least_privilege=(
        "Prometheus has no users of its own: put a reverse proxy before it that lets a token `GET` the paths `/api/v1/rules`, "
        "`/api/v1/query`, `/api/v1/query_range`, `/api/v1/targets`, `/api/v1/alertmanagers` and `/api/v1/status/config`, and nothing "
        "else; `/api/v1/admin` must stay closed. Grafana Cloud and Mimir: an access policy with the scopes `metrics:read` and "
        "`rules:read`. Without `/api/v1/status/config` external labels are not known, without the queries neither data nor firings."
    ),
)
