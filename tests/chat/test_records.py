"""From a line in chat to what it changes: scores, facts, posts in a channel, messages in the outbox; each once, with who and when."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.builders.facts import datastore
from support.builders.posts import ManualClock, context
from support.fakes.slack import FakeSlack
from support.harness.ledgers import ledger_at

from bot.app.jobs.weekly_scorecard import ScorecardWriter
from bot.audit.collectors.declared import DeclaredCollector
from bot.audit.collectors.runbooks.fetch import RunbookPages
from bot.audit.service import AuditService
from bot.cards.card import Buttons, Card, load
from bot.catalogue import read
from bot.chat.command import FieldErrors
from bot.chat.dispatch import dispatch
from bot.delivery import DeliveryPolicy, Sender
from bot.delivery.routing.slack_channels import RoutesWithChannels
from bot.delivery.scheduler import Scheduler
from bot.model import Caller, Collected, Message, Place, Progress, Role, Schedule
from bot.model.backend import Backend
from bot.model.records import RunbookCopy
from bot.storage.ledger import Ledger
from bot.storage.records import LedgerRecords, with_subscribed
from checks import Datastore, Fact, Outcome, Service

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday
CATALOGUE = """\
organisation: Acme
timezone: Europe/Berlin
audiences:
  shop: {routes: [{slack: "#shop"}, {webhook: "https://shop.example/in"}], schedules: []}
  "board, all": {routes: [{webhook: "https://board.example/in"}], schedules: []}
services:
  - {name: checkout, tier: 1, owner: shop, resources: {tags: {service: checkout}}, runbook: checkout.md}
  - {name: payroll, tier: 2, owner: people, resources: {tags: {service: payroll}}}
"""
ADA = Caller("slack", "U1", "C1", "Ada", "Europe/Berlin")
BOB = Caller("slack", "U2", "C1", "Bob")


@dataclass
class Cloud:
    """A collector with a store without backups for each service."""

    facts: list[Fact] = field(default_factory=list)

    async def collect(
        self, services: Sequence[Service], progress: Callable[[Progress], None], only: frozenset[Place] | None = None
    ) -> Collected:
        return Collected(self.facts, (), read=(("test", "1", "us-east-1"),), accounts=("1",), calls=1)


@dataclass
class Team:
    """A review on a ledger of its own; `ask` types a line."""

    review: AuditService[Ledger]
    ledger: Ledger
    clock: ManualClock

    async def ask(
        self, line: str, who: Caller = ADA, role: Role = Role.ADMIN, fields: Mapping[str, str] | None = None
    ) -> Card:
        cards = dispatch(
            line,
            who,
            Backend(self.review, None, None, LedgerRecords(self.review.catalogue, self.ledger)),
            now=self.clock,
            role=role,
            fields=fields,
            holders={Role.ADMIN: ("slack:U9", "S7")},
        )
        return [card async for card in cards][-1]

    async def audit(self) -> None:
        self.clock.at += timedelta(minutes=1)
        await self.review.audit((), lambda _: None)

    async def outcome(self, check: str, service: str = "checkout") -> Outcome:
        audit = await self.review.latest()
        assert audit
        (score,) = (each_service for each_service in audit.scorecard.services if each_service.service.name == service)
        return next(finding.outcome for finding in score.findings if finding.check.id == check)

    async def score(self) -> float:
        audit = await self.review.latest()
        assert audit
        return audit.scorecard.score

    async def log(self) -> list[tuple[str, str]]:
        return [(entry.actor, entry.action) for entry in await self.ledger.entries(START - timedelta(days=1))]

    async def waiting(self) -> list[Message]:
        claims = await self.ledger.claim("test", self.clock(), timedelta(minutes=1), 50)
        return [claim.message for claim in claims]


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    async with ledger_at(tmp_path) as ledger:
        clock, catalogue = ManualClock(START), read(CATALOGUE, beside=tmp_path)
        (tmp_path / "checkout.md").write_text("1. Look at the board\n2. Fail over to eu-west-1\n")
        names = ("checkout", "payroll")
        cloud = Cloud([bare_store(n) for n in names])
        pages = RunbookPages(ledger, clock)
        declared = DeclaredCollector(
            catalogue, clock, ledger.route_tests, read_runbooks=pages.read, read_attestations=ledger.attestations
        )
        yield Team(AuditService(catalogue, (cloud, declared), ledger, clock), ledger, clock)


def bare_store(service: str) -> Datastore:
    """A store in one region, without a backup."""
    return datastore(
        resource=f"store-{service}",
        tags={"service": service},
        observed_at=START,
        backup_days=0,
        point_in_time_recovery=False,
    )


def pressed(card: Card, label: str) -> str:
    """The command of a card's button."""
    buttons = [button for part in card.blocks if isinstance(part, Buttons) for button in part.buttons]
    return next(button.command for button in buttons if button.label.startswith(label))


