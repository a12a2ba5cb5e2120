"""Payloads of AWS's five formats and Google's two."""

from support.samples.feed_case import Case, incident, update

AWS_PAGE = "https://health.aws.amazon.com/health/status"
ARN = "arn:aws:health:us-east-1::event/SQS/AWS_SQS_OPERATIONAL_ISSUE/AWS_SQS_OPERATIONAL_ISSUE_AAAAA_00000000001"


def rss(items: str, *, title: str = "Amazon SQS (N. Virginia) Service Status", generator: str = "") -> str:
    """RSS 2 with this head."""
    made = f"<generator>{generator}</generator>" if generator else ""
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{made}{items}</channel></rss>'


def aws_item(title: str, text: str, at: str, seconds: int) -> str:
    """An item as AWS writes it."""
    guid = f"http://status.aws.amazon.com/#sqs-us-east-1_{seconds}"
    return (
        f"<item><title><![CDATA[{title}]]></title><link>http://status.aws.amazon.com/</link><pubDate>{at}</pubDate>"
        f"<guid isPermaLink='false'>{guid}</guid><description><![CDATA[{text}]]></description></item>"
    )


AWS = (
    Case(
        "aws currentevents: one resolved by its summary only, one global",
        "aws_currentevents",
        [
            {"date": "1760000000", "arn": ARN, "region_name": "N. Virginia", "status": "1", "service": "sqs-us-east-1",
             "service_name": "Amazon SQS", "summary": "[RESOLVED] Increased Error Rates",
             "event_log": [
                 {"summary": "Increased Error Rates", "message": "We are investigating errors.", "status": 2,
                  "timestamp": 1760000000},
                 {"summary": "[RESOLVED] Increased Error Rates", "message": "Between 1 and 2 PM errors rose.",
                  "status": 1, "timestamp": "1760003600"}],
             "impacted_services": {"sqs-us-east-1": {"service_name": "Amazon SQS", "current": "0", "max": "2"},
                                   "lambda-us-east-1": {"service_name": "AWS Lambda", "current": "0", "max": "1"}}},
            {"date": 1760010000, "arn": "arn:aws:health:global::event/IAM/X/X_1", "status": 3, "service": "iam",
             "service_name": "Multiple services", "summary": "Sign-in", "event_log": None, "impacted_services": None},
        ],
        (
            incident("arn:aws:health:global::event/IAM/X/X_1", "Sign-in", severity="critical", regions=["global"],
                     started_at="2025-10-09T11:40:00Z", updated_at="2025-10-09T11:40:00Z", url=AWS_PAGE),
            incident(ARN, "Increased Error Rates", state="resolved", severity="minor",
                     services=["Amazon SQS", "AWS Lambda"], regions=["us-east-1"], started_at="2025-10-09T08:53:20Z",
                     updated_at="2025-10-09T09:53:20Z", resolved_at="2025-10-09T09:53:20Z", url=AWS_PAGE,
                     updates=[update("2025-10-09T09:53:20Z", "resolved", "Between 1 and 2 PM errors rose."),
                              update("2025-10-09T08:53:20Z", "investigating", "We are investigating errors.")]),
        ),
        "aws",
    ),
    Case(
        "aws currentevents: an event without a date, of no region",
        "aws_currentevents",
        [{"arn": "arn:aws:health:::event/CF/X/r3", "service": "cloudfront", "service_name": "Amazon CloudFront",
          "summary": "Notice", "status": "1", "region_name": ""}],
        (incident("arn:aws:health:::event/CF/X/r3", "Notice", severity="minor", services=["Amazon CloudFront"],
                  url=AWS_PAGE),),
        "aws",
    ),
    Case("aws currentevents: nothing on", "aws_currentevents", [], (), "aws", forced=True),
    Case(
        "aws rss: two incidents of one service, the first with titles that were edited afterwards",
        "aws_rss",
        rss(
            aws_item("Service is operating normally: [RESOLVED] Errors", "We are investigating errors.",
                     "Tue, 24 Nov 2026 09:00:00 PST", 1795539600)
            + aws_item("Service is operating normally: [RESOLVED] Errors",
                       "The issue has been resolved and the service is operating normally.",
                       "Tue, 24 Nov 2026 09:30:00 PST", 1795541400)
            + aws_item("Service disruption: Errors", "We have identified the cause. The EC2 service is operating normally.",
                       "Tue, 24 Nov 2026 10:30:00 PST", 1795545000),
            generator="AWS Service Health Dashboard RSS Generator",
        ),
        (
            incident("sqs-us-east-1_1795545000", "Errors", state="identified", severity="critical",
                     services=["Amazon SQS"], regions=["us-east-1"], started_at="2026-11-24T18:30:00Z",
                     updated_at="2026-11-24T18:30:00Z", url=AWS_PAGE,
                     updates=[update("2026-11-24T18:30:00Z", "identified",
                                     "We have identified the cause. The EC2 service is operating normally.")]),
            incident("sqs-us-east-1_1795539600", "Errors", state="resolved", services=["Amazon SQS"],
                     regions=["us-east-1"], started_at="2026-11-24T17:00:00Z", updated_at="2026-11-24T17:30:00Z",
                     resolved_at="2026-11-24T17:30:00Z", url=AWS_PAGE,
                     updates=[update("2026-11-24T17:30:00Z", "resolved",
                                     "The issue has been resolved and the service is operating normally."),
                              update("2026-11-24T17:00:00Z", "investigating", "We are investigating errors.")]),
        ),
        "aws",
    ),
    Case("aws rss: nothing on", "aws_rss", rss("", generator="AWS Service Health Dashboard RSS Generator"), (), "aws"),
    Case(
        "aws status data: dated blocks past midnight",
        "aws_status_data",
        {"current": [{"service_name": "Amazon SQS (Ohio)", "summary": "Delays", "date": "1760074000", "status": "2",
                      "details": "", "service": "sqs-us-east-2",
                      "description": '<div><span class="yellowfg">10:30 PM PDT</span>&nbsp;We are investigating delays.</div>'
                                     '<div><span class="yellowfg">12:15 AM PDT</span>&nbsp;Recovery is under way.</div>'}],
         "archive": []},
        (incident("sqs-us-east-2_1760074000", "Delays", state=None, severity="major", services=["Amazon SQS"],
                  regions=["us-east-2"], started_at="2025-10-10T05:26:40Z", updated_at="2025-10-10T07:15:00Z",
                  url="https://status.aws.amazon.com/",
                  updates=[update("2025-10-10T07:15:00Z", None, "Recovery is under way."),
                           update("2025-10-10T05:30:00Z", "investigating", "We are investigating delays.")]),),
        "aws",
    ),
    Case(
        "google service health: an event that affects the project, and one that does not",
        "google_service_health",
        {"events": [
            {"name": "projects/shop/locations/global/events/e1", "title": "Cloud SQL is failing in europe-west4",
             "category": "INCIDENT", "state": "ACTIVE", "detailedState": "CONFIRMED", "relevance": "IMPACTED",
             "eventImpacts": [{"product": {"productName": "Google Cloud SQL"}, "location": {"locationName": "europe-west4"}},
                              {"product": {"productName": "Google Cloud SQL"}, "location": {"locationName": "us-east1"}}],
             "startTime": "2026-11-01T10:00:00Z", "updateTime": "2026-11-01T10:20:00.123456789Z",
             "updates": [{"updateTime": "2026-11-01T10:20:00Z", "title": "t", "description": "We see errors.",
                          "symptom": "Connections fail.", "workaround": ""}]},
            {"name": "projects/shop/locations/global/events/e2", "title": "Elsewhere", "state": "ACTIVE",
             "detailedState": "EMERGING", "relevance": "NOT_IMPACTED", "startTime": "2026-11-01T10:00:00Z"}]},
        (incident("projects/shop/locations/global/events/e1", "Cloud SQL is failing in europe-west4", state="identified",
                  services=["Google Cloud SQL"], regions=["europe-west4", "us-east1"], started_at="2026-11-01T10:00:00Z",
                  updated_at="2026-11-01T10:20:00.123456Z",
                  updates=[update("2026-11-01T10:20:00Z", None, "We see errors.\n\nConnections fail.")]),),
        "gcp",
    ),
    Case(
        "aws health: events of the API, seconds with parts",
        "aws_health",
        {"events": [
            {"arn": ARN, "service": "SQS", "eventTypeCode": "AWS_SQS_OPERATIONAL_ISSUE", "eventTypeCategory": "issue",
             "region": "us-east-1", "startTime": 1589077890.53, "endTime": 1589086345.597,
             "lastUpdatedTime": 1589086345.905, "statusCode": "closed", "eventScopeCode": "PUBLIC"},
            {"arn": "arn:aws:health:eu-west-1::event/RDS/M/M_1", "service": "RDS", "eventTypeCode": "AWS_RDS_MAINTENANCE",
             "eventTypeCategory": "scheduledChange", "region": "eu-west-1", "startTime": 1893456000,
             "statusCode": "upcoming"}]},
        (
            incident("arn:aws:health:eu-west-1::event/RDS/M/M_1", "Rds maintenance", state="scheduled",
                     severity="maintenance", services=["RDS"], regions=["eu-west-1"],
                     started_at="2030-01-01T00:00:00Z", updated_at="2030-01-01T00:00:00Z"),
            incident(ARN, "Sqs operational issue", state="resolved", services=["SQS"], regions=["us-east-1"],
                     started_at="2020-05-10T02:31:30.530000Z", updated_at="2020-05-10T04:52:25.905000Z",
                     resolved_at="2020-05-10T04:52:25.597000Z"),
        ),
        "aws",
    ),
    Case(
        "aws health: EventBridge, a description that AWS added to",
        "aws_health",
        {"version": "0", "id": "x", "detail-type": "AWS Health Event", "source": "aws.health", "region": "us-east-1",
         "time": "2026-01-05T10:00:00Z", "detail": {
             "eventArn": ARN, "service": "SQS", "eventTypeCode": "AWS_SQS_OPERATIONAL_ISSUE", "eventTypeCategory": "issue",
             "eventRegion": "us-east-1", "startTime": "Mon, 05 Jan 2026 09:00:00 GMT", "endTime": "",
             "lastUpdatedTime": "Mon, 05 Jan 2026 10:00:00 GMT", "statusCode": "open",
             "eventDescription": [{"language": "en_US", "latestDescription":
                 "Current severity level: Degraded\n\n[01:10 AM PST] We are investigating errors.\n\n"
                 "[01:50 AM PST] We have identified the cause."}]}},
        (incident(ARN, "Sqs operational issue", state="identified", severity="major", services=["SQS"],
                  regions=["us-east-1"], started_at="2026-01-05T09:00:00Z", updated_at="2026-01-05T10:00:00Z",
                  updates=[update("2026-01-05T09:50:00Z", "identified", "We have identified the cause."),
                           update("2026-01-05T09:10:00Z", "investigating", "We are investigating errors.")]),),
        "aws",
    ),
    Case(
        "aws health: details of events, all else absent",
        "aws_health",
        {"successfulSet": [{"event": {"arn": ARN, "eventTypeCode": ""}, "eventDescription": None}], "failedSet": []},
        (incident(ARN, ""),),
        "aws",
    ),
    Case(
        "posts: copied from a page, the first without a year",
        "posts",
        "Queues are slow\n\nResolved - It is over.\nMar 2, 2026 - 10:00 UTC\nUpdate - Still\nslow.\nMar 2, 09:00 UTC\n"
        "Investigating - We look.\nMar 2, 2026 - 01:30 PST\n",
        (incident("queues-are-slow", "Queues are slow", state="resolved", started_at="2026-03-02T09:30:00Z",
                  updated_at="2026-03-02T10:00:00Z", resolved_at="2026-03-02T10:00:00Z",
                  updates=[update("2026-03-02T10:00:00Z", "resolved", "It is over."),
                           update("2026-03-02T09:30:00Z", "investigating", "We look."),
                           update(None, None, "Still\nslow.")]),),
    ),
)  # fmt: skip

