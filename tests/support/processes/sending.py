"""A child process that delivers from a ledger until it is killed: `python -m support.processes.sending LEDGER SLACK HOOK`."""

import asyncio
import sys
from datetime import timedelta

from support.builders.posts import SECRETS
from support.harness.ledgers import ledger_at

from bot.chat.slack.web_client import SlackWebClient
from bot.delivery import DeliveryPolicy, Sender
from bot.delivery.routing.context import RouteContext
from bot.delivery.routing.registry import build_all
from bot.model import RouteSpec
from bot.net.egress import EgressPolicy

ROUTES = ("slack:#payments", "webhook:pager")
ALONE = ("webhook:alone",)
"""A way out that cannot be asked what arrived, with none behind it."""


async def deliver(ledger_path: str, slack_url: str, hook_url: str) -> None:
    """Deliver with leases and pauses that are short enough for a test."""
    async with ledger_at(ledger_path) as ledger:
        specs = (
            RouteSpec("slack", ROUTES[0], {"channel": "C0PAYMENTS"}),
            RouteSpec("webhook", ROUTES[1], {"url": hook_url}),
            RouteSpec("webhook", ALONE[0], {"url": hook_url}),
        )
        context = RouteContext(
            SECRETS.__getitem__, "xoxb-made-up", slack_url, slack=SlackWebClient, last_reference=ledger.last_reference,
            outgoing=EgressPolicy(private=True),
            timeout=timedelta(seconds=1),
        )  # fmt: skip
        routes, _ = build_all(specs, context)
        policy = DeliveryPolicy(
            lease=timedelta(seconds=0.5),
            idle=timedelta(seconds=0.05),
            every=timedelta(milliseconds=50),
            backoff=timedelta(milliseconds=20),
        )
        await Sender(ledger, routes, policy=policy).run()


if __name__ == "__main__":
    asyncio.run(deliver(*sys.argv[1:]))
