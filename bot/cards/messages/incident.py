"""The answers to `incidents`: all open ones, or one of them in full."""

from collections.abc import Sequence
from typing import Any

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Paragraph, Span, Table, Text, Tone, text
from bot.cards.messages.alert import answer, buttons, first_steps, own_first
from bot.cards.messages.alert_detail import evidence, services, timeline
from bot.cards.messages.alert_facts import facts
from bot.cards.messages.incident_parts import incident_data, lead_title, tone_of
from bot.cards.messages.open_incidents import open_data, open_words, sorted_open, unmerged
from bot.cards.messages.outage_words import impact_line, state_of
from bot.cards.messages.score_parts import command
from bot.cards.messages.sightings import provider_reports, started
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import count, listed
from bot.model.incidents import ActiveMaintenance, Incident

_TIMELINE, _LISTED, _SILENT = 8, 15, 5


def incident_card(incident: Incident, *, currency: str = "") -> Card:
    """One incident in full. `currency` of revenue at risk; empty: revenue is left out."""
    affected = own_first(incident.affected, "")
    blocks: list[Block] = [facts(incident, currency)]
    blocks += first_steps(affected) if incident.open and affected else []
    blocks += [*services(incident), *(provider_reports(incident) if incident.words else ())]
    blocks += [*evidence(incident), *timeline(incident, _TIMELINE)]
    blocks.append(Buttons(buttons(incident, "", affected)))
    return Card(
        "incident",
        lead_title(incident),
        answer(incident, affected),
        tuple(blocks),
        tone_of(incident),
        incident_data(incident),
    )


def incidents_card(
    incidents: Sequence[Incident],
    *,
    maintenance: Sequence[ActiveMaintenance] = (),
    blind: Sequence[tuple[str, str]] = (),
) -> Card:
    """The open incidents and those that ended lately, in the order given: the worst first.

    `maintenance`: open windows, in which no incident is opened; `blind`: paths on which probes show nothing now.
    """
    incidents = unmerged(incidents)
    found = sorted_open(incidents)
    still_open = [incident for incident in incidents if incident.open]
    around = (*_blind_paths(blind), *_open_windows(maintenance))
    if not incidents:
        return _without_incidents(maintenance, blind, around)
    rows = tuple(_row(incident) for incident in incidents[:_LISTED])
    columns = ("Incident", "State", "Our services", "Started")
    blocks: list[Block] = [Table(columns, rows, left_out=max(0, len(incidents) - _LISTED))]
    if still_open:
        named = still_open[:3]
        blocks.append(
            Buttons(tuple(Button(cut(incident.title, 40), command("incidents", incident.id)) for incident in named))
        )
    blocks += around
    summary = open_words(found)
    if ended := len(incidents) - len(still_open):
        summary += f" {count(ended, 'incident')} ended recently."
    data = {"incidents": [incident_data(incident) for incident in incidents[:_LISTED]]} | open_data(found)
    data |= _around_data(maintenance, blind)
    tones = {tone_of(incident) for incident in still_open}
    order: tuple[Tone, ...] = ("bad", "warning", "neutral")
    worst = next((tone for tone in order if tone in tones), "warning" if blind else "good")
    title = "Incidents" if still_open else "No open incidents"
    return Card("incidents", title, summary, tuple(blocks), worst, data)


def _without_incidents(
    maintenance: Sequence[ActiveMaintenance], blind: Sequence[tuple[str, str]], around: tuple[Block, ...]
) -> Card:
    """No incident. Maintenance that is on is the answer then: it may be why."""
    data: dict[str, Any] = {"incidents": []} | _around_data(maintenance, blind)
    tone: Tone = "warning" if blind else "good"
    if not maintenance:
        return Card("incidents", "No incidents", "No incident is open.", around, tone, data)
    places = listed(list(dict.fromkeys(str(window.scope) for window in maintenance)))
    said = f"{places}: maintenance is on. Nothing else is open."
    return Card("incidents", "Maintenance in progress", said, around, tone, data)


def _blind_paths(blind: Sequence[tuple[str, str]]) -> tuple[Block, ...]:
    """Paths on which probe results do not count now: what only they could show is unknown."""
    if not blind:
        return ()
    paths = tuple(
        text(
            f"DNS through {cut(via, 80)}" if via else "TCP, TLS and HTTP",
            f", from {cut(vantage, 60)}" * bool(vantage),
        )
        for vantage, via in blind[:_SILENT]
    )
    why = "The control group fails on these paths too, so the results of our probes are unknown."
    vantages = list(dict.fromkeys(isolated(vantage) for vantage, _ in blind if vantage))
    who = f"{listed(vantages)} {'has' if len(vantages) == 1 else 'have'} " if vantages else ""
    head = Heading(f"Monitoring is blind: {who}no connectivity")
    return head, Items(paths, left_out=max(0, len(blind) - _SILENT)), Paragraph(text(why), quiet=True)


def _open_windows(maintenance: Sequence[ActiveMaintenance]) -> tuple[Block, ...]:
    """Where announced problems open no incident now: no news from there must not look like an all-clear."""
    if not maintenance:
        return ()
    rows = tuple(
        text(
            Span(str(window.scope), "bold"),
            " until ",
            Span(at=window.ends),
            f": {cut(window.why, 100)}" if window.why else "",
            "" if window.ours else " (announced by its provider)",
        )
        for window in maintenance[:_SILENT]
    )
    head = Heading("In maintenance: problems that it announces open no incident")
    return head, Items(rows, left_out=max(0, len(maintenance) - _SILENT))


def _around_data(maintenance: Sequence[ActiveMaintenance], blind: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Maintenance and blind paths for machines; a key is left out where there is none."""
    paths = [{"vantage": vantage, "via": via} for vantage, via in blind]
    windows = [
        {"scope": str(window.scope), "ends": window.ends.isoformat(), "why": window.why, "ours": window.ours}
        for window in maintenance
    ]
    return ({"maintenance": windows[:_SILENT]} if windows else {}) | ({"blind": paths[:_SILENT]} if paths else {})


def _row(incident: Incident) -> tuple[Text, ...]:
    return (
        text(Span(cut(incident.title, 120), "bold"), " ", Span(incident.id, "code")),
        state_of(incident),
        text(_ours(incident)),
        started(incident) if incident.old else text(Span(at=incident.started_at)),
    )


def _ours(incident: Incident) -> str:
    return impact_line(incident, incident.affected) or ("our own network" if incident.ours else "none affected")
