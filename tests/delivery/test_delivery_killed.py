"""kill -9 at any moment loses nothing, and what had left is not sent twice to Slack."""

import asyncio
import os
import random
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from support.builders.posts import message
from support.fakes.receivers import Receiver
from support.fakes.slack import FakeSlack
from support.harness.ledgers import ledger_at
from support.harness.waiting import until
from support.processes.sending import ROUTES

from bot.storage.ledger import Ledger

ROOT = Path(__file__).parents[2]


async def start(path: str, slack: FakeSlack, hook: Receiver) -> asyncio.subprocess.Process:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "support.processes.sending", path, slack.url, hook.url, env=environment, cwd=ROOT
    )


async def kill(child: asyncio.subprocess.Process) -> None:
    child.send_signal(signal.SIGKILL)
    await child.wait()


async def posted(ledger: Ledger, names: range) -> None:
    for number in names:
        audience = f"team{number % 5}"
        assert await ledger.post(message(f"m{number}", audience=audience, created_at=datetime.now(UTC)), ROUTES)


async def one_more(slack: FakeSlack) -> None:
    before = len(slack.channel("payments"))
    await until(lambda: len(slack.channel("payments")) > before, within=15)


async def test_a_sender_killed_again_and_again_delivers_each_once(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - moments of death, not secrets
    path = str(tmp_path / "backstay.db")
    wanted = range(40)
    async with FakeSlack().running() as slack, Receiver().running() as hook, ledger_at(path) as ledger:
        await posted(ledger, wanted)
        for _ in range(3):
            child = await start(path, slack, hook)
            await one_more(slack)
            await asyncio.sleep(chance.random() * 0.05)
            await kill(child)
        child = await start(path, slack, hook)
        async with asyncio.timeout(30):
            while (await ledger.backlog()).pending:  # noqa: ASYNC110 - the child rings no bell
                await asyncio.sleep(0.05)
        await kill(child)
    in_slack = [post["metadata"]["event_payload"]["id"] for post in slack.channel("payments")]
    assert sorted(in_slack) == sorted(f"m{number}" for number in wanted)
    assert hook.delivered == []
