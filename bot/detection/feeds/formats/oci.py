"""Oracle Cloud: status.json (one overall indicator) and components.json (status of each service by region)."""

from bot.detection.feeds.parsing.page import Page, normalised, severity_of, unique_open_first, worst_severity
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, ProviderIncident

URL = "https://ocistatus.oraclecloud.com"
_STATUS = {
    "normalperformance": IncidentSeverity.NONE,
    "informational": IncidentSeverity.MINOR,
    "degradedperformance": IncidentSeverity.MINOR,
    "servicedegradation": IncidentSeverity.MINOR,
    "partialoutage": IncidentSeverity.MAJOR,
    "servicedisruption": IncidentSeverity.MAJOR,
    "serviceoutage": IncidentSeverity.CRITICAL,
    "serviceunavailable": IncidentSeverity.CRITICAL,
    "maintenance": IncidentSeverity.MAINTENANCE,
}


def recognise(payload: Payload) -> bool:
    """Accept health reports by region, or an object of only an indicator and a page without an id."""
    root = payload.root
    if isinstance(root.raw("regionHealthReports"), list):
        return True
    return (
        set(root.data) == {"page", "status"}
        and not root.item("page").string("id")
        and "indicator" in root.item("status")
    )


def parse(payload: Payload) -> Page:
    """Return services by region; a region with a service that is not normal becomes an incident.

    Raises:
        FeedError: the payload is neither of the two.
    """
    root = payload.root
    if "regionHealthReports" in root:
        parts = [part for region in root.items("regionHealthReports") for part in _region(region)]
        if not parts:
            raise FeedError("contains no health report of a service")
        return Page(
            incidents=unique_open_first(_trouble(parts)),
            components=tuple(parts),
            severity=worst_severity(part.severity for part in parts),
            name="OCI",
            url=URL,
        )
    if not recognise(payload):
        raise FeedError("has neither a status indicator nor health reports")
    return Page(
        severity=severity_of(root.item("status").string("indicator")), name=root.item("page").string("name"), url=URL
    )


def _region(region: Item) -> list[FeedComponent]:
    where = region.string("regionCanonicalName", "regionName", "regionId")
    return [
        FeedComponent(
            report.string("serviceName"), _STATUS.get(normalised(report.string("serviceStatus"))), where or None
        )
        for report in region.items("serviceHealthReports")
    ]


def _trouble(parts: list[FeedComponent]) -> list[ProviderIncident]:
    """An incident for each region with a service that is not normal."""
    found = []
    for where in dict.fromkeys(part.region for part in parts):
        bad = [p for p in parts if p.region == where and p.severity not in (None, IncidentSeverity.NONE)]
        if bad:
            grade, names = (
                worst_severity(part.severity for part in bad),
                tuple(dict.fromkeys(part.name for part in bad)),
            )
            title = f"{', '.join(names[:3])}{' and others' if len(names) > 3 else ''} in {where or 'an unnamed region'}"
            places = (where,) if where else ()
            found.append(ProviderIncident("", f"region-{where}", title, severity=grade, services=names, regions=places))
    return found
