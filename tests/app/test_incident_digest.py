from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders.happenings import maintenance
from support.builders.records import RecordsInMemory
from support.builders.signals import minutes, page
from support.harness.office import SLACK, Office, open_office
from support.harness.watching import Watching, broken, estate, watch_on, well

from bot.app.jobs.incident_digest import DigestWriter
from bot.audit.service import AuditService
from bot.catalogue import ConfigError, read
from bot.delivery.scheduler import Scheduler
from bot.model import Audience, FeedReading, ProviderIncident, RouteSpec, Schedule
from bot.model.backend import Backend
from bot.model.providers import Exposure, KnownProvider
from bot.storage.ledger import Ledger

CATALOGUE = """\
organisation: Acme
audiences: {payments: {routes: [{slack: "#payments"}]}}
services: [{name: checkout, tier: 1, audience: payments}]
"""
DAY = timedelta(days=1)
EIGHT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@dataclass
class Announced:
    """A room of readings in which only maintenance ahead is of interest."""

    those: tuple[ProviderIncident, ...] = ()
    providers: Mapping[str, KnownProvider] = field(default_factory=dict)

    def readings(self) -> Sequence[FeedReading]:
        return ()

    async def exposure(self) -> Exposure:
        return Exposure()

    async def ahead(self) -> Sequence[ProviderIncident]:
        return self.those


@dataclass
class Daily:
    here: Watching
    review: AuditService[Ledger]
    backend: Backend
    post: str = "digest"

    @property
    def schedule(self) -> Schedule:
        return Schedule(f"payments/{self.post}", "payments", "0 8 * * *", "UTC", timedelta(hours=6), self.post)

    async def at(self, moment: datetime) -> None:
        """Let the schedule run at this moment, and what it posts be delivered."""
        office = self.here.office
        office.clock.at = moment

        async def missed(schedule: Schedule, slots: Sequence[datetime]) -> Any:
            raise AssertionError((schedule, slots))

        audiences = {"payments": Audience("payments", (RouteSpec("slack", SLACK),), (self.schedule,))}
        runner = Scheduler(
            office.ledger,
            audiences,
            prepare=DigestWriter(self.review, self.backend).prepare,
            missed=missed,
            clock=office.clock,
        )
        await runner.catch_up(self.schedule)
        await office.sender(every=timedelta(0)).deliver_due()

    def digests(self) -> list[str]:
        return [text for text in self.here.texts() if text.startswith("Digest")]


@asynccontextmanager
async def daily(folder: Path, post: str = "digest", *, watched: bool = True) -> AsyncIterator[Daily]:
    async with open_office(folder) as office:
        known = [estate()]
        here = Watching(office, watch_on(office, known), known)
        review = AuditService(read(CATALOGUE), (), office.ledger, office.clock)
        incidents, providers = (here.watch, Announced()) if watched else (None, None)
        made = Daily(here, review, Backend(review, incidents, providers, RecordsInMemory()), post)
        await made.at(EIGHT - timedelta(hours=20))  # from here on its slots count
        yield made


def sent(office: Office) -> str:
    """The newest digest, all that it says."""
    return str(office.slack.top("payments")[-1]["blocks"])


async def test_what_hits_nobody_of_us_is_a_line_in_the_digest_and_no_alert(tmp_path: Path) -> None:
    async with daily(tmp_path) as team:
        await team.here.pass_by(minutes(10), lambda at: [page("twilio", at=at)])
        assert team.here.texts() == []
        await team.at(EIGHT)
        assert team.digests() == ["Digest for payments: 1 incident elsewhere, none affected our services."]
        assert "Twilio reports an incident. No service of ours depends on it." in sent(team.here.office)


async def test_it_tells_what_is_new_since_the_last_one_and_what_is_announced(tmp_path: Path) -> None:
    async with daily(tmp_path) as team:
        await team.here.pass_by(minutes(5), broken)
        await team.here.pass_by(minutes(30), well)
        await team.at(EIGHT)
        assert team.digests() == ["Digest for payments: 1 incident affected your services, now resolved."]
        team.backend = replace(team.backend, providers=Announced((maintenance(),)))
        await team.at(EIGHT + DAY)
        assert team.digests()[1:] == ["Digest for payments: No incidents. 1 maintenance window scheduled."]
        assert "Database upgrade" in sent(team.here.office)


async def test_a_slot_gives_one_digest_whoever_runs_it(tmp_path: Path) -> None:
    async with daily(tmp_path) as team:
        await team.at(EIGHT)
        again = Daily(team.here, team.review, team.backend)
        await again.at(EIGHT + minutes(1))
        assert len(team.digests()) == 1


async def test_who_wants_only_news_gets_no_quiet_one(tmp_path: Path) -> None:
    async with daily(tmp_path, "digest_if_any") as team:
        await team.at(EIGHT)
        assert team.digests() == []
        assert await team.here.office.ledger.slots(team.schedule.id, EIGHT) == {EIGHT: "taken"}
        team.here.office.clock.at = EIGHT + timedelta(hours=3)
        await team.here.pass_by(minutes(5), broken)
        await team.at(EIGHT + DAY)
        assert team.digests() == ["Digest for payments: 1 incident affected your services, 1 still open."]


async def test_where_nothing_looks_it_is_no_all_clear(tmp_path: Path) -> None:
    async with daily(tmp_path, "digest_if_any", watched=False) as team:
        await team.at(EIGHT)
        (digest,) = team.digests()
        assert "incidents are unknown" in digest
        assert "scheduled maintenance is unknown" in sent(team.here.office)


@pytest.mark.parametrize("post", ["digest", "digest_if_any", "scorecard", "scorecard checkout"])
def test_settings_take_it(post: str) -> None:
    asked = f'audiences: {{a: {{routes: [{{slack: "#a"}}], schedules: [{{cron: "0 8 * * *", post: {post}}}]}}}}'
    (schedule,) = read(asked).audiences["a"].schedules
    assert schedule.post == post


def test_settings_say_what_can_be_posted() -> None:
    with pytest.raises(ConfigError, match=r"digset.* is not a post; expected one of scorecard"):
        read('audiences: {a: {routes: [{slack: "#a"}], schedules: [{cron: "0 8 * * *", post: digset}]}}')
