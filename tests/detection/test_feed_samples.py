"""Recorded payloads, field by field; SOURCES.tsv beside them lists the origin of each and what was removed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.detection.feeds import FeedError, Parsed, known_formats, parse
from bot.detection.feeds.parsing.payload import read_payload
from bot.model import IncidentSeverity, IncidentState, ProviderIncident

SAMPLES = Path(__file__).parents[1] / "support" / "samples" / "payloads"
FILES = sorted(item.name for item in SAMPLES.glob("*.*") if item.name != "SOURCES.tsv")

# Beginning of the file's name -> its format.
FORMATS = {
    "algolia": "algolia",
    "apple": "apple",
    "rootly": "rootly",
    "sorry": "sorry",
    "statuscast": "statuscast",
    "statuspal": "statuspal",
    "vultr": "vultr",
    "yandex": "yandex",
    "zendesk": "zendesk",
    "atom-": "atom",
    "aws-2025": "posts",
    "aws-currentevents": "aws_currentevents",
    "aws-rss": "aws_rss",
    "aws-status-data": "aws_status_data",
    "azure-rss": "azure_rss",
    "betterstack": "betterstack",
    "checkly": "checkly",
    "cloudflare-2025": "posts",
    "cstate": "cstate",
    "datadog": "datadog_pages",
    "firehydrant": "firehydrant",
    "gcp-atom": "google_atom",
    "gcp-incidents": "google",
    "heroku": "heroku",
    "incidentio-openai-2026": "incidentio",
    "incidentio-openai-atom": "atom",
    "instatus-history": "statuspage_history",
    "instatus": "instatus",
    "m365": "microsoft365",
    "oci": "oci",
    "rss-": "rss",
    "salesforce": "salesforce",
    "slack": "slack",
    "statusio": "statusio",
    "statuspage-cloudflare-maintenance-atom": "statuspage_history",
    "statuspage-github-history": "statuspage_history",
    "statuspage-history": "statuspage_history",
    "statuspage": "statuspage",
    "upptime": "upptime",
    "xai-rss": "rss",
}


def read(name: str) -> Parsed:
    return parse((SAMPLES / name).read_bytes())


def first(name: str) -> ProviderIncident:
    return read(name).page.incidents[0]


@pytest.mark.parametrize("name", FILES)
def test_each_is_recognised_by_one_format_alone_and_parses(name: str) -> None:
    body = (SAMPLES / name).read_bytes()
    expected = FORMATS[max((start for start in FORMATS if name.startswith(start)), key=len)]
    found = [
        known
        for known, how in known_formats().items()
        if how.recognise(read_payload(body)) and not hasattr(how, "GENERIC")
    ]
    parsed = parse(body)
    assert parsed.format == expected
    assert found == ([] if expected in ("rss", "atom") else [expected])
    for incident in parsed.page.incidents:
        assert incident.id
        assert incident.title
        moments = (
            incident.started_at,
            incident.updated_at,
            incident.resolved_at,
            *(update.at for update in incident.updates),
        )
        assert all(at.tzinfo is UTC for at in moments if at)
        assert not any("<p>" in update.text or "<br" in update.text for update in incident.updates)
    assert len({incident.id for incident in parsed.page.incidents}) == len(parsed.page.incidents)


# file, id, state, severity, services (first), regions (first), started, resolved, number of updates
INCIDENTS = [
    ("statuspage-github-20260724.json", "jxd617hfwfq8", "investigating", "critical", "Pull Requests", None,
     datetime(2026, 7, 24, 19, 37, 28, 71000, UTC), None, 3),
    ("statuspage-cloudamqp-maintenance.json", "qy6n39trpl7l", "in_progress", "maintenance", "Shared servers", None,
     datetime(2020, 7, 16, 21, tzinfo=UTC), None, 2),
    ("incidentio-openai-20260722.json", "01KY54SWGRK806N6TJ495MYPDD", "investigating", "minor", None, None,
     datetime(2026, 7, 22, 14, 48, 46, tzinfo=UTC), None, 1),
    ("incidentio-openai-atom-20250612.xml", "https://status.openai.com//incidents/01JXJPWKHTPB8Y3B6MBTCAE76X",
     "resolved", None, None, None, None, datetime(2025, 6, 12, 20, 5, tzinfo=UTC), 1),
    ("aws-rss-athena-20250613.xml", "athena-us-west-2_1749832722", "investigating", "major", "Amazon Athena",
     "us-west-2", datetime(2025, 6, 13, 16, 38, 42, tzinfo=UTC), None, 1),
    ("azure-rss-westus-20260723-1826z.xml", "issues-connecting-to-resources-in-west-us@2026-07-23", None, None,
     "API Management", "West US", datetime(2026, 7, 23, 14, 44, tzinfo=UTC), None, 1),
    ("gcp-incidents-20220703.json", "TaA75H7XA1DQyM2ReK2f", "resolved", "minor", "Google BigQuery", "asia-east1",
     datetime(2022, 7, 1, 13, 37, 44, tzinfo=UTC), datetime(2022, 7, 1, 19, 25, 45, tzinfo=UTC), 5),
    ("gcp-atom-20250612-two-entries.xml", "ow5i3PPK96RduMcb1SsW", "resolved", None, None, None,
     datetime(2025, 6, 12, 17, 51, tzinfo=UTC), datetime(2025, 6, 13, 1, 18, tzinfo=UTC), 2),
    ("heroku-current-incident.json", "1918", "investigating", "major", None, None,
     datetime(2019, 10, 24, 18, 39, 30, 231000, UTC), None, 2),
    ("statusio-docker-partial.json", "5f108cc06e9c9104c0553a46", "investigating", "major",
     "Docker Hub Automated Builds", "AWS", datetime(2020, 7, 16, 17, 22, 8, 325000, UTC), None, 1),
    ("checkly-mistral-20260727.json", "b3e1006c-c3a7-4b1b-8628-3e364b2e3c71", "investigating", "major", "Audio API",
     None, datetime(2026, 7, 27, 14, 32, 53, 607000, UTC), None, 1),
    ("instatus-perplexity-20260723.json", "cmrxt1rlu000f0zlcv4dzmdlr", "monitoring", "critical", None, None,
     datetime(2026, 7, 23, 17, 48, 28, 28000, UTC), None, 0),
    ("m365-graph-healthoverviews-docs-example.json", "EX226574", "resolved", "minor", "Exchange Online", None,
     datetime(2020, 11, 4, tzinfo=UTC), datetime(2020, 11, 20, 17, tzinfo=UTC), 1),
    ("salesforce-instances-status-incident.json", "5968", None, "minor", "coreService", "NA137",
     datetime(2020, 7, 29, 16, 8, tzinfo=UTC), None, 0),
    ("slack-history-2026.json", "1571", "resolved", "major", None, None,
     datetime(2026, 6, 26, 9, 12, 20, tzinfo=UTC), datetime(2026, 6, 26, 10, 9, 39, tzinfo=UTC), 3),
    ("upptime-summary-20230110.json", "test-broken-site", None, "critical", "Test Broken Site", None, None, None, 0),
    ("betterstack-huggingface-20260719.json", "resource-306621", None, "critical", "Spaces Proxy", None, None, None, 0),
    ("firehydrant-redis-2026.json", "e192b971-a298-45cd-b574-627923f0170b", "resolved", "minor", None, None,
     datetime(2026, 3, 26, 19, 46, 58, tzinfo=UTC), datetime(2026, 3, 26, 19, 48, 41, tzinfo=UTC), 4),
    ("statuspage-github-history-20251002-ongoing.xml", "l94jr9wnhs4r", "investigating", "minor", None, None,
     datetime(2025, 10, 1, 16, 43, tzinfo=UTC), None, 5),
    ("statuspage-cloudflare-maintenance-atom-202506.xml", "c2pqg2pwwm8j", "scheduled", "maintenance", None, "lax",
     datetime(2025, 7, 3, 3, tzinfo=UTC), None, 1),
    ("cloudflare-20251118-incident-posts.txt", "cloudflare-global-network-experiencing-issues", "monitoring", None,
     None, None, datetime(2025, 11, 18, 11, 48, tzinfo=UTC), None, 16),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "id", "state", "severity", "service", "region", "started", "resolved", "updates"), INCIDENTS
)
def test_first_incident_field_by_field(  # noqa: PLR0917 - a row of the table
    name: str,
    id: str,
    state: str | None,
    severity: str | None,
    service: str | None,
    region: str | None,
    started: datetime | None,
    resolved: datetime | None,
    updates: int,
) -> None:
    incident = first(name)
    assert (incident.id, incident.state, incident.severity) == (id, state, severity)
    assert next(iter(incident.services), None) == service
    assert next(iter(incident.regions), None) == region
    assert (incident.started_at, incident.resolved_at) == (started, resolved)
    assert len(incident.updates) == updates


def test_aws_events_stay_open_for_months_and_list_affected_services() -> None:
    incident = next(i for i in read("aws-currentevents-utf16be-20260801.json").page.incidents if "me-central-1" in i.id)
    assert (incident.state, incident.severity, incident.regions) == (
        IncidentState.INVESTIGATING,
        IncidentSeverity.CRITICAL,
        ("me-central-1",),
    )
    assert "AWS Batch" in incident.services
    assert incident.started_at == datetime(2026, 3, 1, 12, 51, 25, tzinfo=UTC)
    assert incident.updates[0].at == datetime(2026, 4, 30, 7, 25, 54, tzinfo=UTC)
    assert len(incident.updates) == 23


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be", "utf-8"])
def test_the_same_in_any_byte_order_with_and_without_its_mark(order: str) -> None:
    text = (SAMPLES / "aws-currentevents-utf16be-20260801.json").read_bytes().decode("utf-16")
    assert parse(text.encode(order)) == read("aws-currentevents-utf16be-20260801.json")
    assert parse(("\ufeff" + text).encode(order)) == read("aws-currentevents-utf16be-20260801.json")


def test_an_incident_of_amazons_rss_ends_where_its_texts_say_so() -> None:
    """Four items tell of it; the last but one says that another service is operating normally."""
    found = {incident.id: incident for incident in read("aws-rss-all-20180303.xml").page.incidents}
    assert len(found) == 9
    incident = found["directconnect-us-east-1_1520004557"]
    assert [update.state for update in incident.updates] == ["resolved", None, None, "investigating"]
    assert incident.resolved_at == datetime(2018, 3, 2, 19, 21, 7, tzinfo=UTC)
    retold = found["ec2-us-west-2_1519928460"]
    assert [update.state for update in retold.updates] == ["resolved", None, "investigating"]


def test_updates_of_an_item_of_x_ai_keep_their_own_times() -> None:
    incident = first("xai-rss-20260903.xml")
    assert [(update.at, update.state) for update in incident.updates] == [
        (datetime(2026, 5, 18, 12, tzinfo=UTC), None),
        (datetime(2026, 5, 18, 2, 29, 34, tzinfo=UTC), IncidentState.INVESTIGATING),
    ]
    assert (incident.severity, incident.resolved_at) == (IncidentSeverity.NONE, None)


def test_an_edited_item_of_azure_keeps_its_identity() -> None:
    earlier, later = (first(f"azure-rss-westus-20260723-{at}z.xml") for at in ("1649", "1826"))
    assert earlier.id == later.id
    assert earlier.services != later.services
    assert earlier.updates != later.updates


def test_green_pages() -> None:
    for name in (
        "slack-current-ok-2026.json",
        "cstate-jenkins-20260805.json",
        "m365-status-cloud-posts-mac-20260918.json",
    ):
        page = read(name).page
        assert (page.severity, page.incidents) == (IncidentSeverity.NONE, ())


@pytest.mark.parametrize("name", [file_ for file_ in FILES if not file_.endswith(".txt")])
def test_half_a_payload_is_never_green(name: str) -> None:
    body = (SAMPLES / name).read_bytes()
    try:
        cut = parse(body[: len(body) // 2])
    except FeedError:
        return
    pytest.fail(f"half of it was read as {cut.format}")
