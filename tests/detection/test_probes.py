import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import trustme
from aiohttp import web
from support.builders.posts import START, ManualClock
from support.fakes.dns import FakeDns, Manner
from support.harness.loopback import closed_port, cut, serving

from bot.detection.probes.probe import Expectation, Probe, Resolver
from bot.detection.probes.prober import ATTEMPTS, Prober
from bot.detection.probes.web import WebProber
from bot.model.signals import Health, Signal
from checks import Scope

DYNAMO = Scope("aws", "us-east-1", "dynamodb")
NAME = "dynamodb.us-east-1.amazonaws.com"


async def look(probe: Probe, trust: ssl.SSLContext | None = None, within: float = 0.3) -> Signal:
    clock = ManualClock()
    async with WebProber(trust).opened() as opened:
        return await Prober(opened, clock=clock, sleep=clock.sleep, vantage="here", timeout=within).observe(probe)


@pytest.mark.parametrize(
    ("manner", "state", "said"),
    [
        ("address", Health.GOOD, ""),
        ("ipv6", Health.GOOD, ""),
        ("alias", Health.GOOD, ""),
        ("cut", Health.GOOD, ""),
        ("empty", Health.BAD, "NOERROR, empty answer"),
        ("nxdomain", Health.BAD, "NXDOMAIN"),
        ("servfail", Health.BAD, "SERVFAIL"),
        ("refused", Health.UNKNOWN, "REFUSED"),
        ("silent", Health.BAD, "no DNS response within 0.1 s"),
        ("nonsense", Health.BAD, "malformed DNS response"),
    ],
)
async def test_each_dns_response_has_its_own_detail(manner: Manner, state: Health, said: str) -> None:
    async with FakeDns(manner).running() as server:
        signal = await look(Probe(DYNAMO, "dns", NAME, resolver=server.resolver), within=0.1)
    assert (signal.state, signal.scope, signal.vantage) == (state, DYNAMO, "here")
    assert signal.via == server.resolver.name
    assert signal.source == f"dns:{NAME}"
    assert said in signal.detail


async def test_a_resolver_that_is_not_there() -> None:
    resolver = Resolver("127.0.0.1", closed_port())
    signal = await look(Probe(DYNAMO, "dns", NAME, resolver=resolver), within=0.1)
    assert signal.state is Health.BAD


async def test_a_failed_probe_is_repeated() -> None:
    async with FakeDns("nxdomain").running() as server:
        await look(Probe(DYNAMO, "dns", NAME, resolver=server.resolver))
        assert server.asked == ATTEMPTS


async def page(request: web.Request) -> web.Response:
    match request.path:
        case "/late":
            await asyncio.sleep(5)
        case "/cut":
            cut(request)
        case "/moved":
            return web.Response(status=302, headers={"Location": "http://192.0.2.1/"})
        case "/error":
            return web.json_response({"error": "Internal server error"})
        case "/empty":
            return web.Response()
    return web.Response(status=int(request.query.get("status", "200")), text="all is well")


@asynccontextmanager
async def site(tls: ssl.SSLContext | None = None) -> AsyncIterator[Probe]:
    app = web.Application()
    app.router.add_get("/{path:.*}", page)
    async with serving(app, tls) as url:
        port = int(url.rpartition(":")[2])
        yield Probe(Scope("checkout"), "http", "localhost" if tls else "127.0.0.1", port, secure=tls is not None)


@pytest.mark.parametrize(
    ("path", "expect", "state", "said"),
    [
        ("/", Expectation(), Health.GOOD, ""),
        ("/?status=403", Expectation(), Health.GOOD, ""),
        ("/?status=503", Expectation(), Health.BAD, "HTTP 503"),
        ("/moved", Expectation(), Health.GOOD, ""),
        ("/?status=403", Expectation(frozenset({200, 204})), Health.BAD, "HTTP 403"),
        ("/", Expectation(body="all is well"), Health.GOOD, ""),
        ("/", Expectation(body="logged in"), Health.BAD, "does not contain the expected text"),
        (
            "/error",
            Expectation(body="logged in"),
            Health.BAD,
            "HTTP 200 with an error as the body, without the expected",
        ),
        ("/empty", Expectation(body="logged in"), Health.BAD, "an empty body, without the expected text"),
        ("/", Expectation(latency=1e-9), Health.DEGRADED, "slow response"),
        ("/late", Expectation(), Health.BAD, "no response within 0.3 s"),
        ("/cut", Expectation(), Health.BAD, "connection closed without a valid HTTP response"),
    ],
)
async def test_a_page_is_compared_with_the_expectation(
    path: str, expect: Expectation, state: Health, said: str
) -> None:
    async with site() as probe:
        signal = await look(replace(probe, path=path, expect=expect))
    assert signal.state is state, signal.detail
    assert said in signal.detail


@pytest.mark.parametrize("kind", ["http", "tcp", "tls"])
async def test_a_closed_port_is_refused(kind: str) -> None:
    signal = await look(Probe(DYNAMO, kind, "127.0.0.1", closed_port()))  # type: ignore[arg-type]
    assert signal.detail == "127.0.0.1: connection refused"


@pytest.mark.parametrize("kind", ["http", "tls"])
async def test_an_untrusted_certificate_is_not_valid(kind: str) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with site(context) as there:
        probe = replace(there, kind=kind)  # type: ignore[arg-type]
        assert (await look(probe, trusting)).state is Health.GOOD
        signal = await look(probe)
    assert signal.detail == "localhost: TLS certificate is not valid"
    assert signal.at >= START


async def test_tls_on_a_port_that_speaks_none() -> None:
    async with site() as probe:
        assert (await look(replace(probe, kind="tcp"))).state is Health.GOOD
        assert "TLS handshake failed" in (await look(replace(probe, kind="tls"))).detail


async def test_an_endpoint_that_came_with_backstay_says_nothing_until_it_answered_once() -> None:
    """What providers.yaml names may be out of date, or not reachable from this network."""
    clock = ManualClock()
    async with site() as probe, WebProber().opened() as opened:
        prober = Prober(opened, clock=clock, sleep=clock.sleep)
        brought = replace(probe, origin="providers.yaml")
        down = replace(brought, path="/?status=503")
        first = await prober.observe(down)
        mine = await prober.observe(replace(down, origin="settings"))
        good = await prober.observe(replace(down, path="/?status=503", expect=Expectation(frozenset({503}))))
        after = await prober.observe(down)
    assert (first.state, first.detail) == (Health.UNKNOWN, "127.0.0.1: never answered as expected from here: HTTP 503")
    assert [signal.state for signal in (mine, good, after)] == [Health.BAD, Health.GOOD, Health.BAD]
