"""Whose address a request has: the peer's, or what a trusted proxy says; nobody else is believed."""

from typing import Any

import aiohttp
import pytest
from aiohttp import web
from support.builders.posts import ManualClock
from support.harness.loopback import serving

from bot.app.settings import load
from bot.catalogue import ConfigError
from bot.web.failed_attempts import FREE, LONGEST_SECONDS, FailedAttempts
from bot.web.loop_lag import LoopLag
from bot.web.proxies import TrustedProxies
from bot.web.server import application

PROXIES = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"]


async def seen(proxies: TrustedProxies, headers: list[tuple[str, str]]) -> str:
    """The address that a handler sees of a request from this machine."""

    async def show(request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.Response(text=request.remote)

    app = application(posts={"/{any}": show}, probes={}, lag=LoopLag(), proxies=proxies)
    async with (
        serving(app) as url,
        aiohttp.ClientSession() as session,
        session.post(f"{url}/x", headers=headers, data=b"body") as answer,
    ):
        return await answer.text()


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ([], "127.0.0.1"),
        ([("X-Forwarded-For", "203.0.113.9")], "203.0.113.9"),
        ([("X-Forwarded-For", "198.51.100.1, 203.0.113.9, 10.1.2.3")], "203.0.113.9"),
        ([("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-For", "203.0.113.9")], "203.0.113.9"),
        ([("X-Forwarded-For", "203.0.113.9:4711")], "203.0.113.9"),
        ([("X-Forwarded-For", "[2001:db8::1]:4711")], "2001:db8::1"),
        ([("X-Forwarded-For", "::ffff:203.0.113.9")], "203.0.113.9"),
        ([("X-Forwarded-For", "10.1.1.1, 10.1.1.2")], "10.1.1.1"),
        ([("X-Forwarded-For", "203.0.113.9, unknown, 10.1.1.2")], "10.1.1.2"),
        ([("X-Forwarded-For", "")], "127.0.0.1"),
        ([("Forwarded", "for=203.0.113.9")], "127.0.0.1"),
        ([("X-Real-IP", "203.0.113.9")], "127.0.0.1"),
    ],
)
async def test_a_trusted_proxy_is_believed(headers: list[tuple[str, str]], address: str) -> None:
    assert await seen(TrustedProxies.of(PROXIES), headers) == address


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("for=203.0.113.9;proto=https;by=10.0.0.1", "203.0.113.9"),
        ('proto=http;For="[2001:db8::1]:4711", for=10.2.2.2', "2001:db8::1"),
        ("for=_hidden", "127.0.0.1"),
        ("nonsense", "127.0.0.1"),
    ],
)
async def test_the_other_header_is_read_where_it_is_set(value: str, address: str) -> None:
    headers = [("Forwarded", value), ("X-Forwarded-For", "198.51.100.1")]
    assert await seen(TrustedProxies.of(PROXIES, "Forwarded"), headers) == address


@pytest.mark.parametrize("networks", [[], ["10.0.0.0/8"]])
async def test_nobody_else_is_believed(networks: list[str]) -> None:
    headers = [("X-Forwarded-For", "203.0.113.9"), ("Forwarded", "for=203.0.113.9")]
    assert await seen(TrustedProxies.of(networks), headers) == "127.0.0.1"


def test_settings_take_addresses_and_networks(tmp_path: Any) -> None:
    file = tmp_path / "backstay.yaml"
    file.write_text("web: {trusted_proxies: [10.0.0.5, 'fd00::/8'], forwarded_header: Forwarded}\n", encoding="utf-8")
    web_settings = load(file, {}).web
    assert (web_settings.trusted_proxies, web_settings.forwarded_header) == (("10.0.0.5", "fd00::/8"), "Forwarded")
    file.write_text("web: {trusted_proxies: [proxy.acme.example]}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="neither an address nor a network"):
        load(file, {})


async def test_answers_come_the_later_the_more_fail() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    attempts = FailedAttempts(ManualClock(), sleep=sleep)
    refusals = [attempts.count("203.0.113.9", {"Authorization": "Bearer guess"}) for _ in range(FREE + 40)]
    for refusal in refusals:
        await attempts.hold(refusal)
    assert len(slept) == 40
    assert slept == sorted(slept)
    assert slept[-1] == LONGEST_SECONDS
    assert attempts.count("198.51.100.1", {"Authorization": "Bearer guess"}).status == 401, "another address"


def test_one_network_of_ipv6_is_one_address() -> None:
    attempts = FailedAttempts(ManualClock())
    statuses = [attempts.count(f"2001:db8::{number}", {"X-Backstay-Token": "guess"}).status for number in range(1, 13)]
    assert statuses == [401] * 10 + [429] * 2
    assert attempts.count("2001:db8:0:1::1", {"X-Backstay-Token": "guess"}).status == 401
