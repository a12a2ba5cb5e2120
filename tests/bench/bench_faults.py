"""Delivery while things die: senders killed at random moments, the primary in the middle of an alert, the database for 10 s.

    python tests/bench/bench_faults.py [--kills 200]

Exit code 1 when a message is lost, when one is twice in Slack, or when an alert took longer than 10 s to the fallback.
"""

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.builders.posts import message  # noqa: E402
from support.fakes.cut_line import through  # noqa: E402
from support.fakes.misbehaving import Behaviour, hang, reset, status  # noqa: E402
from support.fakes.receivers import Receiver  # noqa: E402
from support.fakes.slack import FakeSlack  # noqa: E402
from support.harness import postgres  # noqa: E402 - found through the path above
from support.harness.ledgers import ledger_at  # noqa: E402
from support.processes.sending import ALONE, ROUTES  # noqa: E402

from bot.app import logging_setup as logs  # noqa: E402
from bot.chat.slack.web_client import SlackWebClient  # noqa: E402
from bot.delivery import Sender  # noqa: E402
from bot.delivery.routing.context import RouteContext  # noqa: E402
from bot.delivery.routing.registry import build_all  # noqa: E402
from bot.model import Priority, Route, RouteSpec  # noqa: E402
from bot.net.egress import EgressPolicy  # noqa: E402
from bot.storage.ledger import Ledger  # noqa: E402

CHANNELS, WITHIN = 200, 10.0


def say(line: str) -> None:
    """A figure, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def killed(folder: Path, kills: int) -> bool:
    """Broadcasts to 200, one after the other until the last kill: half by Slack, half by a webhook that nobody can ask."""
    path, chance = str(folder / "killed.db"), random.Random(7)  # noqa: S311 - moments of death
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    wanted: list[str] = []
    async with FakeSlack().running() as slack, Receiver().running() as hook, ledger_at(path) as ledger:

        def arrived() -> int:
            return len(slack.channel("payments")) + len(hook.received)

        for number in range(kills + 1):
            if number < kills and (await ledger.backlog()).pending < CHANNELS // 2:
                wanted += await broadcast(ledger, len(wanted))
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "support.processes.sending", path, slack.url, hook.url, env=environment, cwd=ROOT
            )
            before = arrived()
            while (await ledger.backlog()).pending and (number == kills or arrived() == before):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await asyncio.sleep(0 if number == kills else chance.random() * 0.15)
            child.send_signal(signal.SIGKILL)
            await child.wait()
    there = Counter(post["metadata"]["event_payload"]["id"] for post in slack.channel("payments"))
    hooked = Counter(request.headers["X-Backstay-Delivery"] for request in hook.received)
    lost = set(wanted) - there.keys() - hooked.keys()
    twice, again = sum(there.values()) - len(there), sum(hooked.values()) - len(hooked)
    say(f"  {kills} kills, {len(wanted)} messages: {len(lost)} lost, {twice} twice in Slack,")
    say(
        f"  {again} repeats by the webhook ({again / max(kills, 1):.2f} a kill), none more than {max(hooked.values())} times"
    )
    return not lost and twice == 0 and again <= kills


async def broadcast(ledger: Ledger, since: int) -> list[str]:
    """One more to 200 audiences."""
    names = [f"m{number}" for number in range(since, since + CHANNELS)]
    for number, name in enumerate(names):
        posted = message(name, audience=f"team{number}", created_at=datetime.now(UTC))
        await ledger.post(posted, ROUTES if number % 2 else ALONE)
    return names


def routes_to(slack: str, hook: str) -> Mapping[str, Route]:
    """A channel and a webhook for each of 200 teams."""
    specs = [RouteSpec("slack", f"slack:c{number}", {"channel": f"C{number:09d}"}) for number in range(CHANNELS)]
    specs += [RouteSpec("webhook", f"webhook:{number}", {"url": hook}) for number in range(CHANNELS)]
    return build_all(
        specs, RouteContext(str, "xoxb-made-up", slack, slack=SlackWebClient, outgoing=EgressPolicy(private=True))
    )[0]


async def primary_dies(folder: Path, name: str, dying: Behaviour) -> bool:
    """Slack dies in the middle of an alert to 200: how long until the last of them is out by the fallback."""
    channels = {f"c{number}": f"C{number:09d}" for number in range(CHANNELS)}
    async with (
        FakeSlack(channels=channels).running() as slack,
        Receiver().running() as hook,
        ledger_at(str(folder / f"{name}.db")) as ledger,
    ):
        for number in range(CHANNELS):
            posted = message(f"a{number}", audience=f"t{number}", priority=Priority.ALERT, created_at=datetime.now(UTC))
            await ledger.post(posted, [f"slack:c{number}", f"webhook:{number}"])
        running = asyncio.create_task(Sender(ledger, routes_to(slack.url, hook.url)).run())
        while sum(map(len, slack.posts.values())) < CHANNELS // 4:  # noqa: ASYNC110 - the fake rings no bell
            await asyncio.sleep(0.001)
        slack.always("*", dying)
        died = time.perf_counter()
        while (await ledger.backlog()).pending:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        took = time.perf_counter() - died
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    in_slack = sum(len(posts) for posts in slack.posts.values())
    lost = CHANNELS - len({f"a{n}" for n in range(CHANNELS) if slack.posts.get(f"C{n:09d}")} | set(hook.delivered))
    say(
        f"  {name}: {in_slack} in Slack, {len(hook.delivered)} by the fallback, {lost} lost, the last after {took:.1f} s"
    )
    return lost == 0 and took <= WITHIN


async def database_away(seconds: float) -> bool:
    """PostgreSQL is gone in the middle of a broadcast, while more is posted."""
    programs = postgres.programs()
    if programs is None:
        say("  there is no PostgreSQL here")
        return False
    with postgres.running(programs) as address:
        async with through(address) as line, Receiver().running() as hook, ledger_at(line.url) as ledger:
            for number in range(CHANNELS):
                await ledger.post(message(f"m{number}", audience=f"t{number}"), [f"webhook:{number}"])
            running = asyncio.create_task(Sender(ledger, routes_to("http://127.0.0.1:9/", hook.url)).run())
            while len(hook.delivered) < CHANNELS // 4:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            await line.cut()
            await asyncio.sleep(seconds)
            await line.mend()
            back = time.perf_counter()
            while (await ledger.backlog()).pending:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            took = time.perf_counter() - back
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    lost, again = CHANNELS - len(hook.delivered), len(hook.received) - len(hook.delivered)
    say(f"  {lost} lost of {CHANNELS}, {again} repeats, all out {took:.1f} s after it was back")
    return lost == 0


async def measured(folder: Path, kills: int) -> bool:
    """Everything; whether every goal is met."""
    say("the primary dies in the middle")
    met = [await primary_dies(folder, name, how) for name, how in DEATHS.items()]
    say("PostgreSQL is away for 10 s")
    met.append(await database_away(10))
    say("killed")
    met.append(await killed(folder, kills))
    return all(met)


DEATHS = {"hangs": hang(), "resets": reset(), "answers 503": status(503)}


def main() -> None:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    asked = parser.parse_args()
    logs.configure(level=50)
    with tempfile.TemporaryDirectory() as folder:
        met = asyncio.run(measured(Path(folder), asked.kills))
    say("every goal is met" if met else "a goal was missed")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
