"""Datadog that fails, limits, answers oddly or lists something else: what can be read is read, and the rest has its reason."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from support.fakes.datadog import API_KEY, Datadog, monitor
from support.harness.datadog_reading import ERRORS, collected

from bot.app.settings.monitors import MonitorSettings
from bot.model import Collected
from checks import Alarm, Unread


@pytest.mark.parametrize("status", [403, 500, 0])
async def test_without_downtimes_rules_and_objectives_monitors_are_still_read(status: int) -> None:
    paths = ("/api/v2/downtime", "/api/v1/slo", "/api/v2/monitor/notification_rule")
    fake = Datadog(monitors=[monitor(1, ERRORS)], faults=[(path, status) for path in paths for _ in range(9)])
    found = await collected(fake)
    (alarm,) = (fact for fact in found.facts if isinstance(fact, Alarm))
    assert isinstance(alarm.reaches_someone, Unread)
    assert alarm.muted is False, "the monitor came with its downtimes"
    assert sorted(gap.action for gap in found.gaps) == ["list SLOs", "list downtimes", "list notification rules"]
    assert not any(gap.kinds for gap in found.gaps)
    if status == 403:
        assert "give the application key the scope monitors_downtime" in alarm_reason(found, "list downtimes")


OLD = {
    "id": 2890657808,
    "monitor_id": None,
    "org_id": 321813,
    "start": 1683224257,
    "end": None,
    "canceled": None,
    "active": True,
    "disabled": False,
    "recurrence": None,
    "timezone": "Etc/UTC",
    "downtime_type": 2,
    "status": "active",
    "monitor_tags": ["*"],
    "scope": ["env:prod", "service:checkout"],
}


async def test_where_a_site_lacks_newer_lists_the_older_one_is_read() -> None:
    faults = [("/api/v2/downtime", 404), ("/api/v2/monitor/notification_rule", 404)]
    found = await collected(Datadog(monitors=[monitor(1, ERRORS)], old_downtimes=[OLD], faults=faults))
    (alarm,) = (fact for fact in found.facts if isinstance(fact, Alarm))
    assert (alarm.muted, alarm.reaches_someone) == (True, False)
    assert not found.gaps


def alarm_reason(found: Collected, action: str) -> str:
    return next(gap.reason for gap in found.gaps if gap.action == action)


async def test_a_monitor_without_its_downtimes_may_be_muted() -> None:
    row = {key: value for key, value in monitor(1, ERRORS).items() if key != "matching_downtimes"}
    found = await collected(Datadog(monitors=[row], faults=[("/api/v2/downtime", 403)] * 3))
    (alarm,) = (fact for fact in found.facts if isinstance(fact, Alarm))
    assert isinstance(alarm.muted, Unread)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "does not accept the credentials"),
        (403, "give the application key the scope monitors_read"),
        (500, "failed: HTTP 500"),
        (0, "no answer to list monitors"),
    ],
)
async def test_unreadable_monitors_are_a_gap_of_all_alarms(status: int, said: str) -> None:
    found = await collected(Datadog(monitors=[monitor(1)], faults=[("/api/v1/monitor", status)] * 9))
    assert not found.facts
    (gap,) = (gap for gap in found.gaps if gap.kinds)
    assert said in gap.reason
    assert gap.kinds == (Alarm,)
    assert API_KEY not in str(found)


async def test_a_rate_limit_is_waited_for() -> None:
    fake = Datadog(monitors=[monitor(1)], faults=[("/api/v1/monitor", 429), ("/api/v1/monitor", 429)])
    assert len((await collected(fake)).facts) == 1


async def test_no_answer_in_time_is_a_gap() -> None:
    fake = Datadog(monitors=[monitor(1)], faults=[("/api/v1/monitor", -1)] * 9)
    found = await collected(fake, timeout=timedelta(milliseconds=20))
    assert "list monitors" in str([gap.action for gap in found.gaps])


async def test_odd_and_hostile_monitors_cost_only_themselves() -> None:
    odd: list[Any] = [
        {**monitor(1), "tags": 5},
        {**monitor(2), "id": "x"},
        "nonsense",
        {**monitor(3), "created": "yesterday"},
        monitor(4, "avg(" * 5000 + "{" * 5000, "{{#is_alert}}" * 3000 + "@" * 9000),
        {**monitor(5), "options": None, "tags": None, "message": None, "state": None, "matching_downtimes": None},
        monitor(6, "1 || 6", type="composite"),
        monitor(7, overall_state_modified=10**30),
    ]
    found = await collected(Datadog(monitors=odd))
    read = {fact.resource.rpartition("/")[2] for fact in found.facts}
    assert read == {"4", "5", "6"}
    assert len(found.gaps) == 5
    assert all(gap.action == "list monitors" for gap in found.gaps)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"site": "datadoghq.eu"}, "https://api.datadoghq.eu"),
        ({"site": "us3.datadoghq.com"}, "https://api.us3.datadoghq.com"),
        ({"site": "app.datadoghq.com"}, "https://api.datadoghq.com"),
        ({"site": "us2.ddog-gov.com"}, "https://api.us2.ddog-gov.com"),
        ({}, ""),
    ],
)
def test_the_site_decides_the_address(given: dict[str, str], address: str) -> None:
    section = MonitorSettings.model_validate({"kind": "datadog", "api_key": "env:A", "app_key": "env:B", **given})
    assert section.address == address


@pytest.mark.parametrize("site", ["evil.example", "datadoghq.com.evil.example", "datadoghq.com/x"])
def test_no_other_host_gets_the_keys(site: str) -> None:
    with pytest.raises(ValidationError):
        MonitorSettings.model_validate({"kind": "datadog", "api_key": "env:A", "app_key": "env:B", "site": site})
