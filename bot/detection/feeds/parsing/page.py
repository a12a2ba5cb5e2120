"""What every format reads a payload into, and the words that providers share: states, severities, regions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlsplit

from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident
from bot.net.plain_text import line

_SCALE = tuple(IncidentSeverity)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """A payload in normal form. `name` and `url` are the page's own words for itself, empty where it says none.

    `severity` is the worse of what the page says and what its open incidents say; None is unknown, never green.
    """

    incidents: tuple[ProviderIncident, ...] = ()
    components: tuple[FeedComponent, ...] = ()
    severity: IncidentSeverity | None = IncidentSeverity.NONE
    name: str = ""
    url: str = ""


STATES = {
    "investigating": IncidentState.INVESTIGATING,
    "investigation": IncidentState.INVESTIGATING,
    "identified": IncidentState.IDENTIFIED,
    "fixing": IncidentState.IDENTIFIED,
    "mitigating": IncidentState.IDENTIFIED,
    "mitigated": IncidentState.MONITORING,
    "monitoring": IncidentState.MONITORING,
    "watching": IncidentState.MONITORING,
    "recovering": IncidentState.MONITORING,
    "resolved": IncidentState.RESOLVED,
    "postmortem": IncidentState.RESOLVED,
    "fixed": IncidentState.RESOLVED,
    "closed": IncidentState.RESOLVED,
    "completed": IncidentState.RESOLVED,
    "cancelled": IncidentState.RESOLVED,
    "canceled": IncidentState.RESOLVED,
    "scheduled": IncidentState.SCHEDULED,
    "planned": IncidentState.SCHEDULED,
    "upcoming": IncidentState.SCHEDULED,
    "notstartedyet": IncidentState.SCHEDULED,
    "maintenancescheduled": IncidentState.SCHEDULED,
    "inprogress": IncidentState.IN_PROGRESS,
    "maintenanceinprogress": IncidentState.IN_PROGRESS,
    "maintenancecomplete": IncidentState.RESOLVED,
    "maintenancecompleted": IncidentState.RESOLVED,
    "verifying": IncidentState.IN_PROGRESS,
    "maintenance": IncidentState.IN_PROGRESS,
}
SEVERITIES = {
    "none": IncidentSeverity.NONE,
    "operational": IncidentSeverity.NONE,
    "ok": IncidentSeverity.NONE,
    "up": IncidentSeverity.NONE,
    "available": IncidentSeverity.NONE,
    "maintenance": IncidentSeverity.MAINTENANCE,
    "undermaintenance": IncidentSeverity.MAINTENANCE,
    "minor": IncidentSeverity.MINOR,
    "low": IncidentSeverity.MINOR,
    "degraded": IncidentSeverity.MINOR,
    "degradedperformance": IncidentSeverity.MINOR,
    "partialoutage": IncidentSeverity.MAJOR,
    "medium": IncidentSeverity.MAJOR,
    "major": IncidentSeverity.MAJOR,
    "critical": IncidentSeverity.CRITICAL,
    "high": IncidentSeverity.CRITICAL,
    "majoroutage": IncidentSeverity.CRITICAL,
    "fulloutage": IncidentSeverity.CRITICAL,
    "outage": IncidentSeverity.CRITICAL,
    "down": IncidentSeverity.CRITICAL,
    "unavailable": IncidentSeverity.CRITICAL,
    "downtime": IncidentSeverity.CRITICAL,
}
# An AWS region or zone id, a Google region, wherever it stands in a name or a title.
_REGION = re.compile(
    r"(?<![a-z0-9-])((?:us|eu|ap|sa|ca|mx|af|il|me|cn|us-gov|eusc-de)-(?:north|south|east|west|central)(?:east|west)?-\d"
    r"|(?:us|europe|asia|australia|northamerica|southamerica|africa|me)-(?:north|south|east|west|central)(?:east|west)?\d{1,2})"
    r"(?![0-9-])",
    re.IGNORECASE,
)


_LINK = re.compile(r"https?://[^\s<>\"\\^`{|}@/][^\s<>\"\\^`{|}]*", re.IGNORECASE)


@lru_cache(maxsize=2_048)
def normalised(word: str) -> str:
    """A word of a vocabulary without case, spaces, hyphens and underscores."""
    return re.sub(r"[^a-z0-9]", "", word.lower())


def state_of(word: str) -> IncidentState | None:
    """The state that a word stands for; None for one that is not known."""
    return STATES.get(normalised(word))


def severity_of(word: str) -> IncidentSeverity | None:
    """The severity that a word stands for; None for one that is not known."""
    return SEVERITIES.get(normalised(word))


def worst_severity(found: Iterable[IncidentSeverity | None]) -> IncidentSeverity | None:
    """The worst of these. Trouble counts even where something else is unknown; an unknown beside green is unknown."""
    seen = set(found)
    known = max((one for one in seen if one), key=_SCALE.index, default=IncidentSeverity.NONE)
    return None if None in seen and known in (IncidentSeverity.NONE, IncidentSeverity.MAINTENANCE) else known


def open_severity(incidents: Iterable[ProviderIncident]) -> IncidentSeverity | None:
    """The worst of what is open; none where nothing is."""
    return worst_severity(one.severity for one in incidents if one.open)


def regions_in(*texts: str) -> tuple[str, ...]:
    """The cloud regions named in these texts, in order, each once."""
    return tuple(dict.fromkeys(match[1].lower() for text in texts for match in _REGION.finditer(text)))


def newest_first(updates: Iterable[IncidentUpdate]) -> tuple[IncidentUpdate, ...]:
    """Updates in the order of their times, newest first; one said twice is there once."""
    return tuple(sorted(dict.fromkeys(updates), key=lambda one: one.at or _LONG_AGO, reverse=True))


def last_change(updates: Iterable[IncidentUpdate]) -> datetime | None:
    """When the newest of these was said."""
    return max((one.at for one in updates if one.at), default=None)


def resolved_by(updates: Iterable[IncidentUpdate]) -> datetime | None:
    """When they first said, after everything else, that it is over."""
    found = None
    for one in newest_first(updates):
        if one.state is not IncidentState.RESOLVED:
            break
        found = one.at or found
    return found


def unique_open_first(incidents: Iterable[ProviderIncident]) -> tuple[ProviderIncident, ...]:
    """Each incident once (the one changed last), open ones first, then what is ahead, newest first in each."""
    kept: dict[str, ProviderIncident] = {}
    for one in incidents:
        before = kept.get(one.id)
        if before is None or (one.updated_at or _LONG_AGO) > (before.updated_at or _LONG_AGO):
            kept[one.id] = one
    ordered = sorted(kept.values(), key=lambda one: one.started_at or one.updated_at or _LONG_AGO, reverse=True)
    return tuple(sorted(ordered, key=_rank))


def _rank(one: ProviderIncident) -> int:
    return 0 if one.open else 1 if one.state is IncidentState.SCHEDULED else 2


def safe_link(text: str, base: str = "") -> str | None:
    """A link that may be shown: http(s) alone, made whole with the page's own address; else None."""
    text = line(text, 2_000)
    if base and text and "://" not in text and ":" not in text.split("/")[0]:
        text = f"{base.rstrip('/')}/{text.lstrip('/')}"
    return text if _LINK.fullmatch(text) and host_of(text) else None


def host_of(link: str) -> str:
    """The host of a link, empty where it has none."""
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def with_provider(incident: ProviderIncident, provider: str) -> ProviderIncident:
    """The same, of this provider."""
    return replace(incident, provider=provider)
