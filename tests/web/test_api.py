"""The way in when chat is dead: who is let in, what they get, and what they can never do."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.posts import ManualClock
from support.builders.records import RecordsInMemory
from support.harness.ledgers import ledger_at
from support.harness.loopback import serving

from bot.cards.card import Card
from bot.chat.dispatch import dispatch
from bot.model import Caller, Role
from bot.storage.ledger import Ledger
from bot.web.api.authentication import RequestAuthenticator, sign
from bot.web.api.handlers import MOST_BYTES, OperatorApi
from bot.web.loop_lag import LoopLag
from bot.web.openapi import document, shown
from bot.web.server import application

TOKEN, SECRET = "t0ken-of-the-hooks-long", "s3cret-of-the-hooks-long"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
WANTED = {"text": "Payments are slow.", "severity": "critical", "audiences": ["payments", "web"]}


@dataclass
class House:
    """A server with hooks."""

    url: str
    ledger: Ledger
    records: RecordsInMemory
    clock: ManualClock
    session: aiohttp.ClientSession
    asked: list[Caller] = field(default_factory=list)

    async def call(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> tuple[int, Any]:
        sent = BEARER if headers is None else headers
        async with self.session.request(method, self.url + path, headers=sent, **more) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if answer.content_type == "application/json" else text

    def signed(self, method: str, path: str, body: bytes, *, late: float = 0, secret: str = SECRET) -> dict[str, str]:
        stamp = str(int(self.clock().timestamp() - late))
        return {
            "X-Backstay-Timestamp": stamp,
            "X-Backstay-Signature": sign(secret.encode(), stamp, method, path, body),
            "Content-Type": "application/json",
        }


@asynccontextmanager
async def housed(
    folder: Path,
    *,
    token: str = TOKEN,
    secret: str = SECRET,
    per_minute: int = 1000,
    records: RecordsInMemory | None = None,
) -> AsyncIterator[House]:
    clock, records = ManualClock(), records or RecordsInMemory()
    backend = sample_backend(SampleAudits(sample_services("billing", "log in")), records=records)

    def ask(line: str, caller: Caller) -> AsyncGenerator[Card, None]:
        return dispatch(line, caller, backend, now=clock, role=Role.VIEWER)

    async with ledger_at(folder) as ledger, aiohttp.ClientSession() as session:
        gate = RequestAuthenticator(token=token, secret=secret, per_minute=per_minute, clock=clock)
        hooks = OperatorApi(gate, ask, records, ledger, clock)
        gets = hooks.gets() | {
            "/openapi.json": shown(
                document("1", hooks=True, alerts=False), document("1", hooks=True, alerts=False), None
            )
        }
        app = application(posts=hooks.posts(), gets=gets, probes={}, lag=LoopLag())
        async with serving(app) as url:
            yield House(url, ledger, records, clock, session)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with housed(tmp_path) as made:
        yield made


async def test_a_broadcast_reaches_each_audience_and_a_key_posts_once(house: House) -> None:
    wanted = WANTED | {"key": "incident 7"}
    status, first = await house.call("POST", "/hooks/broadcast", json=wanted)
    assert (status, first["posted"], first["audiences"]) == (200, True, ["payments", "web"])
    status, again = await house.call("POST", "/hooks/broadcast", json=wanted)
    assert (status, again["posted"], again["id"]) == (200, False, first["id"])
    assert [name for name, _ in house.records.posts] == ["payments", "web"]
    assert house.records.posts[0][1]["title"] == "Critical"
    assert house.records.drafts[first["id"]].actor == "hook:token"
    assert (await house.call("POST", "/hooks/broadcast", json=WANTED | {"audiences": ["all"]}))[1]["posted"]


async def test_scorecard_status_and_any_command_that_reads(house: House) -> None:
    status, card = await house.call("GET", "/hooks/scorecard/billing")
    assert (status, card["kind"]) == (200, "scorecard")
    assert "billing" in card["text"]
    assert card["card"]["title"] == card["title"]
    status, card = await house.call("GET", "/hooks/scorecard/log%20in")
    assert status == 200
    assert (await house.call("GET", "/hooks/status"))[0] == 200
    assert (await house.call("POST", "/hooks/command", json={"text": "whatif aws/us-east-1 15h"}))[0] == 200
    status, said = await house.call("POST", "/hooks/command", json={"text": "help", "format": "text"})
    assert status == 200
    assert "scorecard" in said
    status, said = await house.call("GET", "/hooks/scorecard/billing", BEARER | {"Accept": "text/plain"})
    assert said.startswith("billing")
    entries = await house.ledger.entries(house.clock() - timedelta(hours=1))
    assert [entry.detail["command"] for entry in entries][:2] == ["scorecard billing", "scorecard 'log in'"]
    assert {entry.actor for entry in entries} == {"hook:token"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("POST", "/hooks/command", {"text": "broadcast hello"}, 422, "changes state"),
        ("POST", "/hooks/command", {"text": "/waive billing:DR01 7 later"}, 422, "changes state"),
        ("POST", "/hooks/command", {"text": "scorcard"}, 422, ""),
        ("GET", "/hooks/scorecard/biling", None, 404, ""),
        ("POST", "/hooks/broadcast", WANTED | {"audiences": ["paymets"]}, 422, "unknown audience 'paymets'"),
        ("POST", "/hooks/broadcast", WANTED | {"severity": "huge"}, 400, "severity"),
        ("POST", "/hooks/broadcast", WANTED | {"text": "  "}, 400, "text"),
        ("POST", "/hooks/broadcast", WANTED | {"text": "Payments\0 are slow"}, 400, "U+0000"),
        ("POST", "/hooks/broadcast", WANTED | {"key": "a\0b"}, 400, "U+0000"),
        ("POST", "/hooks/broadcast", WANTED | {"audiences": ["payments\0"]}, 400, "U+0000"),
        ("POST", "/hooks/command", {"text": "scorecard\0"}, 400, "U+0000"),
        ("GET", "/hooks/scorecard/bill%00ing", None, 404, "U+0000"),
        ("POST", "/hooks/broadcast", WANTED | {"more": 1}, 400, "more"),
        ("POST", "/hooks/command", [1], 400, "body"),
        ("POST", "/hooks/command", {"text": "x" * MOST_BYTES}, 413, "at most"),
    ],
)
async def test_what_cannot_be_done_is_said(  # noqa: PLR0917 - the columns of the table
    house: House, method: str, path: str, body: Any, status: int, said: str
) -> None:
    got, answer = await house.call(method, path, json=body)
    assert got == status
    assert said in (answer["problem"] if said else str(answer))
    assert house.records.posts == []


async def test_a_refusal_to_change_something_is_written_down(house: House) -> None:
    assert (await house.call("POST", "/hooks/command", json={"text": "waive RG03:billing 30 later"}))[0] == 422
    assert house.records.refusals == [("hook:token", "waive")]


async def test_signed_requests_come_in_once_and_while_they_are_fresh(house: House) -> None:
    body = json.dumps({"text": "help"}).encode()
    path = "/hooks/command"
    fresh = house.signed("POST", path, body)
    assert (await house.call("POST", path, fresh, data=body))[0] == 200
    assert (await house.call("POST", path, fresh, data=body))[0] == 401, "replayed"
    wrong = {
        "another body": (house.signed("POST", path, b"{}"), body, path),
        "another path": (house.signed("POST", "/hooks/broadcast", body), body, path),
        "another method": (house.signed("GET", path, body), body, path),
        "stale": (house.signed("POST", path, body, late=301), body, path),
        "from the future": (house.signed("POST", path, body, late=-301), body, path),
        "another key": (house.signed("POST", path, body, secret="x" * 20), body, path),
        "no time": ({**house.signed("POST", path, body), "X-Backstay-Timestamp": "soon"}, body, path),
    }
    for name, (headers, sent, where) in wrong.items():
        assert (await house.call("POST", where, headers, data=sent))[0] == 401, name
    path = "/hooks/scorecard/billing?x=1"
    assert (await house.call("GET", path, house.signed("GET", path, b"")))[0] == 200


async def test_a_broadcast_replayed_at_another_replica_is_the_same_broadcast(house: House, tmp_path: Path) -> None:
    body, path = json.dumps(WANTED).encode(), "/hooks/broadcast"
    seen = house.signed("POST", path, body)
    status, first = await house.call("POST", path, seen, data=body)
    assert (status, first["posted"]) == (200, True)
    async with housed(tmp_path / "other", records=house.records) as other:
        assert await other.call("POST", path, seen, data=body) == (200, first | {"posted": False})
    assert [name for name, _ in house.records.posts] == ["payments", "web"]


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer Ünïcode"],
)
async def test_wrong_credentials_are_refused_before_the_body_is_read_as_data(house: House, header: str) -> None:
    sent = {"Authorization": header} if header else {}
    status, answer = await house.call("POST", "/hooks/broadcast", sent, data=b"no json at all")
    assert (status, answer["problem"]) == (401, "a bearer token or a signature is required")
    (entry,) = await house.ledger.entries(house.clock() - timedelta(hours=1))
    assert (entry.action, entry.detail["path"]) == ("hook refused", "/hooks/broadcast")
    assert TOKEN[:-1] not in str(entry)


async def test_without_a_token_an_empty_one_does_not_fit(tmp_path: Path) -> None:
    async with housed(tmp_path, token="") as house:
        for header in ("Bearer", "Bearer "):
            assert (await house.call("GET", "/hooks/status", {"Authorization": header}))[0] == 401
    async with housed(tmp_path, secret="") as house:
        assert (await house.call("GET", "/hooks/status", house.signed("GET", "/hooks/status", b"", secret="")))[
            0
        ] == 401


async def test_who_fails_too_often_is_slowed_down_and_the_right_one_is_let_in(house: House) -> None:
    wrong = {"Authorization": "Bearer guess"}
    statuses = [(await house.call("GET", "/hooks/status", wrong))[0] for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    assert (await house.call("GET", "/hooks/status"))[0] == 200, "the right token at the same address"
    other = {"Authorization": "Bearer mistyped"}
    assert (await house.call("GET", "/hooks/status", other))[0] == 401, "somebody else there, for the first time"
    assert (await house.call("GET", "/hooks/status", wrong))[0] == 429
    house.clock.at += timedelta(minutes=1)
    assert (await house.call("GET", "/hooks/status", wrong))[0] == 401


async def test_who_tries_another_token_each_time_is_slowed_down_as_well(house: House) -> None:
    guesses = [{"Authorization": f"Bearer guess-{number}"} for number in range(12)]
    statuses = [(await house.call("GET", "/hooks/status", guess))[0] for guess in guesses]
    assert statuses == [401] * 10 + [429] * 2
    assert (await house.call("GET", "/hooks/status"))[0] == 200


async def test_a_clock_that_is_set_back_locks_nobody_out(house: House) -> None:
    wrong = {"Authorization": "Bearer guess"}
    assert [(await house.call("GET", "/hooks/status", wrong))[0] for _ in range(11)][-1] == 429
    house.clock.at -= timedelta(hours=1)
    assert (await house.call("GET", "/hooks/status"))[0] == 200
    assert (await house.call("GET", "/hooks/status", wrong))[0] == 401
    logged = await house.ledger.entries(house.clock() - timedelta(minutes=1))
    assert sum(item.action == "hook refused" for item in logged) == 2, "it is written down again at once"


async def test_requests_are_limited(tmp_path: Path) -> None:
    async with housed(tmp_path, per_minute=3) as house:
        statuses = [(await house.call("GET", "/hooks/status"))[0] for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        async with house.session.get(f"{house.url}/hooks/status", headers=BEARER) as answer:
            assert 1 <= int(answer.headers["Retry-After"]) <= 60


async def test_a_body_that_ends_too_soon_harms_nobody(house: House) -> None:
    host, _, port = house.url.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST /hooks/broadcast HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 99\r\n\r\n{{".encode()
    )
    await writer.drain()
    writer.close()
    assert (await house.call("GET", "/hooks/status"))[0] == 200
    assert house.records.posts == []


async def test_the_openapi_document_names_every_hook(house: House) -> None:
    status, document = await house.call("GET", "/openapi.json", {})
    assert status == 200
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {
        "/hooks/broadcast", "/hooks/status", "/hooks/scorecard/{service}", "/hooks/command", "/healthz", "/readyz",
    }  # fmt: skip
    references = json.dumps(document).split('"$ref": "#/components/schemas/')[1:]
    assert {reference.partition('"')[0] for reference in references} <= set(document["components"]["schemas"])


KEYS = st.sampled_from(["text", "severity", "audiences", "key", "format", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)  # fmt: skip
LINES = st.fixed_dictionaries({"text": st.text(max_size=60), "format": st.sampled_from(["json", "text"])})


async def test_no_body_breaks_the_server_or_its_contract(house: House) -> None:
    _, document = await house.call("GET", "/openapi.json", {})
    loop = asyncio.get_running_loop()

    async def sent(path: str, body: bytes) -> None:
        status, _ = await house.call("POST", path, data=body)
        assert str(status) in document["paths"][path]["post"]["responses"]

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.sampled_from(["/hooks/broadcast", "/hooks/command"]),
        (JSON | LINES).map(lambda made: json.dumps(made).encode()) | st.binary(max_size=80),
    )
    def fuzz(path: str, body: bytes) -> None:
        asyncio.run_coroutine_threadsafe(sent(path, body), loop).result(10)

    await asyncio.to_thread(fuzz)
