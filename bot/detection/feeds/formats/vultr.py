"""Vultr's status.json, by region, and alerts.json, the stream of alerts.

https://docs.vultr.com/vultr-server-status-json-endpoints: an alert is ongoing or resolved. Maintenance is an alert too, ongoing
from its announcement on; only its text says when it starts and ends. `service_alerts` of status.json are about the API and the
console. Vultr gives no severity; words such as "Partial Outage" in the subject are one.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from bot.detection.feeds.parsing.dates import parse_time
from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    open_severity,
    severity_of,
    state_of,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

URL = "https://status.vultr.com"
_MAINTENANCE = re.compile(r"\bmaintenance\b", re.IGNORECASE)
_TIME = r"(?P<time>\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2})?(?: ?[A-Z]{2,4})?)"
_STARTS = re.compile(rf"\bStart Time:\s*{_TIME}", re.IGNORECASE)
_ENDS = re.compile(rf"\bEnd Time:\s*{_TIME}", re.IGNORECASE)
_GRADE = re.compile(
    r"\b(?P<word>(?:major|partial|full) outage|outage|degraded performance|degradation|degraded|disruption)\b",
    re.IGNORECASE,
)


def recognise(payload: Payload) -> bool:
    """Accept `service_alerts`, alone or beside regions, or regions with alerts."""
    root = payload.root
    regions = root.item("regions").data
    return isinstance(root.raw("service_alerts"), list) or (
        bool(regions) and all(isinstance(region, dict) and "alerts" in region for region in regions.values())
    )


def parse(payload: Payload) -> Page:
    """Return the alerts of every region and of Vultr's own services, and every region as a component.

    Raises:
        FeedError: the payload has neither alerts nor regions, or an alert has no id.
    """
    root = payload.root
    if not isinstance(root.raw("service_alerts"), list) and not isinstance(root.raw("regions"), dict):
        raise FeedError("has neither alerts nor regions")
    found = [_alert(alert, alert.string("region"), "") for alert in root.items("service_alerts")]
    parts = []
    for code, region in _regions(root):
        place = region.string("location") or code
        here = [_alert(alert, code, place) for alert in region.items("alerts")]
        found += here
        running = [alert for alert in here if alert.open and not alert.maintenance]
        parts.append(FeedComponent(place, open_severity(running), code))
    merged = _merged(found)
    return Page(
        incidents=unique_open_first(merged),
        components=tuple(parts),
        severity=worst_severity([*(part.severity for part in parts), open_severity(merged)]),
        name="Vultr",
        url=URL,
    )


def _regions(root: Item) -> Iterator[tuple[str, Item]]:
    for code, value in root.item("regions").data.items():
        if isinstance(value, dict):
            yield code, Item(value)


def _merged(found: list[ProviderIncident]) -> list[ProviderIncident]:
    """Each alert once: one that several regions list has all of them."""
    places: dict[str, list[ProviderIncident]] = {}
    for alert in found:
        places.setdefault(alert.id, []).append(alert)
    return [_joined(same) for same in places.values()]


def _joined(same: list[ProviderIncident]) -> ProviderIncident:
    first = same[0]
    return ProviderIncident(
        provider="",
        id=first.id,
        title=first.title,
        state=first.state,
        severity=first.severity,
        regions=tuple(dict.fromkeys(region for alert in same for region in alert.regions)),
        started_at=first.started_at,
        updated_at=first.updated_at,
        resolved_at=first.resolved_at,
        updates=first.updates,
        url=first.url,
        ends_at=first.ends_at,
    )


def _alert(alert: Item, region: str, place: str) -> ProviderIncident:
    if not alert.string("id"):
        raise FeedError("lists an alert without an id")
    entries = alert.items("entries")
    updates = newest_first(IncidentUpdate(entry.time("updated_at"), None, entry.text("message")) for entry in entries)
    title = alert.string("subject") or (f"Alert in {place}" if place else "Alert")
    over = state_of(alert.string("status")) is IncidentState.RESOLVED
    planned = bool(_MAINTENANCE.search(title))
    starts, ends = (_written(updates, what) for what in (_STARTS, _ENDS)) if planned else (None, None)
    newest = last_change(updates) or alert.time("updated_at", "start_date")
    state = IncidentState.RESOLVED if over else _planned_state(starts, newest) if planned else None
    return ProviderIncident(
        provider="",
        id=alert.string("id"),
        title=title,
        state=state,
        severity=IncidentSeverity.MAINTENANCE if planned else _severity(title),
        regions=(region,) if region else (),
        started_at=starts or alert.time("start_date"),
        updated_at=newest,
        resolved_at=newest if over else None,
        updates=updates,
        url=URL,
        ends_at=ends,
    )


def _planned_state(starts: datetime | None, newest: datetime | None) -> IncidentState:
    """A maintenance is ahead until an entry is written after its start."""
    begun = starts is None or (newest is not None and newest >= starts)
    return IncidentState.IN_PROGRESS if begun else IncidentState.SCHEDULED


def _written(updates: tuple[IncidentUpdate, ...], what: re.Pattern[str]) -> datetime | None:
    """The time that the newest entry with one gives."""
    matches = (match for update in updates if (match := what.search(update.text)))
    return next((at for match in matches if (at := parse_time(match["time"]))), None)


def _severity(title: str) -> IncidentSeverity | None:
    match = _GRADE.search(title)
    return severity_of(match["word"]) if match else None
