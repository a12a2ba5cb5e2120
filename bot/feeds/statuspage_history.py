"""Statuspage's history as Atom or RSS: an entry an incident, every update a paragraph of HTML, the newest first.

A paragraph's time has no year: it is the latest one that is not after the entry's last change (or, for a maintenance
ahead, the one that it is planned for).
"""

import re
from datetime import datetime, timedelta

from bot.feeds._moments import month, utc
from bot.feeds._page import Page, address, newest_first, regions, resolved_by, settled, state
from bot.feeds._payload import FeedError, Payload
from bot.feeds._prose import plain
from bot.feeds._syndication import Channel, Entry, channel, silent_severity
from bot.ports import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_UPDATE = re.compile(
    r"<small>\s*([A-Za-z]{3})[a-z]*\s+(\d{1,2}),\s*(\d{1,2}):(\d{2})\s*([A-Z]{2,5})\s*</small>\s*<br\s*/?>\s*"
    r"<strong>\s*(.*?)\s*</strong>\s*[-–—]\s*(.*?)(?=<p>\s*<small>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_PLANNED = re.compile(
    r"THIS IS A SCHEDULED EVENT\s+([A-Za-z]{3})[a-z]*\s+(\d{1,2}),\s*(\d{1,2}):(\d{2})", re.IGNORECASE
)
_VAR = re.compile(r"</?var\b[^>]*>")
_DONE = (IncidentState.RESOLVED,)


def recognise(payload: Payload) -> bool:
    """A feed called an incident history, or ids of Statuspage's making."""
    read = channel(payload)
    if read is None:
        return False
    if re.search(r" - Incident History$", read.title):
        return True
    return bool(read.entries) and bool(re.search(r":(?:Incident|Maintenance)/\d+$", read.entries[0].id))


def parse(payload: Payload) -> Page:
    """Every entry. A history without entries says nothing of now.

    Raises:
        FeedError: it is neither Atom nor RSS.
    """
    read = channel(payload)
    if read is None:
        raise FeedError("is neither Atom nor RSS")
    found = [_incident(entry) for entry in read.entries]
    return Page(incidents=settled(found), severity=silent_severity(found), name=_name(read), url=read.link)


def _name(read: Channel) -> str:
    return re.sub(r"\s*(?:Status)?\s*-\s*Incident History$", "", read.title)


def _incident(entry: Entry) -> ProviderIncident:
    body = _VAR.sub("", entry.body)
    newest = entry.updated or entry.published
    updates = _updates(body, newest)
    planned = _PLANNED.search(body)
    now = next((update.state for update in updates if update.state), None)
    text = plain(body)
    if now is IncidentState.MONITORING and planned:
        now = IncidentState.IN_PROGRESS
    start = entry.published if planned else min((u.at for u in updates if u.at), default=entry.published)
    return ProviderIncident(
        provider="",
        id=entry.link.rstrip("/").rpartition("/")[2] or entry.id,
        title=entry.title,
        state=now,
        severity=IncidentSeverity.MAINTENANCE
        if planned or now in (IncidentState.SCHEDULED, IncidentState.IN_PROGRESS)
        else None,
        regions=regions(entry.title),
        started_at=start,
        updated_at=newest,
        resolved_at=resolved_by(updates) if now in _DONE else None,
        updates=updates or ((IncidentUpdate(newest, None, text),) if text else ()),
        url=address(entry.link),
    )


def _updates(body: str, newest: datetime | None) -> tuple[IncidentUpdate, ...]:
    found = []
    for name, day, hour, minute, zone_name, word, text in _UPDATE.findall(body):
        at = _at(name, int(day), int(hour), int(minute), newest) if zone_name.upper() in ("UTC", "GMT") else None
        found.append(IncidentUpdate(at, state(word), plain(text)))
    return newest_first(found)


def _at(name: str, day: int, hour: int, minute: int, newest: datetime | None) -> datetime | None:
    """The latest year in which that is not after the entry's last change."""
    number = month(name)
    if newest is None or number is None:
        return None
    latest = newest + timedelta(hours=26)
    for year in (latest.year, latest.year - 1):
        if (found := utc(year, number, day, hour, minute)) and found <= latest:
            return found
    return None
