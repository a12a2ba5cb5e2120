"""FireHydrant's public pages (data/payload.json): incidents with a timeline whose notes begin with their state."""

import re

from bot.detection.feeds.parsing.page import (
    Page,
    bare,
    last_change,
    newest_first,
    open_severity,
    regions,
    settled,
    severity,
    state,
    worst,
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
    """`conditions` beside components and incidents."""
    root = payload.root
    return isinstance(root.raw("conditions"), dict) and isinstance(root.raw("incidents"), list) and "config" in root


def parse(payload: Payload) -> Page:
    """Every incident listed.

    Raises:
        FeedError: it has no incidents and conditions.
    """
    if not recognise(payload):
        raise FeedError("has no incidents and conditions")
    found = [_incident(one) for one in payload.root.items("incidents")]
    return Page(
        incidents=settled(found),
        severity=worst([open_severity(found)]),
        name=payload.root.item("config").word("companyName", "title"),
    )


def _incident(one: Item) -> ProviderIncident:
    if not one.word("id"):
        raise FeedError("lists an incident without an id")
    times = one.item("timestamps")
    updates = newest_first(update for entry in one.items("timeline") if (update := _update(entry)))
    reached = next((word for word in _LADDER if times.moment(word)), "")
    now = state(reached) if reached else next((u.state for u in updates if u.state), None)
    slug = bare(one.word("severitySlug"))
    services = one.names("components") or tuple(one.item("componentConditions").data)
    return ProviderIncident(
        provider="",
        id=one.word("id"),
        title=one.word("title"),
        state=now,
        severity=_SEVERITY.get(slug) or severity(slug),
        services=services,
        regions=regions(one.word("title"), *services),
        started_at=times.moment("started", "detected"),
        updated_at=last_change(updates),
        resolved_at=times.moment("resolved"),
        updates=updates,
    )


def _update(entry: Item) -> IncidentUpdate | None:
    """A note, or a step from one milestone to the next; anything else of a timeline says nothing to the public."""
    details = entry.item("details")
    at = entry.moment("occurredAt", "time")
    note = details.raw("note")
    text = plain(note if isinstance(note, str) else details.item("note").text("note"))
    if text:
        stated = _STATED.match(text)
        return IncidentUpdate(at, state(stated[1]) if stated else None, text[stated.end() :] if stated else text)
    step = state(details.item("milestoneUpdate").word("currentMilestone"))
    return IncidentUpdate(at, step, "") if isinstance(step, IncidentState) else None
