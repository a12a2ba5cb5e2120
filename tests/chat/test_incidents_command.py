"""What an operator sees of incidents on the command line, from the ledger alone."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.builders.happenings import sample_course, sample_incident
from support.builders.posts import message
from support.builders.scorecards import HOSTILE
from support.fakes.status_page import StatusPage
from support.harness.command_line import CommandLine, command_line
from support.harness.ledgers import ledger_at
from support.harness.loopback import serving
from support.samples.state_cards import DEGRADED

from bot.incidents.post_mortem import post_mortem
from bot.model import Priority, Receipt
from bot.model.incidents import NotificationReceipt, Phase, Response
from checks import Scope

NOW = datetime.now(UTC)
OVER = sample_incident(
    id="aws-us-east-1-1123-1118",
    phase=Phase.RESOLVED,
    timeline=sample_course(),
    handling=Response("Ada", NOW - timedelta(minutes=30)),
    resolved_at=NOW - timedelta(minutes=5),
)

HEROKU = sample_incident(0, id="heroku-1123-1118", title="Heroku is slow", scopes=(Scope("heroku"),), words=())


@pytest.fixture
async def line(tmp_path: Path) -> CommandLine:
    made = command_line(tmp_path, "http://127.0.0.1:9")
    made.write("ledger: here.db\ncurrency: EUR\n")
    async with ledger_at(str(tmp_path / "here.db")) as ledger:
        async with ledger.begin() as transaction:
            await transaction.save_incident(OVER)
            await transaction.save_incident(HEROKU)
            await transaction.save_incident(DEGRADED)
        alert = f"alert:{OVER.id}:payments:opened:1:1"
        await ledger.post(message(alert, priority=Priority.ALERT), ("slack:#payments",), NOW)
        (claim,) = await ledger.claim("me", NOW, timedelta(seconds=60), 1)
        await ledger.settle(claim, "sent", Receipt(alert, "payments", "slack:#payments", "sent", NOW, "", "C1:1"), NOW)
    return made


async def test_all_are_listed(line: CommandLine) -> None:
    listed = await line.run("incidents")
    assert listed.code == 0, listed.err
    assert "resolved   aws-us-east-1-1123-1118  DynamoDB is failing in us-east-1  4 services affected" in listed.out
    assert "confirmed  heroku-1123-1118  Heroku is slow  no service affected" in listed.out
    assert "inc-7f3a  Stripe is degraded  2 services may be affected, degraded" in listed.out
    data = json.loads((await line.run("incidents", "--format", "json")).out)
    assert data["schema"] == "backstay.incidents/1"
    assert {incident["id"] for incident in data["incidents"]} == {OVER.id, DEGRADED.id, HEROKU.id}


async def test_one_is_told_in_full(line: CommandLine) -> None:
    shown = await line.run("incidents", "aws")
    assert "Ada acknowledged the incident" in shown.out
    assert "payments (opened) by slack:#payments" in shown.out
    data = json.loads((await line.run("incidents", OVER.id, "--format", "json")).out)
    assert [(state["audience"], state["route"]) for state in data["told"]] == [("payments", "slack:#payments")]


async def test_a_post_mortem_begins_with_it(line: CommandLine) -> None:
    ran = await line.run("incidents", "aws", "--format", "md", "-o", "post-mortem.md")
    assert ran.code == 0, ran.err
    written = (line.folder / "post-mortem.md").read_text(encoding="utf-8")
    assert written.startswith("# DynamoDB is failing in us-east-1\n")
    assert "- Acknowledged by: Ada at" in written
    assert "| payments | opened | slack:\\#payments |" in written
    assert "| service-000 | 1 | was down |" in written


async def test_who_is_not_there_is_a_mistake(line: CommandLine) -> None:
    ran = await line.run("incidents", "aws-us-east-1-1123-1119")
    assert ran.code == 2
    assert "did you mean" in ran.err
    assert (await line.run("incidents", "--since", "soon")).code == 2


def test_in_a_post_mortem_nothing_of_others_acts() -> None:
    incident = sample_incident(2, lambda at: f"{at}{HOSTILE}", title=HOSTILE, evidence=(HOSTILE,))
    told = post_mortem(incident, (NotificationReceipt(HOSTILE, "opened", NOW, NOW, HOSTILE),), now=NOW, currency="EUR")
    assert re.search(r"(?<!\\)[<\[]", told) is None
    assert not any(line.startswith("#") and line[:2] not in ("# ", "##") for line in told.splitlines())


async def test_status_tells_an_open_incident_of_ours_beside_what_pages_say(line: CommandLine) -> None:
    page = StatusPage()
    async with serving(page.app()) as url:
        line.write(f"ledger: here.db\nproviders: [{{name: heroku, feed: '{url}/x', private: true}}]\n")
        everything = await line.run("status", "heroku")
        data = json.loads((await line.run("status", "heroku", "--format", "json")).out)
    assert everything.code == 0, everything.err
    assert "Heroku is slow" in everything.out
    assert "no incident" not in everything.out.lower()
    assert "no problems" not in everything.out.lower()
    assert {(told["id"], told["outage"]) for told in data["incidents"]} == {
        (HEROKU.id, "down"),
        (DEGRADED.id, "degraded"),
    }