GOOGLE = (
    Case(
        "google cloud: open, with the places of now",
        "google",
        [{"id": "AbC", "number": "1", "begin": "2026-02-02T10:00:00+00:00", "created": "2026-02-02T10:30:00+00:00",
          "end": None, "modified": "2026-02-02T11:00:00+00:00", "external_desc": "Spanner is slow",
          "status_impact": "SERVICE_DISRUPTION", "severity": "low", "service_key": "z", "service_name": "Multiple Products",
          "affected_products": [{"title": "Cloud Spanner", "id": "p1"}, {"title": "Google BigQuery", "id": "p2"}],
          "uri": "incidents/AbC", "most_recent_update": {},
          "updates": [{"created": "2026-02-02T10:30:00+00:00", "when": "2026-02-02T10:29:00+00:00",
                       "text": "We look.", "status": "SERVICE_DISRUPTION", "affected_locations": []}],
          "currently_affected_locations": [{"title": "Iowa (us-central1)", "id": "us-central1"}],
          "previously_affected_locations": [{"title": "Oregon (us-west1)", "id": "us-west1"}]}],
        (incident("AbC", "Spanner is slow", severity="major", services=["Cloud Spanner", "Google BigQuery"],
                  regions=["us-central1"], started_at="2026-02-02T10:00:00Z", updated_at="2026-02-02T11:00:00Z",
                  url="https://status.cloud.google.com/incidents/AbC",
                  updates=[update("2026-02-02T10:29:00Z", None, "We look.")]),),
        "gcp",
    ),
    Case(
        "google workspace: Markdown in the title, a link of its own page",
        "google",
        [{"id": "B5", "begin": "2026-09-18T05:00:00+00:00", "end": "2026-09-18T06:00:00+00:00",
          "external_desc": "**Title:**\nGmail on Android may freeze\n**Description:** x", "severity": "high",
          "service_name": "Gmail", "affected_products": [{"title": "Gmail", "id": "g"}], "uri": "incidents/B5",
          "most_recent_update": {"when": "2026-09-18T06:00:00+00:00", "status": "AVAILABLE", "text": "Over."}}],
        (incident("B5", "Gmail on Android may freeze", state="resolved", severity="critical", services=["Gmail"],
                  started_at="2026-09-18T05:00:00Z", updated_at="2026-09-18T06:00:00Z",
                  resolved_at="2026-09-18T06:00:00Z",
                  url="https://www.google.com/appsstatus/dashboard/incidents/B5",
                  updates=[update("2026-09-18T06:00:00Z", "resolved", "Over.")]),),
        "google-workspace",
    ),
    Case(
        "google: nothing but what must be there",
        "google",
        [{"id": "x", "begin": "2026-01-01T00:00:00Z", "status_impact": "SERVICE_MYSTERY", "service_name": "Firebase Thing"}],
        (incident("x", "Firebase Thing", services=["Firebase Thing"], started_at="2026-01-01T00:00:00Z"),),
    ),
    Case(
        "google atom: winter time, not over",
        "google_atom",
        """<feed xmlns="http://www.w3.org/2005/Atom"><title>Google Cloud Service Health Updates</title>
        <link href="https://status.cloud.google.com/"/><entry><title>UPDATE: Disks in us-west1 are slow</title>
        <link href="https://status.cloud.google.com/incidents/Qq1" rel="alternate" type="text/html"/>
        <id>tag:status.cloud.google.com,2026:feed:Qq1.Uu1</id><updated>2026-01-10T20:00:00+00:00</updated>
        <summary type="html">&lt;p&gt; Incident began at &lt;strong&gt;2026-01-10 10:00&lt;/strong&gt;
        (all times are &lt;strong&gt;US/Pacific&lt;/strong&gt;).&lt;/p&gt;</summary></entry></feed>""",
        (incident("Qq1", "Disks in us-west1 are slow", regions=["us-west1"], started_at="2026-01-10T18:00:00Z",
                  updated_at="2026-01-10T20:00:00Z", url="https://status.cloud.google.com/incidents/Qq1",
                  updates=[update("2026-01-10T20:00:00Z", None,
                                  "Incident began at 2026-01-10 10:00\n(all times are US/Pacific).")]),),
        "gcp",
    ),
)  # fmt: skip

CASES = AWS + GOOGLE
