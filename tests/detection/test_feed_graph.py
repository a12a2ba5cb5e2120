"""Microsoft 365 service health: token, pages, and reasons for failures, on a server on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from support.builders.posts import ManualClock
from support.fakes.microsoft import SECRET, FakeMicrosoft, issue
from support.harness.loopback import closed_port, serving

from bot.detection.feeds.api_feed import ApiFeed
from bot.detection.feeds.http_feed import pool
from bot.detection.feeds.microsoft_graph import Graph
from bot.model import IncidentSeverity

MINUTE = timedelta(minutes=1)


@asynccontextmanager
async def tenant(
    fake: FakeMicrosoft, *, secret: str = SECRET, url: str = ""
) -> AsyncIterator[tuple[ApiFeed, ManualClock]]:
    clock = ManualClock()
    async with serving(fake.app()) as root, pool() as client:
        graph = Graph(client, clock, "tenant", "app", lambda: secret, url or root, url or root)
        yield ApiFeed("microsoft365", "your tenant", "microsoft365", graph.ask, clock), clock


async def test_every_page_is_read_with_one_token() -> None:
    fake = FakeMicrosoft([issue("EX1"), issue("TM2", title="Meetings fail"), issue("SP3")])
    async with tenant(fake) as (feed, _):
        reading = await feed.read()
        again = await feed.read()
    assert (reading.error, reading.feed, reading.severity) == ("", "your tenant", IncidentSeverity.MAJOR)
    assert {incident.id for incident in reading.incidents} == {"EX1", "TM2", "SP3"}
    assert {incident.provider for incident in reading.incidents} == {"microsoft365"}
    assert (reading.changed, again.changed) == (True, False)
    assert fake.tokens == 1
    assert "isResolved eq false" in fake.asked[1].replace("%20", " ")


async def test_no_issue_is_green_only_because_every_service_says_so() -> None:
    async with tenant(FakeMicrosoft()) as (feed, _):
        assert (await feed.read()).severity is IncidentSeverity.NONE


async def test_a_token_is_fetched_again_before_it_runs_out_and_when_it_is_withdrawn() -> None:
    fake = FakeMicrosoft()
    async with tenant(fake) as (feed, clock):
        await feed.read()
        clock.at += 58 * MINUTE
        await feed.read()
        assert fake.tokens == 2
        fake.tokens = 3  # token-2 is none any more; the next one is token-4
        assert not (await feed.read()).error
        assert fake.tokens == 4


async def test_a_missing_permission_is_a_reason_and_no_storm_of_requests() -> None:
    fake = FakeMicrosoft(status=403)
    async with tenant(fake) as (feed, _):
        reading = await feed.read()
        assert "ServiceHealth.Read.All" in reading.error
        assert (reading.severity, reading.read_at) == (None, None)
        assert feed.wait(MINUTE) == 30 * MINUTE
        assert len(fake.asked) == 1
        fake.status = 200
        assert not (await feed.read()).error
        assert feed.wait(MINUTE) == 5 * MINUTE


async def test_a_wrong_secret_is_reported_and_never_repeated() -> None:
    async with tenant(FakeMicrosoft(), secret="another-s3cret") as (feed, _):
        reading = await feed.read()
    assert "invalid_client" in reading.error
    assert "another-s3cret" not in reading.error + repr(feed)


async def test_retry_after_is_honoured_and_the_last_reading_stays() -> None:
    fake = FakeMicrosoft([issue()])
    async with tenant(fake) as (feed, _):
        await feed.read()
        fake.status = 429
        reading = await feed.read()
        assert ([incident.id for incident in reading.incidents], reading.error) == (["EX1"], "returned HTTP 429")
        assert feed.wait(MINUTE) == 15 * MINUTE


async def test_a_next_page_on_another_host_gets_no_token() -> None:
    fake = FakeMicrosoft([issue("EX1"), issue("EX2")], elsewhere=True)
    async with tenant(fake) as (feed, _):
        assert "another host" in (await feed.read()).error


async def test_out_of_reach_is_unknown() -> None:
    async with tenant(FakeMicrosoft(), url=f"http://127.0.0.1:{closed_port()}") as (feed, _):
        reading = await feed.read()
    assert reading.error == "cannot be reached (connection refused)"
    assert reading.severity is None
