"""The line is cut after a post was handed over, in channels of every kind: one message, or a repeat that says what it is."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.posts import message
from support.fakes.misbehaving import OK, error, reset_after_accept
from support.harness.office import SLACK, Office, open_office

CHANNEL = "C0PAYMENTS"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


async def cut_off(office: Office) -> list[str]:
    """Post one message while every line is cut after the post arrived; what the channel shows in the end."""
    office.slack.script("chat.postMessage", reset_after_accept())
    await office.post(message(), SLACK)
    for _ in range(3):
        await office.sender().deliver_due()
        office.clock.at += timedelta(minutes=1)
    assert (await office.receipt()).outcome == "sent"
    return [post["text"] for post in office.slack.channel("payments")]


def kind(office: Office, *, private: bool = False, member: bool = True, without: str = "") -> None:
    office.slack.private |= {CHANNEL} if private else set()
    office.slack.outside |= set() if member else {CHANNEL}
    office.slack.scopes -= {without}


@pytest.mark.parametrize("private", [False, True])
async def test_once_where_the_bot_is_a_member(office: Office, private: bool) -> None:
    kind(office, private=private)
    assert len(await cut_off(office)) == 1
    assert office.slack.joined == []


async def test_once_in_a_public_channel_that_it_never_joined(office: Office) -> None:
    kind(office, member=False)
    assert len(await cut_off(office)) == 1
    assert office.slack.joined == [CHANNEL], "Slack shows the history of a channel to its members alone"


async def test_a_channel_is_joined_for_a_doubt_alone(office: Office) -> None:
    kind(office, member=False)
    await office.post(message(), SLACK)
    await office.sender().deliver_due()
    assert len(office.slack.channel("payments")) == 1
    assert office.slack.joined == []


@pytest.mark.parametrize(
    ("private", "member", "without"),
    [
        (False, True, "channels:history"),
        (False, False, "channels:join"),
        (True, True, "groups:history"),
        (True, True, "groups:read"),
    ],
)
async def test_what_cannot_be_looked_up_says_that_it_may_be_a_repeat(
    office: Office, private: bool, member: bool, without: str
) -> None:
    kind(office, private=private, member=member, without=without)
    first, *again = await cut_off(office)
    assert "received this already" not in first
    assert all("you may have received this already" in text for text in again)


async def test_a_channel_that_cannot_be_joined_now_is_not_asked_for_ever(office: Office) -> None:
    kind(office, member=False)
    office.slack.always("conversations.join", error("is_archived"))
    assert len(await cut_off(office)) == 2
    office.slack.always("conversations.join", OK)


async def test_a_private_channel_is_found_by_its_name(office: Office) -> None:
    kind(office, private=True)
    office.slack.channels = {f"other{number}": f"C0OTHER{number:03d}" for number in range(1200)} | office.slack.channels
    assert len(await cut_off(office)) == 1
