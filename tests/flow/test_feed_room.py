"""Pages poll after poll, through the real poller: what becomes an incident, what does not, and what the room knows."""

from datetime import timedelta
from pathlib import Path

from support.feed_rooms import MINUTE, feed_rooms
from support.status_pages import StatusPage, summary, trouble

from bot.ports import IncidentSeverity
from bot.signals import Phase


async def test_a_page_that_turns_red_is_told_once_and_ends_when_it_is_well(tmp_path: Path) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=summary())) as rooms:
        await rooms.pass_by(5 * MINUTE)
        assert rooms.texts() == []
        rooms.page.body = summary(trouble(name="Payments fail", created_at="2026-11-23T09:05:00Z"), indicator="major")
        await rooms.pass_by(4 * MINUTE)
        [alert] = rooms.texts()
        assert "checkout" in alert
        assert "Payments fail" in alert
        rooms.page.body = summary()
        await rooms.pass_by(timedelta(minutes=75))
        [incident] = await rooms.watch.incidents(since=rooms.office.clock() - timedelta(days=1))
        assert incident.phase is Phase.RESOLVED
        assert "Over" in rooms.texts()[-1]
        [reading] = rooms.room.readings()
        assert (reading.provider, reading.severity, reading.error) == ("stripe", IncidentSeverity.NONE, "")
