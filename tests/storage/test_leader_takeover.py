"""Two replicas of `serve` watch one endpoint on one PostgreSQL; the one that judges is killed in the middle of an outage."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web
from support.fakes.slack import FakeSlack
from support.harness import postgres
from support.harness.loopback import serving
from support.harness.serving import Served, backstay_serve

YAML = """
ledger: env:LEDGER
slack: {{bot_token: env:SLACK_BOT_TOKEN}}
fallback_tests: false
watch: {{probes: true, interval: 3s, feeds: none, controls: [], resolvers: ["127.0.0.1:9"], vantage: {name}}}
services: [{{name: shop, tier: 1, audience: payments}}]
endpoints: [{{url: "{url}/health", about: shop}}]
audiences: {{payments: {{routes: [slack: "#payments"]}}}}
"""


def judges(replica: Served) -> bool:
    return any("leader_lease_taken" in line for line in replica.log)


async def until(ready: Callable[[], bool], seconds: float) -> float:
    """How long it took."""
    began = time.monotonic()
    while not ready():
        assert time.monotonic() - began < seconds, f"not within {seconds:g} s"
        await asyncio.sleep(0.2)
    return time.monotonic() - began


async def test_a_killed_judge_is_replaced_and_nothing_is_told_twice(tmp_path: Path) -> None:
    programs = postgres.programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    broken = asyncio.Event()

    async def health(_: web.Request) -> web.Response:
        return web.Response(status=500 if broken.is_set() else 200)

    app = web.Application()
    app.router.add_get("/health", health)
    with postgres.running(programs) as ledger:
        async with AsyncExitStack() as stack:
            slack = await stack.enter_async_context(FakeSlack().running())
            url = await stack.enter_async_context(serving(app))
            env = {
                "LEDGER": ledger,
                "SLACK_BOT_TOKEN": slack.bot_token,
                "BACKSTAY_SLACK__API_URL": slack.url,
                "BACKSTAY_WATCH__PROBES": "true",
            }
            here: list[Served] = []
            for name in ("a", "b"):
                (tmp_path / name).mkdir()
                yaml = YAML.format(url=url, name=name)
                own = {**env, "BACKSTAY_LEDGER": ledger}
                here.append(await stack.enter_async_context(backstay_serve(tmp_path / name, yaml, own)))
            await until(lambda: any(map(judges, here)), 20)
            first, other = sorted(here, key=lambda replica: not judges(replica))
            assert not judges(other)
            broken.set()
            await until(lambda: bool(slack.top("payments")), 90)
            first.process.kill()
            assert await until(lambda: judges(other), 40) < 30
            await asyncio.sleep(12)  # long enough for two judgements of the new one
            (post,) = slack.top("payments")
            assert "shop is failing" in str(post["text"])
