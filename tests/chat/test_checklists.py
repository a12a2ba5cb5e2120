"""Runbooks worked through during an incident: ticked in Slack and in Teams, kept in the ledger, told in the post-mortem."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.posts import ManualClock
from support.builders.records import RecordsInMemory
from support.builders.signals import minutes
from support.fakes.receivers import Receiver
from support.fakes.slack_requests import CHANNEL, press, slash
from support.fakes.teams_activities import click, message
from support.harness.ledgers import ledger_at
from support.harness.office import Office
from support.harness.slack_app import SlackApp, slack_app
from support.harness.teams_app import teams_app
from support.harness.watching import Watching, broken, estate, watch_on
from support.samples.checklist_cards import checklist, copy_of

from bot.cards.card import Card
from bot.catalogue import read
from bot.chat.dispatch import dispatch
from bot.incidents.policy import IncidentPolicy
from bot.incidents.post_mortem import post_mortem
from bot.incidents.service import IncidentService
from bot.model import Caller, Role
from bot.model.backend import Backend
from bot.model.checklists import Tick
from bot.model.tickets import KeptTicket, TicketState
from bot.storage.records import LedgerRecords

CATALOGUE = read("services: [{name: checkout}, {name: search}]\n")


@dataclass
class Answers:
    """The real commands, with incidents and a ledger behind them."""

    backend: Backend = field(
        default_factory=lambda: sample_backend(SampleAudits(sample_services("checkout", "search")))
    )
    clock: ManualClock = field(default_factory=ManualClock)
    role: Role = Role.RESPONDER

    async def __call__(self, line: str, caller: Caller, fields: Mapping[str, str]) -> AsyncGenerator[Card, None]:
        async for card in dispatch(line, caller, self.backend, now=self.clock, role=self.role, fields=fields):
            yield card

    async def ask(self, line: str, user: str = "U7", name: str = "Grace") -> Card:
        """The last card that a person gets for a line."""
        cards = [card async for card in self(line, Caller("slack", user, name=name), {})]
        return cards[-1]


@dataclass
class Team:
    app: SlackApp
    here: Watching
    answers: Answers

    def button(self, label: str) -> dict[str, Any]:
        """A press on the button of this label, on the post that has it."""
        for post in self.app.slack.posts[CHANNEL]:
            for block in post["blocks"]:
                for item in block.get("elements", ()) if block["type"] == "actions" else ():
                    if item["type"] == "button" and item["text"]["text"] == label:
                        return press(item["value"], message=post["ts"], action=item["action_id"])
        raise AssertionError(label)

    def shown(self) -> str:
        return str([post["blocks"] for post in self.app.slack.posts[CHANNEL]])


@asynccontextmanager
async def in_slack(folder: Path) -> AsyncIterator[Team]:
    answers = Answers()
    async with slack_app(answers) as app, ledger_at(folder) as ledger, Receiver().running() as hook:
        office, known = Office(ledger, app.slack, hook), [estate()]
        here = Watching(office, watch_on(office, known), known)
        records = LedgerRecords(CATALOGUE, ledger)
        answers.clock, answers.backend = office.clock, replace(answers.backend, incidents=here.watch, records=records)
        await ledger.save_runbooks([copy_of(12)])
        await here.pass_by(minutes(1), broken)
        yield Team(app, here, answers)


async def test_steps_are_ticked_for_all_to_see_and_stay_with_the_incident(tmp_path: Path) -> None:
    async with in_slack(tmp_path) as team:
        assert await team.app.ask(slash("runbook checkout")) == 200
        await team.app.settle()
        assert "0 of 12 steps done, next is step 1" in team.shown()
        assert await team.app.ask(team.button("Step 1 done")) == 200
        await team.app.settle()
        assert "1 of 12 steps done, next is step 2" in team.shown()
        assert "ada" in team.shown(), "who ticked it"
        team.answers.clock.at += timedelta(minutes=3)
        other = await team.answers.ask("tick checkout 2")
        assert other.summary.startswith("2 of 12 steps done")
        again = await team.answers.ask("tick checkout 1")
        assert "ada" in str(again.blocks[1]), "who was first stays"
        undone = await team.answers.ask("tick checkout 2 undo=yes")
        assert undone.summary.startswith("1 of 12 steps done, next is step 2")
        incident = await team.here.only()
        shown = await team.answers.ask(f"incidents {incident.id}")
        assert "1 of 12 steps done" in str(shown.blocks)
        assert "; last step 1, " in str(shown.blocks)
        entries = [
            entry
            for entry in await team.here.office.ledger.entries(team.here.now - minutes(9))
            if entry.action == "tick"
        ]
        assert sorted((entry.actor, entry.detail["step"], entry.detail["done"]) for entry in entries) == [
            ("slack:U1", 1, True),
            ("slack:U7", 2, False),
            ("slack:U7", 2, True),
        ]
    async with ledger_at(tmp_path) as reopened:
        kept = await reopened.checklists(incident.id)
        told = post_mortem(incident, (), now=incident.updated_at, checklists=kept)
    assert [(tick.step, tick.done, tick.by) for tick in kept[0].ticks] == [
        (1, True, "ada"),
        (2, True, "Grace"),
        (2, False, "Grace"),
    ]
    lines = [line for line in told.splitlines() if line.startswith("| 20") and "checkout" in line and "Shift" in line]
    assert [line.split(" | ")[-1] for line in lines] == ["ada |", "Grace |", "Grace |"]
    assert "taken back" in lines[2]
    assert "- checkout: 1 of 12 steps done" in told


async def test_a_page_that_changes_leaves_a_checklist_as_it_was_begun(tmp_path: Path) -> None:
    async with in_slack(tmp_path) as team:
        await team.answers.ask("tick checkout 1")
        await team.here.office.ledger.save_runbooks([copy_of(2, words="Something else")])
        card = await team.answers.ask("runbook checkout")
        assert card.summary.startswith("1 of 12 steps done")
        assert "has changed since" in str(card.blocks)
        assert (await team.answers.ask("runbook checkout page=2")).summary.endswith("Page 2 of 2.")


async def test_what_cannot_be_ticked_is_said(tmp_path: Path) -> None:
    async with in_slack(tmp_path) as team:
        for line, said in (
            ("tick checkout", "Name the service and the number"),
            ("tick checkout 13", "has 12 steps; there is no step 13"),
            ("tick search 1", "Nothing to tick for"),
            ("tick checkout 1 incident=nothing", "No incident is called"),
        ):
            card = await team.answers.ask(line)
            assert said in f"{card.title} {card.summary} {card.blocks}", line
        team.answers.role = Role.VIEWER
        assert (await team.answers.ask("tick checkout 1")).kind == "refused"
        assert (await team.answers.ask("runbook checkout")).kind == "runbook_checklist"
        assert (await team.answers.ask("runbook search")).kind == "runbook"


async def test_a_resolved_incident_keeps_its_checklist(tmp_path: Path) -> None:
    async with in_slack(tmp_path) as team:
        await team.answers.ask("tick checkout 1")
        incident = await team.here.only()
        await team.here.office.ledger.save_runbooks([copy_of(3)])
        resolved = replace(incident, id="over", resolved_at=team.here.now, phase=type(incident.phase).RESOLVED)
        assert not resolved.open
        listed = await team.answers.ask("runbook")
        assert "affected now" in str(listed.blocks)
        assert listed.summary == "1 runbook kept, 1 service without one."


async def test_in_teams_a_tick_changes_the_card_for_all(tmp_path: Path) -> None:
    answers = Answers()
    seen = estate()

    async def known() -> Any:
        return seen

    async with teams_app(answers, tmp_path) as app:
        watch = IncidentService(app.ledger, {}, known, clock=answers.clock, policy=IncidentPolicy())
        answers.backend = replace(answers.backend, incidents=watch, records=LedgerRecords(CATALOGUE, app.ledger))
        await app.ledger.save_runbooks([copy_of(12)])
        for _ in range(6):
            answers.clock.at += timedelta(seconds=10)
            for signal in broken(answers.clock()):
                watch.observe(signal)
            await watch.evaluate()
        await app.ask(message(app.teams.url, "runbook checkout", mention=True, scope="channel"))
        await app.settle()
        at, card = next(
            (at, sent["attachments"][0]["content"])
            for at, sent in app.teams.activities.items()
            if "Step 1 done" in str(sent)
        )
        (action,) = [action for action in card["actions"] if action["title"] == "Step 1 done"]
        data = action["data"]
        _, told = await app.ask(click(app.teams.url, data["command"], on=at, update=data["update"], scope="channel"))
        await app.settle()
        assert "1 of 12 steps done" in str(told["value"])
        assert "1 of 12 steps done" in str(app.teams.activities[at])
        assert app.teams.violations == []


async def test_ticks_of_two_replicas_at_once_are_one(tmp_path: Path) -> None:
    async with ledger_at(tmp_path) as ledger:
        begun = await ledger.begin_checklist(checklist(3))
        now = begun.started_at
        done = await asyncio.gather(
            *(ledger.tick(begun.incident, begun.service, Tick(2, True, f"p{at}", "slack:U", now)) for at in range(6))
        )
        assert sorted(done) == [False] * 5 + [True]
        assert not await ledger.tick(begun.incident, begun.service, Tick(9, True, "p", "slack:U", now))
        assert not await ledger.tick("other", begun.service, Tick(1, True, "p", "slack:U", now))
        await ledger.prune(now + timedelta(days=1), now + timedelta(days=500))
        assert await ledger.checklists(begun.incident) == []


async def test_a_waiver_links_to_its_ticket() -> None:
    answers = Answers(role=Role.ADMIN)
    records = answers.backend.records
    assert isinstance(records, RecordsInMemory)
    url = "https://acme.atlassian.net/browse/OPS-12"
    kept = KeptTicket(
        "k", "jira:OPS", "checkout", "RG03", TicketState.OPEN, answers.clock(), answers.clock(), "OPS-12", url
    )
    records.kept_tickets = {"k": kept, "l": replace(kept, key="l", service="search", number="OPS-13")}
    card = await answers.ask("waive RG03:checkout 30 comes with the move in January")
    assert "OPS-12" in str(card.blocks)
    assert url in str(card.blocks)
    assert "OPS-13" not in str(card.blocks)
