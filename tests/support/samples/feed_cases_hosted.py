"""Payloads of status pages that Sorry, StatusPal, Rootly, Datadog and StatusCast host."""

from typing import Any

from support.samples.feed_case import Case, incident, update

_SITE = "https://status.lantern.example"

SORRY = (
    Case(
        "sorry: a notice of each kind, one with its components, one with its latest update alone",
        "sorry",
        {"notices": [
            {"id": 1, "type": "unplanned", "state": "recovering", "timeline_state": "present", "subject": "Mail late",
             "url": f"{_SITE}/notices/1", "began_at": "2026-09-01T10:00:00.000Z", "ended_at": None,
             "created_at": "2026-09-01T10:01:00.000Z", "updated_at": "2026-09-01T10:30:00.000Z",
             "components": [{"id": 7, "name": "Mail", "state": "degraded"}],
             "updates": [{"id": 2, "content": "<p>Queues drain.</p>", "created_at": "2026-09-01T10:30:00.000Z"},
                         {"id": 1, "content": "Mail is late.", "created_at": "2026-09-01T10:01:00.000Z"}]},
            {"id": 2, "type": "planned", "state": "scheduled", "timeline_state": "future", "subject": "New racks",
             "synopsis": "We add racks.", "begins_at": "2026-10-01T08:00:00.000Z", "ends_at": "2026-10-01T09:00:00.000Z",
             "began_at": None, "ended_at": None, "created_at": "2026-09-01T09:00:00.000Z"},
            {"id": 3, "type": "planned", "state": "underway", "timeline_state": "present", "subject": "Disks",
             "begins_at": "2026-09-01T08:00:00.000Z", "began_at": "2026-09-01T08:00:02.000Z",
             "ends_at": "2026-09-01T12:00:00.000Z", "ended_at": None},
            {"id": 4, "type": "unplanned", "state": "false_alarm", "timeline_state": "past_recent", "subject": "Web",
             "began_at": "2026-08-31T08:00:00.000Z", "ended_at": "2026-08-31T08:05:00.000Z",
             "latest_update": {"content": "All was well.", "created_at": "2026-08-31T08:05:00.000Z"}},
            {"id": 5, "type": "general", "state": "published", "timeline_state": "present", "subject": "New prices"}],
         "meta": {"count": 5, "total_count": 5, "next_page": None}},
        (
            incident("1", "Mail late", state="monitoring", severity="minor", services=["Mail"], url=f"{_SITE}/notices/1",
                     started_at="2026-09-01T10:00:00Z", updated_at="2026-09-01T10:30:00Z",
                     updates=[update("2026-09-01T10:30:00Z", None, "Queues drain."),
                              update("2026-09-01T10:01:00Z", None, "Mail is late.")]),
            incident("3", "Disks", state="in_progress", severity="maintenance", started_at="2026-09-01T08:00:02Z",
                     ends_at="2026-09-01T12:00:00Z"),
            incident("5", "New prices", severity="none"),
            incident("2", "New racks", state="scheduled", severity="maintenance", started_at="2026-10-01T08:00:00Z",
                     ends_at="2026-10-01T09:00:00Z", updated_at="2026-09-01T09:00:00Z",
                     updates=[update("2026-09-01T09:00:00Z", None, "We add racks.")]),
            incident("4", "Web", state="resolved", started_at="2026-08-31T08:00:00Z", resolved_at="2026-08-31T08:05:00Z",
                     updated_at="2026-08-31T08:05:00Z", updates=[update("2026-08-31T08:05:00Z", None, "All was well.")]),
        ),
        severity="minor",
    ),
    Case("sorry: the state of a page", "sorry",
         {"page": {"name": "Lantern", "state": "degraded", "url": _SITE, "links": {"notices": {"href": "/v1/notices"}}}},
         provider="Lantern", severity="minor"),
    Case("sorry: a page without notices", "sorry", {"notices": [], "meta": {"count": 0, "total_count": 0}}, severity="none"),
)  # fmt: skip

