from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from support.builders.posts import ManualClock, context
from support.fakes.teams_activities import CHANNEL, installed, message
from support.harness.teams_app import TeamsApp, teams_app

from bot.app.jobs.weekly_scorecard import ScorecardWriter
from bot.audit.service import AuditService
from bot.cards.card import Card
from bot.catalogue import read
from bot.chat.dispatch import dispatch
from bot.delivery import DeliveryPolicy, Sender
from bot.delivery.routing.slack_channels import Reachable
from bot.model import Caller, Role
from bot.storage.records import with_subscribed

START = datetime(2026, 11, 23, 7, 50, tzinfo=UTC)
CATALOGUE = "services: [{name: checkout, tier: 1}]"


class Desk:
    """Answers with the real commands, on the chat's own ledger."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.reviews: list[AuditService] = []

    async def __call__(self, line: str, caller: Caller, fields: Mapping[str, str]) -> AsyncGenerator[Card, None]:
        async for card in dispatch(
            line, caller, self.reviews[0], now=self.clock, role=Role.ADMIN, fields=fields or None
        ):
            yield card


async def posted(app: TeamsApp, desk: Desk, slot: datetime) -> list[str]:
    """The titles in Teams once a slot's post of each subscribed channel was delivered."""
    (review,) = desk.reviews
    audiences = await with_subscribed({}, app.ledger)()
    for audience in audiences.values():
        message = await ScorecardWriter(review).prepare(audience.schedules[0], slot)
        await app.ledger.post(message, [route.name for route in audience.routes], desk.clock())
    routes = Reachable({}, context(teams=app.api, conversations=app.ledger.conversations, clock=desk.clock))
    await Sender(app.ledger, routes, policy=DeliveryPolicy(), clock=desk.clock, sleep=desk.clock.sleep).deliver_due()
    return app.teams.titles()


async def test_a_channel_in_teams_subscribes_and_is_posted_to_unasked(tmp_path: Path) -> None:
    desk = Desk(ManualClock(START))
    async with teams_app(desk, tmp_path) as app:
        desk.reviews.append(AuditService(read(CATALOGUE), (), app.ledger, desk.clock))
        await app.ask(installed(app.teams.url, scope="channel"))
        await app.ask(message(app.teams.url, "subscribe scorecard monday 09:00", mention=True, scope="channel"))
        await app.settle()
        (audience,) = (await with_subscribed({}, app.ledger)()).values()
        assert audience.routes[0].name == f"teams:{CHANNEL}"
        assert audience.timezone == "Europe/Berlin"
        before = len(app.teams.titles())
        desk.clock.at = START + timedelta(minutes=11)
        titles = await posted(app, desk, START + timedelta(minutes=10))
        assert len(titles) == before + 1
        assert "Weekly resilience" in titles[-1]
        assert app.teams.posted[-1]["at"] == CHANNEL
        assert app.teams.violations == []
