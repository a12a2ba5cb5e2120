"""backstay watches itself: dead routes and standstills reach those who run it, and end its sign of life."""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from support.builders.posts import START, ManualClock, message
from support.harness.ledgers import ledger_at
from support.harness.loopback import closed_port, serving
from support.harness.office import HOOK, SLACK, Office, open_office

from bot.app.jobs.heartbeat import Heartbeat
from bot.app.jobs.watchdog import Watchdog
from bot.chat.reception import Reception
from bot.model import Audience, Priority, RouteSpec, Schedule
from bot.net.egress import EgressPolicy

ADMINS = Audience("ops", (RouteSpec("slack", SLACK), RouteSpec("webhook", HOOK)))
HOURLY = Schedule("payments/scorecard", "payments", "0 * * * *", "UTC", timedelta(hours=6))


OUT = EgressPolicy(private=True)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


def watchdog(
    office: Office, *, admins: Audience | None = ADMINS, schedules: Sequence[Schedule] = (), **more: Any
) -> Watchdog:
    async def known() -> Sequence[Schedule]:
        return schedules

    return Watchdog(office.ledger, known, admins, clock=office.clock, sleep=office.clock.sleep, **more)


async def test_a_dead_route_is_told_by_another_once_a_day(office: Office) -> None:
    office.slack.archived.add("C0PAYMENTS")
    dog = watchdog(office)
    for number in range(3):
        await office.post(message(f"m{number}"))
    await office.post(message("lost"), SLACK)
    await office.sender().deliver_due()
    for _ in range(2):
        await dog.check()
        await office.sender().deliver_due()
        office.clock.at += timedelta(minutes=1)
    told = [request.json for request in office.hook.received if request.json["kind"] == "dead_route"]
    assert [state["title"] for state in told] == [f"{SLACK} refuses posts"]
    assert "Slack refused: is_archived" in told[0]["text"]
    assert told[0]["data"]["lost"] == 1
    assert told[0]["audience"] == "ops"


async def test_a_chat_that_cannot_be_heard_is_told_and_ends_the_sign_of_life(office: Office) -> None:
    heard = {"slack": Reception("Slack refused slack.app_token: invalid_auth", deaf=True), "teams": Reception("heard")}
    dog = watchdog(office, reception=lambda: heard)
    for _ in range(2):
        await dog.check()
        await office.sender().deliver_due()
    [told] = office.slack.channel("payments")
    assert "backstay cannot hear Slack" in str(told)
    assert "invalid_auth" in str(told)
    assert await dog.problems() == ["Slack cannot be heard: Slack refused slack.app_token: invalid_auth"]
    heard["slack"] = Reception("heard")
    assert await dog.problems() == []


async def test_what_every_route_refused_is_told_at_once(office: Office) -> None:
    office.slack.archived.add("C0PAYMENTS")
    dog = watchdog(office, admins=Audience("ops", (RouteSpec("webhook", HOOK),)))
    sender = office.sender(every=timedelta(0))
    sender.tell_undelivered(dog.report_refused)
    for number in range(2):
        await office.post(message(f"m{number}", priority=Priority.ALERT), SLACK)
    await sender.deliver_due()
    (told,) = [request.json for request in office.hook.received]
    assert told["title"] == f"{SLACK} refuses posts"
    assert "1 post reached nobody so far and will be tried again for a day" in " ".join(told["text"].split())


async def test_a_refused_self_check_tells_no_other(office: Office) -> None:
    office.slack.archived.add("C0PAYMENTS")
    dog = watchdog(office, admins=Audience("ops", (RouteSpec("slack", SLACK),)))
    sender = office.sender(every=timedelta(0))
    sender.tell_undelivered(dog.report_refused)
    await office.post(message(priority=Priority.ALERT), SLACK)
    for _ in range(5):
        await sender.deliver_due()
        office.clock.at += timedelta(minutes=1)
    assert (await office.ledger.backlog()).pending == 2, "the alert, and one card about it"


