"""An alert as people live it: a running server, the alert and its thread in Slack, buttons pressed, the ledger asked after."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import aiohttp
from support.builders.alerts import ALERTMANAGER_TOKEN, alert, alertmanager, bearer
from support.fakes.slack import FakeSlack
from support.fakes.slack_requests import SECRET, choose, encoded, press, signed, submission
from support.harness.serving import Served, backstay_serve
from support.harness.waiting import until

YAML = """
organisation: Acme
currency: EUR
slack: {bot_token: env:SLACK_BOT_TOKEN, signing_secret: env:SLACK_SIGNING_SECRET}
services:
  - {name: checkout, tier: 1, audience: payments, depends_on: [aws/us-east-1/dynamodb], deployments: [aws/us-east-1]}
audiences:
  payments: {routes: [{slack: "#payments"}]}
  operations: {routes: [{slack: "#ops"}]}
roles: {responder: [slack:U1]}
hooks:
  sources:
    - {name: prod, format: alertmanager, token: env:AM_TOKEN, about: checkout}
    - {name: staging, format: alertmanager, token: env:AM_TOKEN}
"""


async def ask(served: Served, body: dict[str, Any]) -> Any:
    sent, kind = encoded(body)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{served.url}/slack/events", data=sent, headers=signed(sent, kind)) as answer,
    ):
        assert answer.status == 200
        return await answer.read()


async def backstay(folder: Path, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, "-c", str(folder / "backstay.yaml"),
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "BACKSTAY_LEDGER": str(folder / "ledger.db"), "HOME": str(folder)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


def pressed(message: dict[str, Any], label: str) -> dict[str, Any]:
    """The press of a button, or the choice of an entry of its menu."""
    items = [item for block in message["blocks"] if block["type"] == "actions" for item in block["elements"]]
    for item in items:
        if item["type"] == "button" and item["text"]["text"] == label:
            return press(item["value"], message=message["ts"], action=item["action_id"])
        for option in item.get("options", ()):
            if option["text"]["text"] == label:
                return choose(option["value"], message=message["ts"], action=item["action_id"])
    raise AssertionError(f"{label} is on no button of {items}")


async def test_from_the_alert_to_who_is_on_it(tmp_path: Path) -> None:
    async with FakeSlack().running() as slack:
        env = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_SIGNING_SECRET": SECRET, "AM_TOKEN": ALERTMANAGER_TOKEN}
        async with backstay_serve(tmp_path, YAML, env | {"BACKSTAY_SLACK__API_URL": slack.url}) as served:
            async with aiohttp.ClientSession() as session:
                for source in ("prod", "staging"):
                    at = f"{served.url}/hooks/in/{source}"
                    await session.post(at, json=alertmanager(alert()), headers=bearer(ALERTMANAGER_TOKEN))
            await until(lambda: len(slack.channel("payments")) == 2, within=30)
            (post,) = slack.top("payments")
            await ask(served, pressed(post, "Acknowledge"))
            await until(lambda: "acknowledged by ada" in str(slack.top("payments")[0]["blocks"]), within=10)
            await until(
                lambda: "ada acknowledged the incident" in str(slack.under("payments", post["ts"])[0]["blocks"]),
                within=10,
            )
            await ask(served, pressed(slack.top("payments")[0], "Escalate"))
            await until(lambda: bool(slack.views), within=10)
            state = {"type": "static_select", "selected_option": {"value": "operations"}}
            assert json.loads(await ask(served, submission(slack.views[-1], audience=state))) == {
                "response_action": "clear"
            }
            await until(lambda: len(slack.channel("ops")) == 2, within=15)
            assert "acknowledged by ada" in str(slack.top("ops")[0]["blocks"])
            assert len(slack.top("payments")) == 1
            listed, receipts, log = await asyncio.gather(
                backstay(tmp_path, "incidents"), backstay(tmp_path, "receipts"), backstay(tmp_path, "audit-log")
            )
            (line,) = listed.splitlines()
            name = line.split()[3]
            told = await backstay(tmp_path, "incidents", name, "--format", "md")
        assert slack.violations == []
    assert "1 service affected" in line
    assert f"alert:{name}:payments:opened:1:1/detail" in receipts
    assert "slack:U1  incident.acknowledge" in log
    assert "| operations | opened | slack:\\#ops |" in told
    assert "- Acknowledged by: ada at " in told
