from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.builders.facts import compute, datastore

from bot.app.jobs.weekly_scorecard import FRESH_ENOUGH, ScorecardWriter
from bot.audit.service import AuditService
from bot.cards.card import load
from bot.catalogue import read
from bot.model import Collected, Place, Progress, Schedule
from bot.storage.ledger import Ledger
from checks import Datastore, Fact, Service

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CATALOGUE = """\
organisation: Acme
audiences:
  shop: {routes: [{webhook: "https://shop.example/in"}]}
  board: {routes: [{webhook: "https://board.example/in"}]}
services:
  - {name: checkout, tier: 1, audience: shop, resources: {tags: {service: checkout}}}
  - {name: search, tier: 2, audience: shop, resources: {tags: {service: search}}}
  - {name: payroll, tier: 2, owner: people, resources: {tags: {service: payroll}}}
"""


@dataclass
class Cloud:
    """A collector whose facts the test changes, and that counts how often it was asked."""

    facts: list[Fact] = field(default_factory=list)
    asked: int = 0

    async def collect(
        self,
        services: Sequence[Service],
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        self.asked += 1
        progress(Progress(1, 1, "reading"))
        return Collected(facts=self.facts, gaps=(), read=(("test", "1", "us-east-1"),), accounts=("1",), calls=1)


@dataclass
class Time:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    review: AuditService[Ledger]
    cloud: Cloud
    time: Time


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    ledger = await Ledger.open(tmp_path / "backstay.db")
    cloud, time = Cloud(), Time()
    cloud.facts = [store(name, NOW, saved=False) for name in ("checkout", "search", "payroll")]
    yield Desk(AuditService(read(CATALOGUE), (cloud,), ledger, time), cloud, time)
    await ledger.close()


def store(service: str, at: datetime, *, saved: bool) -> Datastore:
    return datastore(
        resource=f"store-{service}",
        tags={"service": service},
        observed_at=at,
        backup_days=14 if saved else 0,
        point_in_time_recovery=saved,
    )


def schedule(audience: str) -> Schedule:
    return Schedule("weekly", audience, "0 9 * * 1", "UTC", timedelta(hours=6))


async def test_an_audience_gets_its_own_services(desk: Desk) -> None:
    message = await ScorecardWriter(desk.review).prepare(schedule("shop"), NOW)
    card = load(message.card)
    assert message.audience == "shop"
    assert card.kind == "weekly"
    assert "2 services" in card.summary
    told = str(message.card)
    assert "checkout" in told
    assert "payroll" not in told


async def test_an_audience_that_no_service_reports_to_gets_all(desk: Desk) -> None:
    message = await ScorecardWriter(desk.review).prepare(schedule("board"), NOW)
    assert "3 services" in load(message.card).summary


async def test_the_same_slot_is_the_same_post(desk: Desk) -> None:
    weekly = ScorecardWriter(desk.review)
    first, again = [await weekly.prepare(schedule("shop"), NOW) for _ in range(2)]
    other = await weekly.prepare(schedule("shop"), NOW + timedelta(days=7))
    assert first.id == again.id
    assert first.dedupe == again.dedupe != other.dedupe


async def test_a_young_audit_serves_an_old_one_is_made_anew(desk: Desk) -> None:
    weekly = ScorecardWriter(desk.review)
    await weekly.prepare(schedule("shop"), NOW)
    desk.time.now += FRESH_ENOUGH
    await weekly.prepare(schedule("board"), desk.time.now)
    assert desk.cloud.asked == 1
    desk.time.now += timedelta(minutes=1)
    await weekly.prepare(schedule("shop"), desk.time.now)
    assert desk.cloud.asked == 2


async def test_what_changed_since_last_week_is_told(desk: Desk) -> None:
    weekly = ScorecardWriter(desk.review)
    await weekly.prepare(schedule("board"), NOW)
    desk.time.now += timedelta(days=7)
    desk.cloud.facts = [
        store(name, desk.time.now, saved=name == "checkout") for name in ("checkout", "search", "payroll")
    ]
    desk.cloud.facts += [compute(resource="run", tags={"service": "search"}, observed_at=desk.time.now, zones=("a",))]
    card = load((await weekly.prepare(schedule("board"), desk.time.now)).card)
    assert "since 23 Nov." in card.summary
    assert "newly failing" in card.summary
    assert card.title.startswith("Weekly scorecard, board")


@pytest.mark.parametrize(
    ("cron", "title"),
    [
        ("0 9 * * 1", "Weekly scorecard, shop"),
        ("0 9 * * *", "Daily scorecard, shop"),
        ("30 8 * * MON-FRI", "Daily scorecard, shop"),
        ("0 9 1 * *", "Monthly scorecard, shop"),
        ("0 9 * * MON,WED", "Scorecard, shop"),
        ("0 */6 * * *", "Scorecard, shop"),
    ],
)
async def test_a_post_is_titled_after_its_own_schedule(desk: Desk, cron: str, title: str) -> None:
    often = replace(schedule("shop"), cron=cron)
    card = load((await ScorecardWriter(desk.review).prepare(often, NOW)).card)
    assert card.title.startswith(f"{title}: grade")


async def test_a_team_of_some_services_has_a_trend_of_its_own(desk: Desk) -> None:
    weekly = ScorecardWriter(desk.review)
    first = load((await weekly.prepare(schedule("shop"), NOW)).card)
    assert first.summary == "2 services. First scorecard, no trend yet."
    desk.time.now += timedelta(days=7)
    desk.cloud.facts = [store(name, desk.time.now, saved=True) for name in ("checkout", "search", "payroll")]
    second = load((await weekly.prepare(schedule("shop"), desk.time.now)).card)
    assert "2 services. ▲ +" in second.summary


async def test_a_post_missed_long_ago_is_still_told(desk: Desk) -> None:
    slots = [NOW - timedelta(days=21), NOW - timedelta(days=14)]
    message = ScorecardWriter(desk.review).missed(schedule("shop"), slots)
    assert load(message.card).kind == "missed"
    assert message.expires_at is not None
    assert message.expires_at > NOW
