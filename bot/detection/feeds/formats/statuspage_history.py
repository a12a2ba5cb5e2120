"""Statuspage's history as Atom or RSS: each entry is an incident, with its updates as paragraphs of HTML, newest first.

The feed has no severity, except that scheduled events are maintenance and that titles may state one. Atom's `published` is when
an incident or a maintenance was resolved; while it is open, when it was posted; while it is scheduled, when it starts. An incident
started with its first update, maintenance with the one that says `In progress`.
"""

import re
from datetime import datetime

from bot.detection.feeds.parsing.announcement import announces_maintenance, planned_window
from bot.detection.feeds.parsing.history import affected_components, dated_paragraphs
from bot.detection.feeds.parsing.page import Page, regions_in, resolved_by, safe_link, unique_open_first
from bot.detection.feeds.parsing.payload import FeedError, Payload
from bot.detection.feeds.parsing.prose import severity_in_title
from bot.detection.feeds.parsing.syndication import (
    Channel,
    FeedEntry,
    read_channel,
    severity_of_entries,
    state_in_entry_text,
)
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident
from bot.net.plain_text import plain

_OF_INCIDENTS = {IncidentState.INVESTIGATING, IncidentState.IDENTIFIED, IncidentState.MONITORING}
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
    dated = dated_paragraphs(entry.body, entry.published, entry.updated, entry.zone)
    updates = dated or ((IncidentUpdate(changed, state_in_entry_text(text), text),) if text else ())
    words = {update.state for update in updates}
    planned = (
        bool(_PLANNED.search(entry.body))
        or bool(words & {IncidentState.SCHEDULED, IncidentState.IN_PROGRESS})
        or (not words & _OF_INCIDENTS and announces_maintenance(entry.title, "", entry.link))
    )
    now = next((update.state for update in updates if update.state), None)
    if now is IncidentState.MONITORING and planned:
        now = IncidentState.IN_PROGRESS
    starts, ends = planned_window(_announced(text), entry.published, entry.zone) if planned else (None, None)
    return ProviderIncident(
        provider="",
        id=entry.link.rstrip("/").rpartition("/")[2] or entry.id,
        title=entry.title,
        state=now,
        severity=IncidentSeverity.MAINTENANCE if planned else severity_in_title(entry.title),
        services=affected_components(text),
        regions=regions_in(entry.title),
        started_at=(_begun(dated) or starts or entry.published) if planned else _start(dated) or entry.published,
        updated_at=changed,
        resolved_at=resolved_by(updates) if now is IncidentState.RESOLVED else None,
        updates=updates,
        url=safe_link(entry.link),
        ends_at=ends,
    )


def _announced(text: str) -> str:
    """The line that says when a scheduled event is to begin and to end; empty if there is none."""
    return next((row for row in text.split("\n") if _PLANNED.search(row)), "")


def _begun(updates: tuple[IncidentUpdate, ...]) -> datetime | None:
    """When a maintenance began: the time of its first update that says so; None if none does."""
    return min((u.at for u in updates if u.at and u.state is IncidentState.IN_PROGRESS), default=None)


def _start(updates: tuple[IncidentUpdate, ...]) -> datetime | None:
    """The time of the first update; None if any update has no time, since it may be the first."""
    times = [update.at for update in updates]
    return min(filter(None, times), default=None) if None not in times else None
