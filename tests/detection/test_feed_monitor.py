"""The feed monitor, poll after poll: what becomes an incident, what does not, and the latest readings."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders.moment import seen, service
from support.builders.resources import datastore
from support.fakes.status_page import StatusPage, aws_events, summary, trouble
from support.harness.feed_rooms import MINUTE, Rooms, feed_rooms
from support.harness.office import SLACK

from bot.app.jobs.watchdog import Watchdog
from bot.cards.messages.status_answer import status_answer
from bot.cards.render import text as to_text
from bot.detection.feeds import MAX_BYTES
from bot.detection.feeds.monitor import PollingPolicy
from bot.model import Audience, IncidentSeverity, RouteSpec, Schedule
from bot.model.incidents import Phase

WELL = summary()
BOMB = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><rss version="2.0"><channel><title>&c;</title></channel></rss>"""


def red(id: str = "i1", name: str = "Payments fail", **more: Any) -> dict[str, Any]:
    return trouble(id, name=name, created_at="2026-11-23T09:01:00Z", **more)


def bad(*incidents: dict[str, Any]) -> bytes:
    return summary(*(incidents or (red(),)), indicator="major")


async def answer(rooms: Rooms) -> str:
    stand = await rooms.room.exposure()
    return to_text.render(status_answer(rooms.room.readings(), stand, rooms.office.clock())).replace("**", "")


async def test_an_outage_on_a_page_is_notified_once_and_resolved_with_it(tmp_path: Path) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=WELL)) as rooms:
        await rooms.pass_by(5 * MINUTE)
        assert rooms.texts() == []
        rooms.page.body = bad()
        await rooms.pass_by(4 * MINUTE)
        [alert] = rooms.texts()
        assert "checkout" in alert
        assert "Payments fail" in alert
        rooms.page.body = WELL
        await rooms.pass_by(timedelta(minutes=75))
        [incident] = await rooms.watch.incidents(since=rooms.office.clock() - timedelta(days=1))
        assert incident.phase is Phase.RESOLVED
        assert "Resolved: " in rooms.texts()[-1]
        [reading] = rooms.room.readings()
        assert (reading.provider, reading.severity, reading.error) == ("stripe", IncidentSeverity.NONE, "")


async def test_an_incident_withdrawn_within_a_minute_is_not_notified(tmp_path: Path) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=WELL)) as rooms:
        await rooms.pass_by(MINUTE)
        polls = len(rooms.page.asked)
        rooms.page.body = bad()
        while len(rooms.page.asked) == polls:
            await rooms.pass_by(timedelta(seconds=5))
        rooms.page.body = WELL
        await rooms.pass_by(10 * MINUTE)
        assert rooms.texts() == []
        assert await rooms.open_now() == []


async def test_where_no_second_poll_comes_the_first_counts_after_a_while(tmp_path: Path) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=WELL)) as rooms:
        await rooms.pass_by(MINUTE)
        polls = len(rooms.page.asked)
        rooms.page.body = bad()
        while len(rooms.page.asked) == polls:
            await rooms.pass_by(timedelta(seconds=5))
        rooms.page.status = 503
        await rooms.pass_by(3 * MINUTE)
        assert await rooms.open_now() == []
        await rooms.pass_by(3 * MINUTE)
        assert await rooms.open_now() == ["stripe"]


async def test_an_incident_that_vanishes_beside_another_one_is_over_after_two_polls_without_it(tmp_path: Path) -> None:
    page = StatusPage(body=aws_events({"us-east-1": "dynamodb", "eu-west-1": "sqs"}))
    mine = seen(datastore(product="dynamodb", replica_regions=()), of=service("checkout", audience="payments"))
    async with feed_rooms(tmp_path, page, "aws", seen=[mine]) as rooms:
        await rooms.pass_by(5 * MINUTE)
        assert len(await rooms.open_now()) == 2
        page.body = aws_events({"eu-west-1": "sqs"})
        await rooms.pass_by(timedelta(minutes=75))
        assert await rooms.open_now() == ["aws/eu-west-1/sqs"]


async def test_edits_another_order_and_doubles_make_no_second_alert(tmp_path: Path) -> None:
    first, second = red("i1", "Payments fail"), red("i2", "Webhooks are late")
    async with feed_rooms(tmp_path, StatusPage(body=bad(first, second))) as rooms:
        await rooms.pass_by(5 * MINUTE)
        assert len(rooms.texts()) == 1
        for body in (bad(second, first), bad(first, first, second), bad(red("i1", "Payments fail in Europe"), second)):
            rooms.page.body = body
            await rooms.pass_by(5 * MINUTE)
        assert len(rooms.texts()) == 1
        assert await rooms.open_now() == ["stripe"]
        [reading] = rooms.room.readings()
        assert len(reading.incidents) == 2


