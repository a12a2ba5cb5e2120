"""Connections that do nothing are bounded by source and time; those that work are left alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from structlog.testing import capture_logs
from support.harness.waiting import until

from bot.web.connections import Connections
from bot.web.loop_lag import LoopLag
from bot.web.server import Site, application

HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def slow(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(0.6)
    return web.json_response({"late": True})


@asynccontextmanager
async def site(connections: Connections) -> AsyncIterator[Site]:
    app = application(posts={}, gets={"/slow": slow}, probes={}, lag=LoopLag(), connections=connections)
    running = Site(app, "127.0.0.1", 0)
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


@asynccontextmanager
async def connected(running: Site, number: int = 1, sent: bytes = b"") -> AsyncIterator[list[Streams]]:
    """So many connections for the block, each of which begins with these bytes."""
    port = int(running.url.rpartition(":")[2])
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(number)]
    for _, writer in held:
        writer.write(sent)
    try:
        yield held
    finally:
        for _, writer in held:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for _, writer in held), return_exceptions=True)


async def is_closed(streams: Streams) -> bool:
    """Whether the server has closed it; what it sent before does not count."""
    try:
        async with asyncio.timeout(2):
            await streams[0].read()
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


async def test_one_source_has_so_many_connections_and_the_oldest_idle_one_makes_room() -> None:
    bounds = Connections(most_from_one=5)
    async with site(bounds) as running, connected(running) as [first]:
        await until(lambda: len(bounds) == 1)
        async with connected(running, 30):
            await until(lambda: len(bounds) == 5)
            assert await is_closed(first)
            async with aiohttp.request("GET", f"{running.url}/healthz") as answer:
                assert answer.status == 200


async def test_a_trusted_proxy_stands_for_many_and_is_bounded_in_all_only() -> None:
    bounds = Connections(lambda source: source == "127.0.0.1", most=12, most_from_one=2)
    async with site(bounds) as running, connected(running, 30):
        await until(lambda: len(bounds) == 12)


async def test_a_connection_that_never_sends_its_request_is_closed() -> None:
    bounds = Connections(head_seconds=0.2, idle_seconds=30)
    async with (
        site(bounds) as running,
        connected(running) as [silent],
        connected(running, sent=HEAD) as [begun],
        connected(running, sent=HEAD + b"\r\n") as [served],
    ):
        assert b"200 OK" in await served[0].read(300)
        await asyncio.sleep(0.3)
        begun[1].write(b"X-Slow: 1\r\n")  # one more line does not make it younger
        with capture_logs() as log:
            bounds.sweep()
        assert [(line["event"], line["closed"]) for line in log] == [("connections_closed", 2)]
        assert await is_closed(silent)
        assert await is_closed(begun)
        served[1].write(HEAD + b"\r\n")
        assert b"200 OK" in await served[0].read(300), "it was idle for less than its time"


async def test_a_request_that_is_worked_on_is_never_cut() -> None:
    bounds = Connections(most_from_one=2, head_seconds=0.1, idle_seconds=0.1)
    async with site(bounds) as running, aiohttp.ClientSession() as session:

        async def ask() -> int:
            async with session.get(f"{running.url}/slow") as answer:
                return answer.status

        asked = asyncio.create_task(ask())
        await asyncio.sleep(0.3)
        async with connected(running, 6):
            bounds.sweep()
            assert await asked == 200
