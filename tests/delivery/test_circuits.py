"""One channel, or one path of a host, that fails holds up no other; a platform that fails is left alone as a whole."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.posts import ManualClock, context, message
from support.fakes.misbehaving import Behaviour, error, status
from support.fakes.receivers import Receiver
from support.fakes.slack import FakeSlack
from support.harness.ledgers import ledger_at

from bot.delivery import DeliveryPolicy, Sender
from bot.delivery.routing.registry import build_all
from bot.model import Priority, RouteSpec
from bot.storage.ledger import Ledger

NAMES = tuple(f"team{number}" for number in range(6))
CHANNELS = {name: f"C0TEAM{number:03d}" for number, name in enumerate(NAMES)}


class Town:
    """Six teams with a channel each in one Slack, and six more with a path each at one host; one sender serves all."""

    def __init__(self, ledger: Ledger, slack: FakeSlack, hook: Receiver) -> None:
        self.ledger, self.slack, self.hook, self.clock = ledger, slack, hook, ManualClock()
        specs = [RouteSpec("slack", f"slack:{name}", {"channel": channel}) for name, channel in CHANNELS.items()]
        specs += [RouteSpec("webhook", f"webhook:{name}", {"url": f"{hook.url}/{name}"}) for name in NAMES]
        around = context(slack_api_url=slack.url, clock=self.clock, timeout=timedelta(seconds=5))
        routes, problems = build_all(specs, around)
        assert not problems
        self.sender = Sender(ledger, routes, policy=DeliveryPolicy(), clock=self.clock, sleep=self.clock.sleep)
        self._sent = 0

    async def send(self, *routes: str) -> list[str]:
        """Send a message by these routes; the outcome of each try, in order."""
        self._sent += 1
        sent = f"m{self._sent}"
        audience = routes[0].partition(":")[2]
        await self.ledger.post(message(sent, audience=audience, priority=Priority.ALERT), routes, self.clock())
        await self.sender.deliver_one(sent)
        for ping in tuple(self.sender._context.pings):  # noqa: SLF001 - pings beside the sends end when they end
            await ping
        return [receipt.outcome for receipt in await self.ledger.receipts(message=sent)]

    async def fail(self, kind: str, *names: str, times: int = 2) -> None:
        for _ in range(times):
            for name in names:
                await self.send(f"{kind}:{name}")

    def asked(self, name: str) -> int:
        """How often somebody tried to post to a channel."""
        return len([call for call in self.slack.called("chat.postMessage") if call["channel"] == CHANNELS[name]])


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with (
        ledger_at(tmp_path) as ledger,
        FakeSlack(channels=CHANNELS).running() as slack,
        Receiver().running() as hook,
    ):
        yield Town(ledger, slack, hook)


def sick(town: Town, *names: str, behaviour: Behaviour | None = None) -> None:
    for name in names:
        town.slack.sick[CHANNELS[name]] = behaviour or status(503)
        town.hook.always(f"hook/{name}", behaviour or status(500))


@pytest.mark.parametrize("kind", ["slack", "webhook"])
@pytest.mark.parametrize("sick_ones", [1, 2, 3, 4])
async def test_channels_that_fail_hold_up_no_other(town: Town, kind: str, sick_ones: int) -> None:
    sick(town, *NAMES[:sick_ones])
    await town.fail(kind, *NAMES[:sick_ones])
    assert [await town.send(f"{kind}:{name}") for name in NAMES[4:]] == [["sent"], ["sent"]]


@pytest.mark.parametrize("kind", ["slack", "webhook"])
async def test_a_channel_that_fails_is_left_alone_and_tried_again(town: Town, kind: str) -> None:
    sick(town, "team0")
    await town.fail(kind, "team0")
    other = "webhook" if kind == "slack" else "slack"
    assert await town.send(f"{kind}:team0", f"{other}:team1") == ["skipped", "sent"]
    (receipt, _) = await town.ledger.receipts(message="m3")
    assert f"circuit breaker open for {kind}:team0" in receipt.detail
    town.slack.sick.clear()
    town.hook.always("hook/team0")
    town.clock.at += timedelta(seconds=16)
    assert await town.send(f"{kind}:team0") == ["sent"]
    assert await town.send(f"{kind}:team0") == ["sent"]


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "service_unavailable"])
async def test_trouble_by_slacks_own_word_in_one_channel_holds_up_no_other(town: Town, code: str) -> None:
    sick(town, "team0", behaviour=error(code))
    await town.fail("slack", "team0")
    assert await town.send("slack:team1") == ["sent"]


async def test_a_platform_that_fails_the_ping_is_left_alone_after_one_message(town: Town) -> None:
    town.slack.always("*", status(503))
    assert await town.send("slack:team0", "webhook:team0") == ["retry", "sent"]
    assert await town.send("slack:team1", "webhook:team1") == ["skipped", "sent"]
    assert town.asked("team1") == 0


async def test_a_ping_that_answers_opens_nothing(town: Town) -> None:
    town.slack.always("chat.postMessage", status(503))
    assert await town.send("slack:team0", "webhook:team0") == ["retry", "sent"]
    assert len(town.slack.called("auth.test")) == 1
    assert await town.send("slack:team1", "webhook:team1") == ["retry", "sent"]
    assert len(town.slack.called("auth.test")) == 1, "the answer holds for a few seconds"


async def test_where_no_channel_takes_posts_the_others_are_tried_one_by_one(town: Town) -> None:
    town.slack.always("chat.postMessage", status(503))
    for name in NAMES[:3]:
        await town.send(f"slack:{name}", f"webhook:{name}")
    assert await town.send("slack:team0", "webhook:team0") == ["skipped", "sent"]
    assert await town.send("slack:team3", "webhook:team3") == ["retry", "sent"], "the probe: it had not failed yet"
    assert await town.send("slack:team3", "webhook:team3") == ["skipped", "sent"]
    town.slack.always("chat.postMessage")
    assert await town.send("slack:team4") == ["sent"]
    assert await town.send("slack:team0") == ["sent"], "the platform is back, and so are its channels"


async def test_a_host_that_cannot_be_reached_is_left_alone_as_a_whole(tmp_path: Path) -> None:
    async with ledger_at(tmp_path) as ledger, FakeSlack(channels=CHANNELS).running() as slack:
        async with Receiver().running() as hook:
            town = Town(ledger, slack, hook)
        await town.fail("webhook", "team0", "team1", times=1)
        assert await town.send("webhook:team2", "slack:team2") == ["skipped", "sent"]


async def test_two_ports_of_one_host_are_two_platforms(tmp_path: Path) -> None:
    async with Receiver().running() as one, Receiver().running() as other:
        specs = [RouteSpec("webhook", f"webhook:{at}", {"url": hook.url}) for at, hook in enumerate((one, other))]
        routes, _ = build_all(specs, context())
        first, second = routes.values()
        assert first.platform != second.platform
