"""Datadog: monitors, downtimes, service level objectives and notification rules, at any of its sites.

Sources: https://docs.datadoghq.com/api/latest/ (paths, paging, headers), https://docs.datadoghq.com/getting_started/site/ (sites),
https://docs.datadoghq.com/api/latest/rate-limits/ (X-RateLimit-Reset: seconds until more calls are allowed).
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.audit.collectors.monitors.access import MonitorAccess
from bot.audit.collectors.monitors.datadog.alarms import alarm_fields
from bot.audit.collectors.monitors.datadog.downtimes import Downtime, downtime, old_downtime
from bot.audit.collectors.monitors.datadog.organisation import Organisation
from bot.audit.collectors.monitors.datadog.payloads import (
    DowntimePayload,
    MonitorPayload,
    OldDowntimePayload,
    RulePayload,
    SloPayload,
)
from bot.audit.collectors.monitors.datadog.slos import DatadogSlo, read_slo
from bot.audit.collectors.monitors.reader import MonitorReader
from bot.audit.collectors.monitors.source import MonitorReading, MonitorSource
from bot.net.read_error import ReadError
from checks import Alarm, Unread

_MONITORS, _DOWNTIMES, _SLOS, _RULES = "list monitors", "list downtimes", "list SLOs", "list notification rules"
_PAGE = 1000
_NOT_FOUND = "404"
_MOST_PAGES = 1000
P = TypeVar("P", bound=BaseModel)


async def _read(reader: MonitorReader) -> MonitorReading:
    monitors, downtimes, slos, rules = await asyncio.gather(
        _monitors(reader),
        reader.maybe(_downtimes(reader)),
        reader.maybe(_slos(reader)),
        reader.maybe(_rules(reader)),
    )
    organisation = Organisation(
        monitors={monitor.id: monitor for monitor in monitors},
        downtimes=() if isinstance(downtimes, Unread) else downtimes,
        slos={} if isinstance(slos, Unread) else {slo.id: slo for slo in slos},
        rules=() if isinstance(rules, Unread) else rules,
        unread_downtimes=downtimes.reason if isinstance(downtimes, Unread) else "",
        unread_slos=slos.reason if isinstance(slos, Unread) else "",
        unread_rules=rules.reason if isinstance(rules, Unread) else "",
        people=frozenset(name.lstrip("@").lower() for name in reader.access.people),
        service_tags=frozenset(reader.access.service_labels) | {"service"},
        runs_on=reader.runs_on,
    )
    return MonitorReading(alarms=await asyncio.to_thread(_alarms, reader, organisation))


def _alarms(reader: MonitorReader, organisation: Organisation) -> list[Alarm]:
    return [
        reader.alarm(
            f"monitor/{payload.id}",
            payload.name or f"monitor {payload.id}",
            **alarm_fields(payload, organisation, reader.now),
        )
        for payload in organisation.monitors.values()
        if payload.deleted is None
    ]


async def _monitors(reader: MonitorReader) -> Sequence[MonitorPayload]:
    params = {"group_states": "all", "with_downtimes": "true", "page_size": str(_PAGE)}
    found: dict[int, MonitorPayload] = {}
    for page in range(_MOST_PAGES):
        rows = await reader.get("/api/v1/monitor", _MONITORS, {**params, "page": str(page)})
        parsed = await asyncio.to_thread(_parsed, reader, MonitorPayload, rows, _MONITORS)
        before = len(found)
        found |= {payload.id: payload for payload in parsed}
        if len(found) == before:
            break
    return list(found.values())


async def _downtimes(reader: MonitorReader) -> Sequence[Downtime]:
    """The downtimes, of version 1 of the API where there is no version 2."""
    try:
        rows = await _by_offset(reader, "/api/v2/downtime", _DOWNTIMES, {"page[limit]": "100"}, "page[offset]")
    except ReadError as error:
        if error.code != _NOT_FOUND:
            raise
        old = await reader.get("/api/v1/downtime", _DOWNTIMES)
        return list(map(old_downtime, _parsed(reader, OldDowntimePayload, old, _DOWNTIMES)))
    return list(map(downtime, _parsed(reader, DowntimePayload, rows, _DOWNTIMES)))


async def _slos(reader: MonitorReader) -> Sequence[DatadogSlo]:
    rows = _by_offset(reader, "/api/v1/slo", _SLOS, {"limit": str(_PAGE)}, "offset")
    return list(map(read_slo, _parsed(reader, SloPayload, await rows, _SLOS)))


async def _rules(reader: MonitorReader) -> Sequence[RulePayload]:
    """The notification rules; none where the site does not have them."""
    path, size = "/api/v2/monitor/notification_rule", {"per_page": str(_PAGE)}
    try:
        rows = await _by_offset(reader, path, _RULES, size, "page", by_page=True)
    except ReadError as error:
        if error.code != _NOT_FOUND:
            raise
        return ()
    return _parsed(reader, RulePayload, rows, _RULES)


async def _by_offset(  # noqa: PLR0913 - the form of a list's pages
    reader: MonitorReader, path: str, action: str, params: Mapping[str, str], start: str, *, by_page: bool = False
) -> list[Any]:
    """All rows of a list whose pages begin at `start`: a number of rows, or `by_page` of pages. A page without new rows ends it."""
    found: dict[str, Any] = {}
    for page in range(_MOST_PAGES):
        at = page if by_page else len(found)
        rows = _data(await reader.get(path, action, {**params, start: str(at)}), action)
        before = len(found)
        found |= {str(row.get("id")) if isinstance(row, dict) else f"odd {len(found)}": row for row in rows}
        if len(found) == before:
            break
    return list(found.values())


def _data(answer: Any, action: str) -> list[Any]:
    """The list in `data` of an answer.

    Raises:
        ReadError: there is none.
    """
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise ReadError(action, f"{action} answered without a list of data", "NotUnderstood")
    return rows


def _parsed(reader: MonitorReader, kind: type[P], rows: Any, action: str) -> list[P]:
    """The objects of a list; each odd one becomes a gap of its own.

    Raises:
        ReadError: it is no list.
    """
    if not isinstance(rows, list):
        raise ReadError(action, f"{action} answered with something that is not a list", "NotUnderstood")
    found = []
    for row in rows:
        try:
            found.append(kind.model_validate(row))
        except (ValidationError, ValueError, OverflowError, OSError) as error:
            reader.gap(action, _odd(row, error), kinds=(Alarm,) if action == _MONITORS else ())
    return found


def _odd(row: object, error: Exception) -> str:
    name = str(row.get("id", "an item"))[:80] if isinstance(row, dict) else "an item"
    fields = ""
    if isinstance(error, ValidationError):
        fields = ", ".join(sorted({str(part["loc"][0])[:40] for part in error.errors() if part["loc"]}))
    return f"{name} has an unexpected form ({fields or 'a moment out of range'})"


def _sign_in(access: MonitorAccess) -> Mapping[str, str]:
    return {
        "dd-api-key": access.api_key.get_secret_value(),
        "dd-application-key": access.app_key.get_secret_value(),
    }


SOURCE = MonitorSource(
    kind="datadog",
    title="Datadog",
    read=_read,
    url="https://api.datadoghq.com",
    sign_in=_sign_in,
    grants={
        _MONITORS: "give the application key the scope monitors_read, and check the key and the site",
        _DOWNTIMES: "give the application key the scope monitors_downtime",
        _SLOS: "give the application key the scope slos_read",
        _RULES: "give the application key the scope monitors_read",
    },
    least_privilege="""\
Create a service account with the role *Datadog Read Only*, and for it an application key with the scopes `monitors_read`,
`monitors_downtime`, `slos_read` and, for SLOs of OpenSLO files, `timeseries_query` only. The API key needs no scope. Set `site`
to the site of your organisation (`datadoghq.eu`, `us3.datadoghq.com`, …): keys of one site are not valid at another.
The scope `monitors_downtime` can also write downtimes; Datadog has none that only reads them. Without it, whether a downtime mutes a
monitor is unknown.""",
)
