"""The answer to `status`: what providers say of themselves, what touches us first, how old each word is."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Text, Tone, text
from bot.cards.messages.incident_parts import SEVERITIES, STATES, listed, provider_line
from bot.cards.messages.score_parts import command
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import ago, count
from bot.model import FeedReading, IncidentSeverity, ProviderIncident

STALE_AFTER = timedelta(minutes=15)
"""A word of a provider older than this holds no more: it is unknown."""

_PROVIDERS, _INCIDENTS, _COMPONENTS, _UPDATES = 12, 5, 12, 5
_BAD = (IncidentSeverity.CRITICAL, IncidentSeverity.MAJOR, IncidentSeverity.MINOR)


def status_card(
    readings: Sequence[FeedReading],
    *,
    needed_by: Mapping[str, Sequence[str]],
    now: datetime,
    stale_after: timedelta = STALE_AFTER,
) -> Card:
    """All providers: what is wrong and touches us, what is wrong elsewhere, what is not known, what is announced.

    Args:
        readings: the last reading of each feed.
        needed_by: provider -> names of our services that need it; a provider that is not in it is none of ours.
        now: the present moment (UTC).
        stale_after: how old a reading may be before what it says is unknown.
    """
    if not readings:
        return _no_feeds()
    told = sorted(readings, key=lambda reading: (-len(needed_by.get(reading.provider, ())), reading.provider))
    unknown = [state for state in told if severity_of(state, now, stale_after) is None]
    wrong = [state for state in told if severity_of(state, now, stale_after) in _BAD]
    ours = [item for item in wrong if needed_by.get(item.provider)]
    elsewhere = [item for item in wrong if not needed_by.get(item.provider)]
    blocks: list[Block] = []
    for own in ours[:_PROVIDERS]:
        blocks += _provider(own, needed_by[own.provider], now)
    if len(ours) > _PROVIDERS:
        blocks.append(
            Paragraph(
                text(f"… and {count(len(ours) - _PROVIDERS, 'provider')} more needed by our services."), quiet=True
            )
        )
    if elsewhere:
        blocks.append(
            Paragraph(text(Span("Elsewhere", "bold"), f": {listed([label(item) for item in elsewhere], 8)}."))
        )
    blocks += _unknown(unknown, needed_by, now)
    blocks += _announced(told, now)
    fine = len(told) - len(wrong) - len(unknown)
    if fine:
        blocks.append(
            Paragraph(text(f"{count(fine, 'provider')} report{'s' if fine == 1 else ''} no problem."), quiet=True)
        )
    if ours:
        blocks.append(
            Buttons(tuple(Button(cut(own.provider, 40), command("status", own.provider)) for own in ours[:4]))
        )
    title, summary, tone = _answer(ours, elsewhere, unknown, needed_by, len(told))
    data = {"providers": {state.provider: _word(severity_of(state, now, stale_after)) for state in told}}
    return Card("status", title, summary, tuple(blocks), tone, data)


def provider_card(
    reading: FeedReading,
    *,
    needed_by: Sequence[str],
    now: datetime,
    stale_after: timedelta = STALE_AFTER,
    beside: Sequence[FeedReading] = (),
) -> Card:
    """One provider in full. `needed_by`: our services that need it. `beside`: what else it says, elsewhere or by another feed."""
    severity = severity_of(reading, now, stale_after)
    open_now = [incident for incident in reading.incidents if incident.open and not incident.maintenance]
    blocks: list[Block] = [
        Pairs(
            (
                ("Status page", text(SEVERITIES[severity])),
                ("Needed by", text(listed(needed_by, 5) if needed_by else "no service of ours")),
                (
                    "Read",
                    text(Span(at=reading.read_at), f" ({ago(reading.read_at, now)})")
                    if reading.read_at
                    else text("never"),
                ),
            )
        )
    ]
    if reading.error:
        blocks.append(Paragraph(text(Span("unreadable", "unclear"), f": {cut(reading.error, 240)}")))
    for item in open_now[:_INCIDENTS]:
        blocks += [Items((provider_line(item, now),)), *_updates(item)]
    if len(open_now) > _INCIDENTS:
        blocks.append(Paragraph(text(f"… and {count(len(open_now) - _INCIDENTS, 'incident')} more."), quiet=True))
    blocks += _components(reading)
    if beside:
        lines = tuple(_beside(item, now, stale_after) for item in beside[:_INCIDENTS])
        blocks += [Heading("Beside that"), Items(lines, left_out=max(0, len(beside) - _INCIDENTS))]
    blocks += _announced([reading, *beside], now)
    name = isolated(cut(reading.provider, 80))
    if severity is None:
        title, summary = f"{name}: unknown", "No recent reading of its status page."
    elif severity in _BAD:
        title, summary = f"{name}: problem reported", f"{count(len(open_now), 'incident')} open on its status page."
    else:
        title, summary = (
            f"{name}: no problem reported",
            "Its status page lists no incident. Status pages often lag.",
        )
    data = {"provider": reading.provider, "severity": _word(severity), "incidents": [item.id for item in open_now[:50]]}
    return Card("status", title, summary, tuple(blocks), _tone(severity, needed=bool(needed_by)), data)


def label(reading: FeedReading) -> str:
    """What a reading is called: its provider, and by which feed where that is not its public page."""
    return f"{reading.provider}, {reading.feed}" if reading.feed else reading.provider


def severity_of(reading: FeedReading, now: datetime, stale_after: timedelta = STALE_AFTER) -> IncidentSeverity | None:
    """What a provider says of itself; None where nothing fresh was read."""
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
        title = f"Problems at {listed([own.provider for own in ours])}"
        services = list(dict.fromkeys(name for own in ours for name in needed_by[own.provider]))
        verb = "needs" if len(services) == 1 else "need"
        return title, f"{count(len(services), 'service')} of ours {verb} them ({listed(services)}).", "bad"
    blind = [item for item in unknown if needed_by.get(item.provider)]
    summary = f"{count(total, 'provider')} read; none that we need reports a problem."
    if blind:
        return (
            "Some status pages are unreadable",
            f"{summary} No recent reading of {listed([item.provider for item in blind])}.",
            "warning",
        )
    if elsewhere:
        return "No problem affects us", summary, "good"
    return "No provider reports a problem", f"{summary} Status pages often lag.", "good"


def _provider(reading: FeedReading, services: Sequence[str], now: datetime) -> list[Block]:
    open_now = [incident for incident in reading.incidents if incident.open and not incident.maintenance]
    lines = tuple(provider_line(item, now) for item in open_now[:_INCIDENTS])
    if not lines:
        bad = [component.name for component in reading.components if component.severity in _BAD]
        lines = (text(SEVERITIES[reading.severity], f" {listed(bad, 5) or 'no incident listed'}"),)
    left = max(0, len(open_now) - _INCIDENTS)
    heading = f"{isolated(cut(label(reading), 80))}, needed by {listed(services)}"
    return [Heading(heading), Items(lines, left_out=left)]


def _unknown(unknown: Sequence[FeedReading], needed_by: Mapping[str, Sequence[str]], now: datetime) -> list[Block]:
    lines = tuple(_not_known(item, now) for item in unknown if needed_by.get(item.provider))
    blocks: list[Block] = []
    if lines:
        blocks += [Heading("Not known"), Items(lines[:_INCIDENTS], left_out=max(0, len(lines) - _INCIDENTS))]
    if rest := [label(item) for item in unknown if not needed_by.get(item.provider)]:
        said = f"No recent reading of {listed(rest)}; no service of ours needs it."
        blocks.append(Paragraph(text(said), quiet=True))
    return blocks


def _not_known(reading: FeedReading, now: datetime) -> Text:
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
    ahead = [item for item in ahead if item.ends_at is None or item.ends_at > now]
    if not ahead:
        return []
    ahead.sort(key=lambda entry: (entry.started_at or now, entry.id))
    lines = tuple(provider_line(item, now) for item in ahead[:_INCIDENTS])
    return [Heading("Scheduled maintenance"), Items(lines, left_out=max(0, len(ahead) - _INCIDENTS))]


def _updates(incident: ProviderIncident) -> list[Block]:
    lines = []
    for update in incident.updates[1 : _UPDATES + 1]:
        when: tuple[str | Span, ...] = (Span(at=update.at), " ") if update.at is not None else ()
        lines.append(text(*when, f"{STATES[update.state]}: {cut(update.text, 240)}"))
    left = max(0, len(incident.updates) - 1 - _UPDATES)
    return [Heading("Earlier updates"), Items(tuple(lines), left_out=left)] if lines else []


def _beside(reading: FeedReading, now: datetime, stale_after: timedelta) -> Text:
    if reading.error or severity_of(reading, now, stale_after) is None:
        return _not_known(reading, now)
    open_now = [incident for incident in reading.incidents if incident.open and not incident.maintenance]
    titles = f": {listed([item.title for item in open_now], 2)}" if open_now else ""
    return text(SEVERITIES[reading.severity], " ", Span(cut(label(reading), 80), "bold"), titles)


def _components(reading: FeedReading) -> list[Block]:
    found = [component for component in reading.components if component.severity is not IncidentSeverity.NONE]
    if not found:
        return []
    lines = tuple(
        text(
            SEVERITIES[match_.severity],
            f" {cut(match_.name, 120)}" + (f", {cut(match_.region, 40)}" if match_.region else ""),
        )
        for match_ in found[:_COMPONENTS]
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
            "Feeds are listed under ",
            Span("providers:", "code"),
            " in backstay.yaml; ",
            Span("watch.feeds", "code"),
            " turns them off.",
        )
    )
    said = "No status feed was read yet."
    return Card("status", "Provider status unknown", said, (advice,), "neutral", {"providers": {}})
