"""Upptime's history/summary.json: sites that are up, degraded or down; each site that is not up becomes an incident."""

from bot.detection.feeds.parsing.page import Page, severity_of, unique_open_first, worst_severity
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, ProviderIncident


def recognise(payload: Payload) -> bool:
    """Accept a list of sites with a slug, a status and uptimes."""
    return {"slug", "status", "uptime"} <= payload.head.data.keys()


def parse(payload: Payload) -> Page:
    """Return a component for every site, and an incident for each site that is not up.

    Raises:
        FeedError: the payload is not a list of sites.
    """
    rows = payload.object_list()
    if not rows or any(not site.string("slug") for site in rows):
        raise FeedError("is not a list of sites")
    parts = tuple(FeedComponent(site.string("name", "slug"), severity_of(site.string("status"))) for site in rows)
    found = [_site(site) for site in rows if severity_of(site.string("status")) not in (None, IncidentSeverity.NONE)]
    return Page(
        incidents=unique_open_first(found), components=parts, severity=worst_severity(part.severity for part in parts)
    )


def _site(site: Item) -> ProviderIncident:
    name = site.string("name", "slug")
    return ProviderIncident(
        provider="",
        id=site.string("slug"),
        title=f"{name} is {site.string('status')}",
        severity=severity_of(site.string("status")),
        services=(name,),
    )
