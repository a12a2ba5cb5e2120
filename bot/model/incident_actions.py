"""What people do about an incident, as data: so that any replica can take it on and the one that judges carries it out."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bot.model.incidents import Incident, Response, TimelineEntry

Verb = Literal["acknowledge", "assign", "mute", "escalate"]


@dataclass(frozen=True, slots=True)
class IncidentAction:
    """Somebody did something about an incident. `to`: a person (assign) or an audience (escalate); `until`: of a mute.

    `by` is who, as people know them; `actor` the same for the audit log (`slack:U1`).
    """

    incident: str
    verb: Verb
    by: str
    at: datetime
    to: str = ""
    until: datetime | None = None
    actor: str = ""


def apply_action(incident: Incident, action: IncidentAction) -> Incident:
    """The incident after it. Whoever took it on first has it: a second acknowledgement changes nothing."""
    if action.verb == "acknowledge" and incident.handling.acknowledged_by:
        return incident
    handling, said = _changed(incident.handling, action)
    return replace(incident, handling=handling, timeline=(*incident.timeline, TimelineEntry(action.at, "person", said)))


def _changed(before: Response, action: IncidentAction) -> tuple[Response, str]:
    by = action.by
    match action.verb:
        case "acknowledge":
            return replace(before, acknowledged_by=by, acknowledged_at=action.at), f"{by} is on it"
        case "assign":
            return replace(before, assigned_to=action.to), f"{by} assigned it to {action.to}"
        case "mute":
            until = f"{action.until:%H:%M} UTC" if action.until else "further notice"
            return replace(before, muted_until=action.until), f"{by} muted it until {until}"
        case "escalate":
            told = tuple(dict.fromkeys((*before.escalated_to, action.to)))
            return replace(before, escalated_to=told), f"{by} told {action.to}"
