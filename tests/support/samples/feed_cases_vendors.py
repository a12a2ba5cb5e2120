"""Payloads of vendors with a status page of their own: Zendesk, Vultr, Algolia, Apple and Yandex Cloud."""

from support.samples.feed_case import Case, incident, update

ZENDESK = (
    Case(
        "zendesk: an open incident with services and updates, a stale status, a maintenance",
        "zendesk",
        {"data": [
            {"id": "1", "type": "incident",
             "attributes": {"title": "Tickets late in Pod 20", "impact": "minor", "outage": False, "degradation": True,
                            "status": "investigating", "started_at": "2026-09-01T10:00:00.000Z", "resolved_at": None},
             "relationships": {"incident_updates": {"data": [{"id": "7", "type": "incident_update"}]},
                               "incident_services": {"data": [{"id": "8", "type": "incident_service"}]}}},
            {"id": "2", "type": "incident",
             "attributes": {"title": "Login", "impact": "major", "status": "monitoring", "outage": True,
                            "started_at": "2026-07-24T10:00:00.000Z", "resolved_at": "2026-07-24T12:00:00.000Z"}},
            {"id": "3", "type": "incident",
             "attributes": {"title": "Racks", "impact": "no impact", "outage": False, "degradation": False,
                            "maintenance_start_time": "2026-10-01T10:00:00.000Z",
                            "maintenance_end_time": "2026-10-01T11:00:00.000Z"}}],
         "included": [
             {"id": "7", "type": "incident_update",
              "attributes": {"created_at": "2026-09-01T10:10:00.000Z", "description": "We look."}},
             {"id": "8", "type": "incident_service", "attributes": {"degradation": True},
              "relationships": {"service": {"data": {"id": "9", "type": "service"}}}},
             {"id": "9", "type": "service", "attributes": {"name": "Support", "slug": "support"}}]},
        (
            incident("1", "Tickets late in Pod 20", state="investigating", severity="minor", services=["Support"],
                     regions=["Pod 20"], started_at="2026-09-01T10:00:00Z", updated_at="2026-09-01T10:10:00Z",
                     url="https://status.zendesk.com", updates=[update("2026-09-01T10:10:00Z", None, "We look.")]),
            incident("3", "Racks", state="scheduled", severity="maintenance", started_at="2026-10-01T10:00:00Z",
                     ends_at="2026-10-01T11:00:00Z", url="https://status.zendesk.com"),
            incident("2", "Login", state="resolved", severity="major", started_at="2026-07-24T10:00:00Z",
                     updated_at="2026-07-24T12:00:00Z", resolved_at="2026-07-24T12:00:00Z", url="https://status.zendesk.com"),
        ),
        "zendesk",
        severity="minor",
        components=({"name": "Support", "severity": "minor", "region": None},),
    ),
    Case(
        "zendesk: the page's own list, in camel case",
        "zendesk",
        {"data": [{"id": "9002", "type": "incident", "attributes": {
            "name": "Slow pages", "status": "identified", "impact": None, "outage": True, "degradation": False,
            "startedAt": "2026-09-01T10:00:00.000Z", "resolvedAt": None}}],
         "included": [{"id": "4", "type": "incidentService", "attributes": {
             "incidentId": 9002, "serviceId": 31, "serviceName": "Knowledge", "outage": True}}]},
        (incident("9002", "Slow pages", state="identified", severity="major", services=["Knowledge"],
                  started_at="2026-09-01T10:00:00Z", url="https://status.zendesk.com"),),
        "zendesk",
    ),
    Case("zendesk: nothing is active", "zendesk", {"data": [], "included": []}, provider="zendesk", severity="none"),
)  # fmt: skip

