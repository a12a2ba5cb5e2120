from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.posts import ManualClock, context
from support.builders.records import RecordsInMemory
from support.builders.signals import minutes
from support.fakes.receivers import Receiver
from support.fakes.slack_requests import choose, press, submission
from support.fakes.teams_activities import CHANNEL, IDS, activity, click, installed
from support.harness.ledgers import ledger_at
from support.harness.office import Office
from support.harness.slack_app import SlackApp, slack_app
from support.harness.teams_app import TeamsApp, teams_app
from support.harness.watching import Watching, broken, estate, watch_on

from bot.cards.card import Card
from bot.chat.dispatch import dispatch
from bot.delivery import DeliveryPolicy, Sender
from bot.delivery.routing.slack_channels import RoutesWithChannels
from bot.incidents.policy import IncidentPolicy
from bot.incidents.service import IncidentService
from bot.model import Audience, Caller, Role, RouteSpec
from bot.model.backend import Backend


@dataclass
class Answers:
    """The real commands with incidents behind them; `role` is what everybody may do."""

    backend: Backend = field(default_factory=lambda: sample_backend(SampleAudits(sample_services("checkout"))))
    clock: ManualClock = field(default_factory=ManualClock)
    role: Role = Role.RESPONDER

    async def __call__(self, line: str, caller: Caller, fields: Mapping[str, str]) -> AsyncGenerator[Card, None]:
        async for card in dispatch(line, caller, self.backend, now=self.clock, role=self.role, fields=fields):
            yield card


@dataclass
class InSlack:
    app: SlackApp
    here: Watching
    answers: Answers

    async def press(self, label: str, message: Mapping[str, Any]) -> dict[str, Any]:
        """Press a button of this post, as it is drawn; the modal that opened, if one did."""
        before = len(self.app.slack.views)
        body = pressing(message, label)
        assert await self.app.ask(body) == 200
        await self.app.settle()
        opened = self.app.slack.views[before:]
        return opened[-1] if opened else {}

    def alerts(self) -> list[dict[str, Any]]:
        return self.app.slack.top("payments")


def pressing(message: Mapping[str, Any], label: str) -> dict[str, Any]:
    """The body of a press on the button, or on the entry of the menu, of this label."""
    items = [item for block in message["blocks"] if block["type"] == "actions" for item in block["elements"]]
    for item in items:
        for option in item.get("options", ()):
            if option["text"]["text"] == label:
                return choose(option["value"], message=message["ts"], action=item["action_id"])
    (found,) = [item for item in items if item["type"] == "button" and item["text"]["text"] == label]
    return press(found["value"], message=message["ts"], action=found["action_id"])


def _text(message: Mapping[str, Any]) -> str:
    return " ".join(part["text"] for block in message["blocks"] for part in block.get("fields", ()))


@asynccontextmanager
async def in_slack(folder: Path, role: Role = Role.RESPONDER) -> AsyncIterator[InSlack]:
    """Payments and platform are told of an incident in one channel, with the buttons of the real chat behind it."""
    answers = Answers(role=role)
    async with slack_app(answers) as app, ledger_at(folder) as ledger, Receiver().running() as hook:
        office, known = Office(ledger, app.slack, hook), [estate()]
        here = Watching(office, watch_on(office, known), known)
        answers.clock, answers.backend = office.clock, replace(answers.backend, incidents=here.watch)
        await here.pass_by(minutes(1), broken)
        yield InSlack(app, here, answers)


async def test_who_acknowledges_first_has_it_and_every_audience_sees_who_and_when(tmp_path: Path) -> None:
    async with in_slack(tmp_path) as team:
        one = await team.here.only()
        await team.here.watch.escalate(one.id, "platform", "Kim")
        await team.here.pass_by(timedelta(seconds=10), broken)
        first, second = team.alerts()
        assert all("nobody has acknowledged" in str(alert["blocks"]) for alert in (first, second))
        await team.press("Acknowledge", first)
        began = team.here.now
        await team.here.watch.acknowledge(one.id, "Kim")
        await team.here.pass_by(timedelta(seconds=10), broken)
        for alert in team.alerts():
            assert "acknowledged by ada" in str(alert["blocks"])
            assert f"<!date^{int(began.timestamp())}" in str(alert["blocks"])
            assert "Acknowledge" not in str(alert["blocks"])
        assert len(team.alerts()) == 2
        assert [line.text for line in (await team.here.only()).timeline if line.kind == "person"] == [
            "Kim escalated to platform",
            "ada acknowledged the incident",
        ]


