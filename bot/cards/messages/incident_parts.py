"""Parts of cards that tell what is going on: states of incidents and providers, whom they hit, since when, who is on it."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards.card import Span, Table, Text, Tone, text
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import FATES, ago, count, money, span_of
from bot.model import IncidentSeverity, IncidentState, ProviderIncident
from bot.model.incidents import Affected, Incident, Phase
from checks import Fate

PHASES: dict[Phase, Span] = {
    Phase.SUSPECTED: Span("suspected", "unclear"),
    Phase.CONFIRMED: Span("confirmed", "bad"),
    Phase.MONITORING: Span("looks better", "warning"),
    Phase.RESOLVED: Span("over", "good"),
}
SEVERITIES: dict[IncidentSeverity | None, Span] = {
    IncidentSeverity.CRITICAL: Span("critical", "bad"),
    IncidentSeverity.MAJOR: Span("major", "bad"),
    IncidentSeverity.MINOR: Span("minor", "warning"),
    IncidentSeverity.MAINTENANCE: Span("maintenance", "warning"),
    IncidentSeverity.NONE: Span("fine", "good"),
    None: Span("unknown", "unclear"),
}
STATES: dict[IncidentState | None, str] = {
    IncidentState.INVESTIGATING: "being looked into",
    IncidentState.IDENTIFIED: "cause found",
    IncidentState.MONITORING: "being watched",
    IncidentState.RESOLVED: "over",
    IncidentState.SCHEDULED: "announced",
    IncidentState.IN_PROGRESS: "under way",
    None: "state not told",
}
LEADS = {
    Phase.SUSPECTED: "Not sure yet",
    Phase.CONFIRMED: "Broken",
    Phase.MONITORING: "Looks better",
    Phase.RESOLVED: "Over",
}
NAMES = 3
_NAME, _TITLE, _STEP, _STEPS = 80, 160, 120, 3


def names(those: Sequence[str], at_most: int = NAMES) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c and 4 others`."""
    shown = [isolated(cut(one, _NAME)) for one in those[:at_most]]
    if len(those) > at_most:
        return f"{', '.join(shown)} and {count(len(those) - at_most, 'other')}"
    return " and ".join(part for part in (", ".join(shown[:-1]), *shown[-1:]) if part)


def worst_first(affected: Sequence[Affected]) -> list[Affected]:
    """Those that are hit, the worst fate and the most important tier first."""
    fates = tuple(Fate)
    hit = [one for one in affected if one.fate is not Fate.UNAFFECTED]
    return sorted(hit, key=lambda one: (fates.index(one.fate), one.tier, one.service))


def hit(affected: Sequence[Affected], *, briefly: bool = False) -> str:
    """`a and b go down, c fails over`; empty where nobody of us is hit. `briefly`: beside the worst only numbers."""
    by_fate: dict[Fate, list[str]] = {}
    for one in worst_first(affected):
        by_fate.setdefault(one.fate, []).append(one.service)
    verbs = {
        Fate.DOWN: ("goes down", "go down"),
        Fate.DEGRADED: ("is degraded", "are degraded"),
        Fate.FAILS_OVER: ("fails over", "fail over"),
        Fate.UNKNOWN: ("is in doubt", "are in doubt"),
    }
    told: list[str] = []
    for fate, those in by_fate.items():
        who = f"{len(those):,}" if briefly and told else names(those)
        told.append(f"{who} {verbs[fate][len(those) > 1]}")
    return ", ".join(told)


def affected_table(affected: Sequence[Affected], *, at_most: int) -> Table:
    """Our services in an incident: what is expected of each, why, and who owns it."""
    found = worst_first(affected)
    rows = tuple(
        (
            text(Span(cut(one.service, 200), "bold"), f" (tier {one.tier})"),
            expected(one),
            text(" → ".join(cut(step, _STEP) for step in one.because[:_STEPS]) or "–"),
            text(cut(one.owner, _NAME) or "nobody said"),
        )
        for one in found[:at_most]
    )
    return Table(("Our service", "Expected", "Because", "Owner"), rows, left_out=max(0, len(found) - at_most))


