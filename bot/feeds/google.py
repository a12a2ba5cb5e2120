"""Google's incidents.json (Cloud, Workspace, Firebase): one list of incidents, closed when `end` is set.

`modified` moves on after the end, and the end may lie before `created`: what Google noticed late.
"""

from bot.feeds._page import Page, address, newest_first, open_severity, settled
from bot.feeds._payload import FeedError, Item, Payload
from bot.ports import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

URL = "https://status.cloud.google.com"
_IMPACT = {
    "SERVICE_INFORMATION": IncidentSeverity.MINOR,
    "SERVICE_DISRUPTION": IncidentSeverity.MAJOR,
    "SERVICE_OUTAGE": IncidentSeverity.CRITICAL,
    "AVAILABLE": IncidentSeverity.NONE,
}
_LEVEL = {"low": IncidentSeverity.MINOR, "medium": IncidentSeverity.MAJOR, "high": IncidentSeverity.CRITICAL}


def recognise(payload: Payload) -> bool:
    """A list whose first entry has `begin`, and `external_desc` or `status_impact`."""
    head = payload.head
    return "begin" in head and ("external_desc" in head or "status_impact" in head)


def parse(payload: Payload) -> Page:
    """Every incident; the updates' own places where the incident names none.

    Raises:
        FeedError: it is not such a list.
    """
    found = [_incident(one) for one in payload.listed()]
    return Page(incidents=settled(found), severity=open_severity(found))


def _incident(one: Item) -> ProviderIncident:
    begin = one.moment("begin")
    if not one.word("id") or begin is None:
        raise FeedError("lists an incident without an id or a beginning")
    updates = newest_first(_update(update) for update in one.items("updates"))
    end = one.moment("end")
    return ProviderIncident(
        provider="",
        id=one.word("id"),
        title=one.word("external_desc") or one.word("service_name"),
        state=IncidentState.RESOLVED if end else next((u.state for u in updates if u.state), None),
        severity=_IMPACT.get(one.word("status_impact").upper()) or _LEVEL.get(one.word("severity").lower()),
        services=one.names("affected_products", "title", "id") or _single(one),
        regions=_places(one),
        started_at=begin,
        updated_at=one.moment("modified") or (updates[0].at if updates else None),
        resolved_at=end,
        updates=updates,
        url=address(one.word("uri"), URL),
    )


def _single(one: Item) -> tuple[str, ...]:
    name = one.word("service_name")
    return (name,) if name and name.lower() != "multiple products" else ()


def _update(one: Item) -> IncidentUpdate:
    over = one.word("status").upper() == "AVAILABLE"
    return IncidentUpdate(one.moment("when", "created"), IncidentState.RESOLVED if over else None, one.text("text"))


def _places(one: Item) -> tuple[str, ...]:
    """Where it is now, else where it was, else where its last update says."""
    for key in ("currently_affected_locations", "previously_affected_locations"):
        if places := one.names(key, "id", "title"):
            return places
    return one.item("most_recent_update").names("affected_locations", "id", "title")