async def test_somebody_is_assigned_by_a_form_and_the_alert_says_so_in_place(tmp_path: Path) -> None:
    async with in_slack(tmp_path) as team:
        (alert,) = team.alerts()
        view = await team.press("Assign", alert)
        (person,) = [block for block in view["blocks"] if block["type"] == "input"]
        assert person["element"] == {"action_id": "value", "type": "users_select", "initial_user": "U1"}
        told = await team.app.submit(submission(view, person={"type": "users_select", "selected_user": "U2"}))
        await team.app.settle()
        assert told == {"response_action": "clear"}
        (after,) = team.app.slack.channel("payments")[:1]
        assert after["edited"]
        assert (await team.here.only()).handling.assigned_to == "ada"  # as Slack calls U2
        assert "*Owner*\nada" in _text(after)
        assert len(team.alerts()) == 1
        (entry,) = await team.here.office.ledger.entries(team.here.now - minutes(5))
        assert (entry.actor, entry.action, entry.detail["to"]) == ("slack:U1", "incident.assign", "ada")


async def test_another_audience_is_told_by_a_form(tmp_path: Path) -> None:
    async with in_slack(tmp_path) as team:
        view = await team.press("Escalate", team.alerts()[0])
        state = {"type": "static_select", "selected_option": {"value": "platform"}}
        await team.app.submit(submission(view, audience=state))
        await team.app.settle()
        await team.here.pass_by(timedelta(seconds=10), broken)
        assert len(team.alerts()) == 2
        receipts = await team.here.office.ledger.receipts(audience="platform")
        assert [receipt.outcome for receipt in receipts] == ["sent", "sent"]


async def test_who_may_not_is_told_alone_and_it_is_written_down(tmp_path: Path) -> None:
    async with in_slack(tmp_path, Role.VIEWER) as team:
        before = team.alerts()[0]["text"], str(team.alerts()[0]["blocks"])
        for label in ("Acknowledge", "Assign", "Mute 1 h", "Escalate"):
            await team.press(label, team.alerts()[0])
        (alert,) = team.app.slack.channel("payments")[:1]
        assert (alert["text"], str(alert["blocks"])) == before
        assert [way for way, _ in team.app.slack.responses] == ["ephemeral"] * 4
        records = team.answers.backend.records
        assert isinstance(records, RecordsInMemory)
        assert records.refusals == [("slack:U1", word) for word in ("acknowledge", "assign", "mute", "escalate")]


@dataclass
class InTeams:
    """The same in a channel in Teams, delivered from the chat's own ledger."""

    app: TeamsApp
    answers: Answers
    watch: IncidentService

    async def pass_by(self, lasts: timedelta) -> None:
        clock = self.answers.clock
        end = clock() + lasts
        while clock() < end:
            clock.at += timedelta(seconds=10)
            for signal in broken(clock()):
                self.watch.observe(signal)
            await self.watch.evaluate()
            around = context(teams=self.app.api, conversations=self.app.ledger.conversations, clock=clock)
            await Sender(
                self.app.ledger,
                RoutesWithChannels({}, around),
                policy=DeliveryPolicy(every=timedelta(0)),
                clock=clock,
                sleep=clock.sleep,
            ).deliver_due()

    def alert(self) -> tuple[str, Mapping[str, Any]]:
        """Its id and what stands there now."""
        mine = [(at, one) for at, one in self.app.teams.activities.items() if one.get("attachments")]
        (found,) = [(at, one["attachments"][0]["content"]) for at, one in mine if "Assign" in str(one)]
        return found

    async def click(self, title: str, on: Mapping[str, Any], at: str, **filled: str) -> Any:
        (action,) = [action for action in on["actions"] if action["title"] == title]
        data, body = action["data"], {f"field.{name}": value for name, value in filled.items()}
        sent = click(self.app.teams.url, data["command"], on=at, update=data["update"], scope="channel", filled=body)
        _, told = await self.app.ask(sent)
        await self.app.settle()
        return told


