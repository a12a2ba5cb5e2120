"""Status pages polled by a serving process: `status` shows them in Slack and over the API."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.fakes.slack import FakeSlack
from support.fakes.slack_requests import SECRET, encoded, signed, slash
from support.fakes.status_page import StatusPage, summary, trouble
from support.harness.loopback import serving
from support.harness.serving import Served, backstay_serve

HOOK = "a-made-up-token-of-the-hooks-0123456789"


def catalogue(url: str, *, interval: str = "1s") -> str:
    """One service that needs `paper`. Every page that would be read is on loopback."""
    return f"""
organisation: Acme
slack: {{bot_token: env:SLACK_BOT_TOKEN, signing_secret: env:SLACK_SIGNING_SECRET}}
hooks: {{token: env:HOOK_TOKEN}}
watch: {{feeds: needed, feed_interval: {interval}}}
providers:
  - {{name: paper, feed: "{url}/paper/summary.json", private: true, aliases: [papers]}}
  - {{name: slack, feed: "{url}/slack/summary.json", private: true}}
audiences:
  payments: {{routes: [{{slack: "#payments"}}], schedules: []}}
services:
  - {{name: checkout, tier: 1, audience: payments, depends_on: [paper]}}
"""


def environment(slack: FakeSlack) -> dict[str, str]:
    tokens = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_SIGNING_SECRET": SECRET, "HOOK_TOKEN": HOOK}
    return {**tokens, "BACKSTAY_SLACK__API_URL": slack.url, "BACKSTAY_WATCH__FEEDS": "needed"}


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack().running() as fake:
        yield fake


async def until(true: Callable[[], bool], within: float = 60) -> None:
    """Wait for something that another process brings about."""
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110 - no event crosses the processes
            await asyncio.sleep(0.05)


async def ask(served: Served, line: str) -> None:
    sent, kind = encoded(slash(line))
    url, headers = f"{served.url}/slack/events", signed(sent, kind)
    async with aiohttp.ClientSession() as session, session.post(url, data=sent, headers=headers) as answer:
        assert answer.status == 200


async def over_the_hook(served: Served) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {HOOK}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{served.url}/hooks/status") as answer:
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
        return found


async def test_status_shows_affected_providers_in_chat_and_api(tmp_path: Path, slack: FakeSlack) -> None:
    page = StatusPage(body=summary(trouble(created_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"), indicator="major"))
    async with (
        serving(page.app()) as url,
        backstay_serve(tmp_path, catalogue(url), environment(slack)) as served,
    ):
        await until(lambda: len(page.asked) >= 4)
        await ask(served, "status")
        await until(lambda: "Problems reported: paper" in str(slack.channel("payments")))
        await ask(served, "status papers")
        await until(lambda: "paper: problems reported" in str(slack.channel("payments")))
        assert "{date_short_pretty} {time}" in str(slack.channel("payments")[1]), "when the page was read"

        said = await over_the_hook(served)
        assert said["kind"] == "status"
        assert said["data"]["providers"]["paper"] == "major"
        assert slack.violations == []
        assert await served.stop() == 0
