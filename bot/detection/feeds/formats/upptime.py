"""Upptime's history/summary.json: sites that are up, degraded or down, without incidents; what is not up stands for one."""

from bot.detection.feeds.parsing.page import Page, settled, severity, worst
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, ProviderIncident


def recognise(payload: Payload) -> bool:
    """Sites with a slug, a status and uptimes."""
    return {"slug", "status", "uptime"} <= payload.head.data.keys()


def parse(payload: Payload) -> Page:
    """A component for every site, an incident for each that is not up.

    Raises:
        FeedError: it is not a list of sites.
    """
    rows = payload.listed()
    if not rows or any(not one.word("slug") for one in rows):
        raise FeedError("is not a list of sites")
    parts = tuple(FeedComponent(one.word("name", "slug"), severity(one.word("status"))) for one in rows)
    found = [_site(one) for one in rows if severity(one.word("status")) not in (None, IncidentSeverity.NONE)]
    return Page(incidents=settled(found), components=parts, severity=worst(part.severity for part in parts))


def _site(one: Item) -> ProviderIncident:
    name = one.word("name", "slug")
    return ProviderIncident(
        provider="",
        id=one.word("slug"),
        title=f"{name} is {one.word('status')}",
        severity=severity(one.word("status")),
        services=(name,),
    )