_PAL = {"url": "lantern.example", "time_zone": "Etc/UTC", "subdomain": "lantern", "name": "Lantern"}
STATUSPAL = (
    Case(
        "statuspal: groups with services of one name, incidents open and over, maintenance of each kind",
        "statuspal",
        {"status_page": _PAL | {"current_incident_type": "major"},
         "services": [
             {"id": 1, "name": "East", "current_incident_type": "major", "children": [
                 {"id": 2, "name": "API", "current_incident_type": "major", "children": [{}]}]},
             {"id": 3, "name": "West", "current_incident_type": None, "children": [
                 {"id": 4, "name": "API", "current_incident_type": None, "children": []}]}],
         "incidents": [
             {"id": 89, "title": "Database", "type": "major", "starts_at": "2026-09-01T10:00:00", "ends_at": None,
              "service_ids": [1, 2], "url": f"{_SITE}/incidents/89", "updates": [
                  {"id": 1, "type": "issue", "description": "We look.", "posted_at": "2026-09-01T10:00:00"}]},
             {"id": 90, "title": "Web", "type": "made-by-us", "starts_at": "2026-08-01T10:00:00",
              "ends_at": "2026-08-01T11:00:00", "service_ids": [], "updates": [
                  {"id": 3, "type": "resolved", "description": "Over.", "posted_at": "2026-08-01T11:00:00"}]},
             {"id": 91, "title": "Back again", "type": "minor", "starts_at": "2026-08-30T10:00:00",
              "ends_at": "2026-08-30T11:00:00", "updates": [
                  {"type": "investigating", "description": "Again.", "posted_at": "2026-08-30T12:00:00"},
                  {"type": "resolved", "description": "Over.", "posted_at": "2026-08-30T11:00:00"}]}],
         "maintenances": [{"id": 92, "title": "Disks", "type": "scheduled", "starts_at": "2026-09-01T09:00:00",
                           "ends_at": "2026-09-01T11:00:00", "service_ids": [4], "updates": []}],
         "upcoming_maintenances": [{"id": 93, "title": "Racks", "type": "scheduled", "starts_at": "2026-10-01T09:00:00",
                                    "ends_at": "2026-10-01T11:00:00", "updates": []}]},
        (
            incident("89", "Database", state="investigating", severity="major", services=["East API"],
                     started_at="2026-09-01T10:00:00Z", updated_at="2026-09-01T10:00:00Z", url=f"{_SITE}/incidents/89",
                     updates=[update("2026-09-01T10:00:00Z", "investigating", "We look.")]),
            incident("92", "Disks", state="in_progress", severity="maintenance", services=["West API"],
                     started_at="2026-09-01T09:00:00Z", ends_at="2026-09-01T11:00:00Z"),
            incident("91", "Back again", state="investigating", severity="minor", started_at="2026-08-30T10:00:00Z",
                     updated_at="2026-08-30T12:00:00Z",
                     updates=[update("2026-08-30T12:00:00Z", "investigating", "Again."),
                              update("2026-08-30T11:00:00Z", "resolved", "Over.")]),
            incident("93", "Racks", state="scheduled", severity="maintenance", started_at="2026-10-01T09:00:00Z",
                     ends_at="2026-10-01T11:00:00Z"),
            incident("90", "Web", state="resolved", started_at="2026-08-01T10:00:00Z", updated_at="2026-08-01T11:00:00Z",
                     resolved_at="2026-08-01T11:00:00Z", updates=[update("2026-08-01T11:00:00Z", "resolved", "Over.")]),
        ),
        "Lantern",
        severity="major",
        components=({"name": "East API", "severity": "major", "region": None},
                    {"name": "West API", "severity": "none", "region": None}),
    ),
    Case("statuspal: the status alone, a type that the owner made", "statuspal",
         {"status_page": _PAL | {"current_incident_type": "made-by-us"}, "current_status_type": "minor"}, provider="Lantern",
         severity="minor"),
    Case("statuspal: the list of incidents", "statuspal",
         {"incidents": [{"id": 5, "type": "scheduled", "title": "Racks", "starts_at": "2026-10-01T09:00:00",
                         "ends_at": "2026-10-01T11:00:00"}], "meta": {"total_count": 1}},
         (incident("5", "Racks", state="scheduled", severity="maintenance", started_at="2026-10-01T09:00:00Z",
                   ends_at="2026-10-01T11:00:00Z"),), severity="none"),
)  # fmt: skip

