"""Slack's status API: /current and /history. The order of notes differs by year; their bodies are HTML."""

from bot.detection.feeds.parsing.page import (
    Page,
    newest_first,
    open_severity,
    safe_link,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

# https://docs.slack.dev/reference/slack-status-api: type is incident, notice, outage or maintenance.
_KIND = {
    "notice": IncidentSeverity.MINOR,
    "incident": IncidentSeverity.MAJOR,
    "outage": IncidentSeverity.CRITICAL,
    "maintenance": IncidentSeverity.MAINTENANCE,
}
_STATE = {
    "resolved": IncidentState.RESOLVED,
    "completed": IncidentState.RESOLVED,
    "cancelled": IncidentState.RESOLVED,
    "scheduled": IncidentState.SCHEDULED,
}


def recognise(payload: Payload) -> bool:
    """Accept an object with `active_incidents`, or a list of incidents with notes."""
    if isinstance(payload.json, list):
        return {"notes", "date_created", "status"} <= payload.head.data.keys()
    return isinstance(payload.root.raw("active_incidents"), list)


def parse(payload: Payload) -> Page:
    """Return the active incidents of /current, or all incidents of /history.

    Raises:
        FeedError: the payload is neither.
    """
    if isinstance(payload.json, list):
        found = [_incident(incident) for incident in payload.object_list()]
        return Page(
            incidents=unique_open_first(found),
            severity=open_severity(found),
            name="Slack",
            url="https://slack-status.com",
        )
    if not recognise(payload):
        raise FeedError("has no list of active incidents")
    found = [_incident(incident) for incident in payload.root.items("active_incidents")]
    return Page(
        incidents=unique_open_first(found),
        severity=worst_severity([_overall(payload.root.string("status"), found), open_severity(found)]),
        name="Slack",
        url="https://slack-status.com",
    )


def _overall(word: str, found: list[ProviderIncident]) -> IncidentSeverity | None:
    """The page's own severity: none if `ok`, or if `active`, when the listed incidents set it; otherwise unknown."""
    if word == "ok" or (word == "active" and found):
        return IncidentSeverity.NONE
    return None


def _incident(incident: Item) -> ProviderIncident:
    if not incident.string("id"):
        raise FeedError("lists an incident without an id")
    notes = newest_first(
        IncidentUpdate(note.time("date_created"), None, note.text("body")) for note in incident.items("notes")
    )
    kind, word = incident.string("type").lower(), incident.string("status").lower()
    running = IncidentState.IN_PROGRESS if kind == "maintenance" and word == "active" else None
    over = _STATE.get(word) is IncidentState.RESOLVED
    return ProviderIncident(
        provider="",
        id=incident.string("id"),
        title=incident.string("title"),
        state=_STATE.get(word, running),
        severity=_KIND.get(kind),
        services=incident.strings("services"),
        started_at=incident.time("date_created"),
        updated_at=incident.time("date_updated") or (notes[0].at if notes else None),
        resolved_at=incident.time("date_updated") if over else None,
        updates=notes,
        url=safe_link(incident.string("url")),
    )
