"""What holds for every route in the folder: what it makes of each failure, and that it never gives a secret away."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
import structlog
from support.builders.posts import context, message
from support.fakes.misbehaving import (
    Behaviour,
    body,
    hang,
    ratelimited,
    reset,
    reset_after_accept,
    status,
    trickle,
)
from support.harness.lines import LINES, SECRET, TO, Line, made
from support.harness.loopback import closed_port

from bot.app.settings import secret
from bot.delivery.routing import registry
from bot.model import Refused, Result, Retry, Route, RouteSpec, Sent
from bot.net.http import RouteError

# These speak no HTTP, or do not let see it: test_route_email.py and test_route_last_resorts.py hold them to the same.
ELSEWHERE = {"email", "file", "apprise"}


def test_every_kind_in_the_folder_is_held_to_this() -> None:
    assert set(registry.kinds()) - ELSEWHERE == set(LINES) == set(TO)


@pytest.fixture(params=LINES)
async def line(request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(LINES[request.param]())


@pytest.fixture(autouse=True)
def nothing_secret_is_written(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Any:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("slack_sdk").setLevel(logging.INFO)  # as the application sets it
    structlog.reset_defaults()
    yield
    written = capfd.readouterr()
    assert SECRET not in caplog.text + written.out + written.err


async def send(route: Route, attempt: int = 1) -> Result:
    result = await route.send(message(), attempt)
    assert SECRET not in repr(result)
    assert SECRET not in repr(route)
    return result


async def test_sends(line: Line) -> None:
    assert isinstance(await send(line.route), Sent)
    assert line.arrived() == 1


@pytest.mark.parametrize("code", [500, 502, 503, 504])
async def test_trouble_at_the_far_side_is_worth_another_try(line: Line, code: int) -> None:
    line.server.always(line.call, status(code))
    result = await send(line.route)
    assert isinstance(result, Retry)
    assert result.after is None


@pytest.mark.parametrize(
    ("said", "after"),
    [("7", 7.0), ("0", 1.0), ("2.5", 2.5), ("99999999", 3600.0), ("-5", 1.0), ("soon", 1.0), ("nan", 1.0), ("", 1.0)],
)
async def test_a_retry_after_is_passed_on_within_reason(line: Line, said: str, after: float) -> None:
    line.server.script(line.call, ratelimited(said))
    result = await send(line.route)
    assert isinstance(result, Retry)
    assert result.after == timedelta(seconds=after)


CUT: dict[str, tuple[Behaviour, bool]] = {
    "hangs": (hang(), False),
    "resets": (reset(), False),
    "resets after accept": (reset_after_accept(), True),
}


@pytest.mark.parametrize("case", CUT.values(), ids=CUT.keys())
async def test_a_cut_line_is_in_doubt(line: Line, case: tuple[Behaviour, bool]) -> None:
    behaviour, arrives = case
    line.server.script(line.call, behaviour)
    result = await send(line.route)
    assert isinstance(result, Retry)
    assert result.ambiguous
    assert line.arrived() == int(arrives)


async def test_an_answer_that_trickles_in_does_not_hold_the_sender(line: Line) -> None:
    line.server.script(line.call, trickle(2))
    async with asyncio.timeout(60):
        assert isinstance(await send(line.route), Sent | Retry)


@pytest.mark.parametrize("kind", TO)
@pytest.mark.parametrize(
    "root", ["http://127.0.0.1:{port}/hook", "http://slack.invalid/hook"], ids=["closed", "no name"]
)
async def test_nobody_there_is_worth_another_try_and_in_no_doubt(kind: str, root: str) -> None:
    result = await send(TO[kind](root.format(port=closed_port())))
    assert isinstance(result, Retry)
    assert not result.ambiguous


async def test_what_cannot_work_is_refused(line: Line) -> None:
    slack_says = Behaviour("error", "channel_not_found")
    line.server.always(line.call, slack_says if line.call == "chat.postMessage" else status(404))
    assert isinstance(await send(line.route), Refused)


async def test_text_that_no_encoding_holds_gets_through(line: Line) -> None:
    odd = message(title="half a pair \ud83d, a null \x00, \u202eback to front")
    assert isinstance(await line.route.send(odd, 1), Sent)


async def test_a_broken_card_is_refused(line: Line) -> None:
    result = await line.route.send(message(card={"blocks": 7}), 1)
    assert isinstance(result, Refused)
    assert line.arrived() == 0


async def test_can_be_cancelled_at_any_moment(line: Line) -> None:
    line.server.always("*", hang())
    task = asyncio.create_task(line.route.send(message(), 1))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_nonsense_never_raises(line: Line) -> None:
    for nonsense in ("nonsense", "[1]", "{}", '{"ok": 1, "channel": 3}', '{"ok": false, "error": "<xoxb>"}'):
        line.server.script(line.call, body(nonsense))
        assert isinstance(await send(line.route), Sent | Retry | Refused)


@pytest.mark.parametrize("kind", TO)
def test_settings_that_make_no_sense_are_told_without_their_values(kind: str) -> None:
    for options in ({}, {"url": 7, "channel": ["x"]}, {"url": SECRET, "channel": "#a", "tocken": SECRET}):
        with pytest.raises(RouteError) as told:
            made(kind, options)
        assert f"{kind}:it" in str(told.value)
        assert SECRET not in str(told.value)


@pytest.mark.parametrize("kind", sorted(set(TO) - {"teams"}))  # its secret is the app's
async def test_a_secret_that_is_not_there_is_told_by_its_name(kind: str) -> None:
    at = {"slack": {"channel": "#a", "token": "env:GONE"}, "pagerduty": {"routing_key": "env:GONE"}}
    options = at.get(kind, {"url": "env:GONE"})
    around = context(secret=lambda reference: secret(reference, {}).get_secret_value())
    built, problems = registry.build_all([RouteSpec(kind, f"{kind}:it", options)], around)
    assert problems == (f"route {kind}:it: env:GONE: variable GONE is not set or is empty",)
    assert await built[f"{kind}:it"].send(message(), 1) == Refused(problems[0]), "receipts name what has to be mended"


async def test_an_unknown_kind_is_told_and_stops_no_other() -> None:
    specs = (RouteSpec("pigeon", "pigeon:1"), RouteSpec("slack", "slack:#a", {"channel": "#a"}))
    built, problems = registry.build_all(specs, context())
    assert built["slack:#a"].kind == "slack"
    assert isinstance(await built["pigeon:1"].send(message(), 1), Refused)
    assert problems == (f"route pigeon:1: unknown kind 'pigeon'; known kinds: {', '.join(registry.kinds())}",)
