"""Parts of cards about incidents: severities and states of providers, titles, owner, revenue at risk, lines of status pages."""

from bot.cards.card import Span, Text, Tone, text
from bot.cards.messages.outage_words import worst_first
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import count, listed, money
from bot.model import IncidentSeverity, IncidentState, ProviderIncident
from bot.model.incidents import Incident, OutageState, Phase
from checks import Fate

SEVERITIES: dict[IncidentSeverity | None, Span] = {
    IncidentSeverity.CRITICAL: Span("critical", "bad"),
    IncidentSeverity.MAJOR: Span("major", "bad"),
    IncidentSeverity.MINOR: Span("minor", "warning"),
    IncidentSeverity.MAINTENANCE: Span("maintenance", "warning"),
    IncidentSeverity.NONE: Span("operational", "good"),
    None: Span("unknown", "unclear"),
}
STATES: dict[IncidentState | None, str] = {
    IncidentState.INVESTIGATING: "investigating",
    IncidentState.IDENTIFIED: "cause identified",
    IncidentState.MONITORING: "monitoring a fix",
    IncidentState.RESOLVED: "resolved",
    IncidentState.SCHEDULED: "scheduled",
    IncidentState.IN_PROGRESS: "in progress",
    None: "state unknown",
}
LEADS = {Phase.SUSPECTED: "Suspected", Phase.MONITORING: "Recovering", Phase.RESOLVED: "Resolved"}
"""What the title of an incident begins with; a confirmed one begins with its severity."""
_NAME, _TITLE = 80, 160


def tone_of(incident: Incident) -> Tone:
    """The tone of an incident's card."""
    if not incident.open:
        return "good"
    if incident.phase is Phase.SUSPECTED or incident.slight or not incident.worth_alert:
        return "neutral"
    down = any(service.fate is Fate.DOWN for service in incident.affected)
    surely = incident.phase is Phase.CONFIRMED and incident.outage is OutageState.DOWN
    return "bad" if surely and down and not incident.ours else "warning"


def lead_title(incident: Incident) -> str:
    """`Critical: DynamoDB is failing in us-east-1`."""
    lead = LEADS.get(incident.phase, incident.severity.value.capitalize())
    return f"{lead}: {isolated(cut(incident.title, 110))}"


def at_risk(incident: Incident, currency: str) -> tuple[tuple[str, Text], ...]:
    """`Revenue at risk` `42,000 EUR/h, 480,000 users`; empty where none is known. Without a currency only users.

    Money is counted only while we observe that it is down.
    """
    if incident.outage is not OutageState.DOWN or incident.phase is not Phase.CONFIRMED:
        return ()
    per_hour = sum(service.cost_per_hour or 0.0 for service in incident.affected)
    users = sum(service.users or 0 for service in incident.affected)
    revenue = f"{money(per_hour, currency)}/h" if per_hour and currency else ""
    people = count(users, "user") if users else ""
    if not revenue and not people:
        return ()
    name = "Revenue at risk" if revenue else "Users at risk"
    return ((name, text(", ".join(part for part in (revenue, people) if part))),)


def owner(incident: Incident) -> Text:
    """Who is assigned, who acknowledged and when, and until when it is muted."""
    response = incident.handling
    spans: list[str | Span] = []
    if response.assigned_to:
        spans.append(isolated(cut(response.assigned_to, _NAME)))
    if response.acknowledged_by:
        spans += [", " if spans else "", f"acknowledged by {isolated(cut(response.acknowledged_by, _NAME))}"]
        spans += [" ", Span(at=response.acknowledged_at)] if response.acknowledged_at is not None else []
    if not spans:
        spans.append(Span("nobody has acknowledged" if incident.open else "nobody acknowledged", "warning"))
    if response.muted_until is not None and incident.open:
        spans += [", muted until ", Span(at=response.muted_until)]
    return text(*spans)


def incident_data(incident: Incident) -> dict[str, object]:
    """An incident for machines."""
    return {
        "id": incident.id,
        "phase": incident.phase.value,
        "severity": incident.severity.value,
        "scopes": [str(scope) for scope in incident.scopes],
        "cause": None if incident.cause is None else str(incident.cause),
        "outage": None if incident.ours else incident.outage.value,
        "own_part": incident.own_part,
        "parts": list(incident.parts),
        "symptoms": list(incident.symptoms),
        "flapping": incident.flapping,
        "wave": incident.wave,
        "started_at": incident.started_at.isoformat(),
        "onset_at": incident.onset_at.isoformat(),
        "resolved_at": None if incident.resolved_at is None else incident.resolved_at.isoformat(),
        "acknowledged_by": incident.handling.acknowledged_by,
        "services": {service.service: service.fate.value for service in worst_first(incident.affected)[:50]},
    }


def provider_line(incident: ProviderIncident, *, named: bool = False) -> Text:
    """One incident of a provider: how bad, what, where, its state and its last update. `named`: behind its provider's name."""
    where = listed([*incident.services, *incident.regions])
    # `operational` is a word for a page; an open incident of which the provider reports no impact is still one.
    unhurt = incident.severity is IncidentSeverity.NONE and incident.open
    spans: list[str | Span] = [
        Span("no impact", "warning") if unhurt else SEVERITIES[incident.severity],
        " ",
        *((Span(cut(incident.provider, _NAME), "bold"), ": ") if named and incident.provider else ()),
        Span(cut(incident.title, _TITLE) or "no title", "bold", link=incident.url or ""),
        f" – {STATES[incident.state]}" + (f", {where}" if where else ""),
    ]
    if incident.maintenance and incident.started_at is not None:
        spans += [", from ", Span(at=incident.started_at)]
        spans += [" to ", Span(at=incident.ends_at)] if incident.ends_at is not None else []
    elif (at := incident.updated_at or incident.started_at) is not None:
        spans += [", last update ", Span(at=at)]
    if incident.updates and incident.updates[0].text:
        spans.append(f": {cut(incident.updates[0].text, 240)}")
    return text(*spans)
