"""Health tells the truth, an edge that fails is begun again, and no request leaves a secret in the log."""

import asyncio

import aiohttp
from aiohttp import web
from structlog.testing import capture_logs
from support.harness.loopback import serving

from bot.app.running import restart_on_failure
from bot.chat.deduplication import MOST, Deduplicator
from bot.storage.ledger import LedgerError
from bot.web.loop_lag import EVERY_SECONDS, LoopLag
from bot.web.server import application


async def get(app: web.Application, path: str) -> tuple[int, str]:
    async with serving(app) as root, aiohttp.ClientSession() as session, session.get(f"{root}{path}") as answer:
        return answer.status, await answer.text()


async def fine() -> None:
    """It can be used."""


async def gone() -> None:
    raise ConnectionError("postgresql://user:hunter2@db")


async def stuck() -> None:
    await asyncio.sleep(3600)


async def test_alive_and_ready() -> None:
    app = application(posts={}, probes={"ledger": fine}, lag=LoopLag())
    assert (await get(app, "/healthz"))[0] == 200
    app = application(posts={}, probes={"ledger": fine}, lag=LoopLag())
    assert await get(app, "/readyz") == (200, '{"ready": true, "ledger": "ok", "loop_lag_ms": 0.0, "degraded": {}}')


async def test_not_ready_without_its_ledger_and_silent_on_why() -> None:
    with capture_logs() as logs:
        status, told = await get(application(posts={}, probes={"ledger": gone}, lag=LoopLag()), "/readyz")
    assert status == 503
    assert '"ledger": "unreachable"' in told
    assert "hunter2" not in told + str(logs)


async def test_what_needs_the_ledger_says_so_while_that_is_away() -> None:
    async def asks(_: web.Request) -> web.StreamResponse:
        raise LedgerError("The ledger postgresql://db cannot be used", "See that it is there")

    app = application(posts={}, gets={"/hooks/status": asks}, probes={}, lag=LoopLag())
    with capture_logs() as logs:
        async with serving(app) as root, aiohttp.request("GET", f"{root}/hooks/status") as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
            assert "the ledger is unreachable" in (await answer.json())["problem"]
    (told,) = [line for line in logs if line["log_level"] == "error"]
    assert told["event"] == "request_without_ledger"
    assert "exc_info" not in told, "a line, no stack"


async def test_a_ledger_that_hangs_does_not_hang_the_probe() -> None:
    app = application(posts={}, probes={"ledger": stuck}, lag=LoopLag(), patience=0.05)
    status, told = await get(app, "/readyz")
    assert status == 503
    assert "timed out" in told


async def test_what_holds_the_loop_up_is_seen() -> None:
    lag = LoopLag()
    watching = asyncio.create_task(lag.run())
    await asyncio.sleep(EVERY_SECONDS / 2)
    blocked(EVERY_SECONDS * 2)
    await asyncio.sleep(0.02)
    assert lag.worst_seconds >= EVERY_SECONDS
    assert lag.recent_seconds == lag.worst_seconds
    watching.cancel()
    await asyncio.wait([watching])


def blocked(seconds: float) -> None:
    """Work that should not be done on the loop."""
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    while clock() < until:
        pass


async def test_a_request_that_breaks_is_answered_and_leaves_no_secret() -> None:
    async def broken(_: web.Request) -> web.Response:
        raise RuntimeError("no")

    app = application(posts={"/slack/events": broken}, probes={}, lag=LoopLag())
    with capture_logs() as logs:
        async with serving(app) as root, aiohttp.ClientSession() as session:
            url = f"{root}/slack/events?token=hunter2"
            async with session.post(url, data="hunter3", headers={"Authorization": "Bearer hunter4"}) as answer:
                assert (answer.status, await answer.text()) == (500, "failed")
    assert "request_failed" in str(logs)
    assert "hunter" not in str(logs)


async def test_an_edge_that_fails_is_begun_again_later_each_time() -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async def edge() -> None:
        if len(pauses) < 8:
            raise OSError("not now")

    await restart_on_failure("edge", edge, sleep=pause)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_what_was_acted_on_is_remembered_for_an_hour_and_never_without_bound() -> None:
    now = [0.0]
    once = Deduplicator(lambda: now[0])
    assert [once.is_first("a"), once.is_first("a"), once.is_first(""), once.is_first("")] == [True, False, True, True]
    now[0] = 3_599
    assert not once.is_first("a")
    now[0] = 3_601
    assert once.is_first("a")
    for number in range(MOST + 10):
        once.is_first(str(number))
    assert once.is_first("a"), "the oldest gave way"
