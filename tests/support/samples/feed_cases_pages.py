"""Payloads of other vendors: Better Stack, Status.io, Heroku, Salesforce, Slack, and self-hosted pages."""

from support.samples.feed_case import Case, incident, update


def _resource(id: str, name: str, status: str) -> dict[str, object]:
    return {"id": id, "type": "status_page_resource", "attributes": {"public_name": name, "status": status}}


def _said(id: str, report: str, at: str, text: str, *statuses: str) -> dict[str, object]:
    touched = [{"status_page_resource_id": "1", "status": status} for status in statuses]
    return {
        "id": id,
        "type": "status_update",
        "attributes": {"message": text, "published_at": at, "affected_resources": touched},
        "relationships": {"status_report": {"data": {"id": report, "type": "status_report"}}},
    }


BETTERSTACK = (
    Case(
        "better stack: a report, a maintenance that has begun, a resource that is down in silence",
        "betterstack",
        {"data": {"id": "9", "type": "status_page", "attributes": {
            "company_name": "Lantern", "custom_domain": None, "subdomain": "lantern", "aggregate_state": "downtime"}},
         "included": [
             _resource("1", "API", "degraded"), _resource("2", "Disks", "maintenance"), _resource("3", "Mail", "downtime"),
             _resource("4", "Old", "not_monitored"),
             {"id": "r1", "type": "status_report", "attributes": {
                 "title": "API slow", "report_type": "manual", "starts_at": "2026-07-01T10:00:00.000Z", "ends_at": None,
                 "aggregate_state": "degraded", "affected_resources": [{"status_page_resource_id": "1", "status": "degraded"}]}},
             _said("u1", "r1", "2026-07-01T10:05:00.000Z", "We look.", "degraded"),
             {"id": "r2", "type": "status_report", "attributes": {
                 "title": "Disks", "report_type": "maintenance", "starts_at": "2026-07-01T09:00:00.000Z",
                 "ends_at": "2026-07-01T12:00:00.000Z", "aggregate_state": "maintenance",
                 "affected_resources": [{"status_page_resource_id": "2", "status": "maintenance"}]}},
             {"id": "r3", "type": "status_report", "attributes": {
                 "title": "Was down", "report_type": "automatic", "starts_at": "2026-06-01T09:00:00.000Z", "ends_at": None,
                 "aggregate_state": "resolved", "affected_resources": [{"status_page_resource_id": "1", "status": "resolved"}]},
              "relationships": {"status_updates": {"data": [{"id": "u2", "type": "status_update"}]}}},
             _said("u2", "r3", "2026-06-01T10:00:00.000Z", "Back.", "resolved")]},
        (
            incident("r1", "API slow", severity="minor", services=["API"], started_at="2026-07-01T10:00:00Z",
                     updated_at="2026-07-01T10:05:00Z", updates=[update("2026-07-01T10:05:00Z", None, "We look.")]),
            incident("r2", "Disks", state="in_progress", severity="maintenance", ends_at="2026-07-01T12:00:00Z", services=["Disks"],
                     started_at="2026-07-01T09:00:00Z"),
            incident("resource-3", "Mail: downtime", severity="critical", services=["Mail"]),
            incident("r3", "Was down", state="resolved", services=["API"], started_at="2026-06-01T09:00:00Z",
                     updated_at="2026-06-01T10:00:00Z", resolved_at="2026-06-01T10:00:00Z",
                     updates=[update("2026-06-01T10:00:00Z", "resolved", "Back.")]),
        ),
        "Lantern",
    ),
    Case(
        "better stack: nothing has an id",
        "betterstack",
        {"data": {"type": "status_page", "attributes": {"company_name": "Lantern", "aggregate_state": "downtime"}}, "included": [
            {"type": "status_page_resource", "attributes": {"public_name": "Hub", "status": "downtime"}},
            {"type": "status_report", "attributes": {"title": "Errors", "report_type": "incident", "aggregate_state": "downtime"}}]},
        (incident("Errors", "Errors", severity="critical"),
         incident("resource-no-1", "Hub: downtime", severity="critical", services=["Hub"])),
        "Lantern",
    ),
    Case("better stack: the reports of its API", "betterstack",
         {"data": [{"id": "5", "type": "status_report", "attributes": {"title": "T", "aggregate_state": "downtime"}}]},
         (incident("5", "T", severity="critical"),)),
)  # fmt: skip

