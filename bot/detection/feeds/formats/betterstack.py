"""Better Stack's index.json (JSON:API), and the list of reports that its API returns.

Resolved reports may have no `ends_at`, and upcoming maintenance is listed among the reports. A resource that is down without
a report counts as an incident of its own. Maintenance is in progress once a resource that it affects is in maintenance.
Reports have no state other than resolved.
"""

from collections.abc import Mapping

from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    open_severity,
    regions_in,
    severity_of,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident


def recognise(payload: Payload) -> bool:
    """Accept JSON:API `data` of type `status_page`, or a list of type `status_report`."""
    return payload.root.item("data").string("type") == "status_page" or bool(_reports(payload))


def parse(payload: Payload) -> Page:
    """Return reports with their updates, and resources that are down without a report.

    Raises:
        FeedError: the payload is not a Better Stack status page.
    """
    if not recognise(payload):
        raise FeedError("is not a JSON:API status page")
    if reports := _reports(payload):
        listed = [_report(report, {}, {}) for report in reports]
        return Page(incidents=unique_open_first(listed), severity=open_severity(listed))
    page = payload.root.item("data").item("attributes")
    resources = _included_of_type(payload, "status_page_resource")
    parts = {resource.string("id") or f"no-{n}": resource.item("attributes") for n, resource in enumerate(resources, 1)}
    updates = {
        update.string("id") or f"no-{n}": update
        for n, update in enumerate(_included_of_type(payload, "status_update"), 1)
    }
    found = [_report(report, parts, updates) for report in _included_of_type(payload, "status_report")]
    reported = {name for incident in found if incident.open for name in incident.services}
    found += [
        _incident_without_report(key, part)
        for key, part in parts.items()
        if part.string("public_name") not in reported and _down(part)
    ]
    own = page.string("subdomain")
    host = page.string("custom_domain") or (f"{own}.betteruptime.com" if own else "")
    return Page(
        incidents=unique_open_first(found),
        components=tuple(
            FeedComponent(p.string("public_name"), severity_of(p.string("status"))) for p in parts.values()
        ),
        severity=worst_severity([severity_of(page.string("aggregate_state")), open_severity(found)]),
        name=page.string("company_name"),
        url=f"https://{host.removeprefix('https://')}" if host else "",
    )


def _reports(payload: Payload) -> list[Item]:
    rows = payload.root.items("data")
    return list(rows) if rows and rows[0].string("type") == "status_report" else []


def _included_of_type(payload: Payload, kind: str) -> list[Item]:
    return [entry for entry in payload.root.items("included") if entry.string("type") == kind]


def _down(part: Item) -> bool:
    severity = severity_of(part.string("status"))
    return severity is not None and severity.is_failure


def _report(report: Item, parts: Mapping[str, Item], texts: Mapping[str, Item]) -> ProviderIncident:
    attributes = report.item("attributes")
    linked = _update_ids(report, texts)
    updates = newest_first(_update(texts[key].item("attributes")) for key in linked)
    planned = attributes.string("report_type") == "maintenance"
    over = attributes.string("aggregate_state") == "resolved"
    affected = [ref.string("status_page_resource_id") for ref in attributes.items("affected_resources")]
    known = [parts[key] for key in affected if key in parts]
    services = tuple(dict.fromkeys(filter(None, (part.string("public_name") for part in known))))
    newest = last_change(updates)
    ends = attributes.time("ends_at")
    return ProviderIncident(
        provider="",
        id=report.string("id") or attributes.string("title"),
        title=attributes.string("title"),
        state=_state(over=over, planned=planned, begun=any(map(_in_maintenance, known))),
        severity=IncidentSeverity.MAINTENANCE if planned else _severity(report, texts, linked),
        services=services,
        regions=regions_in(*services, attributes.string("title")),
        started_at=attributes.time("starts_at"),
        updated_at=newest,
        resolved_at=(ends or newest) if over else None,
        updates=updates,
        ends_at=ends if planned else None,
    )


def _update_ids(report: Item, texts: Mapping[str, Item]) -> list[str]:
    """The ids of a report's updates: those that it lists, else those that refer to it."""
    named = [ref.string("id") for ref in report.item("relationships").item("status_updates").items("data")]
    own = report.string("id")
    found = [key for key in named if key in texts]
    return found or [key for key, text in texts.items() if _report_of(text) == own]


def _report_of(text: Item) -> str:
    return text.item("relationships").item("status_report").item("data").string("id")


def _state(*, over: bool, planned: bool, begun: bool) -> IncidentState | None:
    if over:
        return IncidentState.RESOLVED
    if planned:
        return IncidentState.IN_PROGRESS if begun else IncidentState.SCHEDULED
    return None


def _in_maintenance(part: Item) -> bool:
    return severity_of(part.string("status")) is IncidentSeverity.MAINTENANCE


def _severity(report: Item, texts: Mapping[str, Item], linked: list[str]) -> IncidentSeverity | None:
    """The worst status that the report or its updates give a resource, else the report's own; None if there is none."""
    statements = [report.item("attributes"), *(texts[key].item("attributes") for key in linked)]
    words = [ref.string("status") for part in statements for ref in part.items("affected_resources")]
    found = [grade for word in words if word not in ("", "resolved") and (grade := severity_of(word))]
    return worst_severity(found) if found else severity_of(report.item("attributes").string("aggregate_state"))


def _incident_without_report(id: str, part: Item) -> ProviderIncident:
    name = part.string("public_name") or f"Resource {id}"
    return ProviderIncident(
        provider="",
        id=f"resource-{id}",
        title=f"{name}: {part.string('status')}",
        severity=severity_of(part.string("status")),
        services=(name,),
        regions=regions_in(name),
    )


def _update(attributes: Item) -> IncidentUpdate:
    words = [ref.string("status") for ref in attributes.items("affected_resources")]
    over = bool(words) and all(word == "resolved" for word in words)
    return IncidentUpdate(
        attributes.time("published_at"), IncidentState.RESOLVED if over else None, attributes.text("message")
    )
