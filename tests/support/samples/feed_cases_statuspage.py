"""Payloads of Statuspage and of pages that imitate it: incident.io, Instatus."""

from support.samples.feed_case import Case, incident, update

PAGE = {"id": "q1w2e3r4t5y6", "name": "Lantern", "url": "https://status.lantern.example", "time_zone": "Etc/UTC"}
ULID = {"id": "01KZZZZZZZ0000000000000001", "name": "Lantern", "url": "https://status.lantern.example/"}

STATUSPAGE = (
    Case(
        "statuspage: summary with an incident and a maintenance",
        "statuspage",
        {
            "page": PAGE,
            "status": {"indicator": "none", "description": "All Systems Operational"},
            "components": [
                {"id": "c1", "name": "API eu-west-1", "status": "partial_outage", "group": False},
                {"id": "g1", "name": "Group", "status": "major_outage", "group": True},
            ],
            "incidents": [
                {
                    "id": "inc1",
                    "name": "Slow answers &amp; errors <b>in</b> eu-west-1",
                    "status": "monitoring",
                    "impact": "major",
                    "impact_override": "critical",
                    "created_at": "2026-03-01T10:00:00.000+02:00",
                    "started_at": "2026-03-01T09:55:00.000+02:00",
                    "updated_at": "2026-03-01T11:00:00.000+02:00",
                    "monitoring_at": "2026-03-01T11:00:00.000+02:00",
                    "resolved_at": None,
                    "shortlink": "https://stspg.io/abc",
                    "components": [{"name": "API eu-west-1"}, {"name": "Console"}, {"name": "Console"}],
                    "incident_updates": [
                        {"status": "monitoring", "body": "<p>A fix is out.</p>", "display_at": "2026-03-01T09:00:00Z"},
                        {"status": "investigating", "body": "We look.", "created_at": "2026-03-01T08:00:00Z"},
                    ],
                }
            ],
            "scheduled_maintenances": [
                {
                    "id": "mnt1",
                    "name": "Disks",
                    "status": "verifying",
                    "impact": "none",
                    "created_at": "2026-02-01T00:00:00Z",
                    "started_at": "2026-02-01T00:00:00Z",
                    "scheduled_for": "2026-03-02T04:00:00Z",
                    "scheduled_until": "2026-03-02T05:00:00Z",
                    "updated_at": "2026-03-02T04:01:00Z",
                    "incident_updates": [],
                }
            ],
        },
        (
            incident(
                "mnt1", "Disks", state="in_progress", severity="maintenance", ends_at="2026-03-02T05:00:00Z",
                started_at="2026-03-02T04:00:00Z", updated_at="2026-03-02T04:01:00Z",
                url="https://status.lantern.example/incidents/mnt1",
            ),
            incident(
                "inc1", "Slow answers & errors in eu-west-1", state="monitoring", severity="major",
                services=["API eu-west-1", "Console"], regions=["eu-west-1"],
                started_at="2026-03-01T07:55:00Z", updated_at="2026-03-01T09:00:00Z", url="https://stspg.io/abc",
                updates=[
                    update("2026-03-01T09:00:00Z", "monitoring", "A fix is out."),
                    update("2026-03-01T08:00:00Z", "investigating", "We look."),
                ],
            ),
        ),
        "Lantern",
    ),
    Case(
        "statuspage: incidents.json with a postmortem, nulls, and words that nobody knows",
        "statuspage",
        {
            "page": PAGE,
            "incidents": [
                {
                    "id": "old", "name": "Mail", "status": "postmortem", "impact": "minor", "components": None,
                    "created_at": "2026-01-05T00:00:00Z", "updated_at": "2026-01-09T00:00:00Z", "resolved_at": None,
                    "postmortem_body": "Long", "postmortem_published_at": "2026-01-09T00:00:00Z",
                    "incident_updates": [
                        {"status": "postmortem", "body": "Long", "created_at": "2026-01-09T00:00:00Z"},
                        {"status": "resolved", "body": None, "created_at": "2026-01-05T02:00:00Z",
                         "affected_components": [{"name": "Mail", "new_status": "operational"}]},
                    ],
                },
                {"id": "odd", "name": "Odd", "status": "contained", "impact": "purple", "created_at": 1767312000,
                 "updated_at": "yesterday", "shortlink": "javascript:alert(1)", "incident_updates": None},
            ],
        },
        (
            incident("odd", "Odd", started_at="2026-01-02T00:00:00Z",
                     url="https://status.lantern.example/incidents/odd"),
            incident(
                "old", "Mail", state="resolved", severity="minor", services=["Mail"],
                started_at="2026-01-05T00:00:00Z", updated_at="2026-01-09T00:00:00Z",
                resolved_at="2026-01-05T02:00:00Z", url="https://status.lantern.example/incidents/old",
                updates=[update("2026-01-09T00:00:00Z", "resolved", "Long"),
                         update("2026-01-05T02:00:00Z", "resolved", "")],
            ),
        ),
        "Lantern",
    ),
    Case("statuspage: status alone", "statuspage", {"page": PAGE, "status": {"indicator": "minor"}}, (), "Lantern"),
    Case("statuspage: components alone", "statuspage",
         {"page": PAGE, "components": [{"name": "API", "status": "operational"}]}, (), "Lantern"),
    Case(
        "statuspage: upcoming maintenance alone, as its own list",
        "statuspage",
        {"page": {"name": "Lantern"}, "scheduled_maintenances": [
            {"id": 7, "name": "Move", "status": "scheduled", "impact": "maintenance",
             "scheduled_for": "2027-01-01T00:00:00Z"}]},
        (incident("7", "Move", state="scheduled", severity="maintenance", started_at="2027-01-01T00:00:00Z"),),
        "Lantern",
    ),
    Case(
        "statuspage: one incident, as webhooks deliver it",
        "statuspage",
        {"page": {"id": "q1w2e3r4t5y6", "status_indicator": "major"}, "incident": {
            "id": "one", "name": "One", "status": "identified", "impact": "none", "created_at": "2026-01-01 00:00:00"}},
        (incident("one", "One", state="identified", severity="none", started_at="2026-01-01T00:00:00Z"),),
    ),
    Case(
        "statuspage: incidents without their page",
        "statuspage",
        [{"id": "a", "name": "A", "status": "completed", "impact": "maintenance", "incident_updates": [],
          "scheduled_for": "2026-01-01T00:00:00Z", "resolved_at": "2026-01-01T01:00:00Z"}],
        (incident("a", "A", state="resolved", severity="maintenance", started_at="2026-01-01T00:00:00Z",
                  resolved_at="2026-01-01T01:00:00Z"),),
    ),
    Case(
        "statuspage history: Atom, an incident over New Year and a maintenance in another zone",
        "statuspage_history",
        """<feed xmlns="http://www.w3.org/2005/Atom"><title>Lantern Status - Incident History</title>
        <link rel="alternate" href="https://status.lantern.example"/>
        <entry><id>tag:x,2005:Incident/1</id><published>2026-01-01T01:10:00Z</published>
          <updated>2026-01-03T00:00:00Z</updated>
          <link rel="alternate" type="text/html" href="https://status.lantern.example/incidents/ny"/><title>Year</title>
          <content type="html">&lt;p&gt;&lt;small&gt;Jan &lt;var data-var='date'&gt; 1&lt;/var&gt;, &lt;var
          data-var='time'&gt;01:10&lt;/var&gt; UTC&lt;/small&gt;&lt;br&gt;&lt;strong&gt;Resolved&lt;/strong&gt; -
          Over &amp;amp; out.&lt;/p&gt;&lt;p&gt;&lt;small&gt;Dec 31, 23:50 UTC&lt;/small&gt;&lt;br&gt;&lt;strong&gt;Update&lt;/strong&gt;
          - More.&lt;/p&gt;&lt;p&gt;&lt;small&gt;Dec 31, 23:40 UTC&lt;/small&gt;&lt;br&gt;&lt;strong&gt;Investigating&lt;/strong&gt;
          - Less.&lt;/p&gt;</content></entry>
        <entry><id>tag:x,2005:Incident/2</id><published>2026-02-01T18:00:00Z</published>
          <updated>2026-01-20T00:00:00Z</updated>
          <link rel="alternate" href="https://status.lantern.example/incidents/mt"/><title>Move</title>
          <content type="html">&lt;p&gt;&lt;strong&gt;THIS IS A SCHEDULED EVENT Feb 1, 10:00 - 11:00 PST&lt;/strong&gt;&lt;/p&gt;
          &lt;p&gt;&lt;small&gt;Jan 19, 16:00 PST&lt;/small&gt;&lt;br&gt;&lt;strong&gt;Scheduled&lt;/strong&gt; - We
          move.&lt;/p&gt;</content></entry></feed>""",
        (
            incident("mt", "Move", state="scheduled", severity="maintenance", ends_at="2026-02-01T19:00:00Z",
                     started_at="2026-02-01T18:00:00Z",
                     updated_at="2026-01-20T00:00:00Z", url="https://status.lantern.example/incidents/mt",
                     updates=[update("2026-01-20T00:00:00Z", "scheduled", "We\nmove.")]),
            incident("ny", "Year", state="resolved", started_at="2025-12-31T23:40:00Z",
                     updated_at="2026-01-03T00:00:00Z", resolved_at="2026-01-01T01:10:00Z",
                     url="https://status.lantern.example/incidents/ny",
                     updates=[update("2026-01-01T01:10:00Z", "resolved", "Over & out."),
                              update("2025-12-31T23:50:00Z", None, "More."),
                              update("2025-12-31T23:40:00Z", "investigating", "Less.")]),
        ),
        "Lantern",
    ),
    Case(
        "statuspage history: RSS, ongoing for days, a zone that nobody knows, so that the item's own counts",
        "statuspage_history",
        """<rss version="2.0"><channel><title>Lantern - Incident History</title><link>https://status.lantern.example</link>
        <item><title>Long</title><description>&lt;p&gt;&lt;small&gt;Mar  9, 10:00 UTC&lt;/small&gt;&lt;br&gt;
        &lt;strong&gt;Identified&lt;/strong&gt; - Found.&lt;/p&gt;&lt;p&gt;&lt;small&gt;Mar 2, 10:00 QQT&lt;/small&gt;&lt;br&gt;
        &lt;strong&gt;Investigating&lt;/strong&gt; - Looking.&lt;/p&gt;</description>
        <pubDate>Mon, 02 Mar 2026 10:00:00 +0000</pubDate><link>https://status.lantern.example/incidents/long</link>
        <guid>https://status.lantern.example/incidents/long</guid></item></channel></rss>""",
        (
            incident("long", "Long", state="identified", started_at="2026-03-02T10:00:00Z",
                     updated_at="2026-03-02T10:00:00Z", url="https://status.lantern.example/incidents/long",
                     updates=[update("2026-03-09T10:00:00Z", "identified", "Found."),
                              update("2026-03-02T10:00:00Z", "investigating", "Looking.")]),
        ),
        "Lantern",
    ),
    Case(
        "statuspage history: an entry whose HTML was not escaped, whose paragraphs have no dates",
        "statuspage_history",
        """<feed xmlns="http://www.w3.org/2005/Atom"><title>Lantern Status - Incident History</title><entry><title>Chat</title>
        <updated>2026-06-19T16:20:00-04:00</updated><id>chat-2</id><link href="https://status.lantern.example/incident/chat-2"/>
        <content type="html"><p><strong>Resolved</strong> - Messages <strong>arrive</strong>.</p><p><strong>Update</strong>
        - Soon.</p></content></entry></feed>""",
        (incident("chat-2", "Chat", state="resolved", updated_at="2026-06-19T20:20:00Z",
                  resolved_at="2026-06-19T20:20:00Z", url="https://status.lantern.example/incident/chat-2",
                  updates=[update("2026-06-19T20:20:00Z", "resolved", "Messages arrive."), update(None, None, "Soon.")]),),
        "Lantern",
    ),
)  # fmt: skip

