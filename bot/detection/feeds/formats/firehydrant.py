"""FireHydrant's public pages (data/payload.json): incidents with a timeline of notes, each beginning with its state."""

import re

from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    normalised,
    open_severity,
    regions_in,
    severity_of,
    state_of,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident
from bot.net.plain_text import plain

_SEVERITY = {
    "sev0": IncidentSeverity.CRITICAL,
    "sev1": IncidentSeverity.CRITICAL,
    "sev2": IncidentSeverity.MAJOR,
    "sev3": IncidentSeverity.MINOR,
    "sev4": IncidentSeverity.MINOR,
    "sev5": IncidentSeverity.MINOR,
    "maintenance": IncidentSeverity.MAINTENANCE,
}
_STATED = re.compile(
    r"^\W*\**\s*(investigating|identified|monitoring|resolved|in progress|scheduled)\b\W*", re.IGNORECASE
)
_LADDER = ("resolved", "monitoring", "mitigated", "identified", "investigating")


def recognise(payload: Payload) -> bool:
    """Accept an object with `conditions`, `incidents` and `config`."""
    root = payload.root
    return isinstance(root.raw("conditions"), dict) and isinstance(root.raw("incidents"), list) and "config" in root


def parse(payload: Payload) -> Page:
    """Return every incident.

    Raises:
        FeedError: `conditions` or `incidents` is missing.
    """
    if not recognise(payload):
        raise FeedError("has no `incidents` and `conditions`")
    found = [_incident(incident) for incident in payload.root.items("incidents")]
    return Page(
        incidents=unique_open_first(found),
        severity=worst_severity([open_severity(found)]),
        name=payload.root.item("config").string("companyName", "title"),
    )


def _incident(incident: Item) -> ProviderIncident:
    if not incident.string("id"):
        raise FeedError("lists an incident without an id")
    times = incident.item("timestamps")
    updates = newest_first(update for entry in incident.items("timeline") if (update := _update(entry)))
    reached = next((word for word in _LADDER if times.time(word)), "")
    now = state_of(reached) if reached else next((u.state for u in updates if u.state), None)
    slug = normalised(incident.string("severitySlug"))
    services = incident.names("components") or tuple(incident.item("componentConditions").data)
    return ProviderIncident(
        provider="",
        id=incident.string("id"),
        title=incident.string("title"),
        state=now,
        severity=_SEVERITY.get(slug) or severity_of(slug),
        services=services,
        regions=regions_in(incident.string("title"), *services),
        started_at=times.time("started", "detected"),
        updated_at=last_change(updates),
        resolved_at=times.time("resolved"),
        updates=updates,
    )


def _update(entry: Item) -> IncidentUpdate | None:
    """A note or a change of milestone as an update; None for other timeline entries, which are not public."""
    details = entry.item("details")
    at = entry.time("occurredAt", "time")
    note = details.raw("note")
    text = plain(note if isinstance(note, str) else details.item("note").text("note"))
    if text:
        stated = _STATED.match(text)
        return IncidentUpdate(at, state_of(stated[1]) if stated else None, text[stated.end() :] if stated else text)
    step = state_of(details.item("milestoneUpdate").string("currentMilestone"))
    return IncidentUpdate(at, step, "") if isinstance(step, IncidentState) else None
