"""From slash command to acknowledgement: CPU against a bare Bolt app that only acks, and delay while an audit runs.

    python tests/bench/bench_ack.py

Both apps run in processes of their own on this machine, in turns, so that the ratios hold whatever the machine. Exit
code 1 when a goal is missed.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import psutil
from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.fakes.slack import FakeSlack  # noqa: E402 - found through the path above
from support.fakes.slack_requests import SECRET, encoded, signed, slash  # noqa: E402
from support.harness.loopback import closed_port  # noqa: E402
from support.harness.serving import backstay_serve  # noqa: E402

CPU_GOAL, DELAY_GOAL = 1.5, 0.300
ROUNDS, REQUESTS, CONNECTIONS = 5, 2560, (1, 32)  # CPU is told in steps of 10 ms: few requests would be a lottery
APPS = ("ours", "bare")


# --- the apps, each in a process of its own


def ours() -> web.Application:
    """backstay's own way from request to acknowledgement; the work behind it begins and ends at once."""
    from bot.app import logging_setup as logs  # noqa: PLC0415 - each process imports its own app alone
    from bot.cards.card import Card  # noqa: PLC0415
    from bot.chat.slack.chat import SlackChat  # noqa: PLC0415
    from bot.chat.slack.options import SlackOptions  # noqa: PLC0415
    from bot.model import Caller  # noqa: PLC0415
    from bot.web.loop_lag import LoopLag  # noqa: PLC0415
    from bot.web.server import application  # noqa: PLC0415

    async def nothing(_line: str, _caller: Caller, _fields: object) -> AsyncGenerator[Card, None]:
        return
        yield  # makes it a generator

    logs.configure()
    chat = SlackChat(SlackOptions("xoxb-made-up", SECRET), nothing, lambda _: False)
    return application(posts={"/slack/events": chat.handle}, probes={}, lag=LoopLag())


def bare() -> web.Application:
    """A listener that acks, in Bolt's cheaper mode: its default looks for the acknowledgement every 10 ms."""
    from slack_bolt.app.async_app import AsyncApp  # noqa: PLC0415
    from slack_bolt.authorization import AuthorizeResult  # noqa: PLC0415
    from slack_bolt.context.ack.async_ack import AsyncAck  # noqa: PLC0415

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-made-up")

    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)

    @app.command("/resilience")
    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    return app.web_app()