VULTR = (
    Case(
        "vultr: an alert that two regions list, a maintenance that has begun",
        "vultr",
        {"service_alerts": [{"id": "s1", "subject": "Console unavailable", "status": "ongoing",
                             "start_date": "2026-09-01T10:00:00+00:00", "updated_at": "", "entries": []}],
         "regions": {
             "ewr": {"location": "New Jersey", "country": "US", "alerts": [
                 {"id": "a1", "subject": "Partial Outage", "status": "ongoing", "start_date": "2026-09-01T09:00:00+00:00",
                  "entries": [{"updated_at": "2026-09-01T09:10:00+00:00", "message": "We look."}]}]},
             "ord": {"location": "Chicago", "country": "US", "alerts": [
                 {"id": "a1", "subject": "Partial Outage", "status": "ongoing", "start_date": "2026-09-01T09:00:00+00:00",
                  "entries": [{"updated_at": "2026-09-01T09:10:00+00:00", "message": "We look."}]},
                 {"id": "m1", "subject": "Chicago Maintenance", "status": "ongoing",
                  "start_date": "2026-08-20T09:00:00+00:00", "entries": [
                      {"updated_at": "2026-09-01T08:01:00+00:00", "message": "It has begun."},
                      {"updated_at": "2026-08-20T09:00:00+00:00",
                       "message": "Start Time: 2026-09-01 08:00:00 UTC\r\nEnd Time: 2026-09-01 12:00:00 UTC"}]}]}}},
        (
            incident("s1", "Console unavailable", started_at="2026-09-01T10:00:00Z", updated_at="2026-09-01T10:00:00Z",
                     url="https://status.vultr.com"),
            incident("a1", "Partial Outage", severity="major", regions=["ewr", "ord"], started_at="2026-09-01T09:00:00Z",
                     updated_at="2026-09-01T09:10:00Z", url="https://status.vultr.com",
                     updates=[update("2026-09-01T09:10:00Z", None, "We look.")]),
            incident("m1", "Chicago Maintenance", state="in_progress", severity="maintenance", regions=["ord"],
                     started_at="2026-09-01T08:00:00Z", ends_at="2026-09-01T12:00:00Z", updated_at="2026-09-01T08:01:00Z",
                     url="https://status.vultr.com",
                     updates=[update("2026-09-01T08:01:00Z", None, "It has begun."),
                              update("2026-08-20T09:00:00Z", None,
                                     "Start Time: 2026-09-01 08:00:00 UTC\nEnd Time: 2026-09-01 12:00:00 UTC")]),
        ),
        "vultr",
        severity="major",
        components=({"name": "New Jersey", "severity": "major", "region": "ewr"},
                    {"name": "Chicago", "severity": "major", "region": "ord"}),
    ),
    Case("vultr: no alerts", "vultr", {"service_alerts": []}, provider="vultr", severity="none"),
)  # fmt: skip

ALGOLIA = (
    Case(
        "algolia: two clusters fail at once, one of them twice",
        "algolia",
        {"incidents": {
            "c1-de": [
                {"t": 1788260400000, "v": {"title": "Incident on cluster c1-de: Searches fail.", "status": "partial_outage"}},
                {"t": 1788256800000, "v": {"title": "Incident on cluster c1-de: All is well.", "status": "operational"}},
                {"t": 1788253200000, "v": {"title": "Incident on cluster c1-de: Indexing is slow.",
                                           "status": "degraded_performance"}}],
            "c2-de": [
                {"t": 1788260400000, "v": {"title": "Incident on cluster c2-de: Searches fail.", "status": "partial_outage"}}]}},
        (
            incident("c1-de-1788260400", "Searches fail.", severity="major", services=["c1-de", "c2-de"],
                     started_at="2026-09-01T11:00:00Z", updated_at="2026-09-01T11:00:00Z", url="https://status.algolia.com",
                     updates=[update("2026-09-01T11:00:00Z", None, "Searches fail.")]),
            incident("c1-de-1788253200", "Indexing is slow.", state="resolved", severity="minor", services=["c1-de"],
                     started_at="2026-09-01T09:00:00Z", updated_at="2026-09-01T10:00:00Z", resolved_at="2026-09-01T10:00:00Z",
                     url="https://status.algolia.com",
                     updates=[update("2026-09-01T10:00:00Z", "resolved", "All is well."),
                              update("2026-09-01T09:00:00Z", None, "Indexing is slow.")]),
        ),
        "algolia",
        severity="major",
    ),
    Case("algolia: a cluster that is down", "algolia", {"status": {"c1-de": "operational", "c23-usw": "major_outage"}},
         (incident("cluster-c23-usw", "Cluster c23-usw: major outage", severity="critical", services=["c23-usw"]),),
         "algolia", severity="critical"),
)  # fmt: skip