UNREADABLE: list[tuple[str, Callable[[StatusPage], None], str]] = [
    ("html with 200", lambda page: setattr(page, "body", b"<!doctype html><html>All fine</html>"), "HTML page"),
    (
        "html as json",
        lambda page: page.__dict__.update(body=b"<html>", headers={"Content-Type": "application/json"}),
        "HTML",
    ),
    ("far too long", lambda page: setattr(page, "body", b"x" * (MAX_BYTES + 1)), f"more than {MAX_BYTES:,} bytes"),
    ("entity bomb", lambda page: setattr(page, "body", BOMB), ""),
    ("down", lambda page: setattr(page, "status", 503), "returned HTTP 503"),
    ("cut", lambda page: setattr(page, "cuts", True), "closed the connection early"),
    ("other shape", lambda page: setattr(page, "body", b'{"hello": "world"}'), "not a known feed format"),
]


@pytest.mark.parametrize(("breaks", "said"), [item[1:] for item in UNREADABLE], ids=[item[0] for item in UNREADABLE])
async def test_an_unreadable_page_is_unknown_and_changes_no_incident(
    tmp_path: Path, breaks: Callable[[StatusPage], None], said: str
) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=bad())) as rooms:
        await rooms.pass_by(5 * MINUTE)
        breaks(rooms.page)
        await rooms.pass_by(20 * MINUTE)
        assert await rooms.open_now() == ["stripe"], "silence is no all-clear"
        assert len(rooms.texts()) == 1
        [reading] = rooms.room.readings()
        assert said in reading.error
        assert reading.read_at is not None
        told = await answer(rooms)
        assert "unknown stripe" in told
        assert f"last read {reading.read_at:%d %b %Y, %H:%M} UTC (major then)" in " ".join(told.split())


async def test_right_content_under_a_wrong_type_is_read(tmp_path: Path) -> None:
    page = StatusPage(body=bad(), headers={"Content-Type": "text/html"})
    async with feed_rooms(tmp_path, page) as rooms:
        await rooms.pass_by(5 * MINUTE)
        assert await rooms.open_now() == ["stripe"]


async def test_other_regions_are_demoted_not_hidden(tmp_path: Path) -> None:
    page = StatusPage(body=aws_events({"ap-south-1": "dynamodb"}))
    mine = seen(datastore(product="dynamodb", replica_regions=()), of=service("checkout", audience="payments"))
    async with feed_rooms(tmp_path, page, "aws", seen=[mine]) as rooms:
        await rooms.pass_by(5 * MINUTE)
        [incident] = await rooms.watch.incidents()
        assert not incident.touches_us
        assert rooms.texts() == []
        assert "Problems elsewhere: aws (ap-south-1)" in await answer(rooms)
        page.body = aws_events({"ap-south-1": "dynamodb", "us-east-1": "dynamodb"})
        await rooms.pass_by(5 * MINUTE)
        assert len(rooms.texts()) == 1
        assert "Problems reported: aws" in await answer(rooms)


async def test_a_restart_shows_the_age_does_not_tell_again_and_asks_with_the_old_marks(tmp_path: Path) -> None:
    page = StatusPage(body=bad(), etag='"one"')
    async with feed_rooms(tmp_path, page) as rooms:
        await rooms.pass_by(6 * MINUTE)
        assert len(rooms.texts()) == 1
        rooms.office.clock.at += timedelta(minutes=9)
        before = rooms.room.readings()[0]
        asked = len(page.asked)
        await rooms.start()
        await rooms.settle()
        [kept] = rooms.room.readings()
        assert kept.severity is before.severity
        assert kept.read_at is not None
        assert rooms.office.clock() - kept.read_at >= timedelta(minutes=9)
        await rooms.pass_by(10 * MINUTE)
        assert page.asked[asked]["if-none-match"] == '"one"'
        assert len(rooms.texts()) == 1
        assert await rooms.open_now() == ["stripe"]


async def test_an_incident_that_ended_during_downtime_ends(tmp_path: Path) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=bad())) as rooms:
        await rooms.pass_by(6 * MINUTE)
        rooms.page.body = WELL
        rooms.office.clock.at += timedelta(minutes=20)
        await rooms.start()
        await rooms.pass_by(timedelta(minutes=75))
        assert await rooms.open_now() == []


