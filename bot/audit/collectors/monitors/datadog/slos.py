"""Service level objectives of Datadog: what each measures, and of which services.

Source: https://docs.datadoghq.com/api/latest/service-level-objectives/.
"""

from dataclasses import dataclass

from bot.audit.collectors.monitors.datadog.payloads import SloPayload
from bot.audit.collectors.monitors.datadog.queries import MonitorQuery, read_query
from bot.audit.collectors.monitors.datadog.tag_queries import tags_of
from checks import SignalKind


@dataclass(frozen=True, slots=True)
class DatadogSlo:
    """An objective. `tags` are its own and those that its queries ask for; `monitors` are those of which it is made."""

    id: str
    name: str
    signal: SignalKind
    tags: dict[str, frozenset[str]]
    monitors: tuple[int, ...] = ()


def read_slo(payload: SloPayload) -> DatadogSlo:
    """An objective. Good and all requests measure errors, unless the names speak of latency; a time slice measures its metric."""
    query = _query(payload)
    signal: SignalKind = query.signal if query.signal is SignalKind.LATENCY else SignalKind.ERRORS
    if payload.type == "time_slice" and query.signal is not SignalKind.OTHER:
        signal = query.signal
    tags = {**tags_of(payload.tags), **query.watched()}
    return DatadogSlo(payload.id, payload.name, signal, tags, payload.monitor_ids)


def _query(payload: SloPayload) -> MonitorQuery:
    if payload.query.numerator or payload.query.denominator:
        return read_query("query alert", f"{payload.query.numerator} / {payload.query.denominator}", {})
    return read_query("query alert", "", {"variables": [payload.sli_specification]})
