"""`backstay serve`, an example account, the Agents Playground and a browser, alone on a network of their own.

`unshare -rn python -m support.fakes.playground OUT`: the Playground listens on every interface, so there shall be none but loopback.
"""

import asyncio
import fcntl
import os
import signal
import socket
import struct
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from support.harness.ledgers import ledger_at
from support.harness.loopback import closed_port
from support.harness.serving import backstay_serve

from bot.app.demo.estate import estate
from bot.app.demo.server import Reply, example_aws
from bot.cards.card import Card, Paragraph, text
from bot.model import Message, Priority

BROWSER = Path(__file__).parents[2] / "browser"
CLI = BROWSER / "node_modules" / "@microsoft" / "m365agentsplayground" / "cli.js"
PERSON = "Alex Wilber"  # who sits in front of the Playground
YAML = f"""
organisation: Acme
teams: {{allow_anonymous: true}}
audiences: {{payments: [{{teams: {PERSON}}}]}}
services:
  - {{name: checkout, tier: 1, revenue_per_hour: 120000, resources: {{tags: {{service: checkout}}}}, depends_on: [login]}}
  - {{name: login, tier: 1, resources: {{tags: {{service: login}}}}}}
"""
_SIOCSIFFLAGS, _UP_AND_RUNNING = 0x8914, 0x41


def raise_loopback() -> None:
    """A new network has a loopback interface that is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", _UP_AND_RUNNING, b""))


@asynccontextmanager
async def running(*command: str, folder: Path, env: Mapping[str, str] | None = None) -> AsyncIterator[Process]:
    """A program that is ended, with all its children, at the end of the block."""
    with (folder / f"{Path(command[1]).name}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def told(out: Path, word: str) -> None:
    """Wait until the browser's script says so, by a file."""
    while not (out / word).exists():  # noqa: ASYNC110 - no event crosses the processes
        await asyncio.sleep(0.05)


async def go_along(out: Path, ledger_path: Path, account: dict[tuple[str, str, str], Reply]) -> None:
    """What happens outside the chat: the databases go, so that a re-run sees something else; then a post of our own."""
    await told(out, "now-change")
    for key in [key for key in account if key[1] == "rds"]:
        del account[key]
    await told(out, "now-post")
    words = (Paragraph(text("us-east-1 is degraded; checkout and login are affected.")),)
    card = Card("incident", "Posted without being asked", "Two of our services are affected.", words, tone="bad")
    message = Message("playground-1", "payments", card.dump(), Priority.ALERT, created_at=datetime.now(UTC))
    async with ledger_at(str(ledger_path)) as ledger:
        await ledger.post(message, [f"teams:{PERSON}"])


async def play(out: Path) -> int:
    """Run the whole thing; the browser's exit code."""
    raise_loopback()
    port = closed_port()
    account = estate(datetime.now(UTC))
    async with example_aws(account) as aws:
        env = {"AWS_ENDPOINT_URL": aws, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
        async with backstay_serve(out, YAML, {**env, "AWS_DEFAULT_REGION": "us-east-1"}) as served:
            endpoint = ("-e", f"{served.url}/api/messages", "-c", "msteams", "-p", str(port), "--disable-telemetry")
            async with running("node", str(CLI), "start", *endpoint, folder=out):
                posting = asyncio.create_task(go_along(out, out / "ledger.db", account))
                script = (str(BROWSER / "playground.mjs"), f"http://127.0.0.1:{port}", str(out))
                async with running("node", *script, folder=out) as browser, asyncio.timeout(120):
                    code = await browser.wait()
                posting.cancel()
            (out / "serve.log").write_text("".join(served.log), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(asyncio.run(play(Path(sys.argv[1]).absolute())))