STATUSIO = (
    Case(
        "status.io: codes as text, a maintenance of each kind",
        "statusio",
        {"result": {
            "status_overall": {"status": "Service Disruption", "status_code": "500"},
            "status": [{"name": "API", "status_code": 500, "containers": []}],
            "incidents": [{"_id": "a1", "name": "API", "datetime_open": "2026-08-01T10:00:00.000Z",
                           "messages": [{"details": "Down &amp; out", "state": "100", "status": "500",
                                         "datetime": "2026-08-01T10:00:00.000Z"},
                                        {"details": "Fixed?", "state": "300", "status": "300",
                                         "datetime": "2026-08-01T11:00:00.000Z"}],
                           "components_affected": [{"name": "API", "_id": "c"}],
                           "containers_affected": [{"name": "EU", "_id": "e"}]}],
            "maintenance": {
                "active": [{"_id": "m1", "name": "Disks", "datetime_open": "2026-07-01T00:00:00Z", "messages": [
                    {"details": "Planned", "state": 100, "status": 200, "datetime": "2026-07-01T00:00:00Z"}]}],
                "upcoming": [{"_id": "m2", "name": "Racks", "datetime_planned_start": "2027-01-01T00:00:00Z",
                              "datetime_planned_end": "2027-01-01T01:00:00Z"}]}}},
        (
            incident("a1", "API", state="monitoring", severity="minor", services=["API"], regions=["EU"],
                     started_at="2026-08-01T10:00:00Z", updated_at="2026-08-01T11:00:00Z",
                     updates=[update("2026-08-01T11:00:00Z", "monitoring", "Fixed?"),
                              update("2026-08-01T10:00:00Z", "investigating", "Down & out")]),
            incident("m1", "Disks", state="in_progress", severity="maintenance", started_at="2026-07-01T00:00:00Z",
                     updated_at="2026-07-01T00:00:00Z", updates=[update("2026-07-01T00:00:00Z", None, "Planned")]),
            incident("m2", "Racks", state="scheduled", severity="maintenance", ends_at="2027-01-01T01:00:00Z",
                     started_at="2027-01-01T00:00:00Z"),
        ),
    ),
    Case("status.io: a code that nobody knows, nothing else", "statusio", {"result": {"status_overall": {"status_code": 999}}}),
)  # fmt: skip

HEROKU = (
    Case(
        "heroku 4: `resolved` false on what is resolved, a maintenance announced",
        "heroku",
        {"status": [{"system": "Apps", "status": "red"}, {"system": "Data", "status": "green"}],
         "incidents": [{
             "id": 2963, "title": "Builds fail", "state": "resolved", "resolved": False,
             "created_at": "2026-07-20T10:00:00.000Z", "updated_at": "2026-07-20T12:00:00.000Z",
             "full_url": "https://status.heroku.com/incidents/2963", "tags": ["NA", "Common Runtime"],
             "systems": [{"name": "Apps", "status": "red", "services": ["Apps"]}],
             "updates": [{"created_at": "2026-07-20T12:00:00.000Z", "contents": "Done.", "update_type": "resolved",
                          "status_prod": "green", "status_dev": "green"},
                         {"created_at": "2026-07-20T10:00:00.000Z", "contents": "Broken.", "update_type": "issue",
                          "status_prod": "red", "status_dev": "yellow"}]}],
         "scheduled": [{"id": 2959, "title": "Move", "state": "upcoming", "resolved": False, "updates": None,
                        "created_at": "2026-07-25T17:00:24.339Z", "full_url": None}]},
        (
            incident("2959", "Move", state="scheduled", severity="maintenance"),
            incident("2963", "Builds fail", state="resolved", severity="critical", services=["Apps"], regions=["NA"],
                     started_at="2026-07-20T10:00:00Z", updated_at="2026-07-20T12:00:00Z",
                     resolved_at="2026-07-20T12:00:00Z", url="https://status.heroku.com/incidents/2963",
                     updates=[update("2026-07-20T12:00:00Z", "resolved", "Done."),
                              update("2026-07-20T10:00:00Z", None, "Broken.")]),
        ),
        "heroku",
    ),
    Case(
        "heroku: maintenance resolved by its updates, without times",
        "heroku",
        {"status": [{"system": "Data", "status": "blue"}], "incidents": [], "scheduled": [{
            "id": 2120, "title": "Data", "resolved": True, "created_at": "2020-10-30T00:55:34.418Z",
            "updated_at": "2020-11-09T19:47:23.674Z", "updates": [
                {"created_at": "2020-11-09T19:47:23.000Z", "update_type": "resolved", "contents": "Done."},
                {"created_at": "2020-11-09T19:01:10.000Z", "update_type": "maintenance", "contents": "Under way."},
                {"created_at": "2020-10-30T00:55:34.000Z", "update_type": "scheduled", "contents": "Planned."}]}]},
        (incident("2120", "Data", state="resolved", severity="maintenance", started_at="2020-11-09T19:01:10Z",
                  updated_at="2020-11-09T19:47:23.674000Z", resolved_at="2020-11-09T19:47:23Z",
                  updates=[update("2020-11-09T19:47:23Z", "resolved", "Done."),
                           update("2020-11-09T19:01:10Z", "in_progress", "Under way."),
                           update("2020-10-30T00:55:34Z", "scheduled", "Planned.")]),),
        "heroku",
    ),
    Case("heroku 3: a key for each system", "heroku",
         {"status": {"Production": "green", "Development": "blue"}, "issues": []}, (), "heroku"),
    Case(
        "heroku 3: the list of issues",
        "heroku",
        [{"id": 336, "title": "Domains", "resolved": True, "created_at": "2012-04-24T14:02:39Z",
          "updated_at": "2012-04-24T15:24:58Z", "updates": [
              {"contents": "Fixed.", "created_at": "2012-04-24T15:24:58Z", "status_prod": "yellow", "update_type": "resolved"}]}],
        (incident("336", "Domains", state="resolved", severity="major", started_at="2012-04-24T14:02:39Z",
                  updated_at="2012-04-24T15:24:58Z", resolved_at="2012-04-24T15:24:58Z",
                  updates=[update("2012-04-24T15:24:58Z", "resolved", "Fixed.")]),),
        "heroku",
    ),
)  # fmt: skip

