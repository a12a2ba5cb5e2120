"""The answer to `status PROVIDER`: one provider in full, and our own open incidents of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.cards.card import Block, Card, Heading, Items, Pairs, Paragraph, Span, Text, Tone, text
from bot.cards.messages.incident_parts import SEVERITIES, STATES, lead_title, provider_line, tone_of
from bot.cards.messages.open_incidents import incident_lines, of_provider
from bot.cards.messages.page_readings import (
    BAD,
    STALE_AFTER,
    announced_maintenance,
    is_announced,
    label,
    maintenance_now,
    open_incidents,
    severity_of,
    severity_word,
    unknown_line,
    what_is_wrong,
    worst_tone,
    wrong_line,
)
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import count, listed
from bot.model import FeedReading, IncidentSeverity, ProviderIncident
from bot.model.incidents import Incident

_INCIDENTS, _COMPONENTS, _UPDATES, _ELSEWHERE, _TITLE = 5, 12, 5, 2, 120


def provider_card(  # noqa: PLR0913 - all by keyword but the reading
    reading: FeedReading,
    *,
    needed_by: Sequence[str],
    now: datetime,
    stale_after: timedelta = STALE_AFTER,
    beside: Sequence[FeedReading] = (),
    incidents: Sequence[Incident] = (),
    region: str = "",
) -> Card:
    """One provider in full.

    Args:
        reading: of its status page.
        needed_by: our services that use it.
        now: the present moment (UTC).
        stale_after: how old a reading may be before it counts as unknown.
        beside: its other feeds, and its other regions.
        incidents: our own incidents that are open, of any provider.
        region: the only one that was asked for; empty: those where our services run.
    """
    severity = severity_of(reading, now, stale_after)
    open_now = open_incidents(reading)
    own = [incident for incident in incidents if of_provider(incident, reading.provider)]
    blocks: list[Block] = [
        *incident_lines(own),
        Pairs(
            (
                ("Status", text(SEVERITIES[severity])),
                ("Used by", text(listed(needed_by, 5) if needed_by else "no service of ours")),
                (
                    "Last read",
                    text(Span(at=reading.read_at)) if reading.read_at else text("never"),
                ),
            )
        ),
    ]
    if reading.error:
        blocks.append(Paragraph(text(Span("could not be read", "unclear"), f": {cut(reading.error, 240)}")))
    elif reading.unread:
        said = f"{cut(reading.unread, 240)} could not be read, so more may be open."
        blocks.append(Paragraph(text(Span("incomplete", "unclear"), f": {said}")))
    for incident in open_now[:_INCIDENTS]:
        blocks += [Items((provider_line(incident),)), *_updates(incident)]
    if tests := [incident.title for incident in reading.incidents if incident.open and incident.test]:
        said = f"Tests of the page, not counted: {listed([f'“{cut(title, _TITLE)}”' for title in tests], 2)}."
        blocks.append(Paragraph(text(said), quiet=True))
    if len(open_now) > _INCIDENTS:
        blocks.append(Paragraph(text(f"… and {count(len(open_now) - _INCIDENTS, 'incident')} more."), quiet=True))
    blocks += _components(reading)
    if beside:
        lines = tuple(_other_feed(other, now, stale_after) for other in beside[:_INCIDENTS])
        blocks += [Heading("Other feeds and regions"), Items(lines, left_out=max(0, len(beside) - _INCIDENTS))]
    blocks += announced_maintenance([reading, *beside], now)
    name = isolated(cut(reading.provider, 80))
    title, summary = _answer(name, [reading, *beside], severity, now, region)
    if own:
        said = summary if severity in BAD or severity is None else _nothing_yet([reading, *beside], now)
        title, summary = lead_title(own[0]), f"{count(len(own), 'incident')} of ours open. {said}"
    data = {
        "provider": reading.provider,
        "severity": severity_word(severity),
        "incidents": [incident.id for incident in open_now[:50]],
        "own_incidents": [incident.id for incident in own[:50]],
    }
    tone = _tone(severity, needed=bool(needed_by))
    tone = worst_tone([tone, *(tone_of(incident) for incident in own)])
    return Card("status", title, summary, tuple(blocks), tone, data)


def _nothing_yet(readings: Sequence[FeedReading], now: datetime) -> str:
    """That the pages report none of our incidents, but perhaps maintenance."""
    if work := [title for reading in readings for title in maintenance_now(reading, now)]:
        return f"Its status page reports maintenance in progress, and no incident yet: {listed(work)}."
    return "Its status page reports nothing about it yet."


def _answer(
    name: str, readings: Sequence[FeedReading], severity: IncidentSeverity | None, now: datetime, region: str
) -> tuple[str, str]:
    """Title and summary. `readings`: its status page first, then its other feeds and regions."""
    page = readings[0]
    if severity is None:
        return f"{name}: unknown", _unknown(page)
    open_now = open_incidents(page)
    if severity in BAD:
        number = count(len(open_now), "incident")
        where = f"{number} open on its status page" if open_now else "Failing on its status page"
        return f"{name}: problems reported", f"{where}: {what_is_wrong(page)}."
    elsewhere = [reading for reading in readings[1:] if severity_of(reading, now) in BAD]
    if elsewhere:
        wrong = "; ".join(f"{label(reading)}: {what_is_wrong(reading)}" for reading in elsewhere[:_ELSEWHERE])
        here = f"in {cut(region, 40)}" if region else "where our services run"
        return f"{name}: no problems reported {here}", f"Problems elsewhere: {wrong}."
    if work := [title for reading in readings for title in maintenance_now(reading, now)]:
        said = "" if work == ["maintenance"] else f"{listed(work)}. "
        return f"{name}: maintenance in progress", f"{said}Nothing else is reported."
    if any(is_announced(incident, now) for reading in readings for incident in reading.incidents):
        return f"{name}: no problems reported", "Maintenance is scheduled. Status pages lag behind."
    return f"{name}: no problems reported", "Its status page shows no incident. Status pages lag behind."


def _unknown(page: FeedReading) -> str:
    if page.unread and not page.error:
        return f"On its status page {cut(page.unread, 160)} could not be read."
    why = f": {cut(page.error, 160)}" if page.error else ""
    return f"Its status page was not read recently{why}."


def _updates(incident: ProviderIncident) -> list[Block]:
    lines = []
    for update in incident.updates[1 : _UPDATES + 1]:
        when: tuple[str | Span, ...] = (Span(at=update.at), ", ") if update.at is not None else ()
        lines.append(text(*when, f"{STATES[update.state]}: {cut(update.text, 240)}"))
    left = max(0, len(incident.updates) - 1 - _UPDATES)
    return [Heading("Earlier updates"), Items(tuple(lines), left_out=left)] if lines else []


def _other_feed(reading: FeedReading, now: datetime, stale_after: timedelta) -> Text:
    severity = severity_of(reading, now, stale_after)
    if reading.error or severity is None:
        return unknown_line(reading)
    if severity in BAD:
        return wrong_line(reading, now)
    return text(SEVERITIES[severity], " ", Span(cut(label(reading), 80), "bold"))


def _components(reading: FeedReading) -> list[Block]:
    found = [component for component in reading.components if component.severity is not IncidentSeverity.NONE]
    if not found:
        return []
    lines = tuple(
        text(
            SEVERITIES[component.severity],
            f" {cut(component.name, 120)}" + (f", {cut(component.region, 40)}" if component.region else ""),
        )
        for component in found[:_COMPONENTS]
    )
    return [Heading("Affected components"), Items(lines, left_out=max(0, len(found) - _COMPONENTS))]


def _tone(severity: IncidentSeverity | None, *, needed: bool) -> Tone:
    if severity is None:
        return "warning" if needed else "neutral"
    if severity in BAD:
        return "bad" if needed else "warning"
    return "warning" if severity is IncidentSeverity.MAINTENANCE else "good"