INCIDENTIO = (
    Case(
        "incident.io: Statuspage's shape, lists that are null",
        "incidentio",
        {"page": ULID, "status": {"indicator": "none"}, "components": None, "scheduled_maintenances": None,
         "incidents": [{"id": "01KZZZZZZZ0000000000000009", "name": "Errors", "status": "resolved", "impact": "none",
                        "created_at": "2026-09-23T09:13:00Z", "resolved_at": "2026-09-23T09:54:16Z", "shortlink": None,
                        "started_at": None, "incident_updates": [
                            {"body": "Recovered.", "status": "resolved", "display_at": "2026-09-23T09:54:16Z"}]}]},
        (incident("01KZZZZZZZ0000000000000009", "Errors", state="resolved", severity="none",
                  started_at="2026-09-23T09:13:00Z", updated_at="2026-09-23T09:54:16Z",
                  resolved_at="2026-09-23T09:54:16Z",
                  url="https://status.lantern.example/incidents/01KZZZZZZZ0000000000000009",
                  updates=[update("2026-09-23T09:54:16Z", "resolved", "Recovered.")]),),
        "Lantern",
    ),
    Case("incident.io: nothing on", "incidentio", {"page": ULID, "status": {"indicator": "none"}, "incidents": None},
         (), "Lantern"),
    Case(
        "incident.io: the widget's three lists",
        "incidentio",
        {"page_title": "Lantern status", "page_url": "https://status.lantern.example",
         "ongoing_incidents": [{
             "id": "01A", "name": "Queue", "status": "identified", "url": "https://status.lantern.example/incidents/01A",
             "last_update_at": "2026-05-01T10:30:00Z", "last_update_message": "We **fix** it.",
             "current_worst_impact": "partial_outage",
             "affected_components": [{"id": "1", "name": "Queue", "group_name": "us-east-1",
                                      "current_status": "partial_outage"}]}],
         "in_progress_maintenances": [{
             "id": "01B", "name": "Disks", "status": "maintenance_in_progress", "started_at": "2026-05-01T09:00:00Z",
             "scheduled_end_at": "2026-05-01T12:00:00Z", "last_update_at": "2026-05-01T09:00:00Z",
             "last_update_message": "Begun.", "affected_components": []}],
         "scheduled_maintenances": [{
             "id": "01C", "name": "Racks", "status": "maintenance_scheduled", "starts_at": "2026-06-01T09:00:00Z",
             "ends_at": "2026-06-01T12:00:00Z", "url": None}]},
        (
            incident("01A", "Queue", state="identified", severity="major", services=["Queue"], regions=["us-east-1"],
                     updated_at="2026-05-01T10:30:00Z", url="https://status.lantern.example/incidents/01A",
                     updates=[update("2026-05-01T10:30:00Z", "identified", "We **fix** it.")]),
            incident("01B", "Disks", state="in_progress", severity="maintenance", ends_at="2026-05-01T12:00:00Z",
                     started_at="2026-05-01T09:00:00Z",
                     updated_at="2026-05-01T09:00:00Z",
                     updates=[update("2026-05-01T09:00:00Z", "in_progress", "Begun.")]),
            incident("01C", "Racks", state="scheduled", severity="maintenance", ends_at="2026-06-01T12:00:00Z",
                     started_at="2026-06-01T09:00:00Z"),
        ),
        "Lantern status",
    ),
    Case(
        "incident.io: the summary behind its proxy, nothing on",
        "incidentio",
        {"summary": {"id": "01P", "name": "Lantern", "public_url": "https://status.lantern.example",
                     "components": [], "affected_components": [], "ongoing_incidents": [], "scheduled_maintenances": []}},
        (),
        "Lantern",
    ),
)  # fmt: skip

