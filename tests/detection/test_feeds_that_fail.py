"""A feed that never responds and one that raises an unexpected error: both are unknown, and the others go on."""

from datetime import timedelta
from pathlib import Path

from support.fakes.status_page import StatusPage, summary
from support.harness.feed_rooms import MINUTE, feed_rooms

from bot.model import CacheValidators, FeedReading, IncidentSeverity

WELL = summary()


async def test_a_page_that_never_answered_ends_nothing_and_makes_way_for_one_that_did(tmp_path: Path) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=WELL, status=503)) as rooms:
        await rooms.pass_by(5 * MINUTE)
        ledger, now = rooms.office.ledger, rooms.office.clock()
        never = (await ledger.saved_readings())["stripe"]
        assert (never.reading.read_at, never.reading.error) == (None, "returned HTTP 503")
        rooms.page.status = 200
        await rooms.pass_by(20 * MINUTE)
        read = (await ledger.saved_readings())["stripe"].reading
        assert read.read_at is not None
        assert read.read_at > now
        await ledger.save_readings([never], rooms.office.clock())
        assert (await ledger.saved_readings())["stripe"].reading == read, "what never answered outdates nothing"


class Breaks:
    """A feed whose body runs into a mistake of ours."""

    name = provider = "twilio"
    last = None
    marks = CacheValidators()

    def remember(self, reading: FeedReading, marks: CacheValidators) -> bool:
        return reading.provider == self.name and marks != self.marks

    async def read(self) -> FeedReading:
        raise KeyError("status")

    def wait(self, interval: timedelta) -> timedelta:
        return interval


async def test_a_page_that_crashes_the_parser_is_unknown_and_stops_no_other(tmp_path: Path) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=WELL), "stripe", "twilio") as rooms:
        rooms.instead["twilio"] = Breaks()
        await rooms.start()
        await rooms.pass_by(10 * MINUTE)
        found = {reading.provider: reading for reading in rooms.room.readings()}
        assert found["twilio"].error == "failed with an internal error; see backstay's log"
        assert (found["twilio"].severity, found["twilio"].read_at) == (None, None)
        assert found["stripe"].severity is IncidentSeverity.NONE
        asked = len(rooms.page.asked)
        await rooms.pass_by(10 * MINUTE)
        assert len(rooms.page.asked) > asked