@asynccontextmanager
async def in_teams(folder: Path, role: Role = Role.RESPONDER) -> AsyncIterator[InTeams]:
    answers = Answers(role=role)

    async def known() -> Any:
        return seen

    seen = estate()
    async with teams_app(answers, folder) as app:
        await app.ask(installed(app.teams.url, scope="channel"))
        await app.settle()
        audiences = {"payments": Audience("payments", (RouteSpec("teams", f"teams:{CHANNEL}"),))}
        watch = IncidentService(app.ledger, audiences, known, clock=answers.clock, policy=IncidentPolicy())
        answers.backend = replace(answers.backend, incidents=watch)
        team = InTeams(app, answers, watch)
        await team.pass_by(minutes(1))
        yield team
        assert app.teams.violations == []


async def test_in_teams_the_detail_stands_in_the_thread_of_the_alert(tmp_path: Path) -> None:
    async with in_teams(tmp_path) as team:
        at, _ = team.alert()
        (detail,) = [post for post in team.app.teams.posted if "confirmed by our own observations" in str(post)]
        assert detail["at"] == f"{CHANNEL};messageid={at}"
        await team.watch.acknowledge((await team.watch.incidents())[0].id, "Kim")
        await team.pass_by(timedelta(seconds=10))
        changed = [item for item in team.app.teams.replaced if "Kim acknowledged the incident" in str(item)]
        assert {item["conversation"]["id"] for item in changed} == {f"{CHANNEL};messageid={at}"}


async def test_in_teams_a_form_is_for_who_asked_and_its_answer_for_all(tmp_path: Path) -> None:
    async with in_teams(tmp_path) as team:
        at, card = team.alert()
        told = await team.click("Assign", card, at)
        form = told["value"]
        assert [part["value"] for part in form["body"] if part["type"] == "Input.Text"] == ["Kim"]
        assert team.alert() == (at, card)  # nobody else sees the form
        await team.click("Assign", form, at, person="Grace Hopper")
        _, after = team.alert()
        assert "Grace Hopper" in str(after)
        told = await team.click("Acknowledge", after, at)
        assert "acknowledged by Kim" in str(told["value"])
        assert "acknowledged by Kim" in str(team.alert()[1])
        await team.pass_by(timedelta(seconds=10))
        assert "{{TIME(" in str(team.alert()[1])  # when, by the reader's own clock


async def test_in_teams_the_way_back_from_a_form_is_the_alert(tmp_path: Path) -> None:
    async with in_teams(tmp_path) as team:
        at, card = team.alert()
        form = (await team.click("Escalate", card, at))["value"]
        back = await team.click("Back", form, at)
        assert back["value"]["body"][0] == card["body"][0]
        assert [action["title"] for action in back["value"]["actions"]] == [
            action["title"] for action in card["actions"]
        ]


async def test_in_teams_a_refusal_leaves_the_alert_as_it_is(tmp_path: Path) -> None:
    async with in_teams(tmp_path, Role.VIEWER) as team:
        at, card = team.alert()
        told = await team.click("Acknowledge", card, at)
        assert told["type"] == "application/vnd.microsoft.activity.message"
        assert "responder" in told["value"].lower()
        assert team.alert() == (at, card)
        assert isinstance(team.answers.backend.records, RecordsInMemory)
        assert team.answers.backend.records.refusals == [("teams:entra-kim", "acknowledge")]


async def test_a_group_chat_has_no_threads_and_the_receipt_says_so(tmp_path: Path) -> None:
    answers = Answers()
    async with teams_app(answers, tmp_path) as app:
        await app.ask(activity(app.teams.url, "installationUpdate", action="add", scope="groupChat"))
        await app.settle()

        async def known() -> Any:
            return seen

        seen = estate()
        audiences = {"payments": Audience("payments", (RouteSpec("teams", f"teams:{IDS['groupChat']}"),))}
        team = InTeams(
            app, answers, IncidentService(app.ledger, audiences, known, clock=answers.clock, policy=IncidentPolicy())
        )
        await team.pass_by(minutes(1))
        receipts = await app.ledger.receipts(audience="payments")
        details = [receipt for receipt in receipts if receipt.message.endswith("/detail")]
        assert [receipt.outcome for receipt in details] == ["left_out"]
        assert "no threads" in details[0].detail, details
