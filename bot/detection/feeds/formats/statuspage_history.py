"""Statuspage's history as Atom or RSS: each entry is an incident, with its updates as paragraphs of HTML, newest first.

The feed has no severity, except that scheduled events are maintenance. Atom's `published` is when an incident was resolved (or
posted, while it is open) and when maintenance starts; an incident started with its first update.
"""

import re
from datetime import datetime

from bot.detection.feeds.parsing.history import dated_paragraphs
from bot.detection.feeds.parsing.page import Page, regions_in, resolved_by, safe_link, unique_open_first
from bot.detection.feeds.parsing.payload import FeedError, Payload
from bot.detection.feeds.parsing.syndication import (
    Channel,
    FeedEntry,
    read_channel,
    severity_of_entries,
    state_in_entry_text,
)
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident
from bot.net.plain_text import plain

_PLANNED = re.compile(r"THIS (?:IS|WAS) A SCHEDULED EVENT\b", re.IGNORECASE)


def recognise(payload: Payload) -> bool:
    """Accept a feed titled `... - Incident History`, or with Statuspage's ids."""
    read = read_channel(payload)
    if read is None:
        return False
    if re.search(r" - Incident History$", read.title):
        return True
    return bool(read.first and re.search(r":(?:Incident|Maintenance)/\d+$", read.first.id))


def parse(payload: Payload) -> Page:
    """Return an incident for every entry. The severity of a history without entries is unknown.

    Raises:
        FeedError: the payload is neither Atom nor RSS.
    """
    read = read_channel(payload)
    if read is None:
        raise FeedError("is neither Atom nor RSS")
    found = [_incident(entry) for entry in read.entries]
    return Page(
        incidents=unique_open_first(found), severity=severity_of_entries(found), name=_name(read), url=read.link
    )


def _name(read: Channel) -> str:
    return re.sub(r"\s*(?:Status)?\s*-\s*Incident History$", "", read.title)


def _incident(entry: FeedEntry) -> ProviderIncident:
    changed = entry.updated or entry.published
    text = plain(entry.body)
    dated = dated_paragraphs(entry.body, entry.published, entry.updated)
    updates = dated or ((IncidentUpdate(changed, state_in_entry_text(text), text),) if text else ())
    words = {update.state for update in updates}
    planned = bool(_PLANNED.search(entry.body)) or bool(words & {IncidentState.SCHEDULED, IncidentState.IN_PROGRESS})
    now = next((update.state for update in updates if update.state), None)
    if now is IncidentState.MONITORING and planned:
        now = IncidentState.IN_PROGRESS
    return ProviderIncident(
        provider="",
        id=entry.link.rstrip("/").rpartition("/")[2] or entry.id,
        title=entry.title,
        state=now,
        severity=IncidentSeverity.MAINTENANCE if planned else None,
        regions=regions_in(entry.title),
        started_at=entry.published if planned else _start(dated) or entry.published,
        updated_at=changed,
        resolved_at=resolved_by(updates) if now is IncidentState.RESOLVED else None,
        updates=updates,
        url=safe_link(entry.link),
    )


def _start(updates: tuple[IncidentUpdate, ...]) -> datetime | None:
    """The time of the first update; None if any update has no time, since it may be the first."""
    times = [update.at for update in updates]
    return min(filter(None, times), default=None) if None not in times else None