def expected(one: Affected) -> Text:
    """What is expected of a service: `down`, `fails over within 12 min, proved 14 Oct 2026`."""
    state = FATES[one.fate]
    if one.fate is not Fate.FAILS_OVER:
        return text(state)
    within = f" within {span_of(one.rto)}" if one.rto is not None else ""
    if one.proved_at is None:
        return text(state, f"{within}, ", Span("never proved", "bad"))
    return text(state, f"{within}, proved ", Span(at=one.proved_at, day=True))


def lasting(incident: Incident, now: datetime) -> Text:
    """Since when, and for how long."""
    took = span_of(incident.lasted(now))
    return text(Span(at=incident.onset_at), f", {'it took' if incident.resolved_at else 'for'} {took}")


def tone_of(incident: Incident) -> Tone:
    """How an incident is to be taken."""
    if not incident.open:
        return "good"
    if incident.phase is Phase.SUSPECTED:
        return "neutral"
    down = any(one.fate is Fate.DOWN for one in incident.affected)
    return "bad" if incident.phase is Phase.CONFIRMED and down else "warning"


def lead_title(incident: Incident) -> str:
    """`Broken: aws/us-east-1: dynamodb is failing`."""
    return f"{LEADS[incident.phase]}: {isolated(cut(incident.title, 110))}"


def at_stake(affected: Sequence[Affected], currency: str) -> str:
    """`42,000 EUR an hour, 480,000 users`; empty where nobody knows. Without a currency money is not told."""
    per_hour = sum(one.cost_per_hour or 0.0 for one in affected)
    users = sum(one.users or 0 for one in affected)
    told = [f"{money(per_hour, currency)} an hour"] if per_hour and currency else []
    return ", ".join([*told, *([count(users, "user")] if users else [])])


def provider_says(incident: Incident) -> Text:
    """The first word of a provider, and how far before or after us it came."""
    if not incident.words:
        return text(Span("nothing yet", "unclear"))
    first = min(incident.words, key=lambda word: word.since)
    state = "" if first.open else " (says it is over)"
    spans: list[str | Span] = [
        SEVERITIES[first.severity],
        " ",
        Span(cut(first.title or first.provider, 120), link=first.url),
        state,
    ]
    if incident.lead is not None and abs(incident.lead.total_seconds()) >= 60:
        order = "after us" if incident.lead.total_seconds() > 0 else "before us"
        spans.append(f", {span_of(abs(incident.lead))} {order}")
    return text(*spans)


def on_it(incident: Incident) -> Text:
    """Who looks after it, since when, and until when nobody is to be disturbed."""
    hands = incident.handling
    spans: list[str | Span] = []
    if hands.assigned_to:
        spans.append(isolated(cut(hands.assigned_to, _NAME)))
    if hands.acknowledged_by:
        spans += [", " if spans else "", f"acknowledged by {isolated(cut(hands.acknowledged_by, _NAME))}"]
        spans += [" ", Span(at=hands.acknowledged_at)] if hands.acknowledged_at is not None else []
    if not spans and incident.open:
        spans.append(Span("nobody yet", "warning"))
    if hands.muted_until is not None and incident.open:
        spans += [", quiet until ", Span(at=hands.muted_until)]
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
        "services": {one.service: one.fate.value for one in worst_first(incident.affected)[:50]},
    }


def provider_line(one: ProviderIncident, now: datetime) -> Text:
    """One incident of a provider: how bad, what, where, how far, its last word."""
    where = names([*one.services, *one.regions])
    spans: list[str | Span] = [
        SEVERITIES[one.severity],
        " ",
        Span(cut(one.title, _TITLE) or "no title", "bold", link=one.url or ""),
        f" – {STATES[one.state]}" + (f", {where}" if where else ""),
    ]
    if one.maintenance and one.started_at is not None:
        spans += [", from ", Span(at=one.started_at)]
        spans += [" to ", Span(at=one.ends_at)] if one.ends_at is not None else []
    elif (at := one.updated_at or one.started_at) is not None:
        spans.append(f", last word {ago(at, now)}")
    if one.updates and one.updates[0].text:
        spans.append(f": {cut(one.updates[0].text, 240)}")
    return text(*spans)
