"""Payloads of self-hosted pages, smaller vendors, and generic feeds."""

from support.samples.feed_case import Case, incident, update

CACHET = (
    Case(
        "cachet 2: an incident whose latest update says more than itself",
        "cachet",
        {"meta": {"pagination": {"total": 1}}, "data": [{
            "id": 1, "component_id": 1, "name": "Mail late", "status": 1, "visible": 1, "message": "**We look.**",
            "occurred_at": "2026-08-01 12:00:00", "created_at": "2026-08-01 12:01:00", "updated_at": "2026-08-01 13:00:00",
            "is_resolved": False, "human_status": "Investigating", "latest_status": 2, "latest_human_status": "Identified",
            "component": {"name": "Mail", "status": "3"}, "permalink": "https://status.lantern.example/incidents/1",
            "updates": [{"id": 1, "status": 2, "human_status": "Identified", "message": "Found.",
                         "created_at": "2026-08-01 12:30:00"}]}]},
        (incident("1", "Mail late", state="identified", severity="major", services=["Mail"],
                  started_at="2026-08-01T12:00:00Z", updated_at="2026-08-01T13:00:00Z",
                  url="https://status.lantern.example/incidents/1",
                  updates=[update("2026-08-01T12:30:00Z", "identified", "Found."),
                           update("2026-08-01T12:00:00Z", None, "**We look.**")]),),
    ),
    Case(
        "cachet 1: one incident, fixed, numbers as text",
        "cachet",
        {"data": {"id": "9", "component_id": "0", "name": "Web", "status": "4", "message": "", "visible": "1",
                  "created_at": "2015-08-01 12:00:00", "updated_at": "2015-08-01 12:30:00"}},
        (incident("9", "Web", state="resolved", started_at="2015-08-01T12:00:00Z", updated_at="2015-08-01T12:30:00Z",
                  resolved_at="2015-08-01T12:30:00Z"),),
    ),
    Case(
        "cachet 3: a status and moments that are objects",
        "cachet",
        {"data": [{"id": "4", "type": "incidents", "attributes": {
            "id": 4, "name": "Login", "message": "Broken", "status": {"value": 3, "human": "Watching"},
            "occurred": {"human": "1 day ago", "string": "2026-08-02 10:00:00", "timestamp": 1785664800},
            "created": {"timestamp": 1785664860}, "updated": {"string": "2026-08-02 11:00:00"}}}]},
        (incident("4", "Login", state="monitoring", started_at="2026-08-02T10:00:00Z", updated_at="2026-08-02T11:00:00Z",
                  updates=[update("2026-08-02T10:00:00Z", None, "Broken")]),),
    ),
    Case(
        "cachet: schedules, one begun and one done",
        "cachet",
        {"data": [
            {"id": 1, "name": "Disks", "message": "New ones", "status": 1, "scheduled_at": "2026-09-01 10:00:00",
             "completed_at": None, "created_at": "2026-08-30 10:00:00", "updated_at": "2026-09-01 10:00:00",
             "components": [{"component_name": "Storage"}]},
            {"id": 2, "name": "Racks", "message": "", "status": 2, "scheduled_at": "2026-07-01 10:00:00",
             "completed_at": "2026-07-01 11:00:00"}]},
        (
            incident("schedule-1", "Disks", state="in_progress", severity="maintenance", services=["Storage"],
                     started_at="2026-09-01T10:00:00Z", updated_at="2026-09-01T10:00:00Z",
                     updates=[update("2026-08-30T10:00:00Z", None, "New ones")]),
            incident("schedule-2", "Racks", state="resolved", severity="maintenance", started_at="2026-07-01T10:00:00Z",
                     resolved_at="2026-07-01T11:00:00Z"),
        ),
    ),
    Case("cachet: components", "cachet",
         {"data": [{"id": 1, "name": "API", "status": 4, "status_name": "Major Outage", "component_group_id": 0}]}),
)  # fmt: skip

