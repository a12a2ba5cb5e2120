"""Delivery: fan-out of one alert, and posts accepted while sending. What goes wrong is in bench_faults.py.

    python tests/bench/bench_delivery.py [--postgresql]

Exit code 1 when a goal is missed. The fan-out is measured twice: to routes that only wait 50 ms, so that what it costs is
ours alone, and to a Slack in a process of its own that answers after 50 ms.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import aiohttp  # noqa: E402 - found through the path above
from support.builders.posts import card, message  # noqa: E402
from support.harness import postgres  # noqa: E402
from support.processes import slack_apart  # noqa: E402 - found through the path above

from bot.app import logging_setup as logs  # noqa: E402
from bot.cards.render import slack as to_slack  # noqa: E402
from bot.chat.slack.web_client import SlackWebClient  # noqa: E402
from bot.delivery import DeliveryPolicy, Sender  # noqa: E402
from bot.delivery.routing.context import RouteContext  # noqa: E402
from bot.delivery.routing.registry import build_all  # noqa: E402
from bot.model import Message, Priority, Result, Route, RouteSpec, Sent  # noqa: E402
from bot.storage.ledger import Ledger  # noqa: E402

CHANNELS, LATENCY = 1000, 0.050
FAN_OUT_GOAL, ACCEPT_GOAL, ACCEPT_P99_GOAL = 1.2, 500, 0.050


@dataclass
class LateRoute:
    """A channel of a platform that answers after `LATENCY`: what is measured is ours alone."""

    name: str
    kind: str = "late"
    platform: str = "late"

    async def send(self, message: Message, attempt: int) -> Result:
        """Wait as a platform would let us wait."""
        await asyncio.sleep(LATENCY)
        return Sent(f"{message.id}:{attempt}")


def say(line: str) -> None:
    """A figure, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def alert(route: str) -> Message:
    """The alert as the audience with this one route gets it."""
    return message(f"a {route}", audience=f"team of {route}", priority=Priority.ALERT, created_at=datetime.now(UTC))


@asynccontextmanager
async def opened(where: str) -> AsyncIterator[Ledger]:
    """A ledger, closed at the end."""
    ledger = await Ledger.open(where)
    try:
        yield ledger
    finally:
        await ledger.close()


async def fan_out(where: str, routes: Mapping[str, Route]) -> float:
    """One alert to every channel: wall time over the floor that latency and the number in flight set.

    No limit of Slack's holds it up: it allows one post a second in one channel, and each channel gets one.
    """
    policy = DeliveryPolicy()
    floor = LATENCY * CHANNELS / policy.at_once
    async with opened(where) as ledger:
        async with ledger.begin() as transaction:
            for route in routes:
                await transaction.post(alert(route), [route])
        sender = Sender(ledger, routes, policy=policy)
        began, busy = time.perf_counter(), time.process_time()
        task = asyncio.create_task(sender.run())
        while (await ledger.backlog()).pending:  # noqa: ASYNC110 - asked as an operator would ask
            await asyncio.sleep(0.02)
        took, busy = time.perf_counter() - began, time.process_time() - busy
        sender.stop()
        await task
        unsent = [receipt for receipt in await ledger.receipts(limit=CHANNELS * 2) if receipt.outcome != "sent"]
    said = f"{took:.2f} s, floor {floor:.2f} s ({policy.at_once} in flight), {took / floor:.2f} x, CPU {busy:.2f} s"
    say(f"    to {CHANNELS}: {said}{f', {len(unsent)} FAILED TRIES' if unsent else ''}")
    return took / floor if not unsent else float("inf")


async def fan_out_bare(where: str) -> float:
    """To routes that only wait: what it costs is ours alone."""
    return await fan_out(where, {f"late:{number}": LateRoute(f"late:{number}") for number in range(CHANNELS)})