async def test_an_outbox_that_stands_still_is_told(office: Office) -> None:
    dog = watchdog(office)
    await office.post(message())
    office.clock.at += timedelta(minutes=14)
    assert await dog.problems() == []
    office.clock.at += timedelta(minutes=2)
    assert await dog.problems() == ["The oldest of 1 messages in the outbox has waited for 16 min."]
    await dog.check()
    await office.sender().deliver_due()
    assert "backstay is stuck" in str(office.slack.channel("payments")[0]["blocks"])
    assert await dog.problems() == []


async def test_a_schedule_that_does_not_run_is_told(office: Office) -> None:
    dog = watchdog(office, schedules=(HOURLY,))
    assert await dog.problems() == []
    office.clock.at += timedelta(hours=1, minutes=14)
    assert await dog.problems() == []
    office.clock.at += timedelta(minutes=2)
    assert await dog.problems() == ["Schedule payments/scorecard has not run since 2026-11-23 10:00 UTC."]
    async with office.ledger.begin() as transaction:
        await transaction.take_slot(HOURLY.id, START + timedelta(hours=1), "made_up", office.clock())
    assert await dog.problems() == []


async def test_without_admins_it_goes_to_the_log(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    await office.post(message())
    office.clock.at += timedelta(hours=1)
    await watchdog(office, admins=None).check()
    assert (await office.ledger.backlog()).pending == 1
    assert "has waited for 60 min" in capsys.readouterr().out


async def test_the_heart_beats_only_while_all_goes_on(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    beats: list[str] = []

    async def beat(request: web.Request) -> web.Response:
        beats.append(request.path)
        return web.Response()

    app = web.Application()
    app.router.add_get("/ping/{key}", beat)
    async with serving(app) as root:
        heart = Heartbeat(f"{root}/ping/s3cret-key", watchdog(office).problems, outgoing=OUT)
        assert await heart.beat()
        await office.post(message())
        office.clock.at += timedelta(hours=1)
        assert not await heart.beat()
        await office.sender().deliver_due()
        assert await heart.beat()
        assert not await Heartbeat(f"{root}/gone/s3cret-key", watchdog(office).problems, outgoing=OUT).beat()
    assert not await Heartbeat(
        f"http://127.0.0.1:{closed_port()}/s3cret-key", watchdog(office).problems, outgoing=OUT
    ).beat()
    assert beats == ["/ping/s3cret-key"] * 2
    written = capsys.readouterr()
    assert "heartbeat_held_back" in written.out
    assert not re.search("s3cret-key", written.out + written.err)


def spoil(path: Path) -> None:
    path.unlink()
    path.mkdir()


async def test_an_unreachable_ledger_is_a_problem(office: Office, tmp_path: Path) -> None:
    dog = watchdog(office)
    await office.ledger.close()
    spoil(tmp_path / "backstay.db")
    assert "The ledger cannot be reached" in (await dog.problems())[0]


async def test_a_clock_that_differs_from_the_databases_is_told_once_a_day(database: str) -> None:
    async def none() -> Sequence[Schedule]:
        return ()

    async with ledger_at(database) as ledger:
        off, right = ManualClock(datetime.now(UTC) + timedelta(seconds=31)), ManualClock(datetime.now(UTC))
        await Watchdog(ledger, none, ADMINS, clock=right).check()
        assert await ledger.undelivered() == ()
        assert (await ledger.backlog()).pending == 0
        for _ in range(2):
            await Watchdog(ledger, none, ADMINS, clock=off).check()
        (told,) = await ledger.claim("look", off.at, timedelta(seconds=20), 5)
        assert told.message.card["kind"] == "clock_off"
        assert re.search(r"is 3[01] s ahead of the database", str(told.message.card))


async def test_an_embedded_ledger_has_no_clock_of_its_own(office: Office) -> None:
    assert await office.ledger.clock_ahead(office.clock) == timedelta(0)