CSTATE = (
    Case(
        "cstate: an issue of two systems, moments as Go prints them",
        "cstate",
        {"is": "index", "cStateVersion": "5.2", "title": "Lantern", "baseURL": "https://status.lantern.example/",
         "summaryStatus": "disrupted", "systems": [
             {"name": name, "status": "disrupted", "unresolvedIssues": [{
                 "is": "issue", "title": "Mail", "createdAt": "2026-02-25 16:41:12 +0000 UTC",
                 "lastMod": "2026-02-25 17:00:00 +0100 CET", "permalink": "https://status.lantern.example/issues/mail/",
                 "severity": "disrupted", "resolved": False, "informational": False, "resolvedAt": "<no value>",
                 "affected": ["Mail", "Web"], "filename": "mail.md"}]} for name in ("Mail", "Web")]},
        (incident("https://status.lantern.example/issues/mail/", "Mail", severity="major", services=["Mail", "Web"],
                  started_at="2026-02-25T16:41:12Z", updated_at="2026-02-25T16:00:00Z",
                  url="https://status.lantern.example/issues/mail/"),),
        "Lantern",
    ),
    Case(
        "cstate: one resolved issue",
        "cstate",
        {"section": "issues", "title": "Web", "created_at": "2026-02-01 10:00:00 +0000 UTC", "severity": "down",
         "resolved": "true", "informational": "false", "resolved_at": "2026-02-01 11:30:00", "affected": ["Web"],
         "filename": "web.md", "body": "<p>Back again.</p>"},
        (incident("web.md", "Web", state="resolved", severity="critical", services=["Web"],
                  started_at="2026-02-01T10:00:00Z", resolved_at="2026-02-01T11:30:00Z",
                  updates=[update("2026-02-01T10:00:00Z", None, "Back again.")]),),
    ),
)  # fmt: skip

SMALL = (
    Case("upptime: one of two is not up", "upptime",
         [{"name": "Web", "url": "https://x.example", "slug": "web", "status": "degraded", "uptime": "99.9%"},
          {"name": "API", "slug": "api", "status": "up", "uptime": "100.00%"}],
         (incident("web", "Web is degraded", severity="minor", services=["Web"]),)),
    Case(
        "checkly: a resolved incident, and one with few fields",
        "checkly",
        {"incidents": [
            {"id": "a", "name": "Audio in ap-south-1", "severity": "CRITICAL", "created_at": "2026-07-27T14:00:00.000Z",
             "updated_at": "2026-07-27T15:00:00.000Z", "lastUpdateStatus": "RESOLVED", "services": [{"name": "Audio"}],
             "incidentUpdates": [{"status": "RESOLVED", "description": "Over.",
                                  "publicIncidentUpdateDate": "2026-07-27T15:00:00.000Z"},
                                 {"status": "MONITORING", "description": "Better?", "created_at": "2026-07-27T14:30:00.000Z"}]},
            {"id": "b", "name": "B", "severity": None, "lastUpdateStatus": None, "services": None, "incidentUpdates": None}]},
        (
            incident("b", "B"),
            incident("a", "Audio in ap-south-1", state="resolved", severity="critical", services=["Audio"],
                     regions=["ap-south-1"], started_at="2026-07-27T14:00:00Z", updated_at="2026-07-27T15:00:00Z",
                     resolved_at="2026-07-27T15:00:00Z",
                     updates=[update("2026-07-27T15:00:00Z", "resolved", "Over."),
                              update("2026-07-27T14:30:00Z", "monitoring", "Better?")]),
        ),
    ),
    Case("checkly: an incident without updates", "checkly",
         {"incidents": [{"id": "c", "name": "C", "severity": "MINOR", "created_at": "2026-06-26T10:00:00.000Z",
                         "services": [{"name": "API"}]}]},
         (incident("c", "C", severity="minor", services=["API"], started_at="2026-06-26T10:00:00Z"),)),
    Case("checkly: nothing on", "checkly", {"incidents": []}, forced=True),
    Case(
        "firehydrant: identified, by a note",
        "firehydrant",
        {"config": {"companyName": "Lantern", "title": "Lantern"}, "conditions": {"Operational": "OPERATIONAL"},
         "components": [], "incidents": [{
             "id": "f1", "title": "Cache in us-east-1", "severitySlug": "SEV1", "components": [{"name": "Cache"}],
             "timestamps": {"started": "2026-03-01T10:00:00Z", "identified": "2026-03-01T10:20:00Z"},
             "timeline": [{"occurredAt": "2026-03-01T10:20:00Z", "time": "2026-03-02T00:00:00Z",
                           "details": {"note": "\u27a1 **Identified** \u2014 Found <b>it</b>."}},
                          {"time": "2026-03-01T10:00:00Z", "details": {"somethingElse": {}}}]}]},
        (incident("f1", "Cache in us-east-1", state="identified", severity="critical", services=["Cache"],
                  regions=["us-east-1"], started_at="2026-03-01T10:00:00Z", updated_at="2026-03-01T10:20:00Z",
                  updates=[update("2026-03-01T10:20:00Z", "identified", "Found it.")]),),
        "Lantern",
    ),
)  # fmt: skip