INSTATUS = (
    Case(
        "instatus: an incident and a maintenance to come",
        "instatus",
        {"page": {"name": "Lantern", "url": "https://lantern.instatus.com", "status": "HASISSUES"},
         "activeIncidents": [{
             "id": "i1", "name": "API down", "started": "2026-06-11T18:55:50Z", "status": "INVESTIGATING",
             "impact": "PARTIALOUTAGE", "url": "https://lantern.instatus.com/i1", "updatedAt": "2026-06-11T19:00:00Z",
             "components": [{"id": "c", "name": "API", "status": "PARTIALOUTAGE"}],
             "updates": [{"id": "u", "messageHtml": "<p>Looking<br />hard</p>", "message": "Looking",
                          "status": "INVESTIGATING", "started": "2026-06-11T18:56:00Z"}]}],
         "activeMaintenances": [{
             "id": "m1", "name": "Database", "start": "2026-06-12T00:00:00Z", "status": "NOTSTARTEDYET",
             "duration": "60", "url": "https://lantern.instatus.com/m1", "updatedAt": None}]},
        (
            incident("i1", "API down", state="investigating", severity="major", services=["API"],
                     started_at="2026-06-11T18:55:50Z", updated_at="2026-06-11T19:00:00Z",
                     url="https://lantern.instatus.com/i1",
                     updates=[update("2026-06-11T18:56:00Z", "investigating", "Looking\nhard")]),
            incident("m1", "Database", state="scheduled", severity="maintenance", ends_at="2026-06-12T01:00:00Z",
                     started_at="2026-06-12T00:00:00Z",
                     url="https://lantern.instatus.com/m1"),
        ),
        "Lantern",
    ),
    Case("instatus: nothing on, lists left out", "instatus",
         {"page": {"name": "Lantern", "url": "https://lantern.instatus.com", "status": "UP"}}, (), "Lantern"),
    Case("instatus: components of version 3", "instatus", {"components": [
        {"id": "cm1", "name": "API", "description": "", "status": "OPERATIONAL", "group": None}]}),
    Case(
        "instatus: the list of its API",
        "instatus",
        [{"id": "i9", "name": "Mail", "started": "2026-06-11T18:00:00.000Z", "resolved": "2026-06-11T19:00:00.000Z",
          "status": "RESOLVED", "impact": "MINOROUTAGE", "components": [{"name": "Mail"}], "updates": []}],
        (incident("i9", "Mail", state="resolved", severity="minor", services=["Mail"],
                  started_at="2026-06-11T18:00:00Z", resolved_at="2026-06-11T19:00:00Z"),),
    ),
)  # fmt: skip

CASES = STATUSPAGE + INCIDENTIO + INSTATUS
