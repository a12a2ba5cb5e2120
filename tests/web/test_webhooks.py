"""Alerts at the door: who is let in, what is heard, and what no body and no flood can do."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from support.builders import alerts as sent
from support.builders.posts import START
from support.harness.loopback import serving
from support.harness.webhooks import SECRET, TOKEN, WebhookServer, basic, webhook_server

from bot.detection.alerts import known_formats
from bot.model.signals import Health
from bot.web.api.authentication import Refusal
from bot.web.body import read
from bot.web.webhooks.authentication import UNPROVED, WITH_TOKEN
from bot.web.webhooks.handler import answer

SOUND: dict[str, Any] = {
    "alertmanager": sent.alertmanager(sent.alert()),
    "grafana": sent.alertmanager(sent.alert()),
    "datadog": sent.datadog(),
    "newrelic": sent.new_relic(),
    "pagerduty": sent.pager_duty(),
    "eventbridge": sent.health_event(),
    "generic": {"state": "firing", "scope": "aws/us-east-1/dynamodb"},
    "backstay": {
        "schema": "backstay.signals/1",
        "vantage": "eu-1",
        "sent_at": START.isoformat(),
        "signals": [{"provider": "aws", "region": "us-east-1", "service": "sqs", "state": "bad", "at": START.isoformat(),
                     "source": "dns:sqs"}],
    },
}  # fmt: skip
WITH_TOKENS = sorted(name for name, one in known_formats().items() if "token" in one.AUTH_METHODS)
WITH_SECRETS = sorted(name for name, one in known_formats().items() if "secret" in one.AUTH_METHODS)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[WebhookServer]:
    async with webhook_server(tmp_path) as made:
        yield made


@pytest.mark.parametrize("name", WITH_TOKENS)
async def test_the_token_lets_in_by_each_way_that_senders_know(house: WebhookServer, name: str) -> None:
    for shown in (sent.bearer(TOKEN), basic(TOKEN), {"X-Backstay-Token": TOKEN}):
        status, told, _ = await house.post(name, SOUND[name], shown)
        assert (status, told["accepted"], told["problems"]) == (200, 1, []), shown
    assert {state.state for state in house.told} == {Health.BAD}


@pytest.mark.parametrize("name", WITH_SECRETS)
async def test_a_signature_lets_in_while_it_is_fresh_and_of_this_body(house: WebhookServer, name: str) -> None:
    body = json.dumps(SOUND[name]).encode()
    assert (await house.post(name, body, house.proof(name, body)))[0] == 200
    wrong = {
        "another body": house.proof(name, body + b" "),
        "another key": house.proof(name, body, secret=SECRET + "x"),
        "cut short": {key: value[:-1] for key, value in house.proof(name, body).items()},
        "none": {},
    }
    for why, headers in wrong.items():
        assert (await house.post(name, body, headers))[0] == 401, why


@pytest.mark.parametrize("name", [name for name in WITH_SECRETS if name != "pagerduty"])
async def test_a_signature_with_a_time_is_good_once_and_not_for_long(house: WebhookServer, name: str) -> None:
    body = json.dumps(SOUND[name]).encode()
    fresh = house.proof(name, body)
    assert (await house.post(name, body, fresh))[0] == 200
    assert (await house.post(name, body, fresh))[0] == 401, "replayed"
    assert (await house.post(name, body, house.proof(name, body, late=301)))[0] == 401
    assert (await house.post(name, body, house.proof(name, body, late=-301)))[0] == 401


async def test_grafana_without_a_timestamp_is_not_let_in_by_its_signature(house: WebhookServer) -> None:
    body = json.dumps(SOUND["grafana"]).encode()
    headers = house.proof("grafana", body)
    del headers["X-Grafana-Alerting-Timestamp"]
    assert (await house.post("grafana", body, headers))[0] == 401


async def test_what_pagerduty_sends_again_late_changes_nothing(house: WebhookServer) -> None:
    triggered = json.dumps(sent.pager_duty()).encode()
    resolved = json.dumps(
        {"event": sent.pager_duty("incident.resolved", "resolved")["event"] | {"occurred_at": "2026-11-23T08:59:50Z"}}
    ).encode()
    for body in (triggered, resolved, triggered):
        assert (await house.post("pagerduty", body, house.proof("pagerduty", body)))[0] == 200
    assert [state.state for state in house.told] == [Health.BAD, Health.GOOD, Health.GOOD]


@pytest.mark.parametrize("name", sorted(known_formats()))
@pytest.mark.parametrize(
    "headers",
    [
        {},
        sent.bearer(""),
        sent.bearer(TOKEN[:-1]),
        sent.bearer(f"{TOKEN}x"),
        sent.bearer("Ünïcode"),
        {"Authorization": f"Token {TOKEN}"},
        {"Authorization": "Basic !!!"},
        basic(TOKEN[:-1]),
        {"X-Backstay-Token": ""},
        {"X-Backstay-Timestamp": "9" * 400, "X-Backstay-Signature": "v1="},
        {"X-PagerDuty-Signature": "v1=," * 300},
    ],
)
async def test_nobody_is_let_in_without_proof(house: WebhookServer, name: str, headers: dict[str, str]) -> None:
    with capture_logs() as logs:
        status, told, answered = await house.post(name, b'{"no json', headers)
    assert status == 401
    assert set(told) == {"problem"}
    assert answered["WWW-Authenticate"] == "Bearer"
    entries = await house.ledger.entries(START - timedelta(hours=1))
    assert [(entry.actor, entry.action) for entry in entries] == [(f"hook:{name}", "hook refused")]
    assert TOKEN[:-1] not in str(logs) + str(entries) + str(told)
    assert house.told == []


async def test_a_hook_that_nobody_set_up_is_not_there(house: WebhookServer) -> None:
    assert (await house.post("nobody", {}, sent.bearer(TOKEN)))[0] == 404
    async with house.session.get(f"{house.url}/hooks/in/alertmanager") as answered:
        assert answered.status == 405


async def test_who_fails_too_often_is_slowed_down_and_the_right_one_is_let_in(house: WebhookServer) -> None:
    answers = [await house.post("generic", {}, sent.bearer("guess")) for _ in range(12)]
    assert [status for status, _, _ in answers] == [401] * 10 + [429] * 2
    assert 1 <= int(answers[-1][2]["Retry-After"]) <= 60
    assert (await house.post("generic", SOUND["generic"], sent.bearer(TOKEN)))[0] == 200, "at the same address"
    assert (await house.post("generic", {}, sent.bearer("mistyped")))[0] == 401, "somebody else there"
    house.clock.at += timedelta(minutes=1)
    assert (await house.post("generic", {}, sent.bearer("guess")))[0] == 401


@pytest.mark.parametrize("name", ["grafana", "pagerduty", "backstay"])
async def test_a_right_signature_is_let_in_after_wrong_ones(house: WebhookServer, name: str) -> None:
    body = json.dumps(SOUND[name]).encode()
    statuses = [(await house.post(name, body, house.proof(name, body, secret=f"guess {n}")))[0] for n in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    assert (await house.post(name, body, house.proof(name, body)))[0] == 200


async def test_requests_are_limited(tmp_path: Path) -> None:
    async with webhook_server(tmp_path, per_minute=2) as house:
        answers = [await house.post("generic", SOUND["generic"], sent.bearer(TOKEN)) for _ in range(3)]
    assert [status for status, _, _ in answers] == [200, 200, 429]
    assert answers[2][2]["Retry-After"]


async def test_bodies_are_bounded_before_they_are_read(house: WebhookServer) -> None:
    wide = b" " * (UNPROVED + 1)
    assert (await house.post("backstay", wide, house.proof("backstay", wide)))[0] == 413

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(WITH_TOKEN // 65_536 + 2):
            yield b" " * 65_536

    url, headers = f"{house.url}/hooks/in/alertmanager", sent.bearer(TOKEN)
    async with house.session.post(url, data=endless(), headers=headers) as answered:
        assert answered.status == 413


async def test_ten_thousand_alerts_in_a_body_are_a_few_words(house: WebhookServer) -> None:
    storm = [sent.alert(f"Alert{number}") for number in range(10_000)]
    status, told, _ = await house.post("alertmanager", sent.alertmanager(*storm), sent.bearer(TOKEN))
    assert (status, told["accepted"]) == (200, 10_000)
    (word,) = house.told
    assert word.detail.endswith("and 9,997 more")
    over = [item | {"status": "resolved"} for item in storm]
    await house.post("alertmanager", sent.alertmanager(*over), sent.bearer(TOKEN))
    assert house.told[-1].state is Health.GOOD


async def test_ten_thousand_places_in_a_body_are_told_of_their_providers(house: WebhookServer) -> None:
    storm = [
        sent.alert("x", provider="gcp", region=f"europe-west{number % 9}", product=f"p{number}")
        for number in range(10_000)
    ]
    assert (await house.post("alertmanager", sent.alertmanager(*storm), sent.bearer(TOKEN)))[0] == 200
    assert len(house.told) == 201
    assert {state.provider for state in house.told} == {"gcp"}
    assert sum(state.region == "" for state in house.told) == 1


async def test_a_flood_leaves_a_few_lines_in_the_audit_log(house: WebhookServer) -> None:
    for _ in range(30):
        await house.post("generic", SOUND["generic"], sent.bearer(TOKEN))
        await house.post("nobody", {})
    house.clock.at += timedelta(minutes=1)
    await house.post("generic", SOUND["generic"], sent.bearer(TOKEN))
    entries = await house.ledger.entries(START - timedelta(hours=1))
    assert [(entry.actor, entry.action) for entry in entries] == [
        ("hook:generic", "hook"), ("hook", "hook refused"), ("hook:generic", "hook"),
    ]  # fmt: skip
    assert entries[-1].detail["more"] == 29


async def test_a_ledger_out_of_reach_asks_the_sender_to_send_again(house: WebhookServer) -> None:
    async with house.ledger.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE hooked RENAME TO elsewhere")
    status, told, headers = await house.post("generic", SOUND["generic"], sent.bearer(TOKEN))
    assert (status, headers["Retry-After"]) == (503, "30")
    assert told == {"problem": "the alert could not be stored; send it again"}
    assert house.told == []


async def test_what_a_vantage_point_reports_is_heard_but_not_kept(house: WebhookServer) -> None:
    body = json.dumps(SOUND["backstay"]).encode()
    assert (await house.post("backstay", body, house.proof("backstay", body)))[0] == 200
    (one,) = house.told
    assert (one.kind, one.vantage, str(one.scope)) == ("probe", "backstay/eu-1", "aws/us-east-1/sqs")
    assert await house.ledger.alert_signals(START - timedelta(days=1)) == ()


RAW = (
    st.binary(max_size=200)
    | st.just(b"[" * 100_000)
    | st.just(b'{"a":' * 50_000)
    | st.just(b'{"alerts": NaN}')
    | st.just(b'{"alerts": [], "alerts": 7}')
    | st.just(b'{"truncatedAlerts": 1e999, "alerts": []}')
    | st.just(b'{"updatedAt": 99999999999999999999999999999, "state": "CLOSED"}')
    | st.just('{"state": "\udcff"}'.encode("utf-8", "surrogatepass"))
    | st.just(b"\xff\xfe{}")
    | st.integers().map(lambda number: str(number * 10**300).encode())
)


async def test_no_body_breaks_the_server(house: WebhookServer) -> None:
    loop = asyncio.get_running_loop()

    async def fuzzed(name: str, body: bytes) -> None:
        headers = sent.bearer(TOKEN) if name in WITH_TOKENS else house.proof(name, body)
        status, told, _ = await house.post(name, body, headers)
        allowed = {200, 400, 422} if name in WITH_TOKENS else {200, 400, 401, 422, 429}
        assert status in allowed, (name, status, told)
        assert "Traceback" not in str(told)
        assert TOKEN not in str(told)

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from([*WITH_TOKENS, "backstay"]), RAW)
    def fuzz(name: str, body: bytes) -> None:
        asyncio.run_coroutine_threadsafe(fuzzed(name, body), loop).result(20)

    with capture_logs() as logs:
        await asyncio.to_thread(fuzz)
    assert not [line for line in logs if line["event"] == "request_failed"]


async def test_a_line_that_is_cut_in_the_middle_harms_nobody(house: WebhookServer) -> None:
    host, _, port = house.url.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"POST /hooks/in/generic HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 99\r\n\r\n{{"
    )
    writer.write(head.encode())
    await writer.drain()
    writer.close()
    assert (await house.post("generic", SOUND["generic"], sent.bearer(TOKEN)))[0] == 200
    assert len(house.told) == 1


async def test_a_body_that_never_ends_is_given_up() -> None:
    async def handle(request: web.Request) -> web.Response:
        found = await read(request, 100, within=0.05)
        assert isinstance(found, Refusal)
        return answer(found)

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(30)

    app = web.Application()
    app.router.add_post("/", handle)
    async with serving(app) as url, aiohttp.ClientSession() as session, session.post(url, data=slow()) as answered:
        assert answered.status == 408
        assert await answered.json() == {"problem": "the body did not arrive in time"}


@pytest.mark.parametrize("name", [name for name in WITH_SECRETS if name != "pagerduty"])
async def test_a_signature_is_good_once_across_a_restart_and_again_where_nothing_was_stored(
    name: str, tmp_path: Path
) -> None:
    body = json.dumps(SOUND[name]).encode()
    for table in ("hooked", "handled_requests"):
        async with webhook_server(tmp_path) as house:
            fresh = house.proof(name, body := body + b" ")
            async with house.ledger.write() as connection:
                await connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO elsewhere")
            if (name, table) != ("backstay", "hooked"):  # it hands on signals, which are stored nowhere
                assert (await house.post(name, body, fresh))[0] == 503
            async with house.ledger.write() as connection:
                await connection.exec_driver_sql(f"ALTER TABLE elsewhere RENAME TO {table}")
            assert (await house.post(name, body, fresh))[0] == 200, "sent again as it is"
        async with webhook_server(tmp_path) as house:
            assert (await house.post(name, body, fresh))[0] == 401, "replayed"
