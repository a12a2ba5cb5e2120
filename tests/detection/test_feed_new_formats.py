"""Recorded and documented payloads of the vendors that have a format of their own, field by field."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.detection.feeds import FeedError, known_formats, parse
from bot.detection.feeds.parsing.payload import read_payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, ProviderIncident

SAMPLES = Path(__file__).parents[1] / "support" / "samples" / "payloads"
NEW = ("algolia", "apple", "datadog_pages", "rootly", "sorry", "statuscast", "statuspal", "vultr", "yandex", "zendesk")
FILES = sorted(item.name for item in SAMPLES.glob("*.*") if item.name != "SOURCES.tsv")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def incidents(name: str) -> dict[str, ProviderIncident]:
    return {incident.id: incident for incident in parse((SAMPLES / name).read_bytes()).page.incidents}


def components(name: str) -> tuple[FeedComponent, ...]:
    return parse((SAMPLES / name).read_bytes()).page.components


@pytest.mark.parametrize("name", FILES)
def test_no_new_format_takes_the_payload_of_another(name: str) -> None:
    payload = read_payload((SAMPLES / name).read_bytes())
    taken = [new for new in NEW if known_formats()[new].recognise(payload)]
    assert taken == [new for new in NEW if name.startswith(new.removesuffix("_pages") + "-")]


def test_statuspal_an_incident_of_a_type_that_the_owner_made() -> None:
    incident = incidents("statuspal-exoscale-20250718.json")["198647"]
    assert (incident.state, incident.severity) == (IncidentState.MONITORING, IncidentSeverity.MINOR)
    assert incident.services == ("CH-DK-2 Network Internet Transit Connectivity",)
    assert incident.regions == ("ch-dk-2",)
    assert (incident.started_at, incident.updated_at) == (at("2025-07-18T08:18:26"), at("2025-07-18T08:49:50"))
    assert [(update.at, update.state) for update in incident.updates] == [
        (at("2025-07-18T08:49:04"), IncidentState.MONITORING),
        (at("2025-07-18T08:18:26"), IncidentState.INVESTIGATING),
    ]
    assert incident.url == "https://exoscalestatus.com/incidents/198647"
    bad = [
        part for part in components("statuspal-exoscale-20250718.json") if part.severity is not IncidentSeverity.NONE
    ]
    assert bad == [FeedComponent("CH-DK-2 Network Internet Transit Connectivity", IncidentSeverity.MINOR, "ch-dk-2")]


def test_statuspal_maintenance_that_goes_on_and_one_ahead() -> None:
    name = "statuspal-exoscale-maintenance-20251017.json"
    found = incidents(name)
    running, ahead = found["209618"], found["208172"]
    assert (running.state, running.severity, running.ends_at) == (
        IncidentState.IN_PROGRESS,
        IncidentSeverity.MAINTENANCE,
        None,
    )
    assert running.regions == ("at-vie-2",)
    assert (ahead.state, ahead.started_at, ahead.ends_at) == (
        IncidentState.SCHEDULED,
        at("2025-11-13T21:00"),
        at("2025-11-14T05:00"),
    )
    assert parse((SAMPLES / name).read_bytes()).page.severity is IncidentSeverity.MAINTENANCE


def test_yandex_an_incident_that_its_last_comment_ends() -> None:
    incident = incidents("yandex-incidents-20241223.json")["1014"]
    assert (incident.state, incident.severity) == (IncidentState.RESOLVED, IncidentSeverity.MINOR)
    assert (incident.started_at, incident.resolved_at) == (at("2024-12-23T03:50"), at("2024-12-23T06:15"))
    assert incident.services == ("Compute Cloud", "Virtual Private Cloud")
    assert incident.regions == ("ru-central1",)
    assert [update.state for update in incident.updates] == [IncidentState.RESOLVED, None, IncidentState.INVESTIGATING]
    assert incident.updates[2].text.startswith("Мы заметили")


def test_apple_in_a_call_and_without_one() -> None:
    name = "apple-developer-20220727.json"
    incident = incidents(name)["2000001581"]
    assert incident.title == "App Store Connect - App Processing, App Store Connect - App Upload: issue"
    assert (incident.state, incident.severity) == (IncidentState.INVESTIGATING, IncidentSeverity.MINOR)
    assert (incident.started_at, incident.updated_at) == (at("2022-07-27T16:40"), at("2022-07-27T17:48"))
    assert incidents(name)["2000001579"].resolved_at == at("2022-07-27T00:27")
    bare = (SAMPLES / name).read_bytes().strip().removeprefix(b"jsonCallback(").removesuffix(b");")
    assert parse(bare) == parse((SAMPLES / name).read_bytes())


def test_vultr_maintenance_starts_and_ends_when_its_text_says_so() -> None:
    incident = incidents("vultr-status-docs-example.json")["80349394-43b0-438a-ba4d-ac05a726deb2"]
    assert (incident.state, incident.severity) == (IncidentState.SCHEDULED, IncidentSeverity.MAINTENANCE)
    assert (incident.started_at, incident.ends_at) == (at("2020-11-10T11:00"), at("2020-11-10T15:00"))
    assert incident.regions == ("atl",)
    assert incidents("vultr-alerts-docs-example.json") == {incident.id: incident}
    assert components("vultr-status-docs-example.json") == (
        FeedComponent("Atlanta", IncidentSeverity.NONE, "atl"),
        FeedComponent("Chicago", IncidentSeverity.NONE, "ord"),
    )


def test_algolia_an_incident_ends_with_an_operational_change() -> None:
    [incident] = incidents("algolia-incidents-docs-example.json").values()
    assert incident.title == "We are encountering a major issue that impact all API calls."
    assert (incident.state, incident.severity) == (IncidentState.RESOLVED, IncidentSeverity.CRITICAL)
    assert (incident.started_at, incident.resolved_at) == (at("2023-06-22T13:46:19"), at("2023-06-22T13:48:05"))
    assert [part.name for part in components("algolia-status-docs-example.json")] == ["c4-fr", "c2-eu"]


def test_rootly_takes_the_state_of_the_newest_update() -> None:
    [incident] = incidents("rootly-incidents-docs-example.json").values()
    assert (incident.id, incident.state, incident.severity) == (
        "abc123",
        IncidentState.INVESTIGATING,
        IncidentSeverity.MINOR,
    )
    assert (incident.started_at, incident.updated_at) == (at("2026-03-19T10:30"), at("2026-03-19T10:35"))
    green = parse((SAMPLES / "rootly-status-docs-example.json").read_bytes()).page
    assert (green.severity, green.name, green.incidents) == (IncidentSeverity.NONE, "Acme Status", ())


def test_datadog_a_start_in_the_year_one_is_none() -> None:
    [incident] = incidents("datadog-degradations-20260109.json").values()
    assert (incident.state, incident.severity) == (IncidentState.INVESTIGATING, IncidentSeverity.CRITICAL)
    assert incident.started_at == at("2026-01-09T15:10:42.122580")
    found = incidents("datadog-maintenances-20260224.json")
    ahead, over = (
        found["137fffe3-bfe1-471f-ad23-565105cd30f8"],
        found["f286de7d-136f-4fdc-8e86-4d0777e3e21f"],
    )
    assert (ahead.state, ahead.started_at, ahead.ends_at) == (
        IncidentState.SCHEDULED,
        at("2026-02-24T18:00:58.632000"),
        at("2026-02-24T19:00:58.632000"),
    )
    assert (over.state, over.resolved_at) == (IncidentState.RESOLVED, at("2026-02-19T17:13:41.502717"))


def test_zendesk_an_active_incident() -> None:
    [incident] = incidents("zendesk-active-docs-example.json").values()
    assert (incident.title, incident.state, incident.severity) == (
        "Big, Bad incident",
        IncidentState.INVESTIGATING,
        IncidentSeverity.MAJOR,
    )
    assert incident.started_at == at("2022-05-11T19:56:49")
    assert [update.text for update in incident.updates] == ["This is an incident description"]


def test_sorry_a_notice_and_a_maintenance_that_are_over() -> None:
    found = incidents("sorry-notices-docs-example.json")
    notice, maintenance = found["198717"], found["198714"]
    assert (notice.state, notice.severity, notice.resolved_at) == (
        IncidentState.RESOLVED,
        None,
        at("2022-11-03T09:52:39.781000"),
    )
    assert (maintenance.severity, maintenance.started_at, maintenance.ends_at) == (
        IncidentSeverity.MAINTENANCE,
        at("2022-11-05T08:00:00.405000"),
        at("2022-11-05T09:00"),
    )
    assert components("sorry-components-docs-example.json") == (
        FeedComponent("Sub-Component", IncidentSeverity.NONE, None),
    )


def test_statuscast_a_component_that_is_not_available_is_an_incident() -> None:
    [incident] = incidents("statuscast-components-made.json").values()
    assert (incident.id, incident.title, incident.severity) == (
        "component-43",
        "Database: DegradedPerformance",
        IncidentSeverity.MINOR,
    )


NOT_OF_THE_FORMAT: tuple[Any, ...] = ({}, [1, None], {"data": 1}, {"incidents": "none"}, {"services": {}}, {"page": []})


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("value", NOT_OF_THE_FORMAT, ids=repr)
def test_another_shape_read_by_name_is_refused(name: str, value: Any) -> None:
    with pytest.raises(FeedError):
        parse(json.dumps(value).encode(), name)


def test_more_rows_than_are_kept_are_cut_with_a_word_about_it() -> None:
    rows = [
        {"id": number, "type": "unplanned", "state": "identified", "timeline_state": "present", "subject": "Mail"}
        for number in range(2_001)
    ]
    parsed = parse(json.dumps({"notices": rows, "meta": {}}).encode())
    assert (parsed.format, len(parsed.page.incidents), parsed.left_out) == ("sorry", 2_000, "1 incidents")
