"""Statuspage's and Instatus's history as Atom or RSS: each entry is an incident, with its updates as paragraphs of HTML.

The feed has no severity, except that scheduled events are maintenance and that titles may state one. Atom's `published` is when
an incident or a maintenance was resolved; while it is open, when it was posted; while it is scheduled, when it starts. An incident
started with its first update, maintenance with the one that says `In progress`.

Instatus heads each entry with its type, duration and affected components. Its maintenance bears the states of incidents:
`published` is when it is to start, and it is in progress once it has an update of that time or later.
"""

import re
from datetime import datetime, timedelta

from bot.detection.feeds.parsing.announcement import announces_maintenance, planned_window
from bot.detection.feeds.parsing.history import affected_components, dated_paragraphs
from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    regions_in,
    resolved_by,
    safe_link,
    unique_open_first,
)
from bot.detection.feeds.parsing.payload import FeedError, Payload
from bot.detection.feeds.parsing.prose import severity_in_title
from bot.detection.feeds.parsing.syndication import (
    Channel,
    FeedEntry,
    read_channel,
    severity_of_entries,
    state_in_entry_text,
    type_in_text,
)
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident
from bot.net.plain_text import plain

_OF_INCIDENTS = {IncidentState.INVESTIGATING, IncidentState.IDENTIFIED, IncidentState.MONITORING}
_PLANNED = re.compile(r"THIS (?:IS|WAS) A SCHEDULED EVENT\b", re.IGNORECASE)
# Instatus writes `tag:status.perplexity.com,2005:Incident/cmq08wkuw02waqmn6yt1kdgej`, Statuspage a number.
_ID = re.compile(r":(Incident|Maintenance)/\w+$")
_DURATION = re.compile(r"^Duration:\s*(.{3,60})$", re.IGNORECASE | re.MULTILINE)
_PART = re.compile(r"(\d{1,4}) (day|hour|minute|second)s?\b", re.IGNORECASE)


def recognise(payload: Payload) -> bool:
    """Accept a feed titled `... - Incident History`, or with Statuspage's ids."""
    read = read_channel(payload)
    if read is None:
        return False
    if re.search(r" - Incident History$", read.title, re.IGNORECASE):
        return True
    return bool(read.first and _ID.search(read.first.id))


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
    return re.sub(r"\s*(?:Status)?\s*-\s*Incident History$", "", read.title, flags=re.IGNORECASE)


def _incident(entry: FeedEntry) -> ProviderIncident:
    text = plain(entry.body)
    dated = dated_paragraphs(entry.body, entry.published, entry.updated, entry.zone)
    changed = max(entry.updated, last_change(dated) or entry.updated) if entry.updated else entry.published
    updates = dated or ((IncidentUpdate(changed, state_in_entry_text(text), text),) if text else ())
    words = {update.state for update in updates}
    typed = _is_typed_maintenance(entry, text)
    planned = (
        typed
        or bool(_PLANNED.search(entry.body))
        or bool(words & {IncidentState.SCHEDULED, IncidentState.IN_PROGRESS})
        or (not words & _OF_INCIDENTS and announces_maintenance(entry.title, "", entry.link))
    )
    now = next((update.state for update in updates if update.state), None)
    if planned and now in _OF_INCIDENTS:
        now = _planned_state(entry, updates) if typed else IncidentState.IN_PROGRESS
    starts, ends = planned_window(_announced(text), entry.published, entry.zone) if planned else (None, None)
    if typed and entry.published and (lasts := _duration(text)):
        ends = ends or entry.published + lasts
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


def _is_typed_maintenance(entry: FeedEntry, text: str) -> bool:
    """Whether the entry itself says that it is maintenance: in its id, or in the line that Instatus begins it with."""
    named = _ID.search(entry.id)
    return bool(named and named[1] == "Maintenance") or type_in_text(text).strip().lower() == "maintenance"


def _planned_state(entry: FeedEntry, updates: tuple[IncidentUpdate, ...]) -> IncidentState:
    """Whether a maintenance that bears a state of incidents has begun."""
    begun = any(update.at and entry.published and update.at >= entry.published for update in updates)
    return IncidentState.IN_PROGRESS if begun else IncidentState.SCHEDULED


def _duration(text: str) -> timedelta | None:
    """The duration in a line such as `Duration: 4 hours and 31 minutes`; None if there is none."""
    match = _DURATION.search(text)
    parts = {f"{unit.lower()}s": int(number) for number, unit in _PART.findall(match[1])} if match else {}
    return timedelta(**parts) if parts else None


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
