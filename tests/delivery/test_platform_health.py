"""A platform that dies while nobody posts is known to be dead before the next alert, and known to be back after it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.posts import START, message
from support.fakes.misbehaving import error, status
from support.harness.office import HOOK, SLACK, Office, open_office

from bot.delivery import Sender
from bot.delivery.platform_health import CHECK_EVERY, PING_EVERY, PlatformHealth
from bot.model import FeedReading, IncidentSeverity, Priority


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


def beats(office: Office) -> int:
    return len(office.slack.called("auth.test"))


def watched(office: Office, *pages: FeedReading) -> tuple[Sender, PlatformHealth]:
    sender = office.sender()
    return sender, sender.health(lambda: pages)


def page(severity: IncidentSeverity | None, provider: str = "slack", said: str = "") -> FeedReading:
    return FeedReading(provider, "statuspage", severity=severity, read_at=START, error=said)


async def test_a_beat_a_minute_and_none_where_posts_tell(office: Office) -> None:
    sender, health = watched(office)
    for _ in range(24):  # two minutes
        await health.check()
        office.clock.at += CHECK_EVERY
    assert beats(office) == 2
    await office.post(message())
    await sender.deliver_due()
    office.clock.at += PING_EVERY / 2
    await health.check()
    assert beats(office) == 2


async def test_an_alert_leaves_by_the_fallback_at_once_where_beats_have_failed(office: Office) -> None:
    sender, health = watched(office)
    office.slack.always("*", status(503))
    await health.check()
    await health.check()  # the second failure follows at the next look
    await office.post(message(priority=Priority.ALERT))
    await sender.deliver_due()
    assert await office.outcomes() == [(SLACK, "skipped"), (HOOK, "sent")]
    assert office.slack.called("chat.postMessage") == []
    office.slack.always("*")
    office.clock.at += timedelta(minutes=1)
    await health.check()
    await office.post(message("m2"))
    await sender.deliver_due()
    assert office.in_slack() == ["m2"]


async def test_a_ping_does_not_open_a_channel_that_posts_have_closed(office: Office) -> None:
    sender, health = watched(office)
    office.slack.always("chat.postMessage", status(503))
    for number in range(3):
        await office.post(message(f"m{number}", audience=f"team{number}"))
    await sender.deliver_due()
    tried = len(office.slack.called("chat.postMessage"))
    await health.check()
    await office.post(message("later"))
    await sender.deliver_due()
    assert len(office.slack.called("chat.postMessage")) == tried
    assert await office.outcomes("later") == [(SLACK, "skipped"), (HOOK, "sent")]
    office.clock.at += timedelta(minutes=1)
    office.slack.always("chat.postMessage")
    await office.post(message("back"))
    await sender.deliver_due()
    assert office.in_slack() == ["back"]


async def test_a_refusal_is_a_sign_of_life(office: Office) -> None:
    sender, health = watched(office)
    office.slack.always("auth.test", error("token_revoked"))
    for _ in range(3):
        await health.check()
        office.clock.at += PING_EVERY
    await office.post(message())
    await sender.deliver_due()
    assert office.in_slack() == ["m1"]


async def test_a_page_that_says_down_makes_one_failure_enough(office: Office) -> None:
    office.slack.always("*", status(503))
    sender, health = watched(office, page(IncidentSeverity.CRITICAL))
    await health.check()
    await office.post(message(priority=Priority.ALERT))
    await sender.deliver_due()
    assert beats(office) == 1
    assert await office.outcomes() == [(SLACK, "skipped"), (HOOK, "sent")]


@pytest.mark.parametrize(
    "said",
    [
        page(IncidentSeverity.CRITICAL),
        page(IncidentSeverity.MAJOR),
        page(None),
        page(IncidentSeverity.CRITICAL, "aws"),
        page(IncidentSeverity.CRITICAL, said="timed out"),
    ],
    ids=["critical", "major", "unknown", "of another", "unread"],
)
async def test_a_page_alone_diverts_nothing(office: Office, said: FeedReading) -> None:
    sender, health = watched(office, said)
    await health.check()
    await office.post(message(priority=Priority.ALERT))
    await sender.deliver_due()
    assert await office.outcomes() == [(SLACK, "sent")]
