"""PagerDuty: one alert for each message, however often it is sent, as urgent as the card says."""

import pytest
from support.builders.posts import START, ManualClock, card, context, message
from support.fakes.receivers import Receiver

from bot.cards.card import Tone
from bot.delivery.routes.pagerduty import deduplication_key
from bot.delivery.routing.registry import build
from bot.model import Priority, Route, RouteSpec, Sent


def pagerduty(url: str) -> Route:
    options = {"routing_key": "env:KEY", "url": url}
    around = context(secret={"env:KEY": "k3y-of-the-service"}.__getitem__, clock=ManualClock())
    return build(RouteSpec("pagerduty", "pagerduty:ops", options), around)


async def test_triggers_one_alert_however_often_it_is_sent() -> None:
    async with Receiver().running() as events:
        route = pagerduty(events.url)
        assert [await route.send(message(), attempt) for attempt in (1, 2)] == [Sent("m1"), Sent("m1")]
    first, again = (event.json for event in events.received)
    assert first == again
    assert (first["routing_key"], first["event_action"], first["dedup_key"]) == ("k3y-of-the-service", "trigger", "m1")
    said = first["payload"]
    assert said["summary"] == "Billing scores 72: C: one region away from an outage."
    assert (said["source"], said["class"], said["group"]) == ("backstay", "scorecard", "payments")
    assert said["timestamp"] == START.isoformat()
    assert "Fix the backups first." in said["custom_details"]["text"]


@pytest.mark.parametrize(
    ("tone", "priority", "severity"),
    [
        ("good", Priority.REPORT, "info"),
        ("neutral", Priority.ALERT, "info"),
        ("warning", Priority.ALERT, "warning"),
        ("bad", Priority.REPORT, "error"),
        ("bad", Priority.ALERT, "critical"),
    ],
)
async def test_severity_follows_tone(tone: Tone, priority: Priority, severity: str) -> None:
    async with Receiver().running() as events:
        await pagerduty(events.url).send(message(card=card(tone=tone).dump(), priority=priority), 1)
    assert events.received[0].json["payload"]["severity"] == severity


async def test_what_is_too_long_is_cut() -> None:
    long = message("m" * 300, title="long " * 1000)
    async with Receiver().running() as events:
        await pagerduty(events.url).send(long, 1)
    said = events.received[0].json
    assert len(said["payload"]["summary"]) == 1024
    assert said["dedup_key"] == deduplication_key("m" * 300)
    assert len(said["dedup_key"]) == 64