_INCIDENTIO = (
    "&lt;b&gt;Status: Identified&lt;/b&gt;&lt;br/&gt;&lt;br/&gt;Writes fail.&lt;br/&gt;&lt;br/&gt;&lt;b&gt;Affected "
    "components&lt;/b&gt;&lt;ul&gt;&lt;li&gt;Apps (Degraded performance)&lt;/li&gt;&lt;li&gt;Files (EU) "
    "(Operational)&lt;/li&gt;&lt;/ul&gt;"
)
_IDENTIFIED = (
    "Status: Identified\nWrites fail.\nAffected components\nApps (Degraded performance)\nFiles (EU) (Operational)"
)
GENERIC = (
    Case(
        "rss: incident.io's list of components, and cState's moment among the categories",
        "rss",
        f"""<rss version="2.0"><channel><title>Lantern status</title><link>https://status.lantern.example</link>
        <item><title>Writes</title><link>https://status.lantern.example/incidents/1</link><guid>one</guid>
          <pubDate>Wed, 29 Apr 2026 21:59:10 GMT</pubDate><description>{_INCIDENTIO}</description></item>
        <item><title>[Resolved] Mail</title><link>https://status.lantern.example/2</link><guid>two</guid>
          <pubDate>Tue, 28 Apr 2026 10:00:00 -0700</pubDate><category>2026-04-28 20:00:00 +0000 UTC</category>
          <description>&lt;p&gt;It was late.&lt;/p&gt;</description></item></channel></rss>""",
        (
            incident("one", "Writes", state="identified", services=["Apps", "Files (EU)"],
                     started_at="2026-04-29T21:59:10Z", updated_at="2026-04-29T21:59:10Z",
                     url="https://status.lantern.example/incidents/1",
                     updates=[update("2026-04-29T21:59:10Z", "identified", _IDENTIFIED)]),
            incident("two", "Mail", state="resolved", started_at="2026-04-28T17:00:00Z", updated_at="2026-04-28T17:00:00Z",
                     resolved_at="2026-04-28T20:00:00Z", url="https://status.lantern.example/2",
                     updates=[update("2026-04-28T17:00:00Z", "resolved", "It was late.")]),
        ),
        "Lantern status",
    ),
    Case(
        "rss: updates under dates of their own, and items that share the feed's link",
        "rss",
        """<rss version="2.0"><channel><title>Lantern</title><link>https://status.lantern.example</link>
        <item><title>[API (us-east-1.api.lantern.example)] Errors</title><guid>INC1</guid>
          <description><![CDATA[<h3>Status: RESOLVED</h3><p>Severity: unavailable</p>
          <p>Resolved: Fri, 31 Jul 2026 12:00:00 GMT</p><h4>Updates:</h4>
          <div><p><strong>Fri, 31 Jul 2026 11:45:00 GMT</strong></p><h3>Identified</h3><p>Found.</p><p>Soon.</p></div>
          <div><p><strong>Fri, 31 Jul 2026 11:10:00 GMT</strong></p><h3>Investigating</h3><p>We look.</p></div>]]></description>
          <pubDate>Fri, 31 Jul 2026 11:10:00 GMT</pubDate><category>unavailable</category><category>resolved</category></item>
        <item><title>Mail</title><link>https://status.lantern.example/</link><description>We are investigating.</description>
          <pubDate>Thu, 18 Sep 2025 22:20:00 +0800</pubDate></item>
        <item><title>Mail</title><link>https://status.lantern.example/</link><description>Hm.</description>
          <pubDate>Thu, 18 Sep 2025 22:10:00 +0800</pubDate></item></channel></rss>""",
        (
            incident("Mail@2025-09-18T14:20Z", "Mail", state="investigating", started_at="2025-09-18T14:20:00Z",
                     updated_at="2025-09-18T14:20:00Z", url="https://status.lantern.example/",
                     updates=[update("2025-09-18T14:20:00Z", "investigating", "We are investigating.")]),
            incident("Mail@2025-09-18T14:10Z", "Mail", started_at="2025-09-18T14:10:00Z",
                     updated_at="2025-09-18T14:10:00Z", url="https://status.lantern.example/",
                     updates=[update("2025-09-18T14:10:00Z", None, "Hm.")]),
            incident("INC1", "[API (us-east-1.api.lantern.example)] Errors", state="resolved", severity="critical",
                     regions=["us-east-1"], started_at="2026-07-31T11:10:00Z", updated_at="2026-07-31T11:45:00Z",
                     resolved_at="2026-07-31T12:00:00Z",
                     updates=[update("2026-07-31T11:45:00Z", "identified", "Found.\nSoon."),
                              update("2026-07-31T11:10:00Z", "investigating", "We look.")]),
        ),
        "Lantern",
    ),
    Case(
        "atom: an entry that says no state, one without anything",
        "atom",
        """<feed xmlns="http://www.w3.org/2005/Atom"><title>Lantern</title><entry><id>a</id><title>Odd</title>
        <updated>2026-01-02T03:04:05.678Z</updated><link href="javascript:alert(1)"/><summary>Hm.</summary></entry>
        <entry><id>b</id></entry></feed>""",
        (incident("a", "Odd", updated_at="2026-01-02T03:04:05.678000Z",
                  updates=[update("2026-01-02T03:04:05.678000Z", None, "Hm.")]),
         incident("b", "")),
        "Lantern",
    ),
    Case(
        "json feed: a maintenance",
        "jsonfeed",
        {"version": "https://jsonfeed.org/version/1.1", "title": "Lantern", "home_page_url": "https://status.lantern.example",
         "items": [{"id": "j1", "url": "https://status.lantern.example/j1", "title": "Scheduled: disks",
                    "content_html": "<p>New <b>disks</b></p>", "date_published": "2026-05-01T00:00:00Z",
                    "date_modified": "2026-05-01T01:00:00Z", "tags": ["eu-west-1"]}]},
        (incident("j1", "disks", state="scheduled", severity="maintenance", regions=["eu-west-1"],
                  started_at="2026-05-01T00:00:00Z", updated_at="2026-05-01T01:00:00Z",
                  url="https://status.lantern.example/j1",
                  updates=[update("2026-05-01T01:00:00Z", "scheduled", "New disks")]),),
        "Lantern",
    ),
)  # fmt: skip

CASES = CACHET + CSTATE + SMALL + GENERIC
