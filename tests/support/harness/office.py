"""A team with Slack first and a webhook second, both on loopback, and the sender that serves it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from support.builders.posts import ManualClock, context
from support.fakes.receivers import Receiver
from support.fakes.slack import FakeSlack
from support.harness.ledgers import ledger_at

from bot.delivery import DeliveryPolicy, Sender
from bot.delivery.routing.registry import build_all
from bot.model import Message, Receipt, Route, RouteSpec
from bot.storage.ledger import Ledger

SLACK, HOOK = "slack:#payments", "webhook:pager"


@dataclass
class Office:
    """The team. `slack_url` and `hook_url` lead elsewhere when they are set; `told` is what its sender gave up on.
    `patience`: how long a route waits for an answer; a busy machine answers late.
    """

    ledger: Ledger
    slack: FakeSlack
    hook: Receiver
    clock: ManualClock = field(default_factory=ManualClock)
    told: list[str] = field(default_factory=list)
    slack_url: str = ""
    hook_url: str = ""
    patience: timedelta = timedelta(seconds=5)

    def routes(self) -> Mapping[str, Route]:
        specs = (
            RouteSpec("slack", SLACK, {"channel": "#payments"}),
            RouteSpec("webhook", HOOK, {"url": self.hook_url or self.hook.url, "secret": "env:HOOK_SECRET"}),
        )
        around = context(
            slack_api_url=self.slack_url or self.slack.url,
            clock=self.clock,
            last_reference=self.ledger.last_reference,
            timeout=self.patience,
        )
        routes, problems = build_all(specs, around)
        assert not problems
        return routes

    def sender(self, **policy: Any) -> Sender:
        clock = self.clock
        return Sender(
            self.ledger,
            self.routes(),
            policy=DeliveryPolicy(**policy),
            clock=clock,
            sleep=clock.sleep,
            on_undelivered=self._tell,
        )

    async def _tell(self, told: Message, why: str) -> None:
        self.told.append(f"{told.id}: {why}")

    async def post(self, posted: Message, *routes: str) -> bool:
        return await self.ledger.post(posted, routes or (SLACK, HOOK), self.clock())

    async def outcomes(self, id: str = "m1") -> list[tuple[str, str]]:
        return [(receipt.route, receipt.outcome) for receipt in await self.ledger.receipts(message=id)]

    async def receipt(self, id: str = "m1") -> Receipt:
        return (await self.ledger.receipts(message=id))[-1]

    def in_slack(self) -> list[str]:
        return [post["metadata"]["event_payload"]["id"] for post in self.slack.channel("payments")]


@asynccontextmanager
async def open_office(directory: Path) -> AsyncIterator[Office]:
    """Open for the block, with a ledger in the directory."""
    async with ledger_at(directory) as ledger, FakeSlack().running() as slack, Receiver().running() as hook:
        yield Office(ledger, slack, hook)
