"""The alert and the answer to `incidents`: what is broken, whom of us it hits, what to do first, what is known so far."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Table, Text, Tone, text
from bot.cards.happening import (
    PHASES,
    SEVERITIES,
    affected_table,
    hit,
    lasting,
    names,
    tone_of,
    worst_first,
)
from bot.cards.inert import cut, isolated
from bot.cards.standing import command
from bot.cards.wording import ago, count, money, prose, span_of
from bot.signals import OwnIncident, Phase

_SERVICES, _EVIDENCE, _TIMELINE, _STEPS, _RUNBOOKS, _LISTED = 8, 4, 6, 3, 2, 15
_LINE = 240
_LEADS = {
    Phase.SUSPECTED: "Not sure yet",
    Phase.CONFIRMED: "Broken",
    Phase.MONITORING: "Looks better",
    Phase.RESOLVED: "Over",
}


def incident_card(incident: OwnIncident, *, now: datetime, currency: str = "") -> Card:
    """One incident in full. `currency`: what money is counted in; empty: money is not told."""
    blocks: list[Block] = [_facts(incident, now, currency)]
    if incident.touches_us:
        heading = "Our services" if incident.open else "Our services, as it was expected"
        blocks += [Heading(heading), affected_table(incident.affected, at_most=_SERVICES)]
    blocks += [*_first_steps(incident), *_known(incident), *_timeline(incident)]
    if buttons := _buttons(incident):
        blocks.append(Buttons(buttons))
    title = f"{_LEADS[incident.phase]}: {isolated(cut(incident.title, 110))}"
    return Card("incident", title, _summary(incident), tuple(blocks), tone_of(incident), _data(incident))


def incidents_card(incidents: Sequence[OwnIncident], *, now: datetime) -> Card:
    """The open incidents and those that ended lately, as they come: the worst first."""
    still_open = [one for one in incidents if one.open]
    if not incidents:
        return Card("incidents", "No incidents", "Nothing is broken as far as we see.", (), "good", {"incidents": []})
    rows = tuple(_row(one, now) for one in incidents[:_LISTED])
    columns = ("Incident", "State", "Ours", "Since")
    blocks: list[Block] = [Table(columns, rows, left_out=max(0, len(incidents) - _LISTED))]
    if still_open:
        made = (Button(cut(one.title, 40), command("incidents", one.id)) for one in still_open[:3])
        blocks.append(Buttons(tuple(made)))
    ours = [one for one in still_open if one.touches_us]
    summary = f"{count(len(still_open), 'incident')} open, {len(ours):,} of them with services of ours."
    if ended := len(incidents) - len(still_open):
        summary += f" {count(ended, 'incident')} ended lately."
    data = {"incidents": [_data(one) for one in incidents[:_LISTED]]}
    tones = {tone_of(one) for one in still_open}
    order: tuple[Tone, ...] = ("bad", "warning", "neutral")
    tone: Tone = next((one for one in order if one in tones), "good")
    title = "Incidents" if still_open else "No open incidents"
    return Card("incidents", title, summary, tuple(blocks), tone, data)


def _summary(incident: OwnIncident) -> str:
    if incident.ours:
        return "Everything fails at once from here: this looks like our own network, not like a provider."
    struck = hit(incident.affected)
    wave = f" This is wave {incident.wave}." if incident.wave > 1 and incident.open else ""
    if incident.open:
        return (f"{struck}." if struck else "No service of ours is known to need it.") + wave
    took = span_of((incident.resolved_at or incident.updated_at) - incident.onset_at)
    those = names([one.service for one in worst_first(incident.affected)])
    return f"It lasted {took}. " + (f"It hit {those}." if those else "It hit no service of ours that we know of.")


def _facts(incident: OwnIncident, now: datetime, currency: str) -> Pairs:
    state: list[str | Span] = [PHASES[incident.phase]]
    state += [f", wave {incident.wave}"] if incident.wave > 1 else []
    state += [", comes and goes"] if incident.flapping else []
    what = names([str(scope) for scope in incident.scopes]) or "not known"
    pairs: list[tuple[str, Text]] = [
        ("State", text(*state)),
        ("What", text(what)),
        ("Since", lasting(incident, now)),
        ("The provider says", _provider(incident)),
    ]
    per_hour = sum(one.cost_per_hour or 0.0 for one in incident.affected)
    users = sum(one.users or 0 for one in incident.affected)
    at_stake = [f"{money(per_hour, currency)} an hour"] if per_hour and currency else []
    at_stake += [count(users, "user")] if users else []
    if at_stake:
        pairs.append(("At stake", text(", ".join(at_stake))))
    if handled := _handled(incident):
        pairs.append(("Who is on it", handled))
    return Pairs(tuple(pairs))


def _provider(incident: OwnIncident) -> Text:
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


def _handled(incident: OwnIncident) -> Text:
    hands = incident.handling
    spans: list[str | Span] = []
    if hands.assigned_to:
        spans.append(isolated(cut(hands.assigned_to, 80)))
    if hands.acknowledged_by:
        spans += [", " if spans else "", f"seen by {isolated(cut(hands.acknowledged_by, 80))}"]
    if hands.muted_until is not None:
        spans += [", " if spans else "", "quiet until ", Span(at=hands.muted_until)]
    return text(*spans)


def _first_steps(incident: OwnIncident) -> list[Block]:
    blocks: list[Block] = []
    with_steps = [one for one in worst_first(incident.affected) if one.first_steps] if incident.open else []
    for one in with_steps[:_RUNBOOKS]:
        steps = tuple(prose(cut(step, _LINE)) for step in one.first_steps[:_STEPS])
        left = max(0, len(one.first_steps) - _STEPS)
        blocks += [
            Heading(f"First steps for {isolated(cut(one.service, 100))}"),
            Items(steps, numbered=True, left_out=left),
        ]
    return blocks


def _known(incident: OwnIncident) -> list[Block]:
    lines = [text(cut(one, _LINE)) for one in incident.evidence]
    blocks: list[Block] = []
    if incident.cause is not None:
        why = f": {cut(incident.cause_why, _LINE)}" if incident.cause_why else "."
        blocks.append(Paragraph(text("Behind it all stands ", Span(str(incident.cause), "bold"), why)))
    if lines:
        blocks += [Heading("What we see"), Items(tuple(lines[:_EVIDENCE]), left_out=max(0, len(lines) - _EVIDENCE))]
    return blocks


def _timeline(incident: OwnIncident) -> list[Block]:
    if not incident.timeline:
        return []
    newest = sorted(incident.timeline, key=lambda one: one.at, reverse=True)
    lines = tuple(text(Span(at=one.at), f" {cut(one.text, _LINE)}") for one in newest[:_TIMELINE])
    return [Heading("What happened, newest first"), Items(lines, left_out=max(0, len(newest) - _TIMELINE))]


def _buttons(incident: OwnIncident) -> tuple[Button, ...]:
    if not incident.open:
        return ()
    made = []
    if not incident.handling.acknowledged_by:
        made.append(Button("I am on it", command("acknowledge", incident.id), primary=True))
    if incident.handling.muted_until is None:
        made.append(Button("Quiet for 1 h", command("mute", incident.id, "1h")))
    worst = next(iter(worst_first(incident.affected)), None)
    if worst is not None and worst.runbook:
        made.append(Button("Runbook", command("runbook", worst.service), update=False))
    return (*made, Button("Now", command("incidents", incident.id)))


def _row(one: OwnIncident, now: datetime) -> tuple[Text, ...]:
    ours = worst_first(one.affected)
    return (
        text(Span(cut(one.title, 120), "bold"), " ", Span(one.id, "code")),
        text(PHASES[one.phase]),
        text(names([each.service for each in ours]) if ours else "none of ours"),
        text(Span(at=one.onset_at), f" ({ago(one.onset_at, now)})"),
    )


def _data(incident: OwnIncident) -> dict[str, object]:
    return {
        "id": incident.id,
        "phase": incident.phase.value,
        "severity": incident.severity.value,
        "scopes": [str(scope) for scope in incident.scopes],
        "cause": None if incident.cause is None else str(incident.cause),
        "wave": incident.wave,
        "onset_at": incident.onset_at.isoformat(),
        "resolved_at": None if incident.resolved_at is None else incident.resolved_at.isoformat(),
        "services": {one.service: one.fate.value for one in worst_first(incident.affected)[:50]},
    }
