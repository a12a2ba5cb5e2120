"""Three replicas of `serve` on one PostgreSQL: each post and each slot is one replica's, and a dead one's work goes on."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text
from support.builders.alerts import ALERTMANAGER_TOKEN, alert, alertmanager, bearer
from support.builders.posts import message
from support.builders.scorecards import sample_estate
from support.fakes.misbehaving import trickle
from support.fakes.slack import FakeSlack
from support.harness.ledgers import ledger_at
from support.harness.serving import Served, backstay_serve
from support.harness.waiting import until

from bot.audit.facts_codec import encode
from bot.model import Collected
from bot.storage.ledger import Ledger

TEAMS = tuple(f"team{number}" for number in range(8))
YAML = """
organisation: Acme
ledger: env:LEDGER
slack: {bot_token: env:SLACK_BOT_TOKEN}
fallback_tests: false
watch: {feeds: none}
services:
  - {name: checkout, tier: 1, audience: team0, depends_on: [aws/us-east-1/dynamodb], deployments: [aws/us-east-1]}
hooks:
  sources:
    - {name: prod-alerts, format: alertmanager, token: env:AM_TOKEN, about: checkout}
    - {name: staging-alerts, format: alertmanager, token: env:AM_TOKEN}
audiences:
""" + "".join(
    f'  {team}: {{routes: [slack: "#{team}"], schedules: [{{cron: "* * * * *", grace: 1h}}]}}\n' for team in TEAMS
)
SCHEDULES = [f"{team}/scorecard/* * * * */UTC" for team in TEAMS]


@dataclass
class House:
    """Replicas by their process id, and what they share."""

    ledger: Ledger
    slack: FakeSlack
    database: str
    folder: Path
    stack: AsyncExitStack
    replicas: dict[int, Served] = field(default_factory=dict)

    async def start(self, number: int = 1) -> None:
        """Start so many at once."""
        began = await asyncio.gather(*(self._start() for _ in range(number)))
        self.replicas |= {item.process.pid: item for item in began}

    async def _start(self) -> Served:
        self.folder.mkdir(exist_ok=True)
        home = self.folder / os.urandom(4).hex()
        home.mkdir()
        env = {"LEDGER": self.database, "BACKSTAY_LEDGER": "env:LEDGER", "SLACK_BOT_TOKEN": self.slack.bot_token}
        env |= {"BACKSTAY_SLACK__API_URL": self.slack.url, "AM_TOKEN": ALERTMANAGER_TOKEN}
        return await self.stack.enter_async_context(backstay_serve(home, YAML, env))

    async def post(self, names: Iterable[str]) -> None:
        """Post as any replica would, a message to one team after the other."""
        for number, name in enumerate(names):
            team = TEAMS[number % len(TEAMS)]
            posted = message(name, audience=team, created_at=datetime.now(UTC))
            assert await self.ledger.post(posted, [f"slack:#{team}"])

    async def alarm(self) -> None:
        """Two alertmanagers tell every replica of the same trouble, as they would behind a load balancer that repeats."""
        async with aiohttp.ClientSession(headers=bearer(ALERTMANAGER_TOKEN)) as session:
            for replica in self.replicas.values():
                for name in ("prod-alerts", "staging-alerts"):
                    url = f"{replica.url}/hooks/in/{name}"
                    async with session.post(url, json=alertmanager(alert())) as answer:
                        assert answer.status == 200

    def told(self) -> list[str]:
        """Titles of what is an alert and no answer in its thread."""
        posts = [post for channel in self.slack.posts.values() for post in channel if "thread_ts" not in post]
        return [str(post["blocks"][0]) for post in posts if "DynamoDB" in str(post)]

    async def at_work(self) -> Counter[int]:
        """Process ids of the replicas that have messages on their way, and how many."""
        async with self.ledger.read() as connection:
            owners = await connection.scalars(text("SELECT lease_owner FROM outbox WHERE lease_owner IS NOT NULL"))
        return Counter(int(owner.split("/")[1]) for owner in owners)

    async def delivered(self, within: float) -> None:
        """Wait until nothing is on its way any more."""
        async with asyncio.timeout(within):
            while (await self.ledger.backlog()).pending:  # noqa: ASYNC110 - no event crosses the processes
                await asyncio.sleep(0.05)

    async def renewals(self, number: int, within: float = 120) -> None:
        """Wait until the leader has renewed its lease so often: its loop went round, however slow the machine is."""
        async with asyncio.timeout(within):
            while (lease := await self.ledger.current_lease("watch")) is None:  # noqa: ASYNC110 - no event crosses the processes
                await asyncio.sleep(0.05)
            until_beat = lease.beat + number
            while lease is None or lease.beat < until_beat:
                await asyncio.sleep(0.05)
                lease = await self.ledger.current_lease("watch")

    def seen(self) -> Counter[str]:
        """What people see in Slack: each post by its id, and how often it is there."""
        posts = [post for channel in self.slack.posts.values() for post in channel]
        return Counter(post["metadata"]["event_payload"]["id"] for post in posts)


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[House]:
    slack = FakeSlack(channels={team: f"C0{team.upper()}" for team in TEAMS})
    async with slack.running(), ledger_at(database) as ledger, AsyncExitStack() as stack:
        now = datetime.now(UTC)
        fresh = replace(sample_estate(1), generated_at=now)
        await ledger.save_audit(fresh, encode(Collected((), ())))  # so that no post waits for AWS
        for schedule in SCHEDULES:
            await ledger.begin_schedule(schedule, now - timedelta(minutes=3))
        yield House(ledger, slack, database, tmp_path / "replicas", stack)


async def test_posts_and_slots_are_one_replicas_each_through_a_kill_and_a_rolling_restart(house: House) -> None:
    await house.start(3)
    first = [f"first{number}" for number in range(24)]
    house.slack.always("chat.postMessage", trickle(1))  # it is in the channel, but its sender does not know yet
    await house.post(first)
    async with asyncio.timeout(120):
        while not (working := await house.at_work()) or not house.seen():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    victim = house.replicas.pop(working.most_common(1)[0][0])
    os.kill(victim.process.pid, signal.SIGKILL)
    house.slack.always("chat.postMessage")
    await house.delivered(within=120)
    assert house.seen() >= Counter(first)

    second = [f"second{number}" for number in range(40)]
    await house.post(second[:20])
    for old in [*house.replicas.values()]:
        await house.start()
        assert await old.stop() == 0
        del house.replicas[old.process.pid]
        await house.post(f"during{old.process.pid}/{number}" for number in range(8))
    await house.post(second[20:])
    await house.delivered(within=120)

    posts = house.seen()
    assert set(posts) >= {*first, *second}
    slots = [name.rpartition("/UTC:")[0].removeprefix("weekly:") for name in posts if name.startswith("weekly:")]
    assert {f"{slot}/UTC" for slot in slots} == set(SCHEDULES)
    assert {name: often for name, often in posts.items() if often > 1} == {}
    sent = Counter(receipt.message for receipt in await house.ledger.receipts(limit=1000) if receipt.outcome == "sent")
    assert sent == posts
    assert house.slack.violations == []


async def test_three_replicas_hear_of_an_outage_and_one_alert_goes_out(house: House) -> None:
    await house.start(3)
    await house.alarm()
    await until(house.told, within=120)
    await house.alarm()  # news of what is known already
    await house.renewals(4)  # four times 4 s: each replica has read its alerts, every 5 s, at least twice
    told = [name for name in house.seen() if name.startswith(("alert", "incident"))]
    assert len(house.told()) == 1, house.told()
    assert len(told) == len(set(told))
    holder = await house.ledger.current_lease("watch")
    assert holder is not None
    assert holder.term == 1, "nobody took the watch from another"
