"""Polling over HTTP: conditional, limited, one request at a time, and never operational without a reading."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from support.fakes.status_page import StatusPage, summary, trouble
from support.harness.loopback import closed_port, serving
from support.harness.resolving import UNROUTED, Resolver

from bot.detection.feeds import MAX_BYTES
from bot.detection.feeds.http_feed import FeedSpec, HttpFeed, pool, read_once
from bot.model import IncidentSeverity

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def feed_of(
    page: StatusPage, *, deadline: float = 5.0, path: str = "/summary.json"
) -> AsyncIterator[tuple[HttpFeed, Clock]]:
    clock = Clock()
    async with serving(page.app()) as url, pool() as client:
        yield HttpFeed(FeedSpec("example", url + path, private=True), client, clock, deadline=deadline), clock


async def test_the_first_reading_has_provider_and_time() -> None:
    async with feed_of(StatusPage(body=summary(trouble()))) as (feed, _):
        reading = await feed.read()
    assert (reading.provider, reading.format, reading.read_at) == ("example", "statuspage", NOON)
    assert (reading.severity, reading.changed, reading.error) == (IncidentSeverity.MAJOR, True, "")
    assert [incident.provider for incident in reading.incidents] == ["example"]


async def test_an_unchanged_page_is_not_sent_again() -> None:
    page = StatusPage(etag='"one"')
    async with feed_of(page) as (feed, clock):
        await feed.read()
        clock.now += timedelta(minutes=1)
        again = await feed.read()
    assert page.asked[1]["if-none-match"] == '"one"'
    assert "if-none-match" not in page.asked[0]
    assert (again.changed, again.read_at, again.error) == (False, NOON + timedelta(minutes=1), "")


async def test_the_same_body_is_unchanged_without_validators() -> None:
    page = StatusPage(body=summary(trouble()))
    async with feed_of(page) as (feed, _):
        await feed.read()
        assert not (await feed.read()).changed
        page.body = summary(trouble(status="identified"))
        assert (await feed.read()).changed


FAILURES: list[tuple[str, Callable[[StatusPage], None], str]] = [
    ("500", lambda page: setattr(page, "status", 500), "returned HTTP 500"),
    ("404", lambda page: setattr(page, "status", 404), "returned HTTP 404"),
    ("html", lambda page: setattr(page, "body", b"<!DOCTYPE html><html><body>Fine!</body></html>"), "HTML"),
    ("empty", lambda page: setattr(page, "body", b""), "is empty"),
    ("cut", lambda page: setattr(page, "cuts", True), "closed the connection early"),
    ("huge", lambda page: setattr(page, "body", b" " * (MAX_BYTES + 1)), "has more than"),
    ("late", lambda page: setattr(page, "late", 2.0), "did not respond completely"),
    (
        "elsewhere",
        lambda page: page.__dict__.update(status=302, headers={"Location": "file:///etc/passwd"}),
        "not http",
    ),
    (
        "to a login",
        lambda page: page.__dict__.update(status=302, headers={"Location": "/users/sign_in?next=/"}),
        "was redirected to a login page at 127.0.0.1; it is not public",
    ),
    (
        "to another host's login",
        lambda page: page.__dict__.update(status=302, headers={"Location": "https://accounts.example.com/x"}),
        "was redirected to a login page at accounts.example.com",
    ),
    (
        "login",
        lambda page: setattr(page, "body", b'<html><form><input name="p" type="password"></form></html>'),
        "answered with a login page",
    ),
    ("in circles", lambda page: page.__dict__.update(status=302, headers={"Location": "/again"}), "redirects"),
]


@pytest.mark.parametrize(("name", "breaks", "said"), FAILURES, ids=[failure[0] for failure in FAILURES])
async def test_a_failure_keeps_the_last_reading_with_its_age(
    name: str, breaks: Callable[[StatusPage], None], said: str
) -> None:
    page = StatusPage(body=summary(trouble()))
    async with feed_of(page, deadline=0.3) as (feed, clock):
        await feed.read()
        breaks(page)
        clock.now += timedelta(minutes=14)
        failed = await feed.read()
    assert said in failed.error
    assert failed.read_at == NOON
    assert [incident.id for incident in failed.incidents] == ["inc1"]


async def test_a_feed_that_never_answered_is_unknown() -> None:
    async with pool() as client:
        spec = FeedSpec("example", f"http://127.0.0.1:{closed_port()}/?token=s3cret", private=True)
        reading = await HttpFeed(spec, client, Clock()).read()
    assert (reading.severity, reading.read_at) == (None, None)
    assert reading.error.startswith("cannot be reached")
    assert "s3cret" not in reading.error


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "10.1.2.3", "localhost"])
async def test_private_addresses_are_refused_unless_set(host: str) -> None:
    async with pool() as client:
        reading = await HttpFeed(FeedSpec("example", f"http://{host}/"), client, Clock()).read()
    assert "private address" in reading.error


async def test_a_name_that_leads_inside_only_after_the_check_is_not_read() -> None:
    page = StatusPage()
    resolver = Resolver(status_example=[[UNROUTED], ["127.0.0.1"]])
    async with serving(page.app()) as url, pool(resolver=resolver) as client:
        spec = FeedSpec("example", url.replace("127.0.0.1", "status.example"))
        feed = HttpFeed(spec, client, Clock(), deadline=0.4)
        first, second = await feed.read(), await feed.read()
    assert page.asked == []
    assert (first.severity, first.read_at, second.read_at) == (None, None, None)
    assert "private address" in second.error, "the second lookup is checked as well"
    assert resolver.asked == ["status.example"] * 2, "one lookup for each connection"


async def test_concurrent_callers_share_one_request() -> None:
    page = StatusPage(late=0.05)
    async with feed_of(page) as (feed, _):
        readings = await asyncio.gather(*(feed.read() for _ in range(5)))
    assert len(page.asked) == 1
    assert len(set(map(id, readings))) == 1


async def test_failures_are_asked_less_often_and_retry_after_is_honoured() -> None:
    page = StatusPage(status=429, headers={"Retry-After": "1200"})
    minute = timedelta(minutes=1)
    async with feed_of(page) as (feed, _):
        await feed.read()
        assert feed.wait(minute) == timedelta(minutes=20)
        page.headers = {}
        for expected in (4, 8, 15, 15):
            await feed.read()
            assert feed.wait(minute) == timedelta(minutes=expected)
        page.status = 200
        await feed.read()
        assert feed.wait(minute) == minute


async def test_many_feeds_are_read_some_at_a_time() -> None:
    page = StatusPage(late=0.01)
    async with serving(page.app()) as url, pool() as client:
        feeds = [HttpFeed(FeedSpec(f"p{n}", f"{url}/{n}", private=True), client, Clock()) for n in range(12)]
        readings = await read_once(feeds, at_once=4)
    assert [reading.provider for reading in readings] == [f"p{n}" for n in range(12)]
    assert page.most_at_once <= 4


async def test_headers_of_a_feed_go_to_its_own_host_alone_and_into_no_words() -> None:
    page, elsewhere = StatusPage(status=302), StatusPage()
    async with serving(page.app()) as url, serving(elsewhere.app()) as other, pool() as client:
        page.headers = {"Location": f"{other}/summary.json"}
        spec = FeedSpec("example", f"{url}/?k=s3cret", private=True, headers={"Authorization": "Bearer s3cret"})
        reading = await HttpFeed(spec, client, Clock()).read()
    assert page.asked[0]["authorization"] == "Bearer s3cret"
    assert "authorization" not in elsewhere.asked[0]
    assert reading.severity is IncidentSeverity.NONE
    assert "s3cret" not in repr(spec)


async def test_marks_of_another_address_are_not_asked_with() -> None:
    page = StatusPage(etag='"one"')
    async with serving(page.app()) as url, pool() as client:
        before = HttpFeed(FeedSpec("example", f"{url}/a", private=True), client, Clock())
        reading = await before.read()
        same, moved = (HttpFeed(FeedSpec("example", f"{url}/{path}", private=True), client, Clock()) for path in "ab")
        assert same.remember(reading, before.marks)
        assert not moved.remember(reading, before.marks)
        assert (await same.read()).incidents == reading.incidents
        await moved.read()
    assert page.asked[1]["if-none-match"] == '"one"'
    assert "if-none-match" not in page.asked[2]