async def bare_client() -> float:
    """What a client that only posts, without ledger, order or receipts, takes for the same on this machine now."""
    body = {"metadata": {"event_type": "bare", "event_payload": {"id": "bare"}}, **to_slack.render(card())}
    one_more, token = asyncio.Semaphore(DeliveryPolicy().at_once), {"Authorization": "Bearer xoxb-made-up"}
    async with slack_apart.running(CHANNELS, LATENCY) as slack, aiohttp.ClientSession(headers=token) as session:

        async def post(channel: str) -> None:
            async with (
                one_more,
                session.post(f"{slack.url}chat.postMessage", json={**body, "channel": channel}) as answer,
            ):
                await answer.json()

        began = time.perf_counter()
        await asyncio.gather(*(post(slack_apart.channel_id(number)) for number in range(CHANNELS)))
        return time.perf_counter() - began


async def fan_out_slack(where: str) -> float:
    """To Slack's routes, over HTTP to a Slack in a process of its own that answers after `LATENCY`.

    On a busy machine that Slack answers later than it means to: then the floor is what a bare client takes.
    """
    bare = await bare_client()
    async with slack_apart.running(CHANNELS, LATENCY) as slack:
        context = RouteContext(lambda reference: reference, "xoxb-made-up", slack.url, slack=SlackWebClient)
        specs = [RouteSpec("slack", f"slack:c{n}", {"channel": slack_apart.channel_id(n)}) for n in range(CHANNELS)]
        routes, _ = build_all(specs, context)
        context.lines.open()
        ratio = await fan_out(where, routes)
        await context.lines.close()
    floor = LATENCY * CHANNELS / DeliveryPolicy().at_once
    say(f"    a bare client: {bare:.2f} s, {ratio * floor / bare:.2f} x of that; in Slack: {slack.told}")
    whole = slack.told["posts"] == slack.told["distinct"] == CHANNELS and not slack.told["violations"]
    return ratio * floor / max(bare, floor) if whole else float("inf")


async def accepted(where: str, seconds: float = 5.0) -> tuple[float, float]:
    """Posts accepted a second, sixteen at a time, while a sender sends what was accepted; and the p99 of one."""
    waits: list[float] = []
    async with opened(where) as ledger:
        sender = Sender(ledger, {"late:0": LateRoute("late:0")}, policy=DeliveryPolicy(every=timedelta(0)))
        task = asyncio.create_task(sender.run())
        until = time.perf_counter() + seconds

        async def poster(worker: int) -> None:
            number = 0
            while (began := time.perf_counter()) < until:
                number += 1
                about = message(f"p{worker}-{number}", audience=f"team{worker}-{number}", created_at=datetime.now(UTC))
                await ledger.post(about, ["late:0"])
                waits.append(time.perf_counter() - began)

        began = time.perf_counter()
        await asyncio.gather(*(poster(worker) for worker in range(16)))
        rate = len(waits) / (time.perf_counter() - began)
        sender.stop()
        await task
    p99 = statistics.quantiles(waits, n=100)[98]
    say(
        f"  accepted {rate:.0f} posts/s while sending, p50 {statistics.median(waits) * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms"
    )
    return rate, p99


@contextmanager
def ledgers(folder: Path, *, with_postgresql: bool) -> Iterator[dict[str, str]]:
    """Name and address of each kind of ledger."""
    with ExitStack() as stack:
        found = {"SQLite": str(folder / "bench.db")}
        programs = postgres.programs()
        if with_postgresql and programs:
            found["PostgreSQL"] = stack.enter_context(postgres.running(programs))
        yield found


async def measured(where: dict[str, str]) -> bool:
    """Everything; whether every goal is met."""
    met = True
    for name, address in where.items():
        say(name)
        say("  fan-out, bare")
        met &= await fan_out_bare(address) <= FAN_OUT_GOAL
        say("  fan-out, Slack over HTTP")
        met &= await fan_out_slack(address) <= FAN_OUT_GOAL
        rate, p99 = await accepted(address)
        met &= rate >= ACCEPT_GOAL and p99 < ACCEPT_P99_GOAL
    return met


def main() -> None:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args()
    logs.configure(level=50)
    with tempfile.TemporaryDirectory() as folder, ledgers(Path(folder), with_postgresql=asked.postgresql) as where:
        met = asyncio.run(measured(where))
    say("every goal is met" if met else "a goal was missed")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
