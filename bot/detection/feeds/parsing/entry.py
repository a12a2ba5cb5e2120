"""Reads an entry of RSS, Atom or JSON Feed as an incident, whatever convention its author follows."""

from datetime import datetime

from bot.detection.feeds.parsing.amazon import opening_state
from bot.detection.feeds.parsing.dates import parse_time
from bot.detection.feeds.parsing.history import affected_components, dated_lines, dated_paragraphs
from bot.detection.feeds.parsing.page import (
    last_change,
    newest_first,
    regions_in,
    resolved_by,
    safe_link,
    severity_of,
)
from bot.detection.feeds.parsing.syndication import (
    FeedEntry,
    resolved_time_in_text,
    severity_in_text,
    state_and_title,
    state_in_categories,
    state_in_entry_text,
)
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident


def incident_from_entry(entry: FeedEntry) -> ProviderIncident:
    """Read an entry of a feed that follows no known convention."""
    text = entry.text
    headed, title = state_and_title(entry.title)
    updates = dated_paragraphs(entry.body, entry.published, entry.updated) or dated_lines(text)
    stated = (
        state_in_categories(entry)
        or headed
        or state_in_entry_text(text)
        or next((update.state for update in updates if update.state), None)
    )
    state = stated or opening_state(text)
    changed = max(filter(None, (entry.updated or entry.published, last_change(updates))), default=None)
    return ProviderIncident(
        provider="",
        id=entry.id,
        title=title,
        state=state,
        severity=_severity(entry, text, state),
        services=affected_components(text),
        regions=regions_in(entry.title, *entry.categories),
        started_at=entry.published,
        updated_at=changed,
        resolved_at=_resolved(entry, updates) if state is IncidentState.RESOLVED else None,
        updates=updates or (newest_first([IncidentUpdate(changed, state, text)]) if text else ()),
        url=safe_link(entry.link),
    )


def _resolved(entry: FeedEntry, updates: tuple[IncidentUpdate, ...]) -> datetime | None:
    return (
        resolved_by(updates)
        or resolved_time_in_text(entry.text)
        or next(filter(None, map(parse_time, entry.categories)), None)
        or entry.updated
    )


def _severity(entry: FeedEntry, text: str, state: IncidentState | None) -> IncidentSeverity | None:
    if state in (IncidentState.SCHEDULED, IncidentState.IN_PROGRESS):
        return IncidentSeverity.MAINTENANCE
    return severity_in_text(text) or next((grade for word in entry.categories if (grade := severity_of(word))), None)