async def test_a_waived_failure_shows_as_waived_at_once_and_after_the_next_audit_and_comes_back(team: Team) -> None:
    await team.audit()
    before = await team.score()
    assert await team.outcome("BK01") is Outcome.FAIL
    card = await team.ask("waive BK01:checkout 1 restored from the event log instead")
    assert card.kind == "waived"
    assert (card.data or {})["failures"] == 1
    assert await team.outcome("BK01") is Outcome.WAIVED
    assert await team.outcome("BK01", "payroll") is Outcome.FAIL
    assert await team.score() >= before
    await team.audit()
    assert await team.outcome("BK01") is Outcome.WAIVED
    team.clock.at += timedelta(days=1)
    await team.audit()
    assert await team.outcome("BK01") is Outcome.FAIL
    assert await team.log() == [("slack:U1", "waive")]


async def test_a_waiver_without_a_service_holds_for_all_and_a_second_one_replaces_it(team: Team) -> None:
    await team.audit()
    await team.ask("waive bk01 30 accepted until the move")
    assert [await team.outcome("BK01", name) for name in ("checkout", "payroll")] == [Outcome.WAIVED] * 2
    await team.ask("waive BK01 1 only for a day after all")
    (kept,) = await team.ledger.waivers(START)
    assert (kept.service, kept.reason) == ("", "only for a day after all")


async def test_another_replica_sees_a_waiver(team: Team) -> None:
    await team.audit()
    other = Team(AuditService(team.review.catalogue, (), team.ledger, team.clock), team.ledger, team.clock)
    assert await other.outcome("BK01") is Outcome.FAIL
    await team.ask("waive BK01 30 accepted until the move")
    assert await other.outcome("BK01") is Outcome.WAIVED


async def test_a_word_becomes_a_fact_until_it_expires(team: Team) -> None:
    await team.audit()
    assert await team.outcome("ED01", "payroll") is Outcome.FAIL
    card = await team.ask("attest payroll training https://wiki.example/training")
    assert card.kind == "attested"
    await team.audit()
    assert await team.outcome("ED01", "payroll") is Outcome.PASS
    team.clock.at += timedelta(days=366)
    await team.audit()
    assert await team.outcome("ED01", "payroll") is Outcome.UNKNOWN
    (word,) = await team.ledger.attestations()
    assert (word.by, word.practice) == ("Ada", "training")
    assert await team.log() == [("slack:U1", "attest")]


async def test_a_word_without_a_link_does_not_count(team: Team) -> None:
    assert (await team.ask("attest payroll training")).tone == "warning"
    await team.audit()
    assert await team.outcome("ED01", "payroll") is Outcome.UNKNOWN


async def test_a_runbook_is_read_from_its_copy_while_its_file_is_away(team: Team, tmp_path: Path) -> None:
    assert "No copy: " in (await team.ask("runbook checkout")).summary
    await team.audit()
    (tmp_path / "checkout.md").unlink()
    await team.audit()
    card = await team.ask("runbook Checkout", role=Role.VIEWER)
    assert (card.data or {})["steps"] == ["Look at the board", "Fail over to eu-west-1"]
    assert (card.tone, (card.data or {})["problem"]) == (
        "warning",
        "checkout.md cannot be read: No such file or directory",
    )
    assert isinstance((await team.ledger.runbooks())["checkout"], RunbookCopy)


async def test_a_subscribed_channel_gets_its_post_and_after_unsubscribing_none(team: Team) -> None:
    team.clock.at = datetime(2026, 11, 23, 7, 50, tzinfo=UTC)
    await team.audit()
    async with FakeSlack(channels={"team": "C1"}).running() as slack:
        routes = RoutesWithChannels({}, context(slack_api_url=slack.url, clock=team.clock))
        sender = Sender(team.ledger, routes, policy=DeliveryPolicy(), clock=team.clock, sleep=team.clock.sleep)
        weekly = ScorecardWriter(team.review)

        async def missed(schedule: Schedule, slots: Sequence[datetime]) -> Message:
            return weekly.missed(schedule, slots)

        audiences = with_subscribed(team.review.catalogue.audiences, team.ledger)

        async def sleep(seconds: float) -> None:
            if team.ledger.posted.is_set():
                await asyncio.Event().wait()  # the post is there: time stands still
            await team.clock.sleep(seconds)

        runner = Scheduler(team.ledger, audiences, prepare=weekly.prepare, missed=missed, clock=team.clock, sleep=sleep)
        running = asyncio.create_task(runner.run())
        try:
            card = await team.ask("subscribe payroll monday 09:00")
            assert card.kind == "subscribed"
            assert (card.data or {})["next"] == "2026-11-23T08:00:00+00:00"
            async with asyncio.timeout(20):
                await team.ledger.posted.wait()
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
        assert await sender.deliver_due() == 1
        (post,) = slack.channel("team")
        assert "payroll" in str(post["blocks"])
        assert "checkout" not in str(post["blocks"])
    assert (await team.ask("unsubscribe")).kind == "unsubscribed"
    assert await with_subscribed({}, team.ledger)() == {}
    assert await team.log() == [("slack:U1", "subscribe"), ("slack:U1", "unsubscribe")]


