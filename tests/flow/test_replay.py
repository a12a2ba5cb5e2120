"""Outages replayed through probes, canaries, pages over HTTP, the watch and a chat: a made-up one always, known ones at hand."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from support.harness.replay_goals import GOAL, WAVE_GOAL, misses
from support.harness.replaying import World, loopback_aws, replay, world
from support.samples.outages import TIMELINES, Outage
from support.samples.quiet_month import quiet_month

MADE_UP: dict[str, Any] = {
    "id": "made-up",
    "provider": "aws",
    "scope": {"regions": ["us-east-1"], "services": ["dynamodb", "sqs"]},
    "onset_utc": "2025-10-20T06:48:00Z",
    "first_public_status_utc": "2025-10-20T07:11:00Z",
    "mitigated_utc": "2025-10-20T07:20:00Z",
    "end_utc": "2025-10-20T09:05:00Z",
    "signals": [
        {
            "signal": "dns_a_empty",
            "target": "dynamodb.us-east-1.amazonaws.com",
            "from_utc": "2025-10-20T06:48:00Z",
            "to_utc": "2025-10-20T07:20:00Z",
        },
        {
            "signal": "tcp_connect_errors",
            "target": "sqs in us-east-1",
            "from_utc": "2025-10-20T08:45:00Z",
            "to_utc": "2025-10-20T09:00:00Z",
        },
    ],
}
KNOWN = ("aws-2025-10-20-us-east-1", "aws-2020-11-25-kinesis", "twilio-2025-03-31-voice", "crowdstrike-2024-07-19")


@pytest.fixture(name="servers")
async def _servers(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with world() as made:
        for name, value in loopback_aws(made).items():
            monkeypatch.setenv(name, value)
        yield made


async def test_a_made_up_outage_in_two_waves(servers: World) -> None:
    one = await replay(Outage.of(MADE_UP), servers)
    assert misses(one) == []
    assert (one.incidents, one.waves, len(one.alerts)) == (1, 2, 3)
    assert one.first is not None
    assert one.first - one.outage.onset <= GOAL
    assert one.lead is not None
    assert one.lead > timedelta(minutes=20)
    wave = one.wave_after()
    assert wave is not None
    assert wave <= WAVE_GOAL
    first, wave_told, over = (text for _, text in one.alerts)
    for still in (first, wave_told):
        assert "is failing" in still or "are failing" in still
    assert over.startswith("Resolved")
    assert "was failing" in over or "were failing" in over


@pytest.mark.parametrize("provider", ["gcp", "azure", "slack", "stripe"])
async def test_what_only_the_page_tells_is_told_once_the_page_does(servers: World, provider: str) -> None:
    raw = {**MADE_UP, "provider": provider, "scope": {"regions": [], "services": []}, "signals": []}
    one = await replay(Outage.of(raw), servers)
    assert one.outage.seen_by == "the page"
    assert misses(one) == []
    assert one.lead is not None
    assert timedelta(minutes=-3) <= one.lead < timedelta(0)
    assert len(one.alerts) == 2


@pytest.mark.parametrize("name", KNOWN)
async def test_known_outages(servers: World, name: str) -> None:
    raw = next(incident for incident in json.loads(TIMELINES.read_text())["incidents"] if incident["id"] == name)
    one = await replay(Outage.of(raw), servers)
    assert misses(one) == []
    assert bool(one.alerts) is (one.outage.seen_by != "nothing")


def test_two_quiet_days_are_quiet() -> None:
    told, rounds = quiet_month(2, 10, seed=20251020)
    assert told == 0
    assert rounds > 200_000
