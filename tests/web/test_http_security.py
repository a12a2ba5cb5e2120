"""Everything that listens, attacked as a whole: a running server with Slack, Teams, hooks and alerts, and nobody who belongs."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.fakes.slack import FakeSlack
from support.fakes.slack_requests import encoded, mention, signed, slash
from support.harness.loopback import closed_port
from support.harness.serving import Served, backstay_serve

from bot.detection.alerts import sign

TOKEN, SECRET, SIGNING = "t0ken-that-nobody-sees", "s3cret-that-nobody-sees", "loopback-signing-secret"
YAML = """
services: [{name: checkout, tier: 1}]
audiences: {payments: {routes: [{file: out.txt}]}}
slack: {bot_token: env:SLACK_BOT_TOKEN, signing_secret: env:SIGNING}
watch: {feeds: none}
hooks:
  token: env:TOKEN
  secret: env:SECRET
  per_minute: 6000
  sources:
    - {name: am, format: alertmanager, token: env:TOKEN}
    - {name: eu, format: backstay, secret: env:SECRET}
    - {name: sns, format: sns, topics: ["arn:aws:sns:us-east-1:123456789012:alarms"]}
"""
WITH_TEAMS = """
teams: {app_id: 11111111-2222-3333-4444-555555555555, app_password: env:TOKEN, tenant_id: t, keys_url: "KEYS"}
"""
WITHOUT_TEAMS_APP = """
teams: {allow_anonymous: true}
"""
POSTS = (
    "/hooks/broadcast",
    "/hooks/command",
    "/hooks/in/am",
    "/hooks/in/eu",
    "/hooks/in/sns",
    "/slack/events",
    "/api/messages",
)
GUARDED = (*(("POST", path) for path in POSTS), ("GET", "/hooks/status"), ("GET", "/hooks/scorecard/checkout"))


@dataclass
class Attacked:
    """The server, and everything that it said."""

    served: Served
    session: aiohttp.ClientSession
    said: list[str] = field(default_factory=list)

    async def call(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> int:
        async with self.session.request(method, self.served.url + path, headers=headers or {}, data=body) as answer:
            self.said.append(f"{dict(answer.headers)} {await answer.text(errors='replace')}")
            if answer.status == 429:
                assert int(answer.headers["Retry-After"]) >= 1
            return answer.status

    def gave_nothing_away(self) -> None:
        everything = "".join((*self.said, *self.served.log))
        for secret in (TOKEN, SECRET, SIGNING, TOKEN[:-1], SECRET[:-1]):
            assert secret not in everything
        assert "Traceback" not in everything
        assert "request_failed" not in everything


@asynccontextmanager
async def attacked(folder: Path, more: str) -> AsyncIterator[Attacked]:
    yaml = (YAML + more).replace("KEYS", f"http://127.0.0.1:{closed_port()}/keys")
    async with FakeSlack().running() as slack, aiohttp.ClientSession() as session:
        env = {"TOKEN": TOKEN, "SECRET": SECRET, "SIGNING": SIGNING, "SLACK_BOT_TOKEN": slack.bot_token}
        async with backstay_serve(folder, yaml, env | {"BACKSTAY_SLACK__API_URL": slack.url}) as served:
            made = Attacked(served, session)
            yield made
            assert await made.call("GET", "/healthz") == 200
            assert await served.stop() == 0
            made.gave_nothing_away()


def credentials() -> dict[str, dict[str, str]]:
    stamp, old = str(int(time.time())), str(int(time.time()) - 3600)
    return {
        "none": {},
        "an empty token": {"Authorization": "Bearer "},
        "a token cut short": {"Authorization": f"Bearer {TOKEN[:-1]}"},
        "a token and more": {"Authorization": f"Bearer {TOKEN}x"},
        "a token of another scheme": {"Authorization": f"Digest {TOKEN}"},
        "no token of Teams": {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."},
        "a very long one": {"Authorization": "Bearer " + "a" * 7000},
        "signatures of nobody": {
            "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=" + "0" * 64,
            "X-Backstay-Timestamp": stamp, "X-Backstay-Signature": "v1=" + "0" * 64,
        },
        "an hour old": {
            "X-Slack-Request-Timestamp": old, "X-Slack-Signature": "v0=" + "0" * 64,
            "X-Backstay-Timestamp": old,
            "X-Backstay-Signature": sign(SECRET.encode(), old, "POST", "/hooks/command", b"{}"),
        },
        "no numbers": {"X-Slack-Request-Timestamp": "soon", "X-Backstay-Timestamp": "-1", "X-Slack-Signature": "ü"},
    }  # fmt: skip


async def test_nobody_gets_in_who_does_not_belong(tmp_path: Path) -> None:
    async with attacked(tmp_path, WITH_TEAMS) as here:
        for method, path in GUARDED:
            for why, headers in credentials().items():
                status = await here.call(method, path, headers, b"{}" if method == "POST" else None)
                assert status in (401, 429), (method, path, why)
        for path in (*POSTS, "/hooks/status"):
            assert await here.call("DELETE", path) == 405
        assert await here.call("GET", "/hooks/in/am") == 405
        assert await here.call("GET", "/../../etc/passwd") == 404
        assert await here.call("POST", "/hooks/in/nobody", {}, b"{}") == 404
        for path in ("/openapi.json", "/healthz", "/readyz"):
            assert await here.call("GET", path) == 200


async def test_what_was_overheard_is_good_once(tmp_path: Path) -> None:
    async with attacked(tmp_path, WITH_TEAMS) as here:
        body, stamp = json.dumps({"text": "help"}).encode(), str(int(time.time()))
        for path, sent in (("/hooks/command", body), ("/hooks/in/eu", b'{"schema": "backstay.signals/2"}')):
            signature = sign(SECRET.encode(), stamp, "POST", path, sent)
            headers = {"X-Backstay-Timestamp": stamp, "X-Backstay-Signature": signature}
            assert await here.call("POST", path, headers, sent) in (200, 400)
            assert await here.call("POST", path, headers, sent) == 401
        command, kind = encoded(slash("help"))
        headers = signed(command, kind)
        assert await here.call("POST", "/slack/events", headers, command) == 200
        assert await here.call("POST", "/slack/events", headers, command + b"&x=1") == 401
        assert await here.call("POST", "/slack/events", signed(command, kind, age=600), command) == 401


NASTY: st.SearchStrategy[bytes] = (
    st.binary(max_size=120)
    | st.sampled_from(
        [
            b"[" * 3_000,
            b'{"a":' * 1_500,
            b'{"text": NaN}',
            b'{"text": 1e9999}',
            b'{"text": "a", "text": {"b": 1}}',
            b'{"type": "invoke", "name": 7, "value": [[[]]]}',
            b'{"type": "message", "serviceUrl": "http://127.0.0.1:1/", "text": 7, "from": []}',
            b"payload=%7B%22type%22%3A%5B%5D%7D",
            b"payload=null&command=/x",
            b"\xff\xfe\x00",
            '{"text": "\udcff"}'.encode("utf-8", "surrogatepass"),
            json.dumps(mention("x") | {"event": [1]}).encode(),
            json.dumps({"type": "block_actions", "actions": {}}).encode(),
            b'{"text": "' + b"\\u0000" * 100 + b'"}',
        ]
    )
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["type", "event", "text", "alerts", "signals", "value", "actions"]), inner
            )
        ),
        max_leaves=6,
    ).map(lambda made: json.dumps(made).encode())
)
KINDS = st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data"])
DOCUMENTED = {200, 400, 401, 404, 413, 415, 422, 429}


async def test_whoever_belongs_breaks_nothing_either(tmp_path: Path) -> None:
    """Every endpoint with sound credentials and bodies that nobody means."""
    async with attacked(tmp_path, WITHOUT_TEAMS_APP) as here:
        loop = asyncio.get_running_loop()

        async def sent(path: str, body: bytes, kind: str) -> None:
            status = await here.call("POST", path, proved(path, body, kind), body)
            # An invoke that is not known is answered by 501, as Bot Framework asks.
            assert status in DOCUMENTED or (path, status) == ("/api/messages", 501), (path, status, body[:80])

        @settings(max_examples=250, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(st.sampled_from(POSTS), NASTY, KINDS)
        def fuzz(path: str, body: bytes, kind: str) -> None:
            asyncio.run_coroutine_threadsafe(sent(path, body, kind), loop).result(20)

        await asyncio.to_thread(fuzz)


def proved(path: str, body: bytes, kind: str) -> dict[str, Any]:
    if path == "/slack/events":
        return signed(body, kind)
    if path == "/hooks/in/eu":
        stamp = str(int(time.time()))
        signature = sign(SECRET.encode(), stamp, "POST", path, body)
        return {"X-Backstay-Timestamp": stamp, "X-Backstay-Signature": signature, "Content-Type": kind}
    return {"Authorization": f"Bearer {TOKEN}", "Content-Type": kind}


async def test_lines_that_are_no_http_and_bodies_that_never_end_are_given_up(tmp_path: Path) -> None:
    async with attacked(tmp_path, WITHOUT_TEAMS_APP) as here:
        host, _, port = here.served.url.removeprefix("http://").partition(":")
        for raw in (
            b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST /hooks/in/am HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
            b"POST /hooks/in/am HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        ):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(raw)
            await writer.drain()
            async with asyncio.timeout(60):
                answer = await reader.read(200)
            here.said.append(answer.decode(errors="replace"))
            assert not answer or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")), answer
            writer.close()
        assert await here.call("POST", "/hooks/in/am", {"Authorization": f"Bearer {TOKEN}"}, b'{"alerts": []}') == 200
