"""The answer to `status`: what the status pages of providers report, what our services use first, and our own open incidents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Paragraph, Span, Tone, text
from bot.cards.messages.incident_parts import SEVERITIES, lead_title, provider_line, tone_of
from bot.cards.messages.open_incidents import incident_lines, open_data, sorted_open
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
    worst_tone,
    wrong_line,
)
from bot.cards.messages.score_parts import command
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import count, listed
from bot.model import FeedReading, IncidentSeverity
from bot.model.incidents import Incident

_PROVIDERS, _INCIDENTS, _COMPONENTS, _UPDATES, _ELSEWHERE = 12, 5, 12, 5, 15


def status_card(
    readings: Sequence[FeedReading],
    *,
    needed_by: Mapping[str, Sequence[str]],
    now: datetime,
    stale_after: timedelta = STALE_AFTER,
    incidents: Sequence[Incident] = (),
) -> Card:
    """All providers: problems where our services run, problems elsewhere, unknown status, scheduled maintenance.

    Args:
        readings: the last reading of each feed.
        needed_by: provider -> names of our services that use it; we do not use a provider that is not in it.
        now: the present moment (UTC).
        stale_after: how old a reading may be before it counts as unknown.
        incidents: our own incidents that are open.
    """
    if not readings and not incidents:
        return _no_feeds()
    ranked = sorted(readings, key=lambda reading: (-len(needed_by.get(reading.provider, ())), reading.provider))
    unknown = [reading for reading in ranked if severity_of(reading, now, stale_after) is None]
    wrong = [reading for reading in ranked if severity_of(reading, now, stale_after) in BAD]
    busy = [reading for reading in ranked if reading not in (*unknown, *wrong) and maintenance_now(reading, now)]
    ours = [reading for reading in wrong if needed_by.get(reading.provider)]
    elsewhere = [reading for reading in wrong if not needed_by.get(reading.provider)]
    blocks: list[Block] = [*incident_lines(incidents, every=True)]
    for reading in ours[:_PROVIDERS]:
        blocks += _provider(reading, needed_by[reading.provider], now)
    blocks += _wrong("More problems where our services run", ours[_PROVIDERS:], now)
    blocks += _wrong("Problems elsewhere", elsewhere, now)
    blocks += _unknown(unknown, needed_by)
    blocks += _in_maintenance(busy, now)
    blocks += announced_maintenance(ranked, now)
    if fine := len(ranked) - len(wrong) - len(unknown) - len(busy):
        blocks.append(
            Paragraph(text(f"{count(fine, 'provider')} report{'s' if fine == 1 else ''} no problems."), quiet=True)
        )
    if ours:
        blocks.append(
            Buttons(
                tuple(Button(cut(reading.provider, 40), command("status", reading.provider)) for reading in ours[:4])
            )
        )
    title, summary, tone = _answer(_Sorted(ranked, ours, elsewhere, unknown, busy, incidents), needed_by, now)
    data = {
        "providers": {reading.provider: severity_word(severity_of(reading, now, stale_after)) for reading in ranked},
        "incidents": [incident.id for incident in incidents[:50]],
    } | open_data(sorted_open(incidents))
    return Card("status", title, summary, tuple(blocks), tone, data)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The readings by what they report. `busy`: in maintenance now and otherwise well; `incidents`: our own that are open."""

    ranked: Sequence[FeedReading]
    ours: Sequence[FeedReading]
    elsewhere: Sequence[FeedReading]
    unknown: Sequence[FeedReading]
    busy: Sequence[FeedReading]
    incidents: Sequence[Incident]


def _answer(found: _Sorted, needed_by: Mapping[str, Sequence[str]], now: datetime) -> tuple[str, str, Tone]:
    own = f"{count(len(found.incidents), 'incident')} of ours open. " if found.incidents else ""
    tones = [tone_of(incident) for incident in found.incidents]
    if found.ours:
        title = f"Problems reported: {listed([reading.provider for reading in found.ours])}"
        services = list(dict.fromkeys(name for reading in found.ours for name in needed_by[reading.provider]))
        verb, them = "uses" if len(services) == 1 else "use", "it" if len(found.ours) == 1 else "them"
        said = f"{own}{count(len(services), 'service')} of ours {verb} {them}: {listed(services)}."
        return title, said, "bad"
    blind = [label(reading) for reading in found.unknown if needed_by.get(reading.provider)]
    unread = f" Unknown: {listed(blind)}." if blind else ""
    watched = count(len(found.ranked), "provider")
    if found.incidents:
        title = lead_title(found.incidents[0])
        busy = [label(reading) for reading in found.busy if needed_by.get(reading.provider)]
        reports = f"no problem yet; maintenance in progress: {listed(busy)}" if busy else "nothing yet"
        said = f"{own}{watched} watched; those that our services use report {reports}.{unread}"
        return title, said, worst_tone([*tones, "warning"])
    if blind:
        return "Provider status partly unknown", f"{watched} watched.{unread}", "warning"
    return _answer_where_well(found, needed_by, now, watched)


