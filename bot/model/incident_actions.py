"""Actions of people on an incident, as data: any replica accepts one, and the leader applies it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bot.model.incidents import Incident, Response, TimelineEntry

Verb = Literal["acknowledge", "assign", "mute", "escalate"]


@dataclass(frozen=True, slots=True)
class IncidentAction:
    """A person's action on an incident. `to`: a person (assign) or an audience (escalate); `until`: end of a mute (UTC).

    `by` is the person's display name; `actor` identifies them in the audit log (`slack:U1`).
    """

    incident: str
    verb: Verb
    by: str
    at: datetime
    to: str = ""
    until: datetime | None = None
    actor: str = ""


def apply_action(incident: Incident, action: IncidentAction) -> Incident:
    """The incident after the action. The first acknowledgement counts: a second one changes nothing."""
    if action.verb == "acknowledge" and incident.handling.acknowledged_by:
        return incident
    handling, summary = _response_after(incident.handling, action)
    entry = TimelineEntry(action.at, "person", summary)
    return replace(incident, handling=handling, timeline=(*incident.timeline, entry))


def apply_actions(incidents: Mapping[str, Incident], actions: Iterable[IncidentAction]) -> dict[str, Incident]:
    """The incidents, by id, after these actions. An action on an incident that is not among them is ignored."""
    after = dict(incidents)
    for action in actions:
        if action.incident in after:
            after[action.incident] = apply_action(after[action.incident], action)
    return after


def _response_after(before: Response, action: IncidentAction) -> tuple[Response, str]:
    by = action.by
    match action.verb:
        case "acknowledge":
            return replace(before, acknowledged_by=by, acknowledged_at=action.at), f"{by} acknowledged the incident"
        case "assign":
            return replace(before, assigned_to=action.to), f"{by} assigned the incident to {action.to}"
        case "mute":
            until = f"{action.until:%H:%M} UTC" if action.until else "further notice"
            return replace(before, muted_until=action.until), f"{by} muted notifications until {until}"
        case "escalate":
            escalated_to = tuple(dict.fromkeys((*before.escalated_to, action.to)))
            return replace(before, escalated_to=escalated_to), f"{by} escalated to {action.to}"
