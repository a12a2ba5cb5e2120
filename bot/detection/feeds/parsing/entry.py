"""An entry of RSS, Atom or JSON Feed as an incident, whatever convention its author follows."""

from datetime import datetime

from bot.detection.feeds.parsing.amazon import opening
from bot.detection.feeds.parsing.dates import moment
from bot.detection.feeds.parsing.history import components, dated_lines, paragraphs
from bot.detection.feeds.parsing.page import (
    address,
    last_change,
    newest_first,
    regions,
    resolved_by,
    severity,
)
from bot.detection.feeds.parsing.syndication import (
    Entry,
    categorised,
    graded,
    resolved_line,
    stated,
    titled,
)
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident


def incident(entry: Entry) -> ProviderIncident:
    """An entry of a feed that follows no convention that is known."""
    text = entry.text
    headed, title = titled(entry.title)
    told = paragraphs(entry.body, entry.published, entry.updated) or dated_lines(text)
    said = categorised(entry) or headed or stated(text) or next((one.state for one in told if one.state), None)
    now = said or opening(text)
    changed = max(filter(None, (entry.updated or entry.published, last_change(told))), default=None)
    return ProviderIncident(
        provider="",
        id=entry.id,
        title=title,
        state=now,
        severity=_severity(entry, text, now),
        services=components(text),
        regions=regions(entry.title, *entry.categories),
        started_at=entry.published,
        updated_at=changed,
        resolved_at=_resolved(entry, told) if now is IncidentState.RESOLVED else None,
        updates=told or (newest_first([IncidentUpdate(changed, now, text)]) if text else ()),
        url=address(entry.link),
    )


def _resolved(entry: Entry, told: tuple[IncidentUpdate, ...]) -> datetime | None:
    return (
        resolved_by(told)
        or resolved_line(entry.text)
        or next(filter(None, map(moment, entry.categories)), None)
        or entry.updated
    )


def _severity(entry: Entry, text: str, now: IncidentState | None) -> IncidentSeverity | None:
    if now in (IncidentState.SCHEDULED, IncidentState.IN_PROGRESS):
        return IncidentSeverity.MAINTENANCE
    return graded(text) or next((grade for word in entry.categories if (grade := severity(word))), None)
