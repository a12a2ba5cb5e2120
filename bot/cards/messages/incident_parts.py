"""Parts of cards about incidents: phases, affected services, start, owner, the provider's status page, revenue at risk."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards.card import Span, Table, Text, Tone, text
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import ago, count, duration, money
from bot.model import IncidentSeverity, IncidentState, ProviderIncident
from bot.model.incidents import Affected, Incident, Phase, ProviderStatement
from bot.model.thresholds import Thresholds
from checks import Fate

PHASES: dict[Phase, Span] = {
    Phase.SUSPECTED: Span("suspected", "unclear"),
    Phase.CONFIRMED: Span("confirmed", "bad"),
    Phase.MONITORING: Span("recovering", "warning"),
    Phase.RESOLVED: Span("resolved", "good"),
}
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
EXPECTED: dict[Fate, Span] = {
    Fate.DOWN: Span("expected down", "bad"),
    Fate.UNKNOWN: Span("impact unknown", "unclear"),
    Fate.FAILS_OVER: Span("expected to fail over", "warning"),
    Fate.DEGRADED: Span("expected degraded", "warning"),
    Fate.UNAFFECTED: Span("unaffected", "good"),
}
LEADS = {Phase.SUSPECTED: "Suspected", Phase.MONITORING: "Recovering", Phase.RESOLVED: "Resolved"}
"""What the title of an incident begins with; a confirmed one begins with its severity."""
NAMES = 3
_NAME, _TITLE, _STEP, _STEPS = 80, 160, 120, 3


def listed(names: Sequence[str], at_most: int = NAMES) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c and 4 others`."""
    shown = [isolated(cut(name, _NAME)) for name in names[:at_most]]
    if len(names) > at_most:
        return f"{', '.join(shown)} and {count(len(names) - at_most, 'other')}"
    return " and ".join(part for part in (", ".join(shown[:-1]), *shown[-1:]) if part)


def worst_first(affected: Sequence[Affected]) -> list[Affected]:
    """The affected services without the unaffected ones: the worst fate and the most important tier first."""
    fates = tuple(Fate)
    found = [service for service in affected if service.fate is not Fate.UNAFFECTED]
    return sorted(found, key=lambda service: (fates.index(service.fate), service.tier, service.service))


def impact_line(affected: Sequence[Affected], *, briefly: bool = False) -> str:
    """`a and b expected down, c expected to fail over`; empty where none is affected.

    `briefly`: names of the worst only, numbers of the others.
    """
    by_fate: dict[Fate, list[str]] = {}
    for service in worst_first(affected):
        by_fate.setdefault(service.fate, []).append(service.service)
    parts: list[str] = []
    for fate, names in by_fate.items():
        who = f"{len(names):,}" if briefly and parts else listed(names)
        parts.append(f"{who} with unknown impact" if fate is Fate.UNKNOWN else f"{who} {EXPECTED[fate].text}")
    return ", ".join(parts)


def affected_table(affected: Sequence[Affected], *, at_most: int) -> Table:
    """Our affected services: what is expected of each, why, and who owns it."""
    found = worst_first(affected)
    rows = tuple(
        (
            text(Span(cut(service.service, 200), "bold"), f" (tier {service.tier})"),
            expected(service),
            text(" → ".join(cut(step, _STEP) for step in service.because[:_STEPS]) or "–"),
            text(cut(service.owner, _NAME) or "not set"),
        )
        for service in found[:at_most]
    )
    return Table(("Service", "Impact", "Because", "Owner"), rows, left_out=max(0, len(found) - at_most))


def expected(service: Affected) -> Text:
    """What is expected of a service: `expected down`, `expected to fail over within 12 min, last tested 14 Oct 2026`."""
    state = EXPECTED[service.fate]
    if service.fate is not Fate.FAILS_OVER:
        return text(state)
    within = f" within {duration(service.rto)}" if service.rto is not None else ""
    if service.proved_at is None:
        return text(state, f"{within}, ", Span("failover never tested", "bad"))
    return text(state, f"{within}, last tested ", Span(at=service.proved_at, day=True))


def started(incident: Incident) -> Text:
    """When it started, and how long after that it was confirmed."""
    after = incident.detected_after
    return text(Span(at=incident.onset_at), f" (detected after {duration(after)})" if after is not None else "")


