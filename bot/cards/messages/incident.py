"""The answers to `incidents`: all that are under way, or one of them in full."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Paragraph, Span, Table, Text, Tone, text
from bot.cards.messages.alert import answer, buttons, facts, first_steps, own_first
from bot.cards.messages.alert_detail import evidence, services, timeline
from bot.cards.messages.incident_parts import PHASES, incident_data, lead_title, names, tone_of, worst_first
from bot.cards.messages.score_parts import command
from bot.cards.sanitise import cut
from bot.cards.wording import ago, count, span_of
from bot.model.incidents import ActiveMaintenance, Incident

_TIMELINE, _LISTED, _SILENT = 8, 15, 5


def incident_card(incident: Incident, *, now: datetime, currency: str = "") -> Card:
    """One incident in full. `currency`: what money is counted in; empty: money is not told."""
    mine = own_first(incident.affected, "")
    blocks: list[Block] = [facts(incident, now, currency)]
    blocks += first_steps(mine) if incident.open and mine else []
    blocks += [*services(incident), *evidence(incident), *timeline(incident, _TIMELINE)]
    blocks.append(Buttons(buttons(incident, "", mine)))
    return Card(
        "incident",
        lead_title(incident),
        answer(incident, mine),
        tuple(blocks),
        tone_of(incident),
        incident_data(incident),
    )


def incidents_card(
    incidents: Sequence[Incident],
    *,
    now: datetime,
    quiet: Sequence[ActiveMaintenance] = (),
    blind: Sequence[tuple[str, str]] = (),
) -> Card:
    """The open incidents and those that ended lately, as they come: the worst first.

    `quiet`: where none would be opened; `blind`: over which ways of looking nothing can be told now.
    """
    still_open = [one for one in incidents if one.open]
    if not incidents:
        said = "Nothing is broken as far as we see."
        tone: Tone = "warning" if blind else "good"
        around = (*_unseen(blind), *_silence(quiet, now))
        return Card("incidents", "No incidents", said, around, tone, {"incidents": []} | _told(quiet, blind))
    rows = tuple(_row(one, now) for one in incidents[:_LISTED])
    columns = ("Incident", "State", "Ours", "Since")
    blocks: list[Block] = [Table(columns, rows, left_out=max(0, len(incidents) - _LISTED))]
    if still_open:
        made = (Button(cut(one.title, 40), command("incidents", one.id)) for one in still_open[:3])
        blocks.append(Buttons(tuple(made)))
    blocks += [*_unseen(blind), *_silence(quiet, now)]
    ours = [one for one in still_open if one.touches_us]
    summary = f"{count(len(still_open), 'incident')} open, {len(ours):,} of them with services of ours."
    if ended := len(incidents) - len(still_open):
        summary += f" {count(ended, 'incident')} ended lately."
    data = {"incidents": [incident_data(one) for one in incidents[:_LISTED]]} | _told(quiet, blind)
    tones = {tone_of(one) for one in still_open}
    order: tuple[Tone, ...] = ("bad", "warning", "neutral")
    tone = next((one for one in order if one in tones), "warning" if blind else "good")
    title = "Incidents" if still_open else "No open incidents"
    return Card("incidents", title, summary, tuple(blocks), tone, data)


def _unseen(blind: Sequence[tuple[str, str]]) -> tuple[Block, ...]:
    """Ways of looking that do not count now: what only they could show is unknown."""
    if not blind:
        return ()
    ways = tuple(
        text(
            f"by DNS through {cut(via, 80)}" if via else "by TCP, TLS and HTTP",
            f", from {cut(vantage, 60)}" * bool(vantage),
        )
        for vantage, via in blind[:_SILENT]
    )
    why = "Even the control group cannot be reached there, so what our looks show counts neither as good nor as bad."
    head = Heading("This is no all-clear: we see nothing")
    return head, Items(ways, left_out=max(0, len(blind) - _SILENT)), Paragraph(text(why), quiet=True)


def _silence(quiet: Sequence[ActiveMaintenance], now: datetime) -> tuple[Block, ...]:
    """Whose trouble would not be told now: where nothing is said, that must not look like an all-clear."""
    if not quiet:
        return ()
    rows = tuple(
        text(
            Span(str(one.scope), "bold"),
            f" for {span_of(one.ends - now)} more",
            f": {cut(one.why, 100)}" if one.why else "",
            "" if one.ours else " (announced by its provider)",
        )
        for one in quiet[:_SILENT]
    )
    return (
        Heading("In maintenance: trouble here opens no incident"),
        Items(rows, left_out=max(0, len(quiet) - _SILENT)),
    )


def _told(quiet: Sequence[ActiveMaintenance], blind: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Nothing where there is nothing to tell."""
    unseen = [{"vantage": vantage, "via": via} for vantage, via in blind]
    found = [{"scope": str(one.scope), "ends": one.ends.isoformat(), "why": one.why, "ours": one.ours} for one in quiet]
    return ({"maintenance": found[:_SILENT]} if found else {}) | ({"blind": unseen[:_SILENT]} if unseen else {})


def _row(one: Incident, now: datetime) -> tuple[Text, ...]:
    ours = worst_first(one.affected)
    return (
        text(Span(cut(one.title, 120), "bold"), " ", Span(one.id, "code")),
        text(PHASES[one.phase]),
        text(names([each.service for each in ours]) if ours else "none of ours"),
        text(Span(at=one.onset_at), f" ({ago(one.onset_at, now)})"),
    )
