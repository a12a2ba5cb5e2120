"""How AWS's public status channels put things: codes, tags in titles, and phrases that say how far they are."""

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
# "The AWS VPN service is operating normally and may be an alternative" tells of another service: only `the service` counts.
_OVER = re.compile(
    r"\b(?:the|this|these) (?:issue|event|problem)s? (?:has|have) (?:now )?been (?:fully )?resolved\b"
    r"|\b(?:the|all|these|all (?:aws|affected|impacted)|the (?:affected|impacted)) services? (?:is|are) (?:now )?(?:all )?"
    r"(?:operating|working) normally\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})\s*([AP])M\s*(P[SD]T)", re.IGNORECASE)
# The opening of an update, where AWS says how far it is; what follows may speak of anything.
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
    """Whether a title carries the tag of what is over."""
    return bool(_CLEARED.search(title))


def text_says_resolved(text: str) -> bool:
    """Whether an update says plainly that it is over."""
    return bool(_OVER.search(text))


def title_severity(title: str) -> IncidentSeverity | None:
    """The severity that stands before a title's colon; None where none does."""
    match = _TAG.match(title)
    return TAGS.get(match[0].rstrip(" :-").lower()) if match else None


def without_tags(title: str) -> str:
    """A title without the state and severity written into it."""
    return _CLEARED.sub("", _TAG.sub("", title)).strip()


def state_in_text(text: str) -> IncidentState | None:
    """How far an update says it is with its first words, or that it is over; None where it does not say."""
    return IncidentState.RESOLVED if text_says_resolved(text) else opening_state(text)


def opening_state(text: str) -> IncidentState | None:
    """How far an update says it is with its first words, save that it is over: `We are investigating ...`."""
    return next((state for state, words in _OPENINGS if words.search(text)), None)


def next_time_at(clock: str, after: datetime) -> datetime | None:
    """The first moment after this one at which a clock on the American west coast shows that; None where it is no clock."""
    match = _CLOCK.search(clock)
    at = parse_zone(match[4]) if match else None
    if not match or at is None:
        return None
    day = after.astimezone(at)
    hour = int(match[1]) % 12 + 12 * (match[3].upper() == "P")
    found = utc_time(day.year, day.month, day.day, hour, int(match[2]), at=at)
    return found + timedelta(days=1) if found and found < after else found