_ROOT = {"name": "Lantern", "url": _SITE, "time_zone": "Etc/UTC", "updated_at": "2026-09-01T12:00:00Z"}
ROOTLY = (
    Case(
        "rootly: an incident of its workflow, a maintenance, one without an address",
        "rootly",
        {"page": _ROOT, "status": {"indicator": "major", "description": "Major outage"}, "incidents": [
            {"name": "API", "status": "started", "impact": "critical", "started_at": "2026-09-01T10:00:00Z",
             "resolved_at": None, "url": f"{_SITE}/incidents/a1", "incident_updates": [
                 {"body": "Found.", "status": "identified", "created_at": "2026-09-01T10:30:00Z"},
                 {"body": "We look.", "status": "investigating", "created_at": "2026-09-01T10:05:00Z"}]},
            {"name": "Disks", "status": "in_progress", "impact": "none", "started_at": "2026-09-01T09:00:00Z",
             "resolved_at": None, "url": f"{_SITE}/incidents/a2", "incident_updates": []},
            {"name": "Web", "status": "resolved", "impact": "minor", "started_at": "2026-08-01T09:00:00Z",
             "resolved_at": "2026-08-01T10:00:00Z", "incident_updates": []}]},
        (
            incident("a1", "API", state="identified", severity="critical", started_at="2026-09-01T10:00:00Z",
                     updated_at="2026-09-01T10:30:00Z", url=f"{_SITE}/incidents/a1",
                     updates=[update("2026-09-01T10:30:00Z", "identified", "Found."),
                              update("2026-09-01T10:05:00Z", "investigating", "We look.")]),
            incident("a2", "Disks", state="in_progress", severity="maintenance", started_at="2026-09-01T09:00:00Z",
                     updated_at="2026-09-01T09:00:00Z", url=f"{_SITE}/incidents/a2"),
            incident("Web@2026-08-01T09:00:00Z", "Web", state="resolved", severity="minor", started_at="2026-08-01T09:00:00Z",
                     updated_at="2026-08-01T09:00:00Z", resolved_at="2026-08-01T10:00:00Z"),
        ),
        "Lantern",
        severity="critical",
    ),
)  # fmt: skip


def _affected(status: str) -> list[dict[str, Any]]:
    return [{"id": "c1", "name": "Login", "status": status}]


DATADOG = (
    Case(
        "datadog: a degradation that is over, a maintenance that goes on, a page with a group",
        "datadog_pages",
        {"data": [
            {"id": "d1", "type": "degradations", "attributes": {
                "title": "Logins fail", "status": "resolved", "created_at": "2026-09-01T10:00:00Z",
                "modified_at": "2026-09-01T11:00:00Z", "components_affected": _affected("operational"), "updates": [
                    {"status": "resolved", "description": "Over.", "started_at": "2026-09-01T11:00:00Z",
                     "components_affected": _affected("operational")},
                    {"status": "investigating", "description": "We look.", "started_at": "2026-09-01T09:55:00Z",
                     "components_affected": _affected("partial_outage")}]}},
            {"id": "m1", "type": "maintenances", "attributes": {
                "title": "Racks", "status": "in_progress", "start_date": "2026-09-01T08:00:00Z",
                "completed_date": "2026-09-01T14:00:00Z", "components_affected": _affected("maintenance"), "updates": []}}],
         "included": [{"id": "p1", "type": "status_pages", "attributes": {
             "name": "Lantern", "page_url": _SITE, "components": [
                 {"name": "App", "type": "group", "components": [
                     {"name": "Login", "type": "component", "status": "maintenance"}]},
                 {"name": "API", "type": "component", "status": "degraded"}]}}]},
        (
            incident("m1", "Racks", state="in_progress", severity="maintenance", services=["Login"],
                     started_at="2026-09-01T08:00:00Z", ends_at="2026-09-01T14:00:00Z"),
            incident("d1", "Logins fail", state="resolved", severity="major", services=["Login"],
                     started_at="2026-09-01T09:55:00Z", updated_at="2026-09-01T11:00:00Z", resolved_at="2026-09-01T11:00:00Z",
                     updates=[update("2026-09-01T11:00:00Z", "resolved", "Over."),
                              update("2026-09-01T09:55:00Z", "investigating", "We look.")]),
        ),
        "Lantern",
        severity="minor",
        components=({"name": "Login", "severity": "maintenance", "region": None},
                    {"name": "API", "severity": "minor", "region": None}),
    ),
    Case("datadog: nothing is degraded", "datadog_pages", {"data": [], "meta": {"page": {"type": "offset_limit", "total": 0}}},
         severity="none"),
)  # fmt: skip

