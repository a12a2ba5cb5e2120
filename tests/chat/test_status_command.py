"""`status` in chat: all providers, one of them, a region, a name nobody knows; and `incidents` where pages are silent."""

from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.moment import seen, service
from support.builders.resources import datastore
from support.fakes.status_page import StatusPage, aws_events, summary, trouble
from support.harness.feed_rooms import MINUTE, Rooms, feed_rooms

from bot.cards.card import Card
from bot.cards.messages.not_watched import unwatched_card
from bot.cards.render import text as to_text
from bot.chat.dispatch import dispatch
from bot.model import Caller

RED = summary(trouble(name="Payments fail", created_at="2026-11-23T09:00:00Z"), indicator="major")


async def ask(rooms: Rooms, line: str) -> Card:
    audits = SampleAudits(sample_services("checkout"))
    backend = sample_backend(audits, incidents=rooms.watch, providers=rooms.room)
    return [item async for item in dispatch(line, Caller("slack", "U1"), backend, now=rooms.office.clock)][-1]


async def test_all_one_by_alias_and_how_old_it_is(tmp_path: Path) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=RED)) as rooms:
        await rooms.pass_by(MINUTE)
        assert (await ask(rooms, "status")).title == "Problems reported: stripe"
        rooms.page.status = 500
        await rooms.pass_by(14 * MINUTE)
        old = to_text.render(await ask(rooms, "status STRIPE"))
        assert "returned HTTP 500" in old
        assert "Last read: 23 Nov 2026, 09:00 UTC" in " ".join(old.split())
        rooms.office.clock.at += 5 * MINUTE
        stale = await ask(rooms, "status stripe")
        assert stale.title == "Medium: Stripe reports an incident", "what is open leads"
        assert stale.data is not None
        assert stale.data["severity"] == "unknown"


async def test_a_page_that_was_never_read_is_there_and_unknown(tmp_path: Path) -> None:
    async with feed_rooms(tmp_path, StatusPage(status=503)) as rooms:
        await rooms.pass_by(MINUTE)
        card = await ask(rooms, "status")
        assert card.title == "Provider status partly unknown"
        assert "unknown stripe, never read: returned HTTP 503" in to_text.render(card).replace("**", "")
        nothing = await ask(rooms, "incidents")
        assert nothing.tone == "warning"
        assert "Monitoring is incomplete: the status of stripe is unknown" in to_text.render(nothing)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("status strype", "Did you mean stripe?"),
        ("status alibaba", "Alibaba Cloud: status unknown"),
        ("status page=2", "page"),
    ],
)
async def test_what_cannot_be_told_says_why(tmp_path: Path, line: str, said: str) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=RED)) as rooms:
        await rooms.pass_by(MINUTE)
        assert said in to_text.render(await ask(rooms, line))


async def test_a_region_narrows_and_what_is_left_is_named(tmp_path: Path) -> None:
    page = StatusPage(body=aws_events({"us-east-1": "dynamodb", "eu-west-1": "sqs"}))
    mine = seen(datastore(product="dynamodb", replica_regions=()), of=service("checkout", audience="payments"))
    async with feed_rooms(tmp_path, page, "aws", seen=[mine]) as rooms:
        await rooms.pass_by(timedelta(minutes=1))
        ours = to_text.render(await ask(rooms, "status aws"))
        assert "checkout" in ours
        assert ours.index("aws (eu-west-1)") > ours.index("dynamodb") or "Other feeds and regions" in ours
        other = await ask(rooms, "status aws region=ap-south-1")
        assert other.title == "aws: no problems reported in ap-south-1"
        assert "Problems elsewhere: aws (us-east-1, eu-west-1)" in other.summary
        assert "Other feeds and regions" in to_text.render(other)
        assert "No status page mentions the region ap-soth-1" in to_text.render(
            await ask(rooms, "status aws region=ap-soth-1")
        )


async def test_without_any_feed_what_is_open_is_still_told(tmp_path: Path) -> None:
    async with feed_rooms(tmp_path, StatusPage(body=RED)) as rooms:
        await rooms.pass_by(5 * MINUTE)
        known = await rooms.watch.incidents()
    card = unwatched_card("status", "", known)
    assert card.title == "Medium: Stripe reports an incident"
    assert known[0].id in to_text.render(card)
    assert unwatched_card("status").title == "Provider status is off"
