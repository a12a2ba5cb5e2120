"""What polling 150 status feeds costs beside a bare httpx loop with conditional requests: `python tests/bench/bench_feeds.py`.

Both ask the same server on loopback as often; half of the pages change between two rounds. The goal is at most twice the CPU.
"""

import asyncio
import json
import multiprocessing as mp
import resource
import sys
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
from aiohttp import web

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from support.fakes.status_page import summary, trouble  # noqa: E402
from support.harness.loopback import serving  # noqa: E402 - found by the path above

from bot.detection.feeds.http_feed import FeedSpec, HttpFeed, pool, read_once  # noqa: E402

FEEDS, ROUNDS, AT_ONCE, GOAL = 150, 6, 20, 2.0


def serve(pipe: Connection) -> None:
    """The pages, in a process of their own, so that their CPU is not counted. Each changes on every other visit, or never."""

    async def main() -> None:
        seen: dict[str, int] = {}

        async def page(request: web.Request) -> web.Response:
            name = request.match_info["name"]
            seen[name] = seen.get(name, 0) + 1
            version = seen[name] // 2 if int(name) % 2 else 0
            tag = f'"{version}"'
            if request.headers.get("If-None-Match") == tag:
                return web.Response(status=304)
            incidents = [trouble(f"i{n}", name=f"Errors {version}") for n in range(5)]
            parts = [{"name": f"part {n}", "status": "operational"} for n in range(40)]
            body = json.loads(summary(*incidents)) | {"components": parts}
            return web.Response(body=json.dumps(body).encode(), headers={"ETag": tag})

        app = web.Application()
        app.router.add_get("/{client}/{name}", page)
        async with serving(app) as url:
            pipe.send(url)
            await asyncio.to_thread(pipe.recv)

    asyncio.run(main())


async def bare(url: str) -> None:
    """Ask, keep the mark, read the body."""
    marks: dict[str, str] = {}
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(client: httpx.AsyncClient, address: str) -> None:
        async with gate:
            headers = {"if-none-match": marks[address]} if address in marks else {}
            answer = await client.get(address, headers=headers)
            marks[address] = answer.headers.get("etag", marks.get(address, ""))

    limits = httpx.Limits(max_connections=40, max_keepalive_connections=40)
    async with httpx.AsyncClient(timeout=10.0, limits=limits) as client:
        for _ in range(ROUNDS):
            await asyncio.gather(*(one(client, f"{url}/bare/{n}") for n in range(FEEDS)))


async def ours(url: str) -> None:
    """The same through the feeds: recognised, parsed, brought into normal form."""
    async with pool() as client:
        feeds = [
            HttpFeed(FeedSpec(f"p{n}", f"{url}/ours/{n}", private=True), client, lambda: datetime.now(UTC))
            for n in range(FEEDS)
        ]
        for _ in range(ROUNDS):
            readings = await read_once(feeds, at_once=AT_ONCE)
            if any(reading.error for reading in readings):
                raise SystemExit(f"a feed failed: {next(reading.error for reading in readings if reading.error)}")


def cpu() -> float:
    """Seconds of CPU that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print both and their ratio; exit 1 above the goal."""
    here, there = mp.Pipe()
    server = mp.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    url = here.recv()
    asyncio.run(bare(url))  # warms both ends up
    spent = {}
    for name, work in (("bare httpx", bare), ("backstay", ours)):
        before, began = cpu(), time.perf_counter()
        asyncio.run(work(f"{url}"))
        spent[name] = (cpu() - before) / (FEEDS * ROUNDS) * 1000
        sys.stdout.write(
            f"{name:11} {spent[name]:6.2f} ms CPU a poll, {time.perf_counter() - began:5.1f} s for {FEEDS * ROUNDS} polls\n"
        )
    here.send("stop")
    server.join(5)
    ratio = spent["backstay"] / spent["bare httpx"]
    sys.stdout.write(
        f"ratio {ratio:.2f} (goal {GOAL:.0f}); 150 feeds a minute take {spent['backstay'] * FEEDS / 600:.2f} % of a core\n"
    )
    sys.exit(ratio > GOAL)


if __name__ == "__main__":
    main()
