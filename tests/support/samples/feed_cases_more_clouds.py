"""Payloads of Azure, Microsoft 365 and Oracle Cloud."""

from support.samples.feed_case import Case, incident, update
from support.samples.feed_cases_clouds import rss

MICROSOFT = (
    Case(
        "azure: mitigated, with places and services side by side",
        "azure_rss",
        rss("<link>https://azure.status.microsoft/en-us/status/</link><item><guid isPermaLink='false'>disks</guid>"
            "<link>https://azure.status.microsoft/en-us/status/</link><category>Storage</category>"
            "<category>West Europe</category><category>Non-Regional</category><title>Disks - Mitigated</title>"
            "<description>&lt;p&gt;Starting at 23:30 UTC on 31 Dec 2025, a subset of disks failed.&lt;/p&gt;</description>"
            "<pubDate>Thu, 01 Jan 2026 02:00:00 Z</pubDate></item>", title="Azure Status"),
        (incident("disks@2025-12-31", "Disks - Mitigated", state="resolved", services=["Storage"],
                  regions=["West Europe", "Non-Regional"], started_at="2025-12-31T23:30:00Z",
                  updated_at="2026-01-01T02:00:00Z", url="https://azure.status.microsoft/en-us/status/",
                  updates=[update("2026-01-01T02:00:00Z", "resolved",
                                  "Starting at 23:30 UTC on 31 Dec 2025, a subset of disks failed.")]),),
        "azure",
    ),
    Case(
        "azure: items without guid, link, date and categories",
        "azure_rss",
        rss("<item><title>Virtual Machines - East US 2 - Degradation</title><description>We look.</description></item>"
            "<item><title>SQL - Issue Resolved</title></item>", title="Azure Status"),
        (incident("Virtual Machines - East US 2 - Degradation", "Virtual Machines - East US 2 - Degradation",
                  regions=["East US 2"], updates=[update(None, None, "We look.")]),
         incident("SQL - Issue Resolved", "SQL - Issue Resolved", state="resolved",
                  updates=[update(None, "resolved", "")])),
        "azure",
    ),
    Case("azure: nothing posted", "azure_rss", rss("", title="Azure Status"), (), "azure"),
    Case(
        "microsoft 365: issues of Graph",
        "microsoft365",
        {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#admin/serviceAnnouncement/issues", "value": [
            {"id": "EX1", "title": "Mail is late", "classification": "incident", "status": "serviceDegradation",
             "service": "Exchange Online", "startDateTime": "2026-04-01T08:00:00Z", "endDateTime": None,
             "lastModifiedDateTime": "2026-04-01T09:00:00.0000000Z", "isResolved": False,
             "impactDescription": "Mail may be late.", "posts": [
                 {"createdDateTime": "2026-04-01T09:00:00Z", "postType": "regular",
                  "description": {"contentType": "html", "content": "<b>Status</b>: we look"}}]},
            {"id": "TM2", "title": "Calls", "classification": "advisory", "status": "puzzled", "service": "Microsoft Teams",
             "startDateTime": "2026-03-01T08:00:00Z", "isResolved": None, "posts": None}]},
        (
            incident("EX1", "Mail is late", state="investigating", severity="major", services=["Exchange Online"],
                     started_at="2026-04-01T08:00:00Z", updated_at="2026-04-01T09:00:00Z",
                     updates=[update("2026-04-01T09:00:00Z", None, "Status: we look")]),
            incident("TM2", "Calls", severity="minor", services=["Microsoft Teams"], started_at="2026-03-01T08:00:00Z"),
        ),
        "microsoft-365",
    ),
    Case("microsoft 365: overviews, all well", "microsoft365",
         {"value": [{"service": "Exchange Online", "status": "serviceOperational", "id": "Exchange"}]}, (), "microsoft-365"),
    Case(
        "microsoft 365: one issue",
        "microsoft365",
        {"id": "SP3", "title": "Sites", "classification": "incident", "status": "serviceRestored", "isResolved": True,
         "service": "SharePoint Online", "startDateTime": "2026-04-01T08:00:00", "endDateTime": "2026-04-01T09:00:00"},
        (incident("SP3", "Sites", state="resolved", severity="major", services=["SharePoint Online"],
                  started_at="2026-04-01T08:00:00Z", resolved_at="2026-04-01T09:00:00Z"),),
        "microsoft-365",
    ),
    Case(
        "microsoft 365: a public post",
        "microsoft365",
        [{"Id": "p1", "AuthoredDateTime": "2026-04-01T08:00:00+00:00", "InternalDateTime": "2026-04-01T08:30:00+00:00",
          "Title": None, "Message": "<div>The admin center cannot be reached.</div>", "Status": "Investigating"}],
        (incident("p1", "The admin center cannot be reached.", state="investigating", severity="minor",
                  started_at="2026-04-01T08:00:00Z", updated_at="2026-04-01T08:30:00Z",
                  updates=[update("2026-04-01T08:30:00Z", "investigating", "The admin center cannot be reached.")]),),
        "microsoft-365",
    ),
)  # fmt: skip

ORACLE = (
    Case(
        "oracle cloud: one region with a degraded service",
        "oci",
        {"regionHealthReports": [
            {"regionId": "1", "regionName": "US East (Ashburn)", "regionCanonicalName": "us-ashburn-1",
             "serviceHealthReports": [
                 {"serviceName": "Compute", "serviceStatus": "ServiceDisruption", "incidents": []},
                 {"serviceName": "DNS", "serviceStatus": "NormalPerformance", "incidents": []}]},
            {"regionName": "UK South (London)", "serviceHealthReports": [
                {"serviceName": "DNS", "serviceStatus": "Perplexed"}]}]},
        (incident("region-us-ashburn-1", "Compute in us-ashburn-1", severity="major", services=["Compute"],
                  regions=["us-ashburn-1"]),),
        "oci",
    ),
    Case("oracle cloud: an indicator alone", "oci", {"page": {"name": "OCI"}, "status": {"indicator": "none"}}, (), "oci"),
)  # fmt: skip

CASES = MICROSOFT + ORACLE