def recovering(incident: Incident) -> Text:
    """Since when nothing fails any more, and when it closes if that lasts."""
    if incident.quiet_since is None:
        return text("a problem was reported again, not confirmed yet")
    what = "probes succeed" if incident.watched else "no problem reported"
    closes = incident.quiet_since + Thresholds().settles_after(incident.wave, watched=incident.watched)
    return text(f"{what} since ", Span(at=incident.quiet_since), ", closing at ", Span(at=closes))


def tone_of(incident: Incident) -> Tone:
    """The tone of an incident's card."""
    if not incident.open:
        return "good"
    if incident.phase is Phase.SUSPECTED:
        return "neutral"
    down = any(service.fate is Fate.DOWN for service in incident.affected)
    return "bad" if incident.phase is Phase.CONFIRMED and down else "warning"


def lead_title(incident: Incident) -> str:
    """`Critical: DynamoDB is failing in us-east-1`."""
    lead = LEADS.get(incident.phase, incident.severity.value.capitalize())
    return f"{lead}: {isolated(cut(incident.title, 110))}"


def at_risk(affected: Sequence[Affected], currency: str) -> tuple[tuple[str, Text], ...]:
    """`Revenue at risk` `42,000 EUR/h, 480,000 users`; empty where none is known. Without a currency only users."""
    per_hour = sum(service.cost_per_hour or 0.0 for service in affected)
    users = sum(service.users or 0 for service in affected)
    revenue = f"{money(per_hour, currency)}/h" if per_hour and currency else ""
    people = count(users, "user") if users else ""
    if not revenue and not people:
        return ()
    name = "Revenue at risk" if revenue else "Users at risk"
    return ((name, text(", ".join(part for part in (revenue, people) if part))),)


def provider_report(incident: Incident) -> Text:
    """The first report of a provider, and how long before or after our alert it came."""
    if not incident.words:
        return text(Span("no incident reported yet" if incident.open else "no incident reported", "unclear"))
    first = min(incident.words, key=lambda statement: statement.since)
    spans: list[str | Span] = [SEVERITIES[first.severity], " ", _quoted(first)]
    if incident.lead is not None:
        spans.append(f", {lead_words(incident)}")
    return text(*spans, "" if first.open else ", resolved there")


def lead_words(incident: Incident) -> str:
    """`12 min after our alert`; empty where the provider has reported nothing."""
    lead = incident.lead
    if lead is None:
        return ""
    length = duration(abs(lead))
    if abs(lead.total_seconds()) < 60:
        return "within a minute of our alert"
    return f"{length} after our alert" if lead.total_seconds() > 0 else f"{length} before our alert"


def _quoted(statement: ProviderStatement) -> Span:
    title = f"“{cut(statement.title, 120)}”" if statement.title else statement.provider
    return Span(title, link=statement.url)


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
        "wave": incident.wave,
        "onset_at": incident.onset_at.isoformat(),
        "resolved_at": None if incident.resolved_at is None else incident.resolved_at.isoformat(),
        "acknowledged_by": incident.handling.acknowledged_by,
        "services": {service.service: service.fate.value for service in worst_first(incident.affected)[:50]},
    }


def provider_line(incident: ProviderIncident, now: datetime) -> Text:
    """One incident of a provider: how bad, what, where, its state and its last update."""
    where = listed([*incident.services, *incident.regions])
    spans: list[str | Span] = [
        SEVERITIES[incident.severity],
        " ",
        Span(cut(incident.title, _TITLE) or "no title", "bold", link=incident.url or ""),
        f" – {STATES[incident.state]}" + (f", {where}" if where else ""),
    ]
    if incident.maintenance and incident.started_at is not None:
        spans += [", from ", Span(at=incident.started_at)]
        spans += [" to ", Span(at=incident.ends_at)] if incident.ends_at is not None else []
    elif (at := incident.updated_at or incident.started_at) is not None:
        spans.append(f", last update {ago(at, now)}")
    if incident.updates and incident.updates[0].text:
        spans.append(f": {cut(incident.updates[0].text, 240)}")
    return text(*spans)
