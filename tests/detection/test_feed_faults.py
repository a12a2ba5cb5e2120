"""What pages say in ways that were once read wrongly: times that contradict states, posts, maintenance, regions, languages."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.detection.feeds import parse
from bot.model import FeedComponent, IncidentSeverity, IncidentState, ProviderIncident

PAYLOADS = Path(__file__).parents[1] / "support" / "samples" / "payloads"


def read(name: str) -> Mapping[str, ProviderIncident]:
    return {incident.id: incident for incident in parse((PAYLOADS / name).read_bytes()).page.incidents}


def rss(*items: str, title: str = "Lantern status") -> bytes:
    link = "https://status.lantern.example"
    return f"<rss version='2.0'><channel><title>{title}</title><link>{link}</link>{''.join(items)}</channel></rss>".encode()


def item(
    title: str, text: str = "", *, id: str = "one", link: str = "", at: str = "Mon, 02 Mar 2026 10:00:00 +0000"
) -> str:
    return (
        f"<item><title>{title}</title><guid>{id}</guid><link>{link}</link><pubDate>{at}</pubDate>"
        f"<description><![CDATA[{text}]]></description></item>"
    )


def only(*items: str, title: str = "Lantern status") -> ProviderIncident:
    [incident] = parse(rss(*items, title=title)).page.incidents
    return incident


def utc(*numbers: int) -> datetime:
    year, month, day, hour, minute, second = (*numbers, 0, 0, 0)[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["statuspage-history-digitalocean-20200121.xml", "statuspage-history-moonpay-20251128.xml"]
)
def test_nothing_starts_after_it_ended(name: str) -> None:
    for incident in read(name).values():
        if incident.started_at and incident.resolved_at:
            assert incident.started_at <= incident.resolved_at, incident.id


def test_a_completed_maintenance_began_when_it_was_said_to_be_in_progress() -> None:
    found = read("statuspage-history-digitalocean-20200121.xml")
    assert found["qz40dp1qcs1d"].started_at == utc(2020, 1, 8)
    assert found["2yyk6j58xcxh"].started_at == utc(2020, 1, 11, 6, 1)
    assert read("statuspage-history-moonpay-20251128.xml")["0q99yw999x49"].started_at == utc(2025, 10, 25, 13)


def test_a_maintenance_that_nobody_said_was_in_progress_began_when_it_was_scheduled() -> None:
    text = (
        "<p><strong>THIS WAS A SCHEDULED EVENT Mar 2, 08:00 - 09:30 UTC</strong></p>"
        "<p><small>Mar 2, 09:00 UTC</small><br><strong>Completed</strong> - Done.</p>"
        "<p><small>Feb 20, 10:00 UTC</small><br><strong>Scheduled</strong> - We will.</p>"
    )
    found = only(item("Disks", text, at="Mon, 02 Mar 2026 09:00:12 +0000"), title="Lantern Status - Incident History")
    assert (found.started_at, found.resolved_at, found.ends_at) == (
        utc(2026, 3, 2, 8),
        utc(2026, 3, 2, 9),
        utc(2026, 3, 2, 9, 30),
    )


def test_a_maintenance_that_was_called_off_ends_where_it_begins() -> None:
    row = """{"page": {"id": "abcdefabcdef", "name": "L"}, "scheduled_maintenances": [{"id": "m", "name": "Disks",
        "status": "completed", "impact": "maintenance", "scheduled_for": "2026-03-09T00:00:00Z",
        "resolved_at": "2026-03-02T00:00:00Z", "incident_updates": []}]}"""
    [found] = parse(row.encode()).page.incidents
    assert found.started_at == found.resolved_at == utc(2026, 3, 2)


def test_a_maintenance_that_is_to_end_before_it_starts_has_no_end() -> None:
    row = """{"page": {"id": "abcdefabcdef", "name": "L"}, "scheduled_maintenances": [{"id": "m", "name": "Disks",
        "status": "scheduled", "impact": "maintenance", "scheduled_for": "2026-03-09T04:00:00Z",
        "scheduled_until": "2026-03-09T02:00:00Z", "incident_updates": []}]}"""
    [found] = parse(row.encode()).page.incidents
    assert (found.started_at, found.ends_at) == (utc(2026, 3, 9, 4), None)


def test_an_item_without_title_guid_and_link_is_read_by_its_text() -> None:
    body = "<item><description>We are investigating failed logins.</description></item>"
    found = only(body)
    assert (found.title, found.state) == ("We are investigating failed logins.", IncidentState.INVESTIGATING)


def test_an_event_of_aws_that_begins_after_another_was_resolved_is_another() -> None:
    def post(title: str, day: int) -> str:
        at = f"Thu, {day} Nov 2026 03:00:00 PST"
        return item(title, "Text.", id=f"https://status.aws.amazon.com/#ec2-us-east-1_17956908{day}", at=at)

    link = "https://status.aws.amazon.com/"
    items = post("Service degradation: Latency", 28) + post("Service is operating normally: [RESOLVED] Latency", 26)
    body = f"<rss version='2.0'><channel><title>AWS</title><link>{link}</link>{items}</channel></rss>"
    found = parse(body.encode()).page.incidents
    assert [(incident.open, incident.started_at) for incident in found] == [
        (True, utc(2026, 11, 28, 11)),
        (False, utc(2026, 11, 26, 11)),
    ]


PARAGRAPHS = (
    "<p><small>Jul 15, {} {}</small><br><strong>Resolved</strong> - Over.</p>"
    "<p><small>Jul 15, 09:00 {}</small><br><strong>Investigating</strong> - Looking.</p>"
)


@pytest.mark.parametrize(
    ("label", "at", "began"),
    [
        ("PDT", "Tue, 15 Jul 2025 10:00:30 -0700", utc(2025, 7, 15, 16)),
        ("PDT", "Tue, 15 Jul 2025 17:00:30 +0000", utc(2025, 7, 15, 16)),
        # A page that writes the zone's winter name all year.
        ("PST", "Tue, 15 Jul 2025 10:00:30 -0700", utc(2025, 7, 15, 16)),
        ("UTC", "Tue, 15 Jul 2025 10:00:30 -0700", utc(2025, 7, 15, 16)),
        ("PDT", "Tue, 15 Jul 2025 10:00:30 +0000", utc(2025, 7, 15, 9)),
        # CST is also China's, IST also Israel's.
        ("CST", "Tue, 15 Jul 2025 10:00:30 +0800", utc(2025, 7, 15, 1)),
        ("IST", "Tue, 15 Jul 2025 10:00:30 +0300", utc(2025, 7, 15, 6)),
        ("QQT", "Tue, 15 Jul 2025 10:00:30 +0200", utc(2025, 7, 15, 7)),
        ("-03", "Tue, 15 Jul 2025 10:00:30 -0300", utc(2025, 7, 15, 12)),
        ("+0530", "Tue, 15 Jul 2025 10:00:30 +0530", utc(2025, 7, 15, 3, 30)),
    ],
)
def test_the_zone_of_the_item_outweighs_the_name_of_a_zone(label: str, at: str, began: datetime) -> None:
    text = PARAGRAPHS.format("10:00", label, label)
    found = only(item("Login", text, at=at), title="Lantern Status - Incident History")
    assert found.started_at == began
    assert found.state is IncidentState.RESOLVED


def test_the_order_of_the_page_is_kept_where_times_contradict_it_or_are_missing() -> None:
    text = (
        "<p><small>Mar 2, 10:00 XQZ</small><br><strong>Resolved</strong> - Over.</p>"
        "<p><small>Mar 2, 09:00 UTC</small><br><strong>Monitoring</strong> - Better.</p>"
        "<p><small>Mar 2, 09:30 UTC</small><br><strong>Investigating</strong> - Looking.</p>"
    )
    body = f"<item><title>Login</title><guid>1</guid><description><![CDATA[{text}]]></description></item>"
    found = only(body, title="Lantern Status - Incident History")
    assert [update.text for update in found.updates] == ["Over.", "Better.", "Looking."]
    assert found.state is IncidentState.RESOLVED


def test_a_page_may_list_its_updates_from_the_oldest_to_the_newest() -> None:
    text = (
        "<p><small>Dec 31, 23:00 UTC</small><br><strong>Investigating</strong> - Looking.</p>"
        "<p><small>Jan 1, 01:00 UTC</small><br><strong>Resolved</strong> - Over.</p>"
    )
    found = only(item("Login", text, at="Thu, 01 Jan 2026 01:00:10 +0000"), title="Lantern Status - Incident History")
    assert [update.at for update in found.updates] == [utc(2026, 1, 1, 1), utc(2025, 12, 31, 23)]
    assert found.state is IncidentState.RESOLVED


def test_an_incident_that_was_reopened_is_open() -> None:
    page = parse((PAYLOADS / "statuspage-reopened-made.json").read_bytes()).page
    found = {incident.id: incident for incident in page.incidents}
    assert (found["rrrrrrrrrrr1"].open, found["rrrrrrrrrrr1"].resolved_at) == (True, None)
    assert found["rrrrrrrrrrr2"].resolved_at == utc(2026, 8, 1, 10)
    assert page.severity is IncidentSeverity.MAJOR


def test_an_event_of_a_region_is_one_and_of_all_its_services() -> None:
    found = read("aws-rss-all-20260818.xml")
    told = {
        (incident.services, incident.regions, incident.started_at, incident.resolved_at) for incident in found.values()
    }
    assert told == {
        (("directconnect",), ("eu-central-1",), utc(2026, 8, 15, 3, 42, 59), utc(2026, 8, 18, 4, 1, 19)),
        ((), ("me-south-1",), utc(2026, 3, 2, 5, 56, 27), None),
        ((), ("me-central-1",), utc(2026, 3, 1, 20, 14, 3), None),
    }
    assert {i.updated_at.date().isoformat() for i in found.values() if i.updated_at and i.open} == {"2026-04-30"}


def test_an_incident_belongs_to_the_instances_under_which_it_is_listed() -> None:
    found = read("salesforce-pod114-20230402.json")["10967"]
    assert found.regions == ("POD114",)
    assert found.updated_at == datetime(2023, 4, 2, 4, 19, 33, 808000, tzinfo=UTC)


def test_a_region_as_component_and_in_a_title() -> None:
    page = parse((PAYLOADS / "statuspage-digitalocean-nyc1-made.json").read_bytes()).page
    assert page.incidents[0].regions == ("nyc1",)
    assert page.components[0] == FeedComponent("NYC1", IncidentSeverity.CRITICAL, "nyc1")


def test_a_title_or_a_text_that_says_resolved() -> None:
    [found] = read("rss-avaya-resolved-20250613.xml").values()
    assert found.state is IncidentState.RESOLVED


def test_okta_names_what_it_is_and_that_it_looks_for_the_cause() -> None:
    [found] = read("atom-okta-20250619.xml").values()
    assert (found.severity, found.state) == (IncidentSeverity.MAJOR, IncidentState.INVESTIGATING)


def test_maintenance_in_rss_is_no_incident() -> None:
    found = read("rss-betterstack-maintenance-made.xml")
    restart, network, api = (
        found[f"https://status.modelhost.example/{end}"] for end in ("maintenance/77", "maintenance/76", "incident/75")
    )
    assert restart.maintenance
    assert (restart.started_at, restart.ends_at) == (utc(2026, 5, 31, 9, 30), utc(2026, 5, 31, 10))
    assert network.maintenance
    assert (api.state, api.maintenance) == (IncidentState.RESOLVED, False)


def test_posts_of_one_incident_are_one_incident() -> None:
    [found] = read("rss-statuscast-fastly-made.xml").values()
    assert (found.id, found.state, found.regions) == ("378892", IncidentState.RESOLVED, ("iad",))
    assert (found.started_at, found.resolved_at, len(found.updates)) == (
        utc(2026, 10, 6, 11, 50),
        utc(2026, 10, 6, 12, 40),
        3,
    )


def test_posts_are_joined_by_the_page_of_their_incident_in_any_order() -> None:
    link = "https://status.lantern.example/incidents/42"
    posts = [
        item("Login", "We are investigating errors.", id=f"{link}#1", link=link, at="Mon, 02 Mar 2026 10:00:00 +0000"),
        item("Login", "It has been resolved.", id=f"{link}#3", link=link, at="Mon, 02 Mar 2026 12:00:00 +0000"),
        item("Login", "We have identified the cause.", id=f"{link}#2", link=link, at="Mon, 02 Mar 2026 11:00:00 +0000"),
    ]
    found = only(*posts)
    assert (found.state, found.started_at, found.resolved_at) == (
        IncidentState.RESOLVED,
        utc(2026, 3, 2, 10),
        utc(2026, 3, 2, 12),
    )
    assert [update.state for update in found.updates] == ["resolved", "identified", "investigating"]


def test_posts_that_share_the_page_of_their_incident_keep_the_id_of_the_first() -> None:
    link = "https://status.lantern.example/incidents/abcd"
    first = item("Login is slow", "We are investigating.", id="p1", link=link, at="Mon, 02 Mar 2026 09:00:00 +0000")
    second = item(
        "Login is slow", "We are monitoring the fix.", id="p2", link=link, at="Mon, 02 Mar 2026 10:00:00 +0000"
    )
    assert (only(first).id, only(first).state) == ("p1", IncidentState.INVESTIGATING)
    assert (only(second, first).id, only(second, first).state) == ("p1", IncidentState.MONITORING)


def test_posts_that_only_link_to_the_status_page_stay_apart() -> None:
    home = "https://status.lantern.example/"
    page = parse(rss(item("Mail", "Slow.", id="a", link=home), item("Login", "Slow.", id="b", link=home))).page
    assert [incident.title for incident in page.incidents] == ["Mail", "Login"]


def test_hetzner_in_english_and_german() -> None:
    fault, router, storage = (
        read("atom-hetzner-made.xml")[f"https://status.hetzner.com/incident/{key}"] for key in ("aaa1", "aaa2", "aaa3")
    )
    assert (fault.open, fault.severity, fault.regions) == (True, IncidentSeverity.MAJOR, ("fsn1",))
    assert (router.maintenance, router.open, router.regions) == (True, False, ("nbg1",))
    assert (router.started_at, router.ends_at) == (utc(2026, 8, 22, 2), utc(2026, 8, 22, 4))
    assert (storage.state, storage.regions) == (IncidentState.RESOLVED, ("hel1",))
