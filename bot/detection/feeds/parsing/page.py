"""The normal form that every format returns, and what formats share to make it: order, severities, links."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bot.detection.feeds.parsing.regions import regions_of
from bot.detection.feeds.parsing.status_words import normalised, severity_of, state_of
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident
from bot.net.plain_text import line

__all__ = [
    "Page",
    "first_change",
    "host_of",
    "last_change",
    "newest_first",
    "normalised",
    "open_severity",
    "regions_in",
    "resolved_by",
    "safe_link",
    "settled",
    "severity_of",
    "state_of",
    "unique_open_first",
    "with_provider",
    "worst_severity",
]

_GOING_ON = (IncidentState.INVESTIGATING, IncidentState.IDENTIFIED, IncidentState.MONITORING, IncidentState.IN_PROGRESS)
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


_LINK = re.compile(r"https?://[^\s<>\"\\^`{|}@/][^\s<>\"\\^`{|}]*", re.IGNORECASE)


def worst_severity(found: Iterable[IncidentSeverity | None]) -> IncidentSeverity | None:
    """The worst of these severities. None (unknown) outranks none and maintenance, but no failure."""
    severities = set(found)
    known = max((severity for severity in severities if severity), key=_SCALE.index, default=IncidentSeverity.NONE)
    return None if None in severities and known in (IncidentSeverity.NONE, IncidentSeverity.MAINTENANCE) else known


def open_severity(incidents: Iterable[ProviderIncident]) -> IncidentSeverity | None:
    """The worst severity of the open incidents; none if no incident is open."""
    return worst_severity(incident.severity for incident in map(settled, incidents) if incident.open)


def regions_in(*texts: str) -> tuple[str, ...]:
    """The regions that these texts name in words that mean the same on every page, in order, each once."""
    return regions_of("", *texts)


def newest_first(updates: Iterable[IncidentUpdate]) -> tuple[IncidentUpdate, ...]:
    """Updates by time, newest first, without duplicates."""
    return tuple(sorted(dict.fromkeys(updates), key=lambda update: update.at or _LONG_AGO, reverse=True))


def last_change(updates: Iterable[IncidentUpdate]) -> datetime | None:
    """The time of the newest update; None if no update has a time."""
    return max((update.at for update in updates if update.at), default=None)


def first_change(updates: Iterable[IncidentUpdate]) -> datetime | None:
    """The time of the oldest update; None if no update has a time."""
    return min((update.at for update in updates if update.at), default=None)


def resolved_by(updates: Iterable[IncidentUpdate]) -> datetime | None:
    """The time of the first update that resolved the incident for good; None if it is not resolved.

    Args:
        updates: newest first, in the order of the page where that tells more than their times.
    """
    resolved_at = None
    for update in updates:
        if update.state is not IncidentState.RESOLVED:
            break
        resolved_at = update.at or resolved_at
    return resolved_at


def unique_open_first(incidents: Iterable[ProviderIncident]) -> tuple[ProviderIncident, ...]:
    """Each incident once, as changed last: open incidents first, then scheduled maintenance, then the rest, newest first."""
    latest: dict[str, ProviderIncident] = {}
    for incident in map(settled, incidents):
        before = latest.get(incident.id)
        if before is None or (incident.updated_at or _LONG_AGO) > (before.updated_at or _LONG_AGO):
            latest[incident.id] = incident
    return tuple(sorted(sorted(latest.values(), key=_start, reverse=True), key=_rank))


def settled(incident: ProviderIncident) -> ProviderIncident:
    """An incident whose times agree with its state.

    One that is going on has not ended, also where the page keeps the end that it had before it was reopened. Nothing starts
    after it ended: a cancelled or early maintenance began when its page says so, at the latest when it ended. A planned end that is
    not after the start is none. A test of the page itself has no severity.
    """
    if incident.test and incident.severity is not IncidentSeverity.NONE:
        incident = replace(incident, severity=IncidentSeverity.NONE)
    if incident.started_at and incident.ends_at and incident.ends_at <= incident.started_at:
        incident = replace(incident, ends_at=None)
    if incident.resolved_at is None:
        return incident
    if incident.state in _GOING_ON or incident.state is IncidentState.SCHEDULED:
        return replace(incident, resolved_at=None)
    if incident.started_at is None or incident.started_at <= incident.resolved_at:
        return incident
    begun = (update.at for update in incident.updates if update.at and update.state is not IncidentState.SCHEDULED)
    return replace(incident, started_at=min((*begun, incident.resolved_at)))


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
