"""From a message in Teams to the first reply, against an echo bot on botbuilder-core alone.

    python tests/bench/bench_teams.py

Both bots run in processes of their own on this machine, in turns, and answer to the same connector on loopback. Exit code
1 when the goal is missed.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.fakes.teams_activities import message  # noqa: E402
from support.harness.loopback import serving  # noqa: E402 - found through the path above

GOAL = 2.0
ROUNDS, MESSAGES = 5, 40
BOTS = ("ours", "echo")


# --- the bots, each in a process of its own


async def ours(folder: str) -> web.Application:
    """backstay's own way from message to reply; the command behind it answers at once."""
    from bot.app import logging_setup as logs  # noqa: PLC0415 - each process imports its own bot alone
    from bot.cards.card import Card, Paragraph, text  # noqa: PLC0415
    from bot.chat.teams.api import TeamsApi  # noqa: PLC0415
    from bot.chat.teams.chat import TeamsChat, TeamsOptions  # noqa: PLC0415
    from bot.model import Caller  # noqa: PLC0415
    from bot.storage.ledger import Ledger  # noqa: PLC0415
    from bot.web.loop_lag import LoopLag  # noqa: PLC0415
    from bot.web.server import application  # noqa: PLC0415

    async def echo(line: str, _caller: Caller, _fields: Mapping[str, str]) -> AsyncGenerator[Card, None]:
        yield Card("echo", line, "said", (Paragraph(text(line)),))

    logs.configure()
    api = TeamsApi(None)
    api.open()
    chat = TeamsChat(
        TeamsOptions(),
        authenticator=None,
        api=api,
        store=await Ledger.open(Path(folder) / "ledger.db"),
        answer=echo,
        private=lambda _: False,
        now=lambda: datetime.now(UTC),
    )
    return application(posts={"/api/messages": chat.handle}, probes={}, lag=LoopLag())


async def echo_bot(_folder: str) -> web.Application:
    """The SDK's own echo bot: its adapter, its handler, its client."""
    from botbuilder.core import ActivityHandler, BotFrameworkAdapter, BotFrameworkAdapterSettings  # type: ignore[import-untyped] # noqa: PLC0415
    from botbuilder.schema import Activity  # type: ignore[import-untyped] # noqa: PLC0415

    class Echo(ActivityHandler):  # type: ignore[misc] # the SDK has no types
        async def on_message_activity(self, turn_context: Any) -> None:
            await turn_context.send_activity(turn_context.activity.text)

    adapter, bot = BotFrameworkAdapter(BotFrameworkAdapterSettings("", "")), Echo()

    async def handle(request: web.Request) -> web.Response:
        activity = Activity().deserialize(await request.json())
        await adapter.process_activity(activity, request.headers.get("Authorization", ""), bot.on_turn)
        return web.Response(status=201)

    app = web.Application()
    app.router.add_post("/api/messages", handle)
    return app


async def serve(name: str, folder: str) -> None:
    made = await (ours if name == "ours" else echo_bot)(folder)
    runner = web.AppRunner(made, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


# --- measuring


@contextmanager
def running(name: str, folder: str) -> Iterator[str]:
    command = [sys.executable, str(Path(__file__).resolve()), "--serve", name, "--folder", folder]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603 - our own file
        assert child.stdout is not None
        try:
            yield f"http://127.0.0.1:{child.stdout.readline().strip()}/api/messages"
        finally:
            child.kill()


class Connector:
    """What Teams is to a bot: takes what it posts and says when it came."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[float] = asyncio.Queue()

    async def take(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("type") == "message":
            self.came.put_nowait(time.perf_counter())
        return web.json_response({"id": "1"}, status=201)

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v3/conversations/{conversation}/activities", self.take)
        app.router.add_post("/v3/conversations/{conversation}/activities/{reply}", self.take)
        return app


async def first_replies(bot: str, teams: str, connector: Connector, session: aiohttp.ClientSession) -> list[float]:
    """Seconds from each message to its reply, one after another."""
    took = []
    for _ in range(MESSAGES):
        begun = time.perf_counter()
        async with session.post(bot, json=message(f"{teams}/", "scorecard")) as answer:
            assert answer.status < 300, answer.status
        async with asyncio.timeout(10):
            took.append(await connector.came.get() - begun)
    return took


async def compare(folder: str) -> bool:
    """Print the time to the first reply of each bot, and whether the goal is met."""
    connector = Connector()
    with running("ours", folder) as first, running("echo", folder) as second:
        bots = dict(zip(BOTS, (first, second), strict=True))
        async with serving(connector.application()) as teams, aiohttp.ClientSession() as session:
            found: dict[str, list[float]] = {name: [] for name in BOTS}
            for number in range(ROUNDS + 1):
                for name, bot in bots.items():
                    took = await first_replies(bot, teams, connector, session)
                    found[name] += took if number else []  # the first round warms both
    spent = {name: statistics.median(values) for name, values in found.items()}
    ratio = spent["ours"] / spent["echo"]
    told = ", ".join(f"{name} {value * 1000:.1f} ms" for name, value in spent.items())
    verdict = "ok    " if ratio <= GOAL else "MISSED"
    sys.stdout.write(f"{verdict} message to first reply, median: {told}; ours/echo {ratio:.2f} (goal {GOAL})\n")
    return ratio <= GOAL


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--serve", choices=BOTS, help="used by the benchmark itself")
    options.add_argument("--folder", default="", help="used by the benchmark itself")
    chosen = options.parse_args()
    if chosen.serve:
        asyncio.run(serve(chosen.serve, chosen.folder))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return 0 if asyncio.run(compare(folder)) else 1


if __name__ == "__main__":
    sys.exit(main())
