"""Escalates a tier-1 incident that nobody has acknowledged to the next audience."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model.incidents import Incident, Phase, TimelineEntry
from checks import Fate

BELOW, ABOVE = "below the alert level: nobody is notified", "above the alert level now"


def with_escalation(incident: Incident, to: Sequence[str], after: timedelta, now: datetime) -> Incident:
    """The incident, escalated to one more of the audiences `to` each time `after` has passed. `now`: UTC.

    One that is not worth an alert waits; the time counts from when it is.
    """
    if not to or incident.phase is not Phase.CONFIRMED:
        return incident
    if incident.worth_alert is _is_below(incident):
        text = ABOVE if incident.worth_alert else BELOW
        return replace(incident, timeline=(*incident.timeline, TimelineEntry(now, "told", text)))
    if (
        not incident.worth_alert
        or not _affects_tier_1(incident)
        or incident.handling.acknowledged_by
        or incident.confirmed_at is None
    ):
        return incident
    steps = int((now - _waiting_since(incident, incident.confirmed_at)) / after)
    fresh = [name for name in to[:steps] if name not in incident.handling.escalated_to]
    if not fresh:
        return incident
    entries = [TimelineEntry(now, "told", f"escalated to {name}: nobody has acknowledged") for name in fresh]
    response = replace(incident.handling, escalated_to=(*incident.handling.escalated_to, *fresh))
    return replace(incident, handling=response, timeline=(*incident.timeline, *entries))


def _waiting_since(incident: Incident, confirmed_at: datetime) -> datetime:
    """Since when an acknowledgement is due: for an incident that was resolved before, since it came back."""
    resolved = max((entry.at for entry in incident.timeline if entry.kind == "resolved"), default=None)
    waves = [entry.at for entry in incident.timeline if entry.kind == "wave" and resolved and entry.at >= resolved]
    risen = [entry.at for entry in incident.timeline if entry.kind == "told" and entry.text == ABOVE]
    return max([min(waves, default=confirmed_at), *risen[-1:]])


def _is_below(incident: Incident) -> bool:
    """Whether its timeline says last that it is below the alert level."""
    said = [entry.text for entry in incident.timeline if entry.kind == "told" and entry.text in (ABOVE, BELOW)]
    return said[-1:] == [BELOW]


def _affects_tier_1(incident: Incident) -> bool:
    return any(service.tier == 1 and service.fate is not Fate.UNAFFECTED for service in incident.affected)