def _answer_where_well(
    found: _Sorted, needed_by: Mapping[str, Sequence[str]], now: datetime, watched: str
) -> tuple[str, str, Tone]:
    """The answer where nothing that we use is reported to fail: maintenance and problems elsewhere are told first."""
    busy = [label(reading) for reading in found.busy if needed_by.get(reading.provider)]
    if busy:
        said = f"{watched} watched. Maintenance may affect what our services use."
        return f"Maintenance in progress: {listed(busy)}", said, "warning"
    ahead = any(is_announced(incident, now) for reading in found.ranked for incident in reading.incidents)
    planned = " Maintenance is in progress elsewhere." if found.busy else " Maintenance is scheduled." if ahead else ""
    summary = f"{watched} watched, no problems reported where our services run.{planned}"
    if found.elsewhere:
        said = f"{summary} Problems elsewhere: {listed([label(reading) for reading in found.elsewhere])}."
        return "No problems where our services run", said, "neutral"
    return "No problems reported", f"{summary} Status pages lag behind.", "good"


def _provider(reading: FeedReading, services: Sequence[str], now: datetime) -> list[Block]:
    open_now = open_incidents(reading)
    lines = tuple(provider_line(incident) for incident in open_now[:_INCIDENTS])
    left = max(0, len(open_now) - _INCIDENTS)
    heading = f"{isolated(cut(label(reading), 80))}, used by {listed(services)}"
    return [Heading(heading), Items(lines or (wrong_line(reading, now, named=False),), left_out=left)]


def _wrong(heading: str, readings: Sequence[FeedReading], now: datetime) -> list[Block]:
    if not readings:
        return []
    lines = tuple(wrong_line(reading, now) for reading in readings[:_ELSEWHERE])
    names = listed([label(reading) for reading in readings])
    return [Heading(f"{heading}: {names}"), Items(lines, left_out=max(0, len(readings) - _ELSEWHERE))]


def _unknown(unknown: Sequence[FeedReading], needed_by: Mapping[str, Sequence[str]]) -> list[Block]:
    lines = tuple(unknown_line(reading) for reading in unknown if needed_by.get(reading.provider))
    blocks: list[Block] = []
    if lines:
        blocks += [Heading("Status unknown"), Items(lines[:_INCIDENTS], left_out=max(0, len(lines) - _INCIDENTS))]
    others = [reading for reading in unknown if not needed_by.get(reading.provider)]
    if others:
        said = f"Status unknown, not used by our services: {listed([label(reading) for reading in others])}."
        blocks.append(Paragraph(text(said), quiet=True))
    if private := [label(reading) for reading in others if "login" in reading.error]:
        said = f"Status pages that ask for a login, so that they cannot be read: {listed(private, _INCIDENTS)}."
        blocks.append(Paragraph(text(said), quiet=True))
    return blocks


def _in_maintenance(busy: Sequence[FeedReading], now: datetime) -> list[Block]:
    """Pages that report maintenance by a component or as a whole; announced windows have lines of their own."""
    lines = []
    for reading in busy:
        parts = [part.name for part in reading.components if part.severity is IncidentSeverity.MAINTENANCE]
        announced = any(is_announced(incident, now) for incident in reading.incidents)
        if parts or not announced:
            name = Span(cut(label(reading), 80), "bold")
            lines.append(
                text(
                    SEVERITIES[IncidentSeverity.MAINTENANCE],
                    " ",
                    name,
                    f": {listed(parts)}" if parts else ", without details",
                )
            )
    if not lines:
        return []
    shown = tuple(lines[:_INCIDENTS])
    return [Heading("In maintenance"), Items(shown, left_out=max(0, len(lines) - _INCIDENTS))]


def _no_feeds() -> Card:
    advice = Paragraph(
        text(
            "Add feeds under ",
            Span("providers:", "code"),
            " in backstay.yaml; ",
            Span("watch.feeds", "code"),
            " turns them off.",
        )
    )
    said = "No status feed is read."
    return Card("status", "Provider status unknown", said, (advice,), "neutral", {"providers": {}})
