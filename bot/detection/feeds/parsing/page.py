"""The normal form that every format returns, and the states, severities and regions that formats share."""

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
    """A payload in normal form. `name` and `url` are the page's own name and address, or empty.

    `severity` is the worse of the page's own severity and its open incidents'; None means unknown.
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
# An AWS region or zone id or a Google region, anywhere in a name or a title.
_REGION = re.compile(
    r"(?<![a-z0-9-])((?:us|eu|ap|sa|ca|mx|af|il|me|cn|us-gov|eusc-de)-(?:north|south|east|west|central)(?:east|west)?-\d"
    r"|(?:us|europe|asia|australia|northamerica|southamerica|africa|me)-(?:north|south|east|west|central)(?:east|west)?\d{1,2})"
    r"(?![0-9-])",
    re.IGNORECASE,
)


_LINK = re.compile(r"https?://[^\s<>\"\\^`{|}@/][^\s<>\"\\^`{|}]*", re.IGNORECASE)


@lru_cache(maxsize=2_048)
def normalised(word: str) -> str:
    """A status word in lower case, without spaces, hyphens and underscores."""
    return re.sub(r"[^a-z0-9]", "", word.lower())


def state_of(word: str) -> IncidentState | None:
    """The state that a status word means; None if it is unknown."""
    return STATES.get(normalised(word))


def severity_of(word: str) -> IncidentSeverity | None:
    """The severity that a status word means; None if it is unknown."""
    return SEVERITIES.get(normalised(word))


def worst_severity(found: Iterable[IncidentSeverity | None]) -> IncidentSeverity | None:
    """The worst of these severities. None (unknown) outranks none and maintenance, but no failure."""
    severities = set(found)
    known = max((severity for severity in severities if severity), key=_SCALE.index, default=IncidentSeverity.NONE)
    return None if None in severities and known in (IncidentSeverity.NONE, IncidentSeverity.MAINTENANCE) else known


def open_severity(incidents: Iterable[ProviderIncident]) -> IncidentSeverity | None:
    """The worst severity of the open incidents; none if no incident is open."""
    return worst_severity(incident.severity for incident in incidents if incident.open)


def regions_in(*texts: str) -> tuple[str, ...]:
    """The cloud regions that these texts name, in order, each once."""
    return tuple(dict.fromkeys(match[1].lower() for text in texts for match in _REGION.finditer(text)))


def newest_first(updates: Iterable[IncidentUpdate]) -> tuple[IncidentUpdate, ...]:
    """Updates by time, newest first, without duplicates."""
    return tuple(sorted(dict.fromkeys(updates), key=lambda update: update.at or _LONG_AGO, reverse=True))


def last_change(updates: Iterable[IncidentUpdate]) -> datetime | None:
    """The time of the newest update; None if no update has a time."""
    return max((update.at for update in updates if update.at), default=None)


def resolved_by(updates: Iterable[IncidentUpdate]) -> datetime | None:
    """The time of the first update that resolved the incident for good; None if it is not resolved."""
    resolved_at = None
    for update in newest_first(updates):
        if update.state is not IncidentState.RESOLVED:
            break
        resolved_at = update.at or resolved_at
    return resolved_at


def unique_open_first(incidents: Iterable[ProviderIncident]) -> tuple[ProviderIncident, ...]:
    """Each incident once, as changed last: open incidents first, then scheduled maintenance, then the rest, newest first."""
    latest: dict[str, ProviderIncident] = {}
    for incident in incidents:
        before = latest.get(incident.id)
        if before is None or (incident.updated_at or _LONG_AGO) > (before.updated_at or _LONG_AGO):
            latest[incident.id] = incident
    return tuple(sorted(sorted(latest.values(), key=_start, reverse=True), key=_rank))


def _start(incident: ProviderIncident) -> datetime:
    return incident.started_at or incident.updated_at or _LONG_AGO


def _rank(incident: ProviderIncident) -> int:
    return 0 if incident.open else 1 if incident.state is IncidentState.SCHEDULED else 2


def safe_link(text: str, base: str = "") -> str | None:
    """A link that is safe to show: http or https, made absolute with the page's address; None for anything else."""
    text = line(text, 2_000)
    if base and text and "://" not in text and ":" not in text.split("/")[0]:
        text = f"{base.rstrip('/')}/{text.lstrip('/')}"
    return text if _LINK.fullmatch(text) and host_of(text) else None


def host_of(link: str) -> str:
    """The host of a link; empty if it has none."""
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def with_provider(incident: ProviderIncident, provider: str) -> ProviderIncident:
    """A copy of the incident that belongs to this provider."""
    return replace(incident, provider=provider)