STATUSCAST = (
    Case(
        "statuscast: incidents of each status, a draft",
        "statuscast",
        {"items": [
            {"id": 1, "title": "Database", "incidentType": "ServiceUnavailable", "status": "InProgress",
             "dateCreated": "2026-09-01T10:01:00+00:00", "startDate": "2026-09-01T10:00:00+00:00", "endDate": None,
             "shortUrl": f"{_SITE}/i/1", "affectedComponents": [{"componentId": 42, "name": "API"}], "posts": [
                 {"id": 2, "text": "<b>We watch.</b>", "postType": "MonitoringV3only", "isPublished": True,
                  "date": "2026-09-01T10:30:00+00:00", "newComponentStatus": "DegradedPerformance"},
                 {"id": 1, "text": "We look.", "postType": "InvestigatingV3only", "isPublished": True,
                  "date": "2026-09-01T10:00:00+00:00", "newComponentStatus": "Unavailable"}]},
            {"id": 2, "title": "Racks", "incidentType": "ScheduledMaintenance", "status": "Future",
             "dateCreated": "2026-09-01T09:00:00+00:00", "startDate": "2026-10-01T10:00:00+00:00",
             "estimatedDurationMinutes": 90, "posts": []},
            {"id": 3, "title": "Disks", "incidentType": "ScheduledMaintenance", "status": "InProgress",
             "dateCreated": "2026-09-01T09:00:00+00:00", "startDate": "2026-09-01T09:30:00+00:00", "posts": []},
            {"id": 4, "title": "Was down", "incidentType": "ServiceUnavailable", "status": "Closed",
             "dateCreated": "2026-08-01T10:00:00+00:00", "endDate": "2026-08-01T11:30:00+00:00",
             "posts": [{"text": "Over.", "postType": "Closed", "date": "2026-08-01T11:30:00+00:00"}]},
            {"id": 5, "title": "Unsaid", "status": "Draft", "dateCreated": "2026-08-01T10:00:00+00:00", "posts": []}],
         "totalItems": 5, "page": 1, "pages": 1},
        (
            incident("1", "Database", state="monitoring", severity="critical", services=["API"], url=f"{_SITE}/i/1",
                     started_at="2026-09-01T10:00:00Z", updated_at="2026-09-01T10:30:00Z",
                     updates=[update("2026-09-01T10:30:00Z", "monitoring", "We watch."),
                              update("2026-09-01T10:00:00Z", "investigating", "We look.")]),
            incident("3", "Disks", state="in_progress", severity="maintenance", started_at="2026-09-01T09:30:00Z",
                     updated_at="2026-09-01T09:30:00Z"),
            incident("2", "Racks", state="scheduled", severity="maintenance", started_at="2026-10-01T10:00:00Z",
                     ends_at="2026-10-01T11:30:00Z", updated_at="2026-10-01T10:00:00Z"),
            incident("4", "Was down", state="resolved", started_at="2026-08-01T10:00:00Z", updated_at="2026-08-01T11:30:00Z",
                     resolved_at="2026-08-01T11:30:00Z", updates=[update("2026-08-01T11:30:00Z", "resolved", "Over.")]),
        ),
        severity="critical",
    ),
)  # fmt: skip

CASES = SORRY + STATUSPAL + ROOTLY + DATADOG + STATUSCAST
