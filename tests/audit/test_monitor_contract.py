"""What holds for every monitoring system: paging, refusals, limits, failures, odd answers; one that fails leaves the others whole."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from support.fakes.monitoring import (
    CUT,
    LATE,
    NOT_JSON,
    TOKEN,
    Monitoring,
    alertmanager,
    grafana,
    grafana_rule,
    grafana_state,
    prometheus,
    rule,
)
from support.harness.monitors import alarms, read

from bot.audit.collectors.monitors.source import known_sources
from checks import Alarm

STATES = "/api/prometheus/grafana/api/v1/rules"
PROVISIONED = "/api/v1/provisioning/alert-rules"
KINDS: dict[str, tuple[Callable[[], Monitoring], tuple[str, ...]]] = {
    "prometheus": (lambda: prometheus([rule()]), ("/api/v1/rules",)),
    "alertmanager": (alertmanager, ("/api/v2/status",)),
    "grafana": (lambda: grafana([grafana_rule()], [grafana_state()]), (STATES, PROVISIONED)),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def made(kind: str) -> tuple[Monitoring, tuple[str, ...]]:
    build, paths = KINDS[kind]
    return build(), paths


@every_kind
async def test_what_answers_is_read_without_a_gap(kind: str) -> None:
    fake, _ = made(kind)
    found = await read((kind, fake))
    assert not found.gaps
    assert found.calls == len(fake.asked)
    assert all(asked["Authorization"] == f"Bearer {TOKEN}" for asked in fake.headers)


@every_kind
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (401, "does not accept the credentials: they are wrong or have expired; set a valid token"),
        (403, "access denied to /api"),
        (429, "throttled until the last retry"),
        (500, "HTTP 500"),
        (CUT, "closed the connection early"),
        (NOT_JSON, "not JSON"),
    ],
)
async def test_a_failure_is_a_gap_with_what_would_help(kind: str, fault: int, says: str) -> None:
    fake, paths = made(kind)
    fake.always |= dict.fromkeys(paths, fault)
    found = await read((kind, fake))
    [gap] = [gap for gap in found.gaps if gap.kinds]
    assert says in gap.reason
    assert gap.kinds == (Alarm,)
    assert (gap.source, gap.provider) == (f"monitor {kind}-0", kind)
    assert not found.facts
    if fault == 403:
        assert known_sources()[kind].grants[paths[0]] in gap.reason
    assert TOKEN not in "".join(gap.reason for gap in found.gaps)


@every_kind
@pytest.mark.parametrize("fault", [429, 500, 503])
async def test_a_failure_that_passes_costs_nothing(kind: str, fault: int) -> None:
    fake, paths = made(kind)
    for path in paths:
        fake.faults[path] = [fault]
    found = await read((kind, fake))
    assert not found.gaps


@every_kind
async def test_a_system_that_never_answers_ends_in_time(kind: str) -> None:
    fake, paths = made(kind)
    fake.always |= dict.fromkeys(paths, LATE)
    found = await read((kind, fake), timeout=timedelta(milliseconds=100))
    [gap] = [gap for gap in found.gaps if gap.kinds]
    assert "did not answer in time" in gap.reason


@every_kind
async def test_a_system_that_never_ends_is_left(kind: str) -> None:
    fake, paths = made(kind)
    fake.always |= dict.fromkeys(paths, LATE)
    found = await read((kind, fake), longest=timedelta(milliseconds=200))
    [gap] = [gap for gap in found.gaps if gap.kinds]
    assert "was not read within" in gap.reason


@every_kind
@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        {"data": None},
        {"data": {"groups": [{"rules": "x"}, {"rules": [1]}, 3]}},
        {"data": {"groups": [{"name": 1, "rules": [{"name": {"a": 1}}, {"labels": 3}, {"query": ["("]}]}]}},
        {"config": {"original": "route: [1"}},
        {"config": {"original": "route: {receiver: a, routes: [{matchers: ['=']}]}"}},
        {"config": {"original": "- 1"}},
        "text",
        json.loads("[" * 400 + "]" * 400),
    ],
)
async def test_an_odd_answer_breaks_nothing(kind: str, answer: Any) -> None:
    fake, paths = made(kind)
    fake.answers |= dict.fromkeys(paths, answer)
    found = await read((kind, fake))
    assert all(len(gap.reason) < 500 for gap in found.gaps)
    assert not [gap for gap in found.gaps if "see the log" in gap.reason]


@every_kind
async def test_one_that_fails_leaves_the_others_whole(kind: str) -> None:
    broken, paths = made(kind)
    broken.always |= dict.fromkeys(paths, 500)
    found = await read((kind, broken), ("prometheus", prometheus([rule()])), ("alertmanager", alertmanager()))
    assert [alarm.name for alarm in alarms(found)] == ["HighErrorRate"]
    assert {gap.source for gap in found.gaps} == {f"monitor {kind}-0"}
    assert len(found.read) == 3


@every_kind
async def test_a_wrong_token_is_said_and_not_shown(kind: str) -> None:
    fake, _ = made(kind)
    found = await read((kind, fake), token=SecretStr("wrong-token-made-up"))
    assert [gap for gap in found.gaps if "credentials" in gap.reason]
    assert "wrong-token" not in repr(found.gaps)


@every_kind
async def test_a_redirect_is_not_followed_with_the_token(kind: str) -> None:
    fake, paths = made(kind)
    fake.always |= dict.fromkeys(paths, 302)
    found = await read((kind, fake))
    assert [gap for gap in found.gaps if "HTTP 302" in gap.reason]


async def test_rules_are_read_page_by_page() -> None:
    fake = prometheus([rule(f"Alert{number}") for number in range(1203)])
    found = await read(("prometheus", fake), most_queries=0)
    assert len({alarm.name for alarm in alarms(found)}) == 1203
    assert len([asked for asked in fake.asked if asked.startswith("/api/v1/rules")]) == 3


async def test_history_of_grafana_is_read_page_by_page() -> None:
    def page(request: Any) -> Any:
        end = int(request.query["to"])
        if len([asked for asked in fake.asked if "annotations" in asked]) <= 2:
            return [{"alertName": "other", "newState": "Normal", "time": end - number} for number in range(1, 1001)]
        return [{"alertName": "High latency", "newState": "Alerting", "time": end - 5}]

    fake = grafana([grafana_rule()], [grafana_state()], **{"/api/annotations": page})
    [alarm] = alarms(await read(("grafana", fake)))
    assert alarm.fired_at
    assert len([asked for asked in fake.asked if "annotations" in asked]) == 3
