"""One resolver of scopes for a running `serve` and for the command line: no typed scope is ever a false all-clear."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import aiohttp
from support.fakes.slack import FakeSlack
from support.fakes.slack_requests import SECRET, encoded, signed, slash
from support.harness.serving import Served, backstay_serve, create_invoices, moto_aws

YAML = """
organisation: Acme
slack: {bot_token: env:SLACK_BOT_TOKEN, signing_secret: env:SLACK_SIGNING_SECRET}
aws: {regions: [us-east-1]}
services:
  - name: billing
    tier: 1
    resources: {tags: {service: billing}}
    depends_on: [stripe]
"""
UNDERSTOOD = {
    "aws/us-east-1": "aws/us-east-1",
    "us-east-1": "aws/us-east-1",
    "US-EAST-1 for 3h": "aws/us-east-1",
    "us-east-1 2 days": "aws/us-east-1",
    "dynamodb": "aws/us-east-1/dynamodb",
    "Stripe": "stripe",
}
REFUSED = {
    "us-esat-1": "whatif aws/us-east-1",
    "aws/us-east-1 fo 3h": "whatif aws/us-east-1 3h",
    "aws/us-east-1a": "whatif aws/us-east-1",  # nothing of ours is in that zone
    "twilio": "whatif ",
    "lambda": "whatif ",
}


async def answered(served: Served, slack: FakeSlack, line: str) -> dict[str, Any]:
    """The answer to a signed slash command: what is shown when it is complete."""
    name = f"r{len(slack.responses)}-{len(slack.channel('payments'))}"
    before = len(slack.channel("payments")), len(slack.responses)
    sent, kind = encoded(slash(line, response_url=slack.response_url(name)))
    async with aiohttp.ClientSession() as session:
        url = f"{served.url}/slack/events"
        async with session.post(url, data=sent, headers=signed(sent, kind)) as answer:
            assert answer.status == 200
    async with asyncio.timeout(120):
        while True:
            posts, told = slack.channel("payments")[before[0] :], [body for _, body in slack.responses[before[1] :]]
            done = [
                post
                for post in [*posts, *told]
                if "If " in str(post["blocks"][0]) or "failed" in str(post["blocks"][0])
            ]
            if done:
                return dict(done[-1])
            await asyncio.sleep(0.02)


async def told(folder: Path, env: dict[str, str], words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "whatif", *words.split()),
        cwd=folder,
        env={
            **os.environ,
            **env,
            "BACKSTAY_LEDGER": str(folder / "ledger.db"),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_a_scope_means_the_same_in_chat_and_on_the_command_line(tmp_path: Path) -> None:
    with moto_aws() as aws:
        create_invoices(aws)
        async with FakeSlack().running() as slack:
            tokens = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_SIGNING_SECRET": SECRET}
            env = {**aws, **tokens, "BACKSTAY_SLACK__API_URL": slack.url}
            async with backstay_serve(tmp_path, YAML, env) as served:
                for line, scope in UNDERSTOOD.items():
                    card = await answered(served, slack, f"whatif {line}")
                    assert f"If {scope} is lost" in str(card["blocks"]), line
                    assert "billing" in str(card["blocks"]), line
                for line, button in REFUSED.items():
                    card = await answered(served, slack, f"whatif {line}")
                    assert "If " not in str(card["blocks"][0]), (line, card)
                    assert button in str(card["blocks"]), line
                assert slack.violations == []
            for line, scope in (("dynamodb 3h", "aws/us-east-1/dynamodb"),):
                code, said = await told(tmp_path, env, line)
                assert (code, f"If {scope} is lost" in said) == (0, True), said
            for line in ("aws/us-east-1 fo 3h",):
                code, said = await told(tmp_path, env, line)
                assert (code, "did you mean 'aws/us-east-1'?" in said) == (2, True), said
