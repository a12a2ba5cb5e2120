"""What one reading of a status page amounts to: how bad, what is wrong, in maintenance, or unknown and why."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.cards.card import Block, Heading, Items, Span, Text, Tone, text
from bot.cards.messages.incident_parts import SEVERITIES, provider_line
from bot.cards.sanitise import cut
from bot.cards.wording import listed
from bot.model import FeedReading, IncidentSeverity, IncidentState, ProviderIncident

STALE_AFTER = timedelta(minutes=15)
"""A reading older than this counts as unknown."""
OVERRUN = timedelta(hours=24)
"""How long after its planned end a maintenance is still told that its page calls in progress."""
BAD = (IncidentSeverity.CRITICAL, IncidentSeverity.MAJOR, IncidentSeverity.MINOR)
_TITLES, _PARTS, _TITLE, _INCIDENTS = 2, 4, 120, 5


def label(reading: FeedReading) -> str:
    """The name of a reading: its provider, and the feed where that is not its public page."""
    return f"{reading.provider}, {reading.feed}" if reading.feed else reading.provider


def open_incidents(reading: FeedReading) -> list[ProviderIncident]:
    """The incidents of the page that are going on, without maintenance and tests of the page."""
    return [
        incident for incident in reading.incidents if incident.open and not incident.maintenance and not incident.test
    ]


def severity_of(reading: FeedReading, now: datetime, stale_after: timedelta = STALE_AFTER) -> IncidentSeverity | None:
    """What a provider reports about itself; None where nothing was read recently.

    A page that calls itself well while it lists an open incident is not well: minor at least.
    """
    if reading.read_at is None or now - reading.read_at > stale_after:
        return None
    if reading.severity in (IncidentSeverity.NONE, IncidentSeverity.MAINTENANCE) and open_incidents(reading):
        grades = [incident.severity for incident in open_incidents(reading) if incident.severity in BAD]
        return min((grade for grade in grades if grade), key=BAD.index, default=IncidentSeverity.MINOR)
    return reading.severity


def is_announced(incident: ProviderIncident, now: datetime) -> bool:
    """Whether it is maintenance that is on or ahead. One that its page calls in progress may overrun its planned end."""
    if not incident.maintenance or incident.state is IncidentState.RESOLVED:
        return False
    begun = incident.state is IncidentState.IN_PROGRESS
    latest = incident.ends_at and incident.ends_at + (OVERRUN if begun else timedelta())
    return (incident.resolved_at is None or begun) and (latest is None or latest > now)


def maintenance_now(reading: FeedReading, now: datetime) -> list[str]:
    """The titles of maintenance that is on, or the components in maintenance; empty where there is none."""
    on = [
        incident.title
        for incident in reading.incidents
        if is_announced(incident, now)
        and (
            incident.state is IncidentState.IN_PROGRESS
            or (incident.started_at is not None and incident.started_at <= now)
        )
    ]
    parts = [part.name for part in reading.components if part.severity is IncidentSeverity.MAINTENANCE]
    if on or parts:
        return on or parts
    return ["maintenance"] if reading.severity is IncidentSeverity.MAINTENANCE else []


def what_is_wrong(reading: FeedReading) -> str:
    """The titles of its open incidents, else its failing components, else that its page names none."""
    titles = [f"“{cut(incident.title, _TITLE)}”" for incident in open_incidents(reading) if incident.title]
    if titles:
        return listed(titles, _TITLES)
    parts = [part.name for part in reading.components if part.severity in BAD]
    return listed(parts, _PARTS) if parts else "the status page as a whole, without details"


def wrong_line(reading: FeedReading, now: datetime, *, named: bool = True) -> Text:
    """`✗ major github: “Incident with Actions”`."""
    name: tuple[str | Span, ...] = (Span(cut(label(reading), 80), "bold"), ": ") if named else ()
    return text(SEVERITIES[severity_of(reading, now)], " ", *name, what_is_wrong(reading))


def why_unknown(reading: FeedReading) -> str:
    """Why a page is unknown: it could not be read, or a part of it; empty where no reason is known."""
    return reading.error or (f"{reading.unread} could not be read" if reading.unread else "")


def unknown_line(reading: FeedReading) -> Text:
    """`? unknown slack, last read 23 Nov 2026, 10:29 UTC: HTTP 503`."""
    when: list[str | Span] = [", never read"]
    if reading.read_at:
        when = [", last read ", Span(at=reading.read_at)]
        when += [f" ({reading.severity.value} then)"] if reading.severity in BAD else []
    why = f": {cut(why_unknown(reading), 160)}" if why_unknown(reading) else ""
    return text(Span("unknown", "unclear"), " ", Span(cut(label(reading), 80), "bold"), *when, why)


def announced_maintenance(readings: Sequence[FeedReading], now: datetime) -> list[Block]:
    """Maintenance that is on or ahead, the next one first."""
    ahead = [incident for reading in readings for incident in reading.incidents if is_announced(incident, now)]
    if not ahead:
        return []
    ahead.sort(key=lambda incident: (incident.started_at or now, incident.id))
    named = len({reading.provider for reading in readings}) > 1
    lines = tuple(provider_line(incident, named=named) for incident in ahead[:_INCIDENTS])
    return [Heading("Maintenance"), Items(lines, left_out=max(0, len(ahead) - _INCIDENTS))]


def worst_tone(tones: Sequence[Tone]) -> Tone:
    """The tone of the worst of them."""
    order: tuple[Tone, ...] = ("bad", "warning", "neutral", "good")
    return min(tones, key=order.index)


def severity_word(severity: IncidentSeverity | None) -> str:
    """A severity for machines."""
    return severity.value if severity is not None else "unknown"
