"""Numbers, durations and states as text, the same on every card and in every renderer."""

from collections.abc import Sequence
from datetime import timedelta

from bot.cards.card import Card, Gauge, Mark, Span, Text, Tone
from bot.cards.sanitise import cut, isolated
from checks import Fate, Outcome, Severity
from checks import percent as percent  # noqa: PLC0414 - cards take it from here
from checks import rounded_down as rounded_down  # noqa: PLC0414

MOMENT_WORDS = 5
"""What a moment counts for where words are counted: `23 Nov 2026, 11:18 UTC`."""
_WITH_SYMBOL: frozenset[Mark] = frozenset({"good", "warning", "bad", "unclear"})
_STEPS = "▁▂▃▄▅▆▇█"
_NAMES, _NAME = 3, 80
OUTCOMES: dict[Outcome, Span] = {
    Outcome.FAIL: Span("failed", "bad"),
    Outcome.ERROR: Span("check error", "unclear"),
    Outcome.UNKNOWN: Span("unknown", "unclear"),
    Outcome.WAIVED: Span("waived", "quiet"),
    Outcome.PASS: Span("passed", "good"),
    Outcome.NOT_APPLICABLE: Span("not applicable", "quiet"),
}
FATES: dict[Fate, Span] = {
    Fate.DOWN: Span("expected down", "bad"),
    Fate.UNKNOWN: Span("impact unknown", "unclear"),
    Fate.DEGRADED: Span("expected degraded", "warning"),
    Fate.FAILS_OVER: Span("expected to fail over", "warning"),
    Fate.UNAFFECTED: Span("unaffected", "good"),
}
"""What is expected of a service, in words of a forecast."""

SEVERITIES: dict[Severity, Mark] = {
    Severity.CRITICAL: "bold",
    Severity.HIGH: "bold",
    Severity.MEDIUM: "plain",
    Severity.LOW: "quiet",
}

INCIDENTS = frozenset({"alert", "incident", "incidents"})
"""Kinds of cards about an incident: the siren is theirs alone."""
_SIREN = "🚨 "
_SYMBOLS: dict[Tone, str] = {"good": "✅ ", "warning": "⚠️ ", "bad": "🔴 ", "neutral": ""}


def symbol(card: Card) -> str:
    """The symbol before a title, with a space after it; empty on a neutral card."""
    return _SIREN if card.tone == "bad" and card.kind in INCIDENTS else _SYMBOLS[card.tone]


def count(number: int, singular: str, plural: str = "") -> str:
    """`1 service`, `9 services`, `1,200 users`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def word_count(words: Text) -> int:
    """The words that a text shows. The symbol of a mark is one too."""
    marked = sum(span.mark in _WITH_SYMBOL for span in words)
    return marked + sum(MOMENT_WORDS if span.at is not None else len(span.text.split()) for span in words)


def listed(names: Sequence[str], at_most: int = _NAMES) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c and 4 others`."""
    shown = [isolated(cut(name, _NAME)) for name in names[:at_most]]
    if len(names) > at_most:
        return f"{', '.join(shown)} and {count(len(names) - at_most, 'other')}"
    return " and ".join(part for part in (", ".join(shown[:-1]), *shown[-1:]) if part)


def with_code(words: str) -> Text:
    """Split a sentence of ours into plain text and the code between backticks."""
    parts = words.split("`")
    last = len(parts) - 1
    # Text after a backtick that is never closed (a sentence was cut) is code as well.
    return tuple(Span(part, "code" if at % 2 else "plain") for at, part in enumerate(parts) if part or at == last == 0)


def family_name(family: str) -> str:
    """Return a family of checks as people write it: `DNS`, `Control plane`."""
    return {"dns": "DNS", "controlplane": "Control plane"}.get(family, family.capitalize())


def points(value: float) -> str:
    """Format a score or its change without needless decimals: `82`, `4.5`; a small value is never shown as 0."""
    rounded = round(value, 1)
    if rounded == 0 and value:
        return "under 0.1"
    return f"{rounded:.0f}" if rounded == int(rounded) else f"{rounded:.1f}"


def duration(time: timedelta) -> str:
    """`45 s`, `15 min`, `1 h 30 min`, `15 h`, `2 days`."""
    seconds = int(time.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} days {hours} h" if hours and days < 7 else f"{days} days"


def money(amount: float, currency: str) -> str:
    """Format money with two significant figures: `1.2 M EUR`, `630,000 EUR`, `under 1 EUR`."""
    if 0 < amount < 1:
        return f"under 1 {currency}"
    for size, word in ((1e12, "T"), (1e9, "bn"), (1e6, "M")):
        if amount >= size * 0.9995:
            value = amount / size
            return f"{value:.1f} {word} {currency}" if value < 99.95 else f"{value:,.0f} {word} {currency}"
    return f"{amount:,.0f} {currency}"


def score_change(change: float) -> str:
    """Format a change of a score: `▲ +3.5 points`, `▼ -2 points`, `● unchanged`."""
    if round(change, 1) == 0:
        return "● unchanged"
    return f"{'▲' if change > 0 else '▼'} {gain(change)}"


def gain(change: float) -> str:
    """Format a change of a score with its sign: `+3.5 points`, `-1 point`."""
    size = points(abs(change))
    return f"{'-' if change < 0 else '+'}{size} {'point' if size == '1' else 'points'}"


def grade_words(gauge: Gauge) -> str:
    """Return `Grade B`, or why there is no grade."""
    return f"Grade {gauge.grade}" if gauge.grade else "No grade (coverage too low)"


def coverage_words(gauge: Gauge) -> str:
    """Return coverage and score interval, such as `Coverage 97 %, score 53-55.` as a sentence."""
    coverage = f"Coverage {percent(gauge.coverage)}"
    if gauge.high - gauge.low < 0.05:
        return f"{coverage}, score {rounded_down(gauge.score)}."
    return f"{coverage}, score {rounded_down(gauge.low)}-{rounded_down(gauge.high)}."


def bar(score: float, width: int = 10) -> str:
    """Draw a score from 0 to 100 as full and empty cells."""
    full = min(width, max(0, int(score / 100 * width + 1e-9)))
    return "█" * full + "░" * (width - full)


def sparkline(values: Sequence[float], top: float) -> str:
    """Draw one character per value, its height the share of `top`."""
    last = len(_STEPS) - 1
    return "".join(_STEPS[min(last, max(0, round(value / top * last)))] if top else _STEPS[0] for value in values)
