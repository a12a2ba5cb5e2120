"""Parses what AWS's public status channels share: severity codes, tags in titles, and phrases that state an incident's state."""

import re
from datetime import datetime, timedelta

from bot.detection.feeds.parsing.dates import parse_zone, utc_time
from bot.model import IncidentSeverity, IncidentState

SEVERITY = {
    0: IncidentSeverity.NONE,
    1: IncidentSeverity.MINOR,
    2: IncidentSeverity.MAJOR,
    3: IncidentSeverity.CRITICAL,
}
TAGS = {
    "service is operating normally": IncidentSeverity.NONE,
    "informational message": IncidentSeverity.MINOR,
    "service impact": IncidentSeverity.MAJOR,
    "performance issues": IncidentSeverity.MAJOR,
    "service degradation": IncidentSeverity.MAJOR,
    "service disruption": IncidentSeverity.CRITICAL,
}
_TAG = re.compile(rf"^(?:{'|'.join(TAGS)})\s*[:-]\s*", re.IGNORECASE)
_CLEARED = re.compile(r"\[\s*resolved\s*\]|^resolved\s*:", re.IGNORECASE)
# "The AWS VPN service is operating normally and may be an alternative" is about another service: only `the service` counts.
_OVER = re.compile(
    r"\b(?:the|this|these) (?:issue|event|problem)s? (?:has|have) (?:now )?been (?:fully )?resolved\b"
    r"|\b(?:the|all|these|all (?:aws|affected|impacted)|the (?:affected|impacted)) services? (?:is|are) (?:now )?(?:all )?"
    r"(?:operating|working) normally\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})\s*([AP])M\s*(P[SD]T)", re.IGNORECASE)
# The first words of an update state its state; the rest may be about anything.
_OPENINGS = (
    (
        IncidentState.INVESTIGATING,
        re.compile(r"^(?:we are|we're|engineers are) (?:currently )?investigating\b", re.IGNORECASE),
    ),
    (IncidentState.INVESTIGATING, re.compile(r"^we (?:continue|are continuing) to investigate\b", re.IGNORECASE)),
    (IncidentState.IDENTIFIED, re.compile(r"^we (?:have|'ve) (?:also )?identified\b", re.IGNORECASE)),
    (IncidentState.IDENTIFIED, re.compile(r"^we (?:have|'ve) (?:narrowed down|determined)\b", re.IGNORECASE)),
    (IncidentState.MONITORING, re.compile(r"^we (?:continue to|are) monitor", re.IGNORECASE)),
)


def title_says_resolved(title: str) -> bool:
    """Whether a title has the tag `[RESOLVED]`."""
    return bool(_CLEARED.search(title))


def text_says_resolved(text: str) -> bool:
    """Whether an update states that the incident is resolved."""
    return bool(_OVER.search(text))


def title_severity(title: str) -> IncidentSeverity | None:
    """The severity that a title begins with, before the colon; None if there is none."""
    match = _TAG.match(title)
    return TAGS.get(match[0].rstrip(" :-").lower()) if match else None


def without_tags(title: str) -> str:
    """A title without its tags of state and severity."""
    return _CLEARED.sub("", _TAG.sub("", title)).strip()


def state_in_text(text: str) -> IncidentState | None:
    """The state that an update's text states: resolved anywhere in it, else by its first words; None if it states none."""
    return IncidentState.RESOLVED if text_says_resolved(text) else opening_state(text)


def opening_state(text: str) -> IncidentState | None:
    """The state that an update's first words state (`We are investigating ...`), other than resolved; None if none."""
    return next((state for state, words in _OPENINGS if words.search(text)), None)


def next_time_at(clock: str, after: datetime) -> datetime | None:
    """The first time after `after` (UTC) at which clocks in US Pacific time show `clock`; None if `clock` is not a time."""
    match = _CLOCK.search(clock)
    at = parse_zone(match[4]) if match else None
    if not match or at is None:
        return None
    day = after.astimezone(at)
    hour = int(match[1]) % 12 + 12 * (match[3].upper() == "P")
    found = utc_time(day.year, day.month, day.day, hour, int(match[2]), at=at)
    return found + timedelta(days=1) if found and found < after else found
