"""The answer to `status`: what the status pages of providers report, what our services use first."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Text, Tone, text
from bot.cards.messages.incident_parts import SEVERITIES, STATES, listed, provider_line
from bot.cards.messages.score_parts import command
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import ago, count
from bot.model import FeedReading, IncidentSeverity, ProviderIncident

STALE_AFTER = timedelta(minutes=15)
"""A reading older than this counts as unknown."""

_PROVIDERS, _INCIDENTS, _COMPONENTS, _UPDATES = 12, 5, 12, 5
_BAD = (IncidentSeverity.CRITICAL, IncidentSeverity.MAJOR, IncidentSeverity.MINOR)


def status_card(
    readings: Sequence[FeedReading],
    *,
    needed_by: Mapping[str, Sequence[str]],
    now: datetime,
    stale_after: timedelta = STALE_AFTER,
) -> Card:
    """All providers: problems where our services run, problems elsewhere, unknown status, scheduled maintenance.

    Args:
        readings: the last reading of each feed.
        needed_by: provider -> names of our services that use it; we do not use a provider that is not in it.
        now: the present moment (UTC).
        stale_after: how old a reading may be before it counts as unknown.
    """
    if not readings:
        return _no_feeds()
    ranked = sorted(readings, key=lambda reading: (-len(needed_by.get(reading.provider, ())), reading.provider))
    unknown = [reading for reading in ranked if severity_of(reading, now, stale_after) is None]
    wrong = [reading for reading in ranked if severity_of(reading, now, stale_after) in _BAD]
    ours = [reading for reading in wrong if needed_by.get(reading.provider)]
    elsewhere = [reading for reading in wrong if not needed_by.get(reading.provider)]
    blocks: list[Block] = []
    for reading in ours[:_PROVIDERS]:
        blocks += _provider(reading, needed_by[reading.provider], now)
    if len(ours) > _PROVIDERS:
        blocks.append(
            Paragraph(
                text(f"… and {count(len(ours) - _PROVIDERS, 'more provider')} that our services use."), quiet=True
            )
        )
    if elsewhere:
        blocks.append(
            Paragraph(
                text(Span("Problems elsewhere", "bold"), f": {listed([label(reading) for reading in elsewhere], 8)}.")
            )
        )
    blocks += _unknown(unknown, needed_by, now)
    blocks += _announced(ranked, now)
    fine = len(ranked) - len(wrong) - len(unknown)
    if fine:
        blocks.append(
            Paragraph(text(f"{count(fine, 'provider')} report{'s' if fine == 1 else ''} no problems."), quiet=True)
        )
    if ours:
        blocks.append(
            Buttons(
                tuple(Button(cut(reading.provider, 40), command("status", reading.provider)) for reading in ours[:4])
            )
        )
    title, summary, tone = _answer(ours, elsewhere, unknown, needed_by, len(ranked))
    data = {"providers": {reading.provider: _word(severity_of(reading, now, stale_after)) for reading in ranked}}
    return Card("status", title, summary, tuple(blocks), tone, data)


def provider_card(
    reading: FeedReading,
    *,
    needed_by: Sequence[str],
    now: datetime,
    stale_after: timedelta = STALE_AFTER,
    beside: Sequence[FeedReading] = (),
) -> Card:
    """One provider in full. `needed_by`: our services that use it. `beside`: its other feeds, and its other regions."""
    severity = severity_of(reading, now, stale_after)
    open_now = [incident for incident in reading.incidents if incident.open and not incident.maintenance]
    blocks: list[Block] = [
        Pairs(
            (
                ("Status", text(SEVERITIES[severity])),
                ("Used by", text(listed(needed_by, 5) if needed_by else "no service of ours")),
                (
                    "Last read",
                    text(Span(at=reading.read_at), f" ({ago(reading.read_at, now)})")
                    if reading.read_at
                    else text("never"),
                ),
            )
        )
    ]
    if reading.error:
        blocks.append(Paragraph(text(Span("could not be read", "unclear"), f": {cut(reading.error, 240)}")))
    for incident in open_now[:_INCIDENTS]:
        blocks += [Items((provider_line(incident, now),)), *_updates(incident)]
    if len(open_now) > _INCIDENTS:
        blocks.append(Paragraph(text(f"… and {count(len(open_now) - _INCIDENTS, 'incident')} more."), quiet=True))
    blocks += _components(reading)
    if beside:
        lines = tuple(_other_feed(other, now, stale_after) for other in beside[:_INCIDENTS])
        blocks += [Heading("Other feeds and regions"), Items(lines, left_out=max(0, len(beside) - _INCIDENTS))]
    blocks += _announced([reading, *beside], now)
    name = isolated(cut(reading.provider, 80))
    if severity is None:
        title, summary = f"{name}: unknown", "Its status page was not read recently."
    elif severity in _BAD:
        title, summary = f"{name}: problems reported", f"{count(len(open_now), 'incident')} open on its status page."
    else:
        title, summary = (
            f"{name}: no problems reported",
            "Its status page shows no incident. Status pages lag behind.",
        )
    data = {
        "provider": reading.provider,
        "severity": _word(severity),
        "incidents": [incident.id for incident in open_now[:50]],
    }
    return Card("status", title, summary, tuple(blocks), _tone(severity, needed=bool(needed_by)), data)


def label(reading: FeedReading) -> str:
    """The name of a reading: its provider, and the feed where that is not its public page."""
    return f"{reading.provider}, {reading.feed}" if reading.feed else reading.provider


def severity_of(reading: FeedReading, now: datetime, stale_after: timedelta = STALE_AFTER) -> IncidentSeverity | None:
    """What a provider reports about itself; None where nothing was read recently."""
    if reading.read_at is None or now - reading.read_at > stale_after:
        return None
    return reading.severity


def _answer(
    ours: Sequence[FeedReading],
    elsewhere: Sequence[FeedReading],
    unknown: Sequence[FeedReading],
    needed_by: Mapping[str, Sequence[str]],
    total: int,
) -> tuple[str, str, Tone]:
    if ours:
        title = f"Problems reported: {listed([reading.provider for reading in ours])}"
        services = list(dict.fromkeys(name for reading in ours for name in needed_by[reading.provider]))
        verb = "uses" if len(services) == 1 else "use"
        return (
            title,
            f"{count(len(services), 'service')} of ours {verb} {'it' if len(ours) == 1 else 'them'}: {listed(services)}.",
            "bad",
        )
    blind = [reading for reading in unknown if needed_by.get(reading.provider)]
    summary = f"{count(total, 'provider')} watched, no problems reported where our services run."
    if blind:
        return (
            "Provider status partly unknown",
            f"{summary} Unknown: {listed([reading.provider for reading in blind])}.",
            "warning",
        )
    if elsewhere:
        return "No problems where our services run", summary, "good"
    return "No problems reported", f"{summary} Status pages lag behind.", "good"


def _provider(reading: FeedReading, services: Sequence[str], now: datetime) -> list[Block]:
    open_now = [incident for incident in reading.incidents if incident.open and not incident.maintenance]
    lines = tuple(provider_line(incident, now) for incident in open_now[:_INCIDENTS])
    if not lines:
        bad = [component.name for component in reading.components if component.severity in _BAD]
        lines = (text(SEVERITIES[reading.severity], f" {listed(bad, 5) or 'no incident listed'}"),)
    left = max(0, len(open_now) - _INCIDENTS)
    heading = f"{isolated(cut(label(reading), 80))}, used by {listed(services)}"
    return [Heading(heading), Items(lines, left_out=left)]


def _unknown(unknown: Sequence[FeedReading], needed_by: Mapping[str, Sequence[str]], now: datetime) -> list[Block]:
    lines = tuple(_unknown_line(reading, now) for reading in unknown if needed_by.get(reading.provider))
    blocks: list[Block] = []
    if lines:
        blocks += [Heading("Status unknown"), Items(lines[:_INCIDENTS], left_out=max(0, len(lines) - _INCIDENTS))]
    if rest := [label(reading) for reading in unknown if not needed_by.get(reading.provider)]:
        said = f"Status unknown, not used by our services: {listed(rest)}."
        blocks.append(Paragraph(text(said), quiet=True))
    return blocks


def _unknown_line(reading: FeedReading, now: datetime) -> Text:
    when = f"last read {ago(reading.read_at, now)}" if reading.read_at else "never read"
    if reading.read_at and reading.severity in _BAD:
        when += f" ({reading.severity.value} then)"
    why = f": {cut(reading.error, 160)}" if reading.error else ""
    return text(Span("unknown", "unclear"), " ", Span(cut(label(reading), 80), "bold"), f", {when}{why}")


def _announced(readings: Sequence[FeedReading], now: datetime) -> list[Block]:
    ahead = [
        incident
        for reading in readings
        for incident in reading.incidents
        if incident.maintenance and incident.resolved_at is None
    ]
    ahead = [incident for incident in ahead if incident.ends_at is None or incident.ends_at > now]
    if not ahead:
        return []
    ahead.sort(key=lambda incident: (incident.started_at or now, incident.id))
    lines = tuple(provider_line(incident, now) for incident in ahead[:_INCIDENTS])
    return [Heading("Scheduled maintenance"), Items(lines, left_out=max(0, len(ahead) - _INCIDENTS))]


def _updates(incident: ProviderIncident) -> list[Block]:
    lines = []
    for update in incident.updates[1 : _UPDATES + 1]:
        when: tuple[str | Span, ...] = (Span(at=update.at), ", ") if update.at is not None else ()
        lines.append(text(*when, f"{STATES[update.state]}: {cut(update.text, 240)}"))
    left = max(0, len(incident.updates) - 1 - _UPDATES)
    return [Heading("Earlier updates"), Items(tuple(lines), left_out=left)] if lines else []


def _other_feed(reading: FeedReading, now: datetime, stale_after: timedelta) -> Text:
    if reading.error or severity_of(reading, now, stale_after) is None:
        return _unknown_line(reading, now)
    open_now = [incident for incident in reading.incidents if incident.open and not incident.maintenance]
    titles = f": {listed([incident.title for incident in open_now], 2)}" if open_now else ""
    return text(SEVERITIES[reading.severity], " ", Span(cut(label(reading), 80), "bold"), titles)


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
    if severity in _BAD:
        return "bad" if needed else "warning"
    return "good"


def _word(severity: IncidentSeverity | None) -> str:
    return severity.value if severity is not None else "unknown"


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
