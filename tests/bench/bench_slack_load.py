"""A Slack workspace in a hurry, against a real `serve`: 200 commands a second over 32 connections, memory and start-up.

    python tests/bench/bench_slack_load.py

Every command is answered, to a Slack on loopback that counts the answers. CPU is compared with a bare Bolt app that only
acks, in the same run. Exit code 1 when a goal is missed.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import aiohttp
import psutil
from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(Path(__file__).parent)]

from bench_ack import compare, running, say  # type: ignore[import-not-found] # noqa: E402 - found through the path above
from support.fakes.slack_requests import SECRET, encoded, signed, slash  # noqa: E402
from support.harness.loopback import serving  # noqa: E402
from support.harness.serving import Served, backstay_serve  # noqa: E402

RATE, CONNECTIONS, SECONDS = 200, 32, 15
DELAY_GOAL, MEMORY_GOAL, START_GOAL = 0.300, 150, 3.0
IDLE_SECONDS = 5.0
LINES = ("help", "explain RG03", "help whatif", "chekc billing")  # to the asker, to the channel, a mistake
YAML = """
organisation: Acme
slack: {bot_token: env:SLACK_BOT_TOKEN, signing_secret: env:SLACK_SIGNING_SECRET}
services: [{name: billing, tier: 1}]
"""


class CountingSlack:
    """Says yes to every call and every response URL, and counts them. `url` is its Web API."""

    def __init__(self) -> None:
        self.url, self.answers = "", 0
        self._stamps = count(1)

    async def _take(self, request: web.Request) -> web.Response:
        await request.read()
        self.answers += 1
        return web.json_response({"ok": True, "channel": "C0PAYMENTS", "ts": f"1763900000.{next(self._stamps):06d}"})

    @asynccontextmanager
    async def running(self) -> AsyncIterator["CountingSlack"]:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._take)
        async with serving(app) as root:
            self.url = f"{root}/api/"
            yield self

    async def answered(self, wanted: int, within: float = 20) -> bool:
        """Whether so many answers came, in time."""
        ends = time.monotonic() + within
        while self.answers < wanted and time.monotonic() < ends:  # noqa: ASYNC110 - polled so that counting costs nothing
            await asyncio.sleep(0.01)
        return self.answers >= wanted


@asynccontextmanager
async def backstay(slack: CountingSlack) -> AsyncIterator[Served]:
    """`serve` in a process of its own, with Slack and nothing else set up."""
    env = {
        "SLACK_BOT_TOKEN": "xoxb-made-up",
        "SLACK_SIGNING_SECRET": SECRET,
        "BACKSTAY_SLACK__API_URL": slack.url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with tempfile.TemporaryDirectory() as folder:
        async with backstay_serve(Path(folder), YAML, env) as served:
            yield served


async def command(session: aiohttp.ClientSession, url: str, slack: CountingSlack, text: str) -> float:
    """Seconds from request to acknowledgement.

    Raises:
        RuntimeError: it was refused, or told to come back later.
    """
    sent, kind = encoded(slash(text, response_url=slack.url.replace("/api/", "/response/1")))
    begun = time.perf_counter()
    async with session.post(url, data=sent, headers=signed(sent, kind)) as answer:
        said = await answer.text()
    if answer.status != 200 or said:
        raise RuntimeError(f"{answer.status}: {said[:80]}")
    return time.perf_counter() - begun


async def load(url: str, slack: CountingSlack) -> tuple[list[float], int, float]:
    """Send at the rate, each when it is due: delays, failures, seconds it took."""
    total = RATE * SECONDS
    numbers, failures = iter(range(total)), 0
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector) as session:
        begun = time.perf_counter()

        async def worker() -> list[float]:
            nonlocal failures
            delays = []
            for number in numbers:
                await asyncio.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
                try:
                    delays.append(await command(session, url, slack, LINES[number % len(LINES)]))
                except (RuntimeError, aiohttp.ClientError):
                    failures += 1
            return delays

        found = [item for part in await asyncio.gather(*(worker() for _ in range(CONNECTIONS))) for item in part]
        return found, failures, time.perf_counter() - begun


async def start_up() -> bool:
    """Print how long it takes from the start of the process to the first answer, and what it weighs when idle."""
    async with CountingSlack().running() as slack, aiohttp.ClientSession() as session:
        begun = time.perf_counter()
        async with backstay(slack) as served:
            await command(session, f"{served.url}/slack/events", slack, "help")
            answered = await slack.answered(1)
            took = time.perf_counter() - begun
            await asyncio.sleep(IDLE_SECONDS)
            weight = psutil.Process(served.process.pid).memory_info().rss / 2**20
    say(f"start to first command answered: {took:.2f} s (goal {START_GOAL:.0f})", answered and took < START_GOAL)
    say(f"memory when idle: {weight:.0f} MiB (goal {MEMORY_GOAL})", weight <= MEMORY_GOAL)
    return answered and took < START_GOAL and weight <= MEMORY_GOAL


async def hurry() -> bool:
    """Print what a workspace in a hurry waits for, and what it costs."""
    async with CountingSlack().running() as slack, backstay(slack) as served:
        process, url = psutil.Process(served.process.pid), f"{served.url}/slack/events"
        async with aiohttp.ClientSession() as session:
            for line in LINES:
                await command(session, url, slack, line)
        await slack.answered(len(LINES))
        before = process.cpu_times()
        delays, failures, took = await load(url, slack)
        everybody = await slack.answered(len(LINES) + len(delays))
        after = process.cpu_times()
        weight = process.memory_info().rss / 2**20
    cpu = (after.user - before.user + after.system - before.system) / len(delays)
    p50, p99 = statistics.median(delays), statistics.quantiles(delays, n=100)[98]
    kept = not failures and everybody and len(delays) == RATE * SECONDS and took < SECONDS * 1.05
    say(
        f"{len(delays)} commands over {CONNECTIONS} connections in {took:.1f} s ({len(delays) / took:.0f}/s): "
        f"{failures} failed, {'all' if everybody else 'NOT all'} answered",
        kept,
    )
    say(
        f"command to acknowledgement: p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, longest {max(delays) * 1000:.1f} ms "
        f"(goal p99 {DELAY_GOAL * 1000:.0f} ms)",
        p99 < DELAY_GOAL,
    )
    await control()
    say(f"answers included: {cpu * 1000:.2f} ms CPU a command, {weight:.0f} MiB afterwards", met=True)
    return kept and p99 < DELAY_GOAL


async def control() -> None:
    """Print what an app that only acks makes its callers wait: what is left is the machine's, not ours."""
    with running("bare") as (url, _):
        delays, _, took = await load(url, CountingSlack())
    p50, p99 = statistics.median(delays), statistics.quantiles(delays, n=100)[98]
    busy = psutil.getloadavg()[0] / (psutil.cpu_count() or 1)
    say(
        f"a bare Bolt app at the same rate ({len(delays) / took:.0f}/s): p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms; "
        f"load of this machine {busy:.1f} a core",
        met=True,
    )


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--part", choices=("start", "load", "cpu", "all"), default="all")
    part = options.parse_args().part
    met = part in ("load", "cpu") or asyncio.run(start_up())
    met &= part in ("start", "cpu") or asyncio.run(hurry())
    met &= part in ("start", "load") or compare()
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