_IMPACT = {
    "id": 1,
    "startTime": "2026-05-05T10:00:00.000Z",
    "endTime": None,
    "type": "serviceDisruption",
    "severity": "major",
}
_TROUBLE = {
    "id": 77, "message": {"rootCause": None}, "createdAt": "2026-05-05T10:20:00.000Z", "updatedAt": "2026-05-05T11:00:00.000Z",
    "IncidentImpacts": [_IMPACT], "instanceKeys": ["EU9"], "serviceKeys": ["coreService"],
    "IncidentEvents": [{"type": "investigating", "message": "We look.", "createdAt": "2026-05-05T10:30:00.000Z"}],
}  # fmt: skip
_TROUBLED = incident(
    "77", "Service disruption", state="investigating", severity="major", services=["coreService"], regions=["EU9"],
    started_at="2026-05-05T10:00:00Z", updated_at="2026-05-05T11:00:00Z", url="https://status.salesforce.com/incidents/77",
    updates=[update("2026-05-05T10:30:00Z", "investigating", "We look.")],
)  # fmt: skip
SALESFORCE = (
    Case("salesforce: what is active", "salesforce", [_TROUBLE], (_TROUBLED,), "salesforce"),
    Case(
        "salesforce: one instance",
        "salesforce",
        {"key": "EU9", "location": "EMEA", "status": "MAJOR_INCIDENT_CORE", "Incidents": [_TROUBLE], "Maintenances": []},
        (_TROUBLED,),
        "salesforce",
    ),
    Case(
        "salesforce: maintenances, one ahead and one done",
        "salesforce",
        [{"id": 1, "name": "Release", "plannedStartTime": "2026-06-06T00:00:00Z", "plannedEndTime": "2026-06-06T01:00:00Z",
          "message": {"eventStatus": "Completed"}, "instanceKeys": ["EU9"], "MaintenanceEvents": None},
         {"id": 2, "name": None, "plannedStartTime": "2026-07-07T00:00:00Z", "instanceKeys": [], "message": None}],
        (
            incident("maintenance-2", "Maintenance", state="scheduled", severity="maintenance",
                     started_at="2026-07-07T00:00:00Z", url="https://status.salesforce.com/maintenances/2"),
            incident("maintenance-1", "Release", state="resolved", severity="maintenance", ends_at="2026-06-06T01:00:00Z", regions=["EU9"],
                     started_at="2026-06-06T00:00:00Z", url="https://status.salesforce.com/maintenances/1"),
        ),
        "salesforce",
    ),
)  # fmt: skip

SLACK = (
    Case(
        "slack: current, notes oldest first, a mention in the title",
        "slack",
        {"status": "active", "date_created": "2026-09-07T14:35:00-07:00", "active_incidents": [{
            "id": 546, "title": "<!channel> <@U1> cannot post\u202e", "type": "outage", "status": "active",
            "url": "https://slack-status.com/2026-09/1", "services": ["Messaging", None, 3],
            "date_created": "2026-09-07T14:35:00-07:00", "date_updated": "2026-09-07T18:34:15-07:00",
            "notes": [{"date_created": "2026-09-07T14:35:00-07:00", "body": "<p>First</p>"},
                      {"date_created": "2026-09-07T18:34:15-07:00", "body": "<p>Last</p>"}]}]},
        (incident("546", "<@U1> cannot post", severity="critical", services=["Messaging"],
                  started_at="2026-09-07T21:35:00Z", updated_at="2026-09-08T01:34:15Z",
                  url="https://slack-status.com/2026-09/1",
                  updates=[update("2026-09-08T01:34:15Z", None, "Last"), update("2026-09-07T21:35:00Z", None, "First")]),),
        "slack",
    ),
    Case(
        "slack: history, all that may be absent absent",
        "slack",
        [{"id": "1", "status": "scheduled", "type": "maintenance", "date_created": None, "notes": []},
         {"id": "2", "status": "cancelled", "type": "rumour", "date_created": 1767225600, "title": None, "notes": None}],
        (incident("1", "", state="scheduled", severity="maintenance"),
         incident("2", "", state="resolved", started_at="2026-01-01T00:00:00Z")),
        "slack",
    ),
)  # fmt: skip

CASES = BETTERSTACK + STATUSIO + HEROKU + SALESFORCE + SLACK
