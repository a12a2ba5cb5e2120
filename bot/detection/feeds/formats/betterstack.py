"""Better Stack's index.json (JSON:API), and the list of reports that its API answers.

`ends_at` stays null on what is over, maintenance to come is among the reports, and a resource may be in downtime while no
report says so: it then counts as an incident of its own. A maintenance is called in progress once a resource that it
touches is in maintenance. No report says how far it is, save that it is over.
"""

from collections.abc import Mapping

from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    open_severity,
    regions,
    settled,
    severity,
    worst,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_BAD = (IncidentSeverity.MINOR, IncidentSeverity.MAJOR, IncidentSeverity.CRITICAL)


def recognise(payload: Payload) -> bool:
    """JSON:API's `data` of the type status_page, or a list of status_report."""
    return payload.root.item("data").word("type") == "status_page" or bool(_reports(payload))


def parse(payload: Payload) -> Page:
    """Reports with their updates, and resources that are down without one.

    Raises:
        FeedError: it is no such page.
    """
    if not recognise(payload):
        raise FeedError("is no status page of JSON:API")
    if reports := _reports(payload):
        listed = [_report(one, {}, {}) for one in reports]
        return Page(incidents=settled(listed), severity=open_severity(listed))
    page = payload.root.item("data").item("attributes")
    resources = _kind(payload, "status_page_resource")
    parts = {one.word("id") or f"no-{n}": one.item("attributes") for n, one in enumerate(resources, 1)}
    updates = {one.word("id") or f"no-{n}": one for n, one in enumerate(_kind(payload, "status_update"), 1)}
    found = [_report(one, parts, updates) for one in _kind(payload, "status_report")]
    told = {name for one in found if one.open for name in one.services}
    found += [_silent(key, part) for key, part in parts.items() if part.word("public_name") not in told and _down(part)]
    own = page.word("subdomain")
    host = page.word("custom_domain") or (f"{own}.betteruptime.com" if own else "")
    return Page(
        incidents=settled(found),
        components=tuple(FeedComponent(p.word("public_name"), severity(p.word("status"))) for p in parts.values()),
        severity=worst([severity(page.word("aggregate_state")), open_severity(found)]),
        name=page.word("company_name"),
        url=f"https://{host.removeprefix('https://')}" if host else "",
    )


def _reports(payload: Payload) -> list[Item]:
    rows = payload.root.items("data")
    return list(rows) if rows and rows[0].word("type") == "status_report" else []


def _kind(payload: Payload, kind: str) -> list[Item]:
    return [one for one in payload.root.items("included") if one.word("type") == kind]


def _down(part: Item) -> bool:
    return severity(part.word("status")) in _BAD


def _report(one: Item, parts: Mapping[str, Item], texts: Mapping[str, Item]) -> ProviderIncident:
    said = one.item("attributes")
    linked = _linked(one, texts)
    updates = newest_first(_update(texts[key].item("attributes")) for key in linked)
    planned = said.word("report_type") == "maintenance"
    over = said.word("aggregate_state") == "resolved"
    touched = [ref.word("status_page_resource_id") for ref in said.items("affected_resources")]
    known = [parts[key] for key in touched if key in parts]
    services = tuple(dict.fromkeys(filter(None, (part.word("public_name") for part in known))))
    newest = last_change(updates)
    ends = said.moment("ends_at")
    return ProviderIncident(
        provider="",
        id=one.word("id") or said.word("title"),
        title=said.word("title"),
        state=_state(over=over, planned=planned, begun=any(map(_in_maintenance, known))),
        severity=IncidentSeverity.MAINTENANCE if planned else _severity(one, texts, linked),
        services=services,
        regions=regions(*services, said.word("title")),
        started_at=said.moment("starts_at"),
        updated_at=newest,
        resolved_at=(ends or newest) if over else None,
        updates=updates,
        ends_at=ends if planned else None,
    )


def _linked(one: Item, texts: Mapping[str, Item]) -> list[str]:
    """The ids of its updates: those that it names, else those that name it."""
    named = [ref.word("id") for ref in one.item("relationships").item("status_updates").items("data")]
    own = one.word("id")
    found = [key for key in named if key in texts]
    return found or [key for key, text in texts.items() if _report_of(text) == own]


def _report_of(text: Item) -> str:
    return text.item("relationships").item("status_report").item("data").word("id")


def _state(*, over: bool, planned: bool, begun: bool) -> IncidentState | None:
    if over:
        return IncidentState.RESOLVED
    if planned:
        return IncidentState.IN_PROGRESS if begun else IncidentState.SCHEDULED
    return None


def _in_maintenance(part: Item) -> bool:
    return severity(part.word("status")) is IncidentSeverity.MAINTENANCE


def _severity(one: Item, texts: Mapping[str, Item], linked: list[str]) -> IncidentSeverity | None:
    """The worst that it or one of its updates said of a resource, else its own state; None where nothing was said."""
    said = [one.item("attributes"), *(texts[key].item("attributes") for key in linked)]
    words = [ref.word("status") for part in said for ref in part.items("affected_resources")]
    found = [grade for word in words if word not in ("", "resolved") and (grade := severity(word))]
    return worst(found) if found else severity(one.item("attributes").word("aggregate_state"))


def _silent(id: str, part: Item) -> ProviderIncident:
    name = part.word("public_name") or f"Resource {id}"
    return ProviderIncident(
        provider="",
        id=f"resource-{id}",
        title=f"{name}: {part.word('status')}",
        severity=severity(part.word("status")),
        services=(name,),
        regions=regions(name),
    )


def _update(said: Item) -> IncidentUpdate:
    words = [ref.word("status") for ref in said.items("affected_resources")]
    over = bool(words) and all(word == "resolved" for word in words)
    return IncidentUpdate(said.moment("published_at"), IncidentState.RESOLVED if over else None, said.text("message"))