async def test_a_replica_without_egress_adopts_another_replicas_readings(tmp_path: Path) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=WELL)) as rooms:
        await rooms.pass_by(2 * MINUTE)
        rooms.page.status = 503
        other = await rooms.office.ledger.saved_readings()
        await rooms.pass_by(20 * MINUTE)
        assert rooms.room.readings()[0].error
        read = other["stripe"]
        at = rooms.office.clock()
        fresh = replace(read, reading=replace(read.reading, read_at=at, severity=IncidentSeverity.MAJOR, error=""))
        await rooms.office.ledger.save_readings([fresh], at)
        await rooms.pass_by(MINUTE)
        [reading] = rooms.room.readings()
        assert (reading.severity, reading.read_at) == (IncidentSeverity.MAJOR, at)


async def test_an_unchanged_page_is_written_seldom(tmp_path: Path) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=WELL)) as rooms:
        await rooms.pass_by(2 * MINUTE)
        first = (await rooms.office.ledger.saved_readings())["stripe"].reading.read_at
        await rooms.pass_by(2 * MINUTE)
        assert (await rooms.office.ledger.saved_readings())["stripe"].reading.read_at == first
        await rooms.pass_by(5 * MINUTE)
        assert (await rooms.office.ledger.saved_readings())["stripe"].reading.read_at != first


async def test_needed_feeds_include_what_providers_run_on(tmp_path: Path) -> None:
    page = StatusPage(body=WELL)
    async with feed_rooms(
        tmp_path, page, "stripe", "github", "slack", pace=PollingPolicy("needed", platforms=("slack",))
    ) as rooms:
        await rooms.pass_by(6 * MINUTE)
        assert [reading.provider for reading in rooms.room.readings()] == ["slack", "stripe"]
        assert page.paths.count("/github") == 0


async def test_unneeded_feeds_are_polled_a_fifth_as_often(tmp_path: Path) -> None:
    page = StatusPage(body=WELL)
    async with feed_rooms(tmp_path, page, "stripe", "github") as rooms:
        await rooms.pass_by(30 * MINUTE)
        assert 28 <= page.paths.count("/stripe") <= 34
        assert 5 <= page.paths.count("/github") <= 8


async def test_upcoming_maintenance_is_listed_once_for_needed_providers(tmp_path: Path) -> None:
    ahead: dict[str, Any] = {"id": "m1", "name": "Move", "status": "scheduled", "scheduled_for": "2026-11-24T02:00:00Z"}
    ahead |= {"scheduled_until": "2026-11-24T04:00:00Z", "impact": "maintenance", "incident_updates": []}
    page = StatusPage(body=summary(maintenance=[ahead, ahead]))
    async with feed_rooms(tmp_path, page, "stripe", "github") as rooms:
        await rooms.pass_by(6 * MINUTE)
        found = await rooms.room.ahead()
        assert [(match_.provider, match_.id) for match_ in found] == [("stripe", "m1")]
        rooms.office.clock.at += timedelta(days=1)
        assert await rooms.room.ahead() == ()


def watchdog(rooms: Rooms) -> Watchdog:
    async def none() -> Sequence[Schedule]:
        return ()

    office = rooms.office
    admins = Audience("ops", (RouteSpec("slack", SLACK),))
    return Watchdog(office.ledger, none, admins, clock=office.clock, polling=rooms.room)


async def test_an_unreadable_needed_feed_is_notified_daily_and_stops_no_heartbeat(tmp_path: Path) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=WELL), "stripe", "github") as rooms:
        dog = watchdog(rooms)
        await rooms.pass_by(2 * MINUTE)
        rooms.page.status = 503
        await rooms.pass_by(25 * MINUTE)
        await dog.check()
        assert rooms.room.unreadable() == {}
        await rooms.pass_by(10 * MINUTE)
        for _ in range(3):
            await dog.check()
            await rooms.pass_by(MINUTE)
        assert await dog.problems() == []
        [told] = rooms.texts()
        assert "1 status feed cannot be read" in told
        assert "stripe could not be read for 3" in told
        assert "returned HTTP 503" in told
        rooms.page.status = 200
        await rooms.pass_by(20 * MINUTE)
        assert rooms.room.unreadable() == {}


async def test_stalled_polling_is_reported(tmp_path: Path) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=WELL)) as rooms:
        dog = watchdog(rooms)
        await rooms.pass_by(2 * MINUTE)
        await rooms.stop()
        rooms.office.clock.at += timedelta(minutes=16)
        [said] = await dog.problems()
        assert said.startswith("No status page has been polled for 1")
