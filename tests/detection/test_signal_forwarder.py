"""Forwarding signals to a backstay with another ledger: both ends, over an unreliable connection."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs
from support.builders.posts import START, ManualClock
from support.builders.signals import Days, probe
from support.harness.loopback import closed_port, serving
from support.harness.webhooks import SECRET, WebhookServer, webhook_server

from bot.app.settings import load
from bot.catalogue import ConfigError
from bot.detection.forwarder import AT_MOST, BATCH, SignalForwarder
from bot.incidents.engine import step
from bot.model.incidents import Phase
from bot.model.signals import Signal
from bot.net.http_client import HttpClient


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[WebhookServer]:
    async with webhook_server(tmp_path) as made:
        yield made


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    async with HttpClient() as made:
        yield made


def reporting(url: str, clock: ManualClock, *, secret: str = SECRET) -> SignalForwarder:
    return SignalForwarder(f"{url}/hooks/in/backstay", secret, vantage="eu 1/äth0", clock=clock)


def seen(number: int = 0, **fields: object) -> Signal:
    return replace(probe(source=f"dns:host{number}", at=START, via="1.1.1.1", detail="no answer"), **fields)  # type: ignore[arg-type]


async def test_signals_arrive_at_the_other_end(house: WebhookServer, client: HttpClient) -> None:
    report = reporting(house.url, house.clock)
    sent = [seen(number, control=number == 3) for number in range(BATCH + 7)]
    for message in (*sent, seen(kind="feed"), seen(kind="hook"), seen(vantage="theirs/already")):
        report.take(message)
    assert await report.send(client) == 3.0
    assert [replace(state, vantage="") for state in house.told] == sent
    assert {state.vantage for state in house.told} == {"backstay/eu-1-th0"}
    await report.send(client)
    assert len(house.told) == len(sent), "nothing is sent twice"


async def test_a_failed_batch_is_sent_again_while_it_is_fresh(client: HttpClient) -> None:
    clock, taken = ManualClock(), list[str]()
    answers = [web.Response(status=503, headers={"Retry-After": "20"}), web.Response(status=429)]

    async def answer(request: web.Request) -> web.Response:
        if answers:
            return answers.pop(0)
        taken.extend(signal["source"] for signal in (await request.json())["signals"])
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/hooks/in/backstay", answer)
    async with serving(app) as url:
        report = reporting(url, clock)
        report.take(seen())
        assert [await report.send(client) for _ in range(3)] == [20.0, 6.0, 3.0]
        assert taken == ["dns:host0"]
        report.take(seen(1))
        clock.at += timedelta(minutes=2)
        report.take(seen(2, at=clock()))
        await report.send(client)
        assert taken == ["dns:host0", "dns:host2"]


async def test_an_unreachable_receiver_costs_no_memory_and_shows_no_secret(client: HttpClient) -> None:
    clock = ManualClock()
    report = reporting(f"http://127.0.0.1:{closed_port()}", clock)
    with capture_logs() as logs:
        for number in range(AT_MOST + 100):
            report.take(seen(number))
        for _ in range(3):
            assert await report.send(client) == 6.0
    assert [line["event"] for line in logs] == ["signal_report_failed"]
    assert logs[0]["waiting"] < AT_MOST
    assert SECRET not in str(logs)


async def test_a_wrong_secret_is_logged_and_does_not_stop_sending(house: WebhookServer, client: HttpClient) -> None:
    report = reporting(house.url, house.clock, secret="another-secret-entirely")
    report.take(seen())
    with capture_logs() as logs:
        assert await report.send(client) == 3.0
    assert logs[-1]["why"] == "HTTP 401"
    assert house.told == []


async def test_reports_are_one_vantage_point_of_the_quorum(house: WebhookServer, client: HttpClient) -> None:
    report, days = reporting(house.url, house.clock), Days(now=START)
    for number in range(1, 6):
        house.clock.at = START + timedelta(seconds=10 * number)
        report.take(seen(at=house.clock()))
        await report.send(client)
        here = seen(at=house.clock(), vantage="here", state=probe(bad=False).state)
        days.state = step(days.state, [*house.told, here], house.clock())
        house.told.clear()
    assert not [incident for incident in days.state.incidents.values() if incident.phase is not Phase.SUSPECTED], (
        "one of two is not most"
    )
    for number in range(6, 12):
        house.clock.at = START + timedelta(seconds=10 * number)
        report.take(seen(at=house.clock()))
        await report.send(client)
        days.state = step(days.state, [*house.told, seen(at=house.clock(), vantage="here")], house.clock())
        house.told.clear()
    assert days.only().phase is Phase.CONFIRMED


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://backstay.example/hooks/in/eu", "must begin with https://"),
        ("backstay.example", "expected an address"),
        ("https://name:pass@backstay.example/", "password"),
    ],
)
def test_where_to_report_is_checked(tmp_path: Path, url: str, said: str) -> None:
    file = tmp_path / "backstay.yaml"
    file.write_text(f"watch: {{report_to: [{{url: '{url}', secret: env:S}}]}}\n")
    with pytest.raises(ConfigError, match=said):
        load(file, {"HOME": str(tmp_path)})


def test_the_secret_of_a_report_may_lie_beside_the_file(tmp_path: Path) -> None:
    file = tmp_path / "backstay.yaml"
    file.write_text("watch: {report_to: [{url: 'https://b.example/hooks/in/eu', secret: 'file:s.txt'}]}\n")
    (tmp_path / "s.txt").write_text("s3cret")
    made = load(file, {"HOME": str(tmp_path)})
    assert made.secret(made.watch.report_to[0].secret) == "s3cret"