async def serve(name: str) -> None:
    made = ours() if name == "ours" else bare()
    runner = web.AppRunner(made, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


# --- measuring


@contextmanager
def running(name: str) -> Iterator[tuple[str, psutil.Process]]:
    command = [sys.executable, str(Path(__file__).resolve()), "--serve", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603 - our own file
        assert child.stdout is not None
        try:
            port = child.stdout.readline().strip()
            yield f"http://127.0.0.1:{port}/slack/events", psutil.Process(child.pid)
        finally:
            child.kill()


async def command(session: aiohttp.ClientSession, url: str, text: str = "scorecard", response_url: str = "") -> float:
    """Seconds from request to acknowledgement."""
    sent, kind = encoded(slash(text, response_url=response_url))
    begun = time.perf_counter()
    async with session.post(url, data=sent, headers=signed(sent, kind)) as answer:
        await answer.read()
        assert answer.status == 200, answer.status
    return time.perf_counter() - begun


async def load(url: str, requests: int, connections: int) -> list[float]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections)) as session:

        async def worker() -> list[float]:
            return [await command(session, url) for _ in range(requests // connections)]

        return [took for part in await asyncio.gather(*(worker() for _ in range(connections))) for took in part]


def cpu_per_command(url: str, process: psutil.Process, connections: int) -> float:
    """Microseconds of user and system time of the serving process."""
    before = process.cpu_times()
    done = len(asyncio.run(load(url, REQUESTS, connections)))
    after = process.cpu_times()
    return (after.user - before.user + after.system - before.system) / done * 1e6


def compare() -> bool:
    """Print CPU per command of each app, and whether the goal is met."""
    met = True
    with running(APPS[0]) as first, running(APPS[1]) as second:
        apps = dict(zip(APPS, (first, second), strict=True))
        for url, _ in apps.values():
            asyncio.run(load(url, 300, 4))  # warm
        for connections in CONNECTIONS:
            found: dict[str, list[float]] = {name: [] for name in APPS}
            for _ in range(ROUNDS):
                for name, (url, process) in apps.items():
                    found[name].append(cpu_per_command(url, process, connections))
            spent = {name: statistics.median(values) for name, values in found.items()}
            ratio = spent["ours"] / spent["bare"]
            met &= ratio <= CPU_GOAL
            told = ", ".join(f"{name} {value:.0f} us" for name, value in spent.items())
            say(
                f"CPU a command, {connections:2} connections: {told}; ours/bare {ratio:.2f} (goal {CPU_GOAL})",
                ratio <= CPU_GOAL,
            )
    return met


@asynccontextmanager
async def moto() -> AsyncIterator[dict[str, str]]:
    """moto's server in a process of its own, with a small estate in it."""
    port = closed_port()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "moto.server", "-p", str(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    variables = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "loopback",
        "AWS_SECRET_ACCESS_KEY": "loopback",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        await asyncio.to_thread(seed, variables["AWS_ENDPOINT_URL"])
        yield variables
    finally:
        child.kill()
        await child.wait()


def seed(url: str, tables: int = 150) -> None:
    import boto3  # noqa: PLC0415 - this part alone needs it
    from botocore.config import Config  # noqa: PLC0415

    config = Config(retries={"max_attempts": 10, "mode": "standard"}, connect_timeout=30)
    client = boto3.client(
        "dynamodb",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="loopback",
        aws_secret_access_key="loopback",
        config=config,
    )
    for number in range(tables):
        client.create_table(
            TableName=f"table-{number:03}",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=[{"Key": "service", "Value": "billing"}],
        )


async def under_audit() -> bool:
    """Print the delay of acknowledgements while `serve` runs a full audit, and whether the goal is met."""
    yaml = (
        "organisation: Acme\n"
        "slack: {bot_token: env:SLACK_BOT_TOKEN, signing_secret: env:SLACK_SIGNING_SECRET}\n"
        "services: [{name: billing, tier: 1, resources: {tags: {service: billing}}}]\n"
    )
    async with FakeSlack().running() as slack, moto() as aws, aiohttp.ClientSession() as session:
        env = {
            **aws,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": SECRET,
            "BACKSTAY_SLACK__API_URL": slack.url,
        }
        with tempfile.TemporaryDirectory() as folder:
            async with backstay_serve(Path(folder), yaml, env) as served:
                url = f"{served.url}/slack/events"
                await command(session, url, "help", slack.response_url())
                begun = time.perf_counter()
                await command(session, url, "check billing")
                delays = []
                while not audited(slack):
                    delays.append(await command(session, url, "help", slack.response_url()))
                    await asyncio.sleep(0.02)
                took = time.perf_counter() - begun
    p50, p99 = statistics.median(delays), statistics.quantiles(delays, n=100)[98]
    say(
        f"acknowledgement during a full audit of {took:.1f} s, {len(delays)} commands: "
        f"p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, longest {max(delays) * 1000:.1f} ms "
        f"(goal p99 {DELAY_GOAL * 1000:.0f} ms)",
        p99 < DELAY_GOAL,
    )
    return p99 < DELAY_GOAL


def audited(slack: FakeSlack) -> bool:
    return any(
        "grade" in str(post.get("text")) or "not enough" in str(post.get("text")) for post in slack.channel("payments")
    )


def say(line: str, met: bool) -> None:
    sys.stdout.write(f"{'ok    ' if met else 'MISSED'} {line}\n")
    sys.stdout.flush()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--serve", choices=APPS, help="used by the benchmark itself")
    options.add_argument("--part", choices=("cpu", "delay", "all"), default="all")
    chosen = options.parse_args()
    serving, part = chosen.serve, chosen.part
    if serving:
        asyncio.run(serve(serving))
        return 0
    met = part == "delay" or compare()
    met &= part == "cpu" or asyncio.run(under_audit())
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
