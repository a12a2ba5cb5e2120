"""What an operator sees of delivery on the command line: tests of routes, receipts, the audit log."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.fakes.misbehaving import status
from support.fakes.receivers import Receiver
from support.harness.command_line import CommandLine, command_line
from support.harness.ledgers import ledger_at

from bot.storage.ledger import AuditLogEntry

YAML = """
ledger: here.db
outgoing: {{private: true}}
audiences:
  payments: {{routes: [{{webhook: {{url: "{url}", name: pager}}}}, {{file: here.jsonl}}]}}
"""


@pytest.fixture
def line(tmp_path: Path) -> CommandLine:
    return command_line(tmp_path, "http://127.0.0.1:9")


async def test_send_test_waits_for_each_receipt_and_remembers_it(line: CommandLine) -> None:
    async with Receiver().running() as hook:
        line.write(YAML.format(url=hook.url))
        ran = await line.run("send-test", "payments")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == ["✓ pager: delivered", "✓ file:here.jsonl: delivered"]
    assert hook.received[0].json["kind"] == "route_test"
    assert json.loads((line.folder / "here.jsonl").read_text())["title"] == "Test of file:here.jsonl"
    async with ledger_at(str(line.folder / "here.db")) as ledger:
        assert set(await ledger.route_tests()) == {"pager", "file:here.jsonl"}

    listed, data = await asyncio.gather(line.run("receipts"), line.run("receipts", "--format", "json"))
    assert "sent       payments  pager  route-test:pager/" in listed.out
    assert [(load["route"], load["outcome"]) for load in json.loads(data.out)] == [
        ("pager", "sent"),
        ("file:here.jsonl", "sent"),
    ]


async def test_a_route_that_refuses_is_told_and_ends_in_1(line: CommandLine) -> None:
    async with Receiver().running() as hook:
        hook.always("hook", status(410))
        line.write(YAML.format(url=hook.url))
        ran = await line.run("send-test", "payments", "--route", "pager")
    assert (ran.code, ran.out) == (1, "✗ pager: 127.0.0.1 answered 410\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("send-test", "paymets"), "no audience is called 'paymets'; did you mean 'payments'?"),
        (("send-test", "payments", "--route", "pagr"), "payments has no route called 'pagr'"),
        (("send-test", "payments", "--wait", "soon"), "--wait 'soon' is no duration"),
        (("receipts", "--since", "yesterday"), "--since 'yesterday' is no duration"),
    ],
)
async def test_mistakes_are_told(line: CommandLine, words: tuple[str, ...], told: str) -> None:
    line.write(YAML.format(url="http://127.0.0.1:9/hook"))
    ran = await line.run(*words)
    assert ran.code == 2
    assert told in ran.err


async def test_the_audit_log_tells_who_did_what(line: CommandLine) -> None:
    line.write(YAML.format(url="http://127.0.0.1:9/hook"))
    empty = await line.run("audit-log")
    assert (empty.code, empty.out) == (0, "")
    async with ledger_at(str(line.folder / "here.db")) as ledger:
        await ledger.log(AuditLogEntry(datetime.now(UTC), "slack:U1", "broadcast", {"audiences": ["payments"]}))
    listed, data = await asyncio.gather(line.run("audit-log"), line.run("audit-log", "--format", "json"))
    assert 'slack:U1  broadcast  {"audiences": ["payments"]}' in listed.out
    assert json.loads(data.out)[0]["action"] == "broadcast"
