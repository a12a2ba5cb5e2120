"""The answer to `status`: what providers say of themselves, what touches us first, how old each word is."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Text, Tone, text
from bot.cards.messages.incident_parts import SEVERITIES, STATES, names, provider_line
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
    told = sorted(readings, key=lambda one: (-len(needed_by.get(one.provider, ())), one.provider))
    unknown = [one for one in told if severity_of(one, now, stale_after) is None]
    wrong = [one for one in told if severity_of(one, now, stale_after) in _BAD]
    ours = [one for one in wrong if needed_by.get(one.provider)]
    elsewhere = [one for one in wrong if not needed_by.get(one.provider)]
    blocks: list[Block] = []
    for one in ours[:_PROVIDERS]:
        blocks += _provider(one, needed_by[one.provider], now)
    if len(ours) > _PROVIDERS:
        blocks.append(
            Paragraph(text(f"… and {count(len(ours) - _PROVIDERS, 'provider')} more that we need."), quiet=True)
        )
    if elsewhere:
        blocks.append(Paragraph(text(Span("Elsewhere", "bold"), f": {names([label(one) for one in elsewhere], 8)}.")))
    blocks += _unknown(unknown, needed_by, now)
    blocks += _announced(told, now)
    fine = len(told) - len(wrong) - len(unknown)
    if fine:
        blocks.append(
            Paragraph(text(f"{count(fine, 'provider')} say{'s' if fine == 1 else ''} that all is well."), quiet=True)
        )
    if ours:
        blocks.append(
            Buttons(tuple(Button(cut(one.provider, 40), command("status", one.provider)) for one in ours[:4]))
        )
    title, summary, tone = _answer(ours, elsewhere, unknown, needed_by, len(told))
    data = {"providers": {one.provider: _word(severity_of(one, now, stale_after)) for one in told}}
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
    open_now = [one for one in reading.incidents if one.open and not one.maintenance]
    blocks: list[Block] = [
        Pairs(
            (
                ("Says of itself", text(SEVERITIES[severity])),
                ("Needed by", text(names(needed_by, 5) if needed_by else "none of ours")),
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
        blocks.append(Paragraph(text(Span("could not be read", "unclear"), f": {cut(reading.error, 240)}")))
    for one in open_now[:_INCIDENTS]:
        blocks += [Items((provider_line(one, now),)), *_updates(one)]
    if len(open_now) > _INCIDENTS:
        blocks.append(Paragraph(text(f"… and {count(len(open_now) - _INCIDENTS, 'incident')} more."), quiet=True))
    blocks += _components(reading)
    if beside:
        lines = tuple(_beside(one, now, stale_after) for one in beside[:_INCIDENTS])
        blocks += [Heading("Beside that"), Items(lines, left_out=max(0, len(beside) - _INCIDENTS))]
    blocks += _announced([reading, *beside], now)
    name = isolated(cut(reading.provider, 80))
    if severity is None:
        title, summary = f"{name}: not known", "Nothing fresh has been read, so nobody can say that all is well."
    elif severity in _BAD:
        title, summary = f"{name}: trouble", f"{count(len(open_now), 'incident')} open on its status page."
    else:
        title, summary = (
            f"{name}: says that all is well",
            "Its status page tells of no incident; status pages lag behind.",
        )
    data = {"provider": reading.provider, "severity": _word(severity), "incidents": [one.id for one in open_now[:50]]}
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
        title = f"Trouble at {names([one.provider for one in ours])}"
        services = list(dict.fromkeys(name for one in ours for name in needed_by[one.provider]))
        verb = "needs" if len(services) == 1 else "need"
        return title, f"{count(len(services), 'service')} of ours {verb} what has trouble ({names(services)}).", "bad"
    blind = [one for one in unknown if needed_by.get(one.provider)]
    summary = f"Of {count(total, 'provider')} none that we need tells of trouble."
    if blind:
        return (
            "Not everything can be seen",
            f"{summary} Nothing fresh is known of {names([one.provider for one in blind])}.",
            "warning",
        )
    if elsewhere:
        return "Nothing that touches us", summary, "good"
    return "All is well, as far as providers say", f"{summary} Status pages lag behind.", "good"


def _provider(reading: FeedReading, services: Sequence[str], now: datetime) -> list[Block]:
    open_now = [one for one in reading.incidents if one.open and not one.maintenance]
    lines = tuple(provider_line(one, now) for one in open_now[:_INCIDENTS])
    if not lines:
        bad = [one.name for one in reading.components if one.severity in _BAD]
        lines = (text(SEVERITIES[reading.severity], f" {names(bad, 5) or 'no incident is written up'}"),)
    left = max(0, len(open_now) - _INCIDENTS)
    heading = f"{isolated(cut(label(reading), 80))}, needed by {names(services)}"
    return [Heading(heading), Items(lines, left_out=left)]


def _unknown(unknown: Sequence[FeedReading], needed_by: Mapping[str, Sequence[str]], now: datetime) -> list[Block]:
    lines = tuple(_not_known(one, now) for one in unknown if needed_by.get(one.provider))
    blocks: list[Block] = []
    if lines:
        blocks += [Heading("Not known"), Items(lines[:_INCIDENTS], left_out=max(0, len(lines) - _INCIDENTS))]
    if rest := [label(one) for one in unknown if not needed_by.get(one.provider)]:
        said = f"Nothing fresh is known of {names(rest)}, which none of ours needs."
        blocks.append(Paragraph(text(said), quiet=True))
    return blocks


def _not_known(reading: FeedReading, now: datetime) -> Text:
    when = f"last read {ago(reading.read_at, now)}" if reading.read_at else "never read"
    if reading.read_at and reading.severity in _BAD:
        when += f" ({reading.severity.value} then)"
    why = f": {cut(reading.error, 160)}" if reading.error else ""
    return text(Span("unknown", "unclear"), " ", Span(cut(label(reading), 80), "bold"), f", {when}{why}")


def _announced(readings: Sequence[FeedReading], now: datetime) -> list[Block]:
    ahead = [one for reading in readings for one in reading.incidents if one.maintenance and one.resolved_at is None]
    ahead = [one for one in ahead if one.ends_at is None or one.ends_at > now]
    if not ahead:
        return []
    ahead.sort(key=lambda one: (one.started_at or now, one.id))
    lines = tuple(provider_line(one, now) for one in ahead[:_INCIDENTS])
    return [Heading("Maintenance ahead"), Items(lines, left_out=max(0, len(ahead) - _INCIDENTS))]


def _updates(one: ProviderIncident) -> list[Block]:
    lines = []
    for update in one.updates[1 : _UPDATES + 1]:
        when: tuple[str | Span, ...] = (Span(at=update.at), " ") if update.at is not None else ()
        lines.append(text(*when, f"{STATES[update.state]}: {cut(update.text, 240)}"))
    left = max(0, len(one.updates) - 1 - _UPDATES)
    return [Heading("What it said before"), Items(tuple(lines), left_out=left)] if lines else []


def _beside(reading: FeedReading, now: datetime, stale_after: timedelta) -> Text:
    if reading.error or severity_of(reading, now, stale_after) is None:
        return _not_known(reading, now)
    open_now = [one for one in reading.incidents if one.open and not one.maintenance]
    titles = f": {names([one.title for one in open_now], 2)}" if open_now else ""
    return text(SEVERITIES[reading.severity], " ", Span(cut(label(reading), 80), "bold"), titles)


def _components(reading: FeedReading) -> list[Block]:
    found = [one for one in reading.components if one.severity is not IncidentSeverity.NONE]
    if not found:
        return []
    lines = tuple(
        text(SEVERITIES[one.severity], f" {cut(one.name, 120)}" + (f", {cut(one.region, 40)}" if one.region else ""))
        for one in found[:_COMPONENTS]
    )
    return [Heading("Parts that are not well"), Items(lines, left_out=max(0, len(found) - _COMPONENTS))]


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
            "Feeds are named under ",
            Span("providers:", "code"),
            " in backstay.yaml; ",
            Span("watch.feeds", "code"),
            " switches them off.",
        )
    )
    said = "No feed of a provider is read yet."
    return Card("status", "Nothing is known of any provider", said, (advice,), "neutral", {"providers": {}})
