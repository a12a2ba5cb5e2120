"""The Slack route: what it posts, and how a post in doubt is looked for."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.builders.posts import card, context, message
from support.fakes.misbehaving import Behaviour, error, hang, reset_after_accept, status, trickle
from support.fakes.slack import FakeSlack

from bot.cards.card import Chart
from bot.delivery.routing.registry import build
from bot.model import Refused, Result, Retry, Route, RouteSpec, Sent
from bot.net.http import RouteError


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack().running() as running:
        yield running


def route(slack: FakeSlack, channel: str = "C0PAYMENTS", **around: Any) -> Route:
    spec = RouteSpec("slack", f"slack:{channel}", {"channel": channel})
    return build(spec, context(slack_api_url=slack.url, **around))


def is_in(result: Result, slack: FakeSlack) -> bool:
    (post,) = slack.channel("payments")
    return result == Sent(f"C0PAYMENTS:{post['ts']}")


async def test_posts_marked_and_without_previews(slack: FakeSlack) -> None:
    assert is_in(await route(slack, "#payments").send(message(), 1), slack)
    (post,) = slack.channel("payments")
    assert post["metadata"] == {"event_type": "backstay_delivery", "event_payload": {"id": "m1"}}
    assert post["unfurl_links"] is False
    assert post["unfurl_media"] is False
    assert post["blocks"]
    assert "Billing" in post["text"]
    assert not slack.violations


@pytest.mark.parametrize("behaviour", [reset_after_accept(), trickle(0.1)], ids=["cut", "slow"])
async def test_a_post_in_doubt_that_arrived_is_found_at_once(slack: FakeSlack, behaviour: Behaviour) -> None:
    slack.script("chat.postMessage", behaviour)
    assert is_in(await route(slack).send(message(), 1), slack)
    assert len(slack.called("chat.postMessage")) == 1


async def test_one_that_did_not_arrive_stays_in_doubt(slack: FakeSlack) -> None:
    slack.script("chat.postMessage", status(500))
    result = await route(slack).send(message(), 1)
    assert isinstance(result, Retry)
    assert result.ambiguous


async def test_a_post_behind_more_than_is_looked_through_says_that_it_may_be_there(slack: FakeSlack) -> None:
    await route(slack).send(message(), 1)
    slack.posts["C0PAYMENTS"] += [{"ts": f"1763900001.{number:06d}", "text": "chatter"} for number in range(599)]
    found = await route(slack).send(message(), 2)
    assert found == Sent(f"C0PAYMENTS:{slack.channel('payments')[0]['ts']}")
    slack.posts["C0PAYMENTS"] += [{"ts": "1763900002.000000", "text": "one more"}]
    await route(slack).send(message(), 2)
    assert "you may have received this already" in slack.channel("payments")[-1]["text"]


async def test_a_later_attempt_looks_first(slack: FakeSlack) -> None:
    await route(slack).send(message(), 1)
    assert is_in(await route(slack).send(message(), 2), slack)
    assert len(slack.called("chat.postMessage")) == 1


async def test_a_later_attempt_finds_it_under_many_others(slack: FakeSlack) -> None:
    await route(slack).send(message(), 1)
    slack.channel("payments").extend({"ts": f"2.{number}", "text": "chatter"} for number in range(230))
    found = await route(slack).send(message(), 2)
    assert found == Sent(f"C0PAYMENTS:{slack.channel('payments')[0]['ts']}")


async def test_a_later_attempt_posts_what_is_not_there(slack: FakeSlack) -> None:
    slack.channel("payments").append({"ts": "2.1", "text": "chatter", "metadata": {"event_type": "other"}})
    assert isinstance(await route(slack).send(message(), 2), Sent)
    assert len(slack.channel("payments")) == 2


async def test_a_channel_by_name_is_learnt_from_the_last_receipt(slack: FakeSlack) -> None:
    async def last_reference(name: str) -> str:
        return {"slack:#payments": "C0PAYMENTS:1.1"}[name]

    await route(slack).send(message(), 1)
    assert is_in(await route(slack, "#payments", last_reference=last_reference).send(message(), 2), slack)


async def test_where_nobody_may_look_it_is_posted(slack: FakeSlack) -> None:
    slack.missing_scopes.add("conversations.history")
    assert is_in(await route(slack).send(message(), 2), slack)


async def test_while_looking_fails_it_waits_but_not_for_ever(slack: FakeSlack) -> None:
    slack.always("conversations.history", status(500))
    assert isinstance(await route(slack).send(message(), 2), Retry)
    assert slack.channel("payments") == []
    assert isinstance(await route(slack).send(message(), 6), Sent)


@pytest.mark.parametrize(
    "code",
    [
        "channel_not_found", "is_archived", "invalid_auth", "token_revoked", "account_inactive", "no_permission",
        "msg_too_long", "not_in_channel", "restricted_action", "invalid_blocks", "missing_scope",
    ],
)  # fmt: skip
async def test_refusals_say_slacks_reason(slack: FakeSlack, code: str) -> None:
    slack.always("chat.postMessage", error(code))
    result = await route(slack).send(message(), 1)
    assert isinstance(result, Refused)
    assert result.reason == f"Slack refused: {code}"


@pytest.mark.parametrize("code", ["internal_error", "service_unavailable", "fatal_error", "request_timeout"])
async def test_trouble_within_slack_is_worth_another_try(slack: FakeSlack, code: str) -> None:
    slack.always("chat.postMessage", error(code))
    result = await route(slack).send(message(), 1)
    assert isinstance(result, Retry)
    assert code in result.reason


async def test_a_slack_that_hangs_is_given_up_on_soon(slack: FakeSlack) -> None:
    slack.always("chat.postMessage", hang())
    result = await route(slack).send(message(), 1)
    assert isinstance(result, Retry)
    assert "in time" in result.reason


async def test_a_workspace_that_refuses_charts_gets_them_as_text(slack: FakeSlack) -> None:
    slack.refused_blocks.add("data_visualization")
    chart = Chart("Score of billing", (("9 Nov", 60.0), ("16 Nov", 72.0)), "From 60 to 72.")
    one = route(slack)
    for delivery in ("m1", "m2"):
        assert isinstance(await one.send(message(delivery, card=card(blocks=(chart,)).dump()), 1), Sent)
    assert len(slack.channel("payments")) == 2
    assert all("From 60 to 72." in json.dumps(post["blocks"]) for post in slack.channel("payments"))
    assert len(slack.called("chat.postMessage")) == 3, "refused once, then known"


def test_without_a_token_there_is_no_route() -> None:
    with pytest.raises(RouteError, match=r"slack\.bot_token"):
        build(RouteSpec("slack", "slack:#a", {"channel": "#a"}), context(slack_token=""))