async def test_a_channel_that_comes_back_is_not_told_of_what_it_did_not_want(team: Team) -> None:
    await team.ask("subscribe scorecard monday 09:00 UTC")
    await team.ask("unsubscribe")
    team.clock.at += timedelta(days=60)
    await team.ask("subscribe scorecard monday 09:00 UTC")
    (audience,) = (await with_subscribed({}, team.ledger)()).values()
    (schedule,) = audience.schedules
    assert await team.ledger.begin_schedule(schedule.id, team.clock()) == team.clock()


async def test_a_broadcast_goes_to_each_audience_once_however_often_it_is_confirmed(team: Team) -> None:
    await team.ask("subscribe scorecard")
    form = await team.ask("broadcast")
    assert form.form
    chosen = [value for value, _ in form.form.fields[2].options]
    assert chosen == ["shop", "board%2C all", "slack:C1"]
    filled = {
        "text": "Payments are down.\n<!channel> We fail over.",
        "severity": "critical",
        "audiences": ",".join(chosen),
    }
    preview = await team.ask(form.form.command, fields=filled)
    assert preview.kind == "preview"
    assert await team.waiting() == []
    send = pressed(preview, "Send to 3 audiences")
    assert (await team.ask(send)).kind == "sent"
    again = await team.ask(send)
    assert "already sent" in again.summary
    messages = await team.waiting()
    assert sorted(message.audience for message in messages) == ["board, all", "shop", "slack:C1"]
    told = load(messages[0].card)
    assert (told.kind, told.tone, (told.data or {})["text"]) == ("broadcast", "bad", filled["text"])
    assert await team.log() == [("slack:U1", "subscribe"), ("slack:U1", "broadcast")]


async def test_a_broadcast_confirmed_by_two_clicks_at_once_is_one(team: Team) -> None:
    preview = await team.ask("broadcast Tills are slow severity=warning audiences=all")
    send = pressed(preview, "Send to 2 audiences")
    await asyncio.gather(*(team.ask(send) for _ in range(5)))
    assert len(await team.waiting()) == 2
    assert await team.log() == [("slack:U1", "broadcast")]


async def test_a_draft_is_its_authors_and_grows_old(team: Team) -> None:
    preview = await team.ask("broadcast Tills are slow severity=warning audiences=shop")
    send = pressed(preview, "Send")
    assert "a draft of Ada" in (await team.ask(send, BOB)).summary
    edited = await team.ask(pressed(preview, "Edit"))
    assert edited.form
    assert [each_field.value for each_field in edited.form.fields] == ["Tills are slow", "warning", "shop"]
    team.clock.at += timedelta(hours=2)
    assert (await team.ask(send)).title == "Not sent"
    assert await team.waiting() == []


async def test_a_refused_command_changes_nothing_says_who_may_and_is_written_down(team: Team) -> None:
    card = await team.ask("waive BK01 30 because I say so", role=Role.RESPONDER)
    assert card.kind == "refused"
    assert (card.data or {})["holders"] == ["slack:U9", "S7"]
    assert await team.ledger.waivers(START) == ()
    assert await team.log() == [("slack:U1", "refused")]


async def test_wrong_fields_of_a_form_come_back_with_what_was_filled_in(team: Team) -> None:
    filled = {"finding": "BK01:chekout", "days": "500", "reason": "no"}
    with pytest.raises(FieldErrors) as wrong:
        await team.ask("waive", fields=filled)
    assert set(wrong.value.errors) == {"finding", "days", "reason"}
    assert "BK01:checkout" in wrong.value.errors["finding"]
    form = wrong.value.form.form
    assert form
    assert {each_field.name: each_field.value for each_field in form.fields} == filled
    assert all(each_field.error for each_field in form.fields)
