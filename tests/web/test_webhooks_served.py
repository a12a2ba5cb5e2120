"""Alerts of other monitoring, as a running server takes them: from the webhook to the post in Slack."""

from pathlib import Path
from typing import Any

import aiohttp
from support.builders.alerts import ALERTMANAGER_TOKEN, alert, alertmanager, bearer
from support.fakes.slack import FakeSlack
from support.harness.serving import Served, backstay_serve
from support.harness.waiting import until

YAML = """
organisation: Acme
slack: {bot_token: env:SLACK_BOT_TOKEN, signing_secret: env:SLACK_SIGNING_SECRET}
services:
  - name: checkout
    tier: 1
    depends_on: [aws/us-east-1/dynamodb]
    deployments: [aws/us-east-1]
audiences:
  payments: {routes: [{slack: "#payments"}]}
hooks:
  sources:
    - {name: prod-alerts, format: alertmanager, token: env:AM_TOKEN, about: checkout}
    - {name: staging-alerts, format: alertmanager, token: env:AM_TOKEN}
"""


def environment(slack: FakeSlack) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": "s3cret",
        "BACKSTAY_SLACK__API_URL": slack.url,
        "AM_TOKEN": ALERTMANAGER_TOKEN,
    }


async def post(served: Served, name: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{served.url}/hooks/in/{name}", json=body, headers=headers) as answer,
    ):
        return answer.status, await answer.json()


async def test_from_a_webhook_of_alertmanager_to_a_post_in_slack(tmp_path: Path) -> None:
    async with FakeSlack().running() as slack, backstay_serve(tmp_path, YAML, environment(slack)) as served:
        body = alertmanager(alert())
        assert await post(served, "prod-alerts", body, bearer("guess")) == (
            401,
            {"problem": "a bearer token or a signature is required"},
        )
        status, told = await post(served, "prod-alerts", body, bearer(ALERTMANAGER_TOKEN))
        assert (status, told["accepted"]) == (200, 1)
        # A second source that sees the same in the same place makes it sure at once.
        assert (await post(served, "staging-alerts", body, bearer(ALERTMANAGER_TOKEN)))[0] == 200
        await until(lambda: bool(slack.channel("payments")), within=30)
        said = str(slack.channel("payments")[0])
        assert "DynamoDB" in said
        assert "checkout" in said
        # What is seen stands in the alert's thread.
        await until(lambda: "HighErrorRate: 12 % of requests fail" in str(slack.channel("payments")), within=10)
        assert len([item for item in slack.channel("payments") if "thread_ts" not in item]) == 1
        assert not slack.violations
        assert await served.stop() == 0
        assert ALERTMANAGER_TOKEN not in "".join(served.log)
