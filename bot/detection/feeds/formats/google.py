"""Google's incidents.json (Cloud, Workspace, Firebase): a list of incidents, each resolved once `end` is set.

`modified` may change after the end, and `end` may precede `created` if Google noticed late. The list does not name its owner:
regions of Google Cloud mean Cloud, and nothing but products of Workspace means Workspace; otherwise the owner is unknown, and
links, which are relative, are dropped. A title may be Markdown (`**Title:** ...`). An update with status AVAILABLE resolves the
incident.
"""

import re

from bot.detection.feeds.parsing.page import Page, newest_first, open_severity, safe_link, unique_open_first
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident
from bot.net.plain_text import line

CLOUD = ("Google Cloud", "https://status.cloud.google.com")
WORKSPACE = ("Google Workspace", "https://www.google.com/appsstatus/dashboard")
# https://www.google.com/appsstatus/dashboard/products.json; none of these is a product of Google Cloud's list.
_WORKSPACE = re.compile(
    r"(?:google )?(?:gmail|calendar|drive|docs|sheets|slides|forms|meet|chat|sites|keep|tasks|groups|vids|voice|classroom|vault|"
    r"currents|jamboard|app ?sheet|admin console|appscript|apps script|cloud search|workspace .*|gemini app|notebooklm|"
    r"postini|hangouts|google\+|realtime api|work insights|contacts|tables)",
    re.IGNORECASE,
)
_PLACE = re.compile(r"(?:us|europe|asia|australia|northamerica|southamerica|africa|me)(?:-[a-z]+\d{1,2})?")
_HEADED = re.compile(r"^\W*(?:title|summary)\W+", re.IGNORECASE)
_IMPACT = {
    "SERVICE_INFORMATION": IncidentSeverity.MINOR,
    "SERVICE_DISRUPTION": IncidentSeverity.MAJOR,
    "SERVICE_OUTAGE": IncidentSeverity.CRITICAL,
    "AVAILABLE": IncidentSeverity.NONE,
}
_LEVEL = {"low": IncidentSeverity.MINOR, "medium": IncidentSeverity.MAJOR, "high": IncidentSeverity.CRITICAL}


def recognise(payload: Payload) -> bool:
    """Accept a list whose first entry has `begin`, and `external_desc` or `status_impact`."""
    head = payload.head
    return "begin" in head and ("external_desc" in head or "status_impact" in head)


def parse(payload: Payload) -> Page:
    """Return every incident, with the regions of its updates if it names none itself.

    Raises:
        FeedError: the payload is not a list of incidents.
    """
    rows = payload.object_list()
    name, url = _name_and_address(rows)
    found = [_incident(row, url) for row in rows]
    return Page(incidents=unique_open_first(found), severity=open_severity(found), name=name, url=url)


def _name_and_address(rows: tuple[Item, ...]) -> tuple[str, str]:
    """The page's name and address; both empty if the list does not show whose it is."""
    products = [name for row in rows for name in (*row.names("affected_products", "title"), *_single_product(row))]
    if products and all(_WORKSPACE.fullmatch(name) for name in products):
        return WORKSPACE
    places = (place for row in rows for place in _places(row))
    return CLOUD if any(_PLACE.fullmatch(place) for place in places) else ("", "")


def _incident(incident: Item, url: str) -> ProviderIncident:
    begin = incident.time("begin")
    if not incident.string("id") or begin is None:
        raise FeedError("lists an incident without an id or without `begin`")
    listed = incident.items("updates") or (incident.item("most_recent_update"),)
    updates = newest_first(_update(update) for update in listed if update.data)
    end = incident.time("end")
    return ProviderIncident(
        provider="",
        id=incident.string("id"),
        title=_title(incident),
        state=IncidentState.RESOLVED if end else next((u.state for u in updates if u.state), None),
        severity=_IMPACT.get(incident.string("status_impact").upper())
        or _LEVEL.get(incident.string("severity").lower()),
        services=incident.names("affected_products", "title", "id") or _single_product(incident),
        regions=_places(incident),
        started_at=begin,
        updated_at=incident.time("modified") or (updates[0].at if updates else None),
        resolved_at=end,
        updates=updates,
        url=safe_link(incident.string("uri"), url),
    )


def _title(incident: Item) -> str:
    """The first line with text besides a heading, without Markdown."""
    lines = (_HEADED.sub("", text).strip(" *#_") for text in incident.text("external_desc").split("\n"))
    return line(next(filter(None, lines), "")) or incident.string("service_name")


def _single_product(incident: Item) -> tuple[str, ...]:
    name = incident.string("service_name")
    return (name,) if name and name.lower() != "multiple products" else ()


def _update(update: Item) -> IncidentUpdate:
    over = update.string("status").upper() == "AVAILABLE"
    return IncidentUpdate(update.time("when", "created"), IncidentState.RESOLVED if over else None, update.text("text"))


def _places(incident: Item) -> tuple[str, ...]:
    """The regions affected now, else those affected before, else those of the latest update."""
    for key in ("currently_affected_locations", "previously_affected_locations"):
        if places := incident.names(key, "id", "title"):
            return places
    updates = (incident.item("most_recent_update"), *incident.items("updates"))
    return next((places for update in updates if (places := update.names("affected_locations", "id", "title"))), ())
