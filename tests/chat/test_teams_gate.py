"""Who may ask: every request without Teams' own token for this app and tenant is refused before its body is read."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import jwt
import pytest
from support.fakes.misbehaving import body, hang, status
from support.fakes.teams import APP, TENANT, FakeTeams, published, token
from support.fakes.teams_activities import message
from support.harness.teams_app import TeamsApp, teams_app

from bot.cards.card import Card
from bot.chat.teams.signing_keys import (
    FIRST_SECONDS,
    OLDEST_SECONDS,
    REFETCH_SECONDS,
    REFETCHES,
    OpenIdKeys,
    UnknownKeyError,
)
from bot.model import Caller

ROOT = Path(__file__).parents[2]
SDK = re.compile(r"^\s*(?:import|from) bot(?:builder|framework)\b", re.MULTILINE)
UNREADABLE = b"{never to be parsed"


async def answer(line: str, _caller: Caller, _fields: Mapping[str, str]) -> AsyncGenerator[Card, None]:
    yield Card("scorecard", line, "said")


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[TeamsApp]:
    async with teams_app(answer, tmp_path) as running:
        yield running


def unsigned(url: str) -> str:
    claims = {"iss": "https://api.botframework.com", "aud": APP, "serviceurl": url, "exp": int(time.time()) + 60}
    return jwt.encode(claims, "", algorithm="none", headers={"kid": "key-1"})


def symmetric(url: str) -> str:
    """Signed with what everybody knows, in the hope that the kind of key is not looked at."""
    claims = {"iss": "https://api.botframework.com", "aud": APP, "serviceurl": url, "exp": int(time.time()) + 60}
    return jwt.encode(claims, "x" * 64, algorithm="HS256", headers={"kid": "key-1"})


FORGED: dict[str, Callable[[str], str]] = {
    "wrong audience": lambda url: token(url, aud="another-app"),
    "no audience": lambda url: token(url, aud=None),
    "wrong issuer": lambda url: token(url, iss="https://evil.example"),
    "an emulator's issuer": lambda url: token(url, iss="https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"),
    "no expiry": lambda url: token(url, exp=None),
    "an expiry that is no time": lambda url: token(url, exp=True),
    "expired": lambda url: token(url, exp=int(time.time()) - 3600),
    "not yet": lambda url: token(url, nbf=int(time.time()) + 3600),
    "alg none": unsigned,
    "alg HS256": symmetric,
    "unknown kid": lambda url: token(url, kid="key-9"),
    "another key under a known kid": lambda url: token(url, key="theirs"),
    "garbage": lambda _: "not.a.token",
    "nothing": lambda _: "",
    "far too long": lambda _: "a" * 7000,
}


@pytest.mark.parametrize("case", FORGED)
async def test_a_forged_token_is_refused_and_the_body_never_parsed(app: TeamsApp, case: str) -> None:
    made = FORGED[case](app.teams.url)
    assert await app.ask(UNREADABLE, Authorization=f"Bearer {made}") == (401, "not from Teams")


@pytest.mark.parametrize("header", ["", "Bearer", "Basic abc", "Bearer a b c", "bearer\t"])
async def test_without_a_bearer_token_there_is_no_way_in(app: TeamsApp, header: str) -> None:
    assert await app.ask(UNREADABLE, Authorization=header) == (401, "not from Teams")


async def test_a_genuine_one_gets_in(app: TeamsApp) -> None:
    assert (await app.ask(message(app.teams.url, "scorecard")))[0] == 200
    await app.settle()
    assert app.teams.titles() == ["scorecard"]
    assert (await app.ask(UNREADABLE))[0] == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"channelData": {"tenant": {"id": "another"}}},
        {"channelData": {}},
        {"serviceUrl": "https://smba.trafficmanager.net/emea/"},
        {"serviceUrl": 7},
    ],
)
async def test_another_tenant_or_service_address_is_refused(app: TeamsApp, changed: dict[str, Any]) -> None:
    assert (await app.ask(message(app.teams.url, "scorecard", **changed)))[0] == 401
    await app.settle()
    assert app.teams.posted == []


async def test_a_service_address_that_is_not_allowed_gets_no_token_of_ours(app: TeamsApp) -> None:
    evil = "https://evil.example/"
    assert (await app.ask(message(evil, "scorecard"), Authorization=f"Bearer {token(evil)}"))[0] == 401
    assert app.teams.tokens_given == 0


async def test_keys_are_kept_for_a_day_and_many_at_once_fetch_once() -> None:
    now = [0.0]
    async with FakeTeams().running() as teams:
        keys = OpenIdKeys(f"{teams.url}keys", lambda: now[0])
        await asyncio.gather(keys.get("key-1"), keys.get("key-1"))
        now[0] += OLDEST_SECONDS - 1
        await keys.get("key-1")
        assert teams.keys_read == 1
        now[0] += 2
        teams.keys = [published("key-2")]
        with pytest.raises(UnknownKeyError):
            await keys.get("key-1")


async def test_a_new_key_is_accepted_at_once(app: TeamsApp) -> None:
    assert (await app.ask(message(app.teams.url, "help")))[0] == 200
    app.teams.keys.append(published("key-2"))
    new = token(app.teams.url, key="key-2", kid="key-2")
    assert (await app.ask(message(app.teams.url, "help"), Authorization=f"Bearer {new}"))[0] == 200


async def test_made_up_key_ids_make_us_fetch_at_a_bounded_rate_and_lock_out_no_known_key() -> None:
    now = [0.0]
    async with FakeTeams().running() as teams:
        keys = OpenIdKeys(f"{teams.url}keys", lambda: now[0])
        await keys.get("key-1")
        for number in range(50):
            with pytest.raises(UnknownKeyError):
                await keys.get(f"made-up-{number}")
        assert teams.keys_read == REFETCHES
        assert await keys.get("key-1")
        teams.keys.append(published("key-2"))
        now[0] += REFETCH_SECONDS + 1
        assert await keys.get("key-2"), "the limit ends"


async def test_after_a_long_start_without_network_the_first_keys_come_within_seconds() -> None:
    now = [0.0]
    async with FakeTeams().running() as teams:
        keys = OpenIdKeys(f"{teams.url}keys", lambda: now[0])
        teams.always("keys", status(500))
        for _ in range(3 * REFETCHES):
            with pytest.raises(UnknownKeyError):
                await keys.get("key-1")
        teams.always("keys")
        with pytest.raises(UnknownKeyError):
            await keys.get("key-1")
        assert teams.keys_read == 0, "not at each request"
        now[0] += FIRST_SECONDS + 1
        assert await keys.get("key-1")


async def test_keys_out_of_reach_refuse_for_now_and_keep_those_that_are_known(app: TeamsApp) -> None:
    app.teams.script("keys", status(500), body("[]"), body("{"))
    for _ in range(3):
        assert (await app.ask(message(app.teams.url, "help")))[0] == 401
    assert (await app.ask(message(app.teams.url, "help")))[0] == 200, "the next one tries again"


async def test_a_key_server_that_hangs_holds_up_nobody_else(app: TeamsApp) -> None:
    app.teams.script("keys", hang())
    waiting = asyncio.create_task(app.ask(message(app.teams.url, "help")))
    await asyncio.sleep(0.05)
    assert await app.ask(UNREADABLE, Authorization="") == (401, "not from Teams")
    waiting.cancel()


async def test_without_an_app_id_only_this_machine_may_ask(tmp_path: Path) -> None:
    async with teams_app(answer, tmp_path, anonymous=True) as app:
        asked = message(app.teams.url, "scorecard")
        assert (await app.ask(asked, Authorization=""))[0] == 200
        for forwarded in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
            assert (await app.ask(asked, **{"Authorization": "", forwarded: "203.0.113.9"}))[0] == 401
        assert (await app.ask({**asked, "serviceUrl": "https://smba.trafficmanager.net/"}))[0] == 401
        await app.settle()
        assert app.teams.titles() == ["scorecard"]
        assert TENANT not in str(app.teams.refused_tokens)


def test_the_sdk_whose_support_has_ended_is_used_in_one_file() -> None:
    users = [path.name for path in (ROOT / "bot").rglob("*.py") if SDK.search(path.read_text(encoding="utf-8"))]
    assert users == ["authentication.py"]
