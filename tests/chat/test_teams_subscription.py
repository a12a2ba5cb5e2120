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
from bot.delivery.routing.slack_channels import RoutesWithChannels
from bot.model import Caller, Role
from bot.model.backend import Backend
from bot.storage.records import LedgerRecords, with_subscribed

START = datetime(2026, 11, 23, 7, 50, tzinfo=UTC)
CATALOGUE = "services: [{name: checkout, tier: 1}]"


class Answers:
    """Answers with the real commands, on the chat's own ledger."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.backends: list[Backend] = []

    async def __call__(self, line: str, caller: Caller, fields: Mapping[str, str]) -> AsyncGenerator[Card, None]:
        async for card in dispatch(
            line, caller, self.backends[0], now=self.clock, role=Role.ADMIN, fields=fields or None
        ):
            yield card


async def posted(app: TeamsApp, answers: Answers, slot: datetime) -> list[str]:
    """The titles in Teams once a slot's post of each subscribed channel was delivered."""
    (backend,) = answers.backends
    assert isinstance(backend.audits, AuditService)
    audiences = await with_subscribed({}, app.ledger)()
    for audience in audiences.values():
        message = await ScorecardWriter(backend.audits).prepare(audience.schedules[0], slot)
        await app.ledger.post(message, [route.name for route in audience.routes], answers.clock())
    routes = RoutesWithChannels({}, context(teams=app.api, conversations=app.ledger.conversations, clock=answers.clock))
    await Sender(
        app.ledger, routes, policy=DeliveryPolicy(), clock=answers.clock, sleep=answers.clock.sleep
    ).deliver_due()
    return app.teams.titles()


async def test_a_channel_in_teams_subscribes_and_is_posted_to_unasked(tmp_path: Path) -> None:
    answers = Answers(ManualClock(START))
    async with teams_app(answers, tmp_path) as app:
        catalogue = read(CATALOGUE)
        audits = AuditService(catalogue, (), app.ledger, answers.clock)
        answers.backends.append(Backend(audits, None, None, LedgerRecords(catalogue, app.ledger)))
        await app.ask(installed(app.teams.url, scope="channel"))
        await app.ask(message(app.teams.url, "subscribe scorecard monday 09:00", mention=True, scope="channel"))
        await app.settle()
        (audience,) = (await with_subscribed({}, app.ledger)()).values()
        assert audience.routes[0].name == f"teams:{CHANNEL}"
        assert audience.timezone == "Europe/Berlin"
        before = len(app.teams.titles())
        answers.clock.at = START + timedelta(minutes=11)
        titles = await posted(app, answers, START + timedelta(minutes=10))
        assert len(titles) == before + 1
        assert "Weekly scorecard" in titles[-1]
        assert app.teams.posted[-1]["at"] == CHANNEL
        assert app.teams.violations == []
