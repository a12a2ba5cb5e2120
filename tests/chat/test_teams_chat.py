"""Teams chat: messages, clicks and installations over HTTP, and what comes back."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.fakes.misbehaving import body, error, hang, ratelimited, reset, status
from support.fakes.teams_activities import CHANNEL, click, message
from support.harness.teams_app import teams_app

from bot.cards.card import Button, Buttons, Card, Form, FormField
from bot.cards.messages.error import error_card
from bot.chat.command import FieldErrors
from bot.model import Caller

CARD = "application/vnd.microsoft.card.adaptive"
WORDS = "application/vnd.microsoft.activity.message"


def card(title: str, *, kind: str = "scorecard") -> Card:
    return Card(kind, title, f"{title} said in full.", (Buttons((Button("Again", "check billing"),)),))


class Script:
    """Answers every line with these cards, and remembers who asked what. `gate` holds the last card back."""

    def __init__(self, *cards: Card, gate: asyncio.Event | None = None) -> None:
        self.cards, self.gate = cards, gate
        self.asked: list[tuple[str, Caller, Mapping[str, str]]] = []

    async def __call__(self, line: str, caller: Caller, fields: Mapping[str, str]) -> AsyncGenerator[Card, None]:
        self.asked.append((line, caller, fields))
        for each_card in self.cards[:-1]:
            yield each_card
            await asyncio.sleep(0.05)
        if self.gate:
            await self.gate.wait()
        yield self.cards[-1]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - several tasks bring it about
            await asyncio.sleep(0.01)


async def test_a_personal_message_is_answered_with_a_card(tmp_path: Path) -> None:
    script = Script(card("Acme: C"))
    async with teams_app(script, tmp_path) as app:
        sent = message(app.teams.url, "scorecard")
        assert (await app.ask(sent))[0] == 200
        await app.settle()
        (post,) = app.teams.posted
    (asked,) = script.asked
    caller = Caller("teams", "entra-kim", "a:personal", "Kim", "Europe/Berlin", (), {"prefix": ""})
    assert asked == ("scorecard", caller, {})
    assert post["at"] == "a:personal"
    assert post["reply"] == post["replyToId"] == sent["id"]
    assert post["from"]["id"] == "28:backstay"
    assert post["summary"] == "Acme: C: Acme: C said in full."
    assert app.teams.violations == []


@pytest.mark.parametrize("scope", ["groupChat", "channel"])
async def test_a_mention_in_a_group_or_channel_is_the_same_command(tmp_path: Path, scope: str) -> None:
    script = Script(card("billing: D"))
    async with teams_app(script, tmp_path) as app:
        await app.ask(message(app.teams.url, "scorecard &lt;billing&gt; <at>Lee</at>", mention=True, scope=scope))
        await app.settle()
        (post,) = app.teams.posted
    line, caller, _ = script.asked[0]
    assert line == "scorecard <billing> Lee"
    assert caller.labels == {"prefix": "@backstay"}
    if scope == "channel":
        assert post["at"] == f"{CHANNEL};messageid=17", "the answer stays in its thread"
        assert (caller.channel, caller.groups) == (CHANNEL, ("group-payments",))


async def test_talk_that_is_not_for_the_bot_is_left_alone(tmp_path: Path) -> None:
    script = Script(card("Acme: C"))
    async with teams_app(script, tmp_path) as app:
        for said in ("good morning", ""):
            await app.ask(message(app.teams.url, said, scope="channel"))
        await app.ask(message(app.teams.url, "scorecard", scope="channel"))
        await app.settle()  # two at once may overtake each other
        await app.ask(message(app.teams.url, "", mention=True, scope="channel"))
        await app.settle()
    assert [line for line, *_ in script.asked] == ["scorecard", ""]


async def test_progress_and_answer_are_one_message(tmp_path: Path) -> None:
    steps = [card(f"step {number}", kind="progress") for number in range(3)]
    async with teams_app(Script(*steps, card("Acme: C")), tmp_path) as app:
        await app.ask(message(app.teams.url, "check"))
        await app.settle()
    assert len(app.teams.posted) == 1
    assert app.teams.titles() == ["Acme: C"]
    assert len(app.teams.replaced) >= 2


async def test_typing_shows_while_an_answer_takes_its_time(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with teams_app(Script(card("Acme: C"), gate=gate), tmp_path) as app:
        await app.ask(message(app.teams.url, "scorecard", scope="channel", mention=True))
        await until(lambda: bool(app.teams.typing))
        gate.set()
        await app.settle()
        assert app.teams.titles() == ["Acme: C"]


async def test_what_is_delivered_twice_acts_once(tmp_path: Path) -> None:
    script = Script(card("Acme: C"))
    async with teams_app(script, tmp_path) as app:
        sent, pressed = message(app.teams.url, "scorecard"), click(app.teams.url, "scorecard")
        for value in (sent, sent, pressed):
            assert (await app.ask(value))[0] == 200
        assert (await app.ask(pressed))[1]["type"] == WORDS
        await app.settle()
    assert len(script.asked) == 2


async def test_a_click_changes_the_card_in_place_for_all(tmp_path: Path) -> None:
    script = Script(card("billing: B"))
    async with teams_app(script, tmp_path) as app:
        await app.ask(message(app.teams.url, "scorecard billing"))
        await app.settle()
        code, answer = await app.ask(click(app.teams.url, "check billing", on="post-1", scope="groupChat"))
        await app.settle()
        assert (code, answer["statusCode"], answer["type"]) == (200, 200, CARD)
        assert "billing: B" in str(answer["value"]["body"][0])
        assert len(app.teams.posted) == 1
        assert app.teams.titles() == ["billing: B"], "whoever else sees the card gets the new one"
    assert app.teams.violations == []


async def test_a_slow_click_shows_how_far_it_is_and_the_answer_replaces_it(tmp_path: Path) -> None:
    gate = asyncio.Event()
    script = Script(card("Auditing billing", kind="progress"), card("billing: B"), gate=gate)
    async with teams_app(script, tmp_path) as app:
        code, answer = await app.ask(click(app.teams.url, "check billing", on="post-7"))
        assert (code, answer["type"]) == (200, CARD)
        assert "Auditing billing" in str(answer["value"]["body"][0])
        gate.set()
        await app.settle()
        assert app.teams.posted == []
        assert app.teams.titles() == ["billing: B"]


async def test_a_click_that_has_nothing_to_show_yet_says_so(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with teams_app(Script(card("billing: B"), gate=gate), tmp_path, click_seconds=0.05) as app:
        _, answer = await app.ask(click(app.teams.url, "scorecard billing"))
        assert answer["type"] == WORDS
        gate.set()
        await app.settle()
        assert app.teams.titles() == ["billing: B"]


async def test_a_button_that_asks_for_a_message_of_its_own_gets_one(tmp_path: Path) -> None:
    async with teams_app(Script(card("All checks")), tmp_path) as app:
        _, answer = await app.ask(click(app.teams.url, "explain", update=False, on="post-7", scope="channel"))
        await app.settle()
        assert answer["type"] == WORDS
        assert app.teams.replaced == []
        assert [post["reply"] for post in app.teams.posted] == ["post-7"]


async def test_a_mistake_is_told_beside_the_card_which_stays(tmp_path: Path) -> None:
    async with teams_app(Script(error_card("No service is called 'biling'.")), tmp_path) as app:
        _, answer = await app.ask(click(app.teams.url, "scorecard biling"))
        await app.settle()
        assert answer["type"] == WORDS
        assert "No service is called" in answer["value"]
        assert app.teams.replaced == app.teams.posted == []


async def test_a_form_is_filled_in_and_comes_back_with_what_was_wrong(tmp_path: Path) -> None:
    asked: list[Mapping[str, str]] = []

    async def waive(_line: str, _caller: Caller, fields: Mapping[str, str]) -> AsyncGenerator[Card, None]:
        asked.append(fields)
        if fields["days"] == "900":
            wrong = FormField("days", "Days", "number", value="900", error="at most 365 days")
            form = Form("waive", (wrong,), "waive RG01 30 why", "waive")
            raise FieldErrors({"days": "at most 365 days"}, Card("form", "Waive", "Accept it for a while", (form,)))
        yield card("Waived")

    async with teams_app(waive, tmp_path) as app:
        filled = {"field.days": 900, "field.reason": "moving"}
        _, answer = await app.ask(click(app.teams.url, "waive", filled=filled))
        assert "at most 365 days" in str(answer["value"])
        _, answer = await app.ask(click(app.teams.url, "waive", filled={**filled, "field.days": 30}))
        assert "Waived" in str(answer["value"])
        await app.settle()
    assert asked == [{"days": "900", "reason": "moving"}, {"days": "30", "reason": "moving"}]


async def test_an_old_kind_of_button_still_works(tmp_path: Path) -> None:
    script = Script(card("billing: B"))
    async with teams_app(script, tmp_path) as app:
        body = message(app.teams.url, "", value={"command": "scorecard billing"}, replyToId="post-7", scope="channel")
        await app.ask(body)
        await app.settle()
    assert [line for line, *_ in script.asked] == ["scorecard billing"]


async def test_a_foreign_invoke_is_not_ours(tmp_path: Path) -> None:
    async with teams_app(Script(card("x")), tmp_path) as app:
        foreign: dict[str, Any] = click(app.teams.url, "x")
        assert (await app.ask({**foreign, "name": "composeExtension/query"}))[0] == 501
        assert (await app.ask({**foreign, "value": {"action": {"data": 7}}}))[0] == 501


async def test_a_rate_limit_is_waited_for_and_the_answer_comes(tmp_path: Path) -> None:
    async with teams_app(Script(card("Acme: C")), tmp_path) as app:
        app.teams.script("post", ratelimited("7"), status(503))
        await app.ask(message(app.teams.url, "scorecard"))
        await app.settle()
        assert app.teams.titles() == ["Acme: C"]
        assert app.waits == [7.0, 2.0]


@pytest.mark.parametrize(
    "trouble", [status(500), hang(), reset(), body("nonsense"), error("x")], ids=lambda entry: entry.kind
)
async def test_trouble_at_teams_takes_nothing_else_along(tmp_path: Path, trouble: Any) -> None:
    async with teams_app(Script(card("Acme: C")), tmp_path) as app:
        app.teams.script("post", trouble)
        assert (await app.ask(message(app.teams.url, "scorecard")))[0] == 200
        await app.settle()
        assert (await app.ask(message(app.teams.url, "scorecard")))[0] == 200
        await app.settle()
        assert "Acme: C" in app.teams.titles()


async def test_a_card_that_cannot_be_replaced_is_posted_anew(tmp_path: Path) -> None:
    async with teams_app(Script(card("billing: B")), tmp_path, click_seconds=0.3) as app:
        app.teams.always("update", status(404))
        await app.ask(click(app.teams.url, "check billing", on="gone"))
        await app.settle()
        assert app.teams.titles() == ["billing: B"]


async def test_a_token_that_teams_forgot_is_fetched_anew(tmp_path: Path) -> None:
    async with teams_app(Script(card("Acme: C")), tmp_path) as app:
        await app.ask(message(app.teams.url, "scorecard"))
        await app.settle()
        app.teams.token = "another-one"
        await app.ask(message(app.teams.url, "scorecard"))
        await app.settle()
        assert app.teams.titles() == ["Acme: C", "Acme: C"]
        assert (app.teams.tokens_given, len(app.teams.refused_tokens)) == (2, 1)


async def test_too_many_at_once_are_told_to_come_again(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with teams_app(Script(card("x"), gate=gate), tmp_path, at_once=2) as app:
        codes = [(await app.ask(message(app.teams.url, "scorecard")))[0] for _ in range(4)]
        assert 503 in codes
        gate.set()


async def test_an_answer_that_breaks_takes_nothing_along(tmp_path: Path) -> None:
    async def broken(_line: str, _caller: Caller, _fields: Mapping[str, str]) -> AsyncGenerator[Card, None]:
        yield card("step", kind="progress")
        raise RuntimeError("broken")

    async with teams_app(broken, tmp_path) as app:
        assert (await app.ask(message(app.teams.url, "scorecard")))[0] == 200
        code, _ = await app.ask(click(app.teams.url, "scorecard"))
        assert code == 200
        await app.settle()
