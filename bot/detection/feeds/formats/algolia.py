"""Algolia's Monitoring API: the status of every cluster, or the incidents of each.

https://www.algolia.com/doc/rest-api/monitoring: /1/status and /1/incidents of status.algolia.com. A status is operational,
degraded_performance, partial_outage or major_outage. Incidents are updates by cluster, newest first, times in milliseconds;
an operational one ends what came before. Clusters that fail at once with the same words are one incident.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from bot.detection.feeds.parsing.page import (
    Page,
    open_severity,
    regions_in,
    severity_of,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload, objects_in
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

URL = "https://status.algolia.com"
_STATUS = ("operational", "degraded_performance", "partial_outage", "major_outage")
_ABOUT = re.compile(r"^Incident on cluster [\w-]{1,40}:\s*", re.IGNORECASE)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_Change = tuple[datetime | None, IncidentSeverity | None, str]


def recognise(payload: Payload) -> bool:
    """Accept clusters with a status each, or clusters with a list of changes each."""
    root = payload.root
    words = root.item("status").data
    if words and all(isinstance(word, str) for word in words.values()):
        return any(word in _STATUS for word in words.values()) and set(root.data) == {"status"}
    lists = root.item("incidents").data
    changes = [change for value in lists.values() for change in objects_in(value)]
    return bool(changes) and {"t", "v"} <= changes[0].data.keys()


def parse(payload: Payload) -> Page:
    """Return the clusters that are not operational as incidents, or the incidents that the payload lists.

    Raises:
        FeedError: the payload has neither clusters nor incidents by cluster.
    """
    root = payload.root
    if isinstance(root.raw("incidents"), dict):
        found = list(_incidents(root.item("incidents")))
        return Page(incidents=unique_open_first(found), severity=open_severity(found), name="Algolia", url=URL)
    clusters = root.item("status")
    if not clusters.data:
        raise FeedError("lists neither clusters nor incidents by cluster")
    parts = tuple(
        FeedComponent(name, severity_of(clusters.string(name)), next(iter(regions_in(name)), None))
        for name in clusters.data
    )
    failing = [
        ProviderIncident(
            provider="",
            id=f"cluster-{part.name}",
            title=f"Cluster {part.name}: {clusters.string(part.name).replace('_', ' ')}",
            severity=part.severity,
            services=(part.name,),
        )
        for part in parts
        if part.severity not in (IncidentSeverity.NONE, None)
    ]
    return Page(
        incidents=unique_open_first(failing),
        components=parts,
        severity=worst_severity(part.severity for part in parts),
        name="Algolia",
        url=URL,
    )


def _incidents(clusters: Item) -> Iterator[ProviderIncident]:
    """Each failure of a cluster, together with those of other clusters that began at the same time in the same words."""
    together: dict[tuple[datetime | None, str], list[tuple[str, list[_Change]]]] = {}
    for cluster in clusters.data:
        for changes in _failures(list(map(_change, clusters.items(cluster)))):
            first = changes[0]
            together.setdefault((first[0], first[2]), []).append((cluster, changes))
    for same in together.values():
        yield _incident([cluster for cluster, _ in same], max((changes for _, changes in same), key=len))


def _change(item: Item) -> _Change:
    said = item.item("v")
    return item.time("t"), severity_of(said.string("status")), _ABOUT.sub("", said.text("title", "body"))


def _failures(changes: list[_Change]) -> Iterator[list[_Change]]:
    """The changes of one cluster, oldest first, cut after each that is operational; what begins operational is no failure."""
    ordered = changes[::-1]
    ordered.sort(key=lambda change: change[0] or _LONG_AGO)
    current: list[_Change] = []
    for change in ordered:
        over = change[1] is IncidentSeverity.NONE
        if over and not current:
            continue
        current.append(change)
        if over:
            yield current
            current = []
    if current:
        yield current


def _incident(clusters: list[str], changes: list[_Change]) -> ProviderIncident:
    over = changes[-1][1] is IncidentSeverity.NONE
    bad = [severity for _, severity, _ in changes if severity is not IncidentSeverity.NONE]
    updates = tuple(
        IncidentUpdate(at, IncidentState.RESOLVED if severity is IncidentSeverity.NONE else None, text)
        for at, severity, text in reversed(changes)
    )
    began, ended = changes[0][0], changes[-1][0]
    return ProviderIncident(
        provider="",
        id=f"{clusters[0]}-{int(began.timestamp()) if began else 0}",
        title=changes[0][2] or f"Incident on {', '.join(clusters[:3])}",
        state=IncidentState.RESOLVED if over else None,
        severity=worst_severity(bad),
        services=tuple(clusters),
        started_at=began,
        updated_at=ended,
        resolved_at=ended if over else None,
        updates=updates,
        url=URL,
    )