APPLE = (
    Case(
        "apple: an event under two services, an outage of all users, maintenance of each kind",
        "apple",
        {"drpost": False, "drMessage": None, "services": [
            {"serviceName": "iCloud Mail", "redirectUrl": None, "events": [
                {"messageId": "1", "statusType": "Outage", "eventStatus": "ongoing", "usersAffected": "All users are affected",
                 "epochStartDate": 1788253200000, "epochEndDate": None, "datePosted": "09/01/2026 02:30 PDT",
                 "affectedServices": ["iCloud Mail", "iCloud Drive"], "message": "Mail is down."}]},
            {"serviceName": "iCloud Drive", "redirectUrl": None, "events": [
                {"messageId": "1", "statusType": "Outage", "eventStatus": "ongoing", "usersAffected": "All users are affected",
                 "epochStartDate": 1788253200000, "epochEndDate": None, "datePosted": "09/01/2026 02:30 PDT",
                 "affectedServices": ["iCloud Mail", "iCloud Drive"], "message": "Mail is down."}]},
            {"serviceName": "Store", "redirectUrl": None, "events": [
                {"messageId": "2", "statusType": "Maintenance", "eventStatus": "upcoming", "usersAffected": None,
                 "epochStartDate": 1788346800000, "epochEndDate": 1788350400000, "affectedServices": None, "message": None},
                {"messageId": "3", "statusType": "Maintenance", "eventStatus": "completed", "usersAffected": None,
                 "epochStartDate": 1785668400000, "epochEndDate": 1785672000000, "message": "Work is done."}]}]},
        (
            incident("1", "iCloud Mail, iCloud Drive: outage", state="investigating", severity="critical",
                     services=["iCloud Mail", "iCloud Drive"], started_at="2026-09-01T09:00:00Z",
                     updated_at="2026-09-01T09:30:00Z", url="https://www.apple.com/support/systemstatus/",
                     updates=[update("2026-09-01T09:30:00Z", "investigating", "Mail is down. All users are affected")]),
            incident("2", "Store: maintenance", state="scheduled", severity="maintenance", services=["Store"],
                     started_at="2026-09-02T11:00:00Z", ends_at="2026-09-02T12:00:00Z", updated_at="2026-09-02T12:00:00Z",
                     url="https://www.apple.com/support/systemstatus/"),
            incident("3", "Store: maintenance", state="resolved", severity="maintenance", services=["Store"],
                     started_at="2026-08-02T11:00:00Z", ends_at="2026-08-02T12:00:00Z", resolved_at="2026-08-02T12:00:00Z",
                     updated_at="2026-08-02T12:00:00Z", url="https://www.apple.com/support/systemstatus/",
                     updates=[update("2026-08-02T11:00:00Z", "resolved", "Work is done.")]),
        ),
        "apple",
        severity="critical",
        components=({"name": "iCloud Mail", "severity": "critical", "region": None},
                    {"name": "iCloud Drive", "severity": "critical", "region": None},
                    {"name": "Store", "severity": "none", "region": None}),
    ),
)  # fmt: skip

YANDEX = (
    Case(
        "yandex: services of two installations with one incident",
        "yandex",
        [{"id": 2, "name": "Compute Cloud", "installationCode": "ru", "zones": [], "incidents": [
            {"id": 7, "title": "VMs", "status": "open", "levelId": 2, "startDate": "2026-09-01T10:00:00.000Z", "endDate": None,
             "comments": [{"type": "investigation", "content": "<p>We look.</p>", "createdAt": "2026-09-01T10:05:00.000Z"}]}]},
         {"id": 3, "name": "Virtual Private Cloud", "installationCode": "kz", "zones": [], "incidents": [
             {"id": 7, "title": "VMs", "status": "open", "levelId": 2, "startDate": "2026-09-01T10:00:00.000Z", "endDate": None,
              "comments": [{"type": "investigation", "content": "<p>We look.</p>", "createdAt": "2026-09-01T10:05:00.000Z"}]}]}],
        (incident("7", "VMs", state="investigating", severity="critical",
                  services=["Compute Cloud", "Virtual Private Cloud"], regions=["ru-central1", "kz1"],
                  started_at="2026-09-01T10:00:00Z", updated_at="2026-09-01T10:05:00Z",
                  url="https://status.yandex.cloud/en/incidents/7",
                  updates=[update("2026-09-01T10:05:00Z", "investigating", "We look.")]),),
        "yandex-cloud",
        severity="critical",
        components=({"name": "Compute Cloud", "severity": "critical", "region": "ru-central1"},
                    {"name": "Virtual Private Cloud", "severity": "critical", "region": "kz1"}),
    ),
    Case("yandex: one incident with a report", "yandex",
         {"id": 8, "title": "Disks", "status": "withReport", "levelId": 1, "startDate": "2026-08-01T10:00:00.000Z",
          "endDate": "2026-08-01T11:00:00.000Z", "installations": [{"code": "kz", "zones": [{"id": "kz1-a"}]}]},
         (incident("8", "Disks", state="resolved", severity="minor", regions=["kz1"], started_at="2026-08-01T10:00:00Z",
                   resolved_at="2026-08-01T11:00:00Z", url="https://status.yandex.cloud/en/incidents/8"),), "yandex-cloud"),
)  # fmt: skip

CASES = ZENDESK + VULTR + ALGOLIA + APPLE + YANDEX
