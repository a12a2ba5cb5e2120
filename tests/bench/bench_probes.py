"""What it costs to look at 10,000 things a minute, against bare sockets, and what judging what they saw does to the loop.

    python tests/bench/bench_probes.py

The far side runs in a process of its own. A mix of looks (half DNS, a fifth each TCP and HTTPS, a tenth TLS) is made as fast as
it goes; its CPU time gives the share of one core that 10,000 a minute take. The same is done with sockets alone: a query that
was built once, a connection, a handshake, a request line. Then a watch over 200 scopes ticks every 5 s worth of 10,000
signals a minute, and the lag of the loop beside it is measured.
"""

import asyncio
import gc
import json
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import dns.message  # noqa: E402 - the path comes first
import psutil  # noqa: E402
from support.builders.signals import RESOLVERS, controls, probe  # noqa: E402
from support.harness.office import open_office  # noqa: E402
from support.harness.watching import estate, watch_on  # noqa: E402

from bot.detection.probes.probe import Probe, Resolver  # noqa: E402
from bot.detection.probes.prober import Prober  # noqa: E402
from bot.detection.probes.scheduler import ProbeScheduler  # noqa: E402
from bot.detection.probes.web import WebProber  # noqa: E402
from bot.model import utc_now  # noqa: E402
from bot.model.signals import Health, Signal  # noqa: E402
from checks import Scope  # noqa: E402

A_MINUTE = 10_000
LOOKS = 2_000
AT_ONCE = 50
MIX = ("dns", "dns", "dns", "dns", "dns", "tcp", "tcp", "tls", "http", "http")
SHARE_GOAL = 0.10
"""Of one core at its usual speed, for 10,000 looks a minute."""
USUAL_LOOP = 0.040
"""CPU seconds that a bare loop of a million additions takes on a usual core (2.5 GHz, CPython 3.11); a slower one is held to it."""
RATIO_GOAL = 1.5
LAG_GOAL = timedelta(milliseconds=50)
MIB = 1 << 20


@dataclass(frozen=True)
class Far:
    """Where the far side listens, and whom to trust."""

    ports: dict[str, int]
    trust: ssl.SSLContext

    def probe(self, number: int) -> Probe:
        kind = MIX[number % len(MIX)]
        scope = Scope("aws", "us-east-1", f"svc{number % 200}")
        if kind == "dns":
            resolver = Resolver("127.0.0.1", self.ports["dns"])
            return Probe(scope, "dns", f"svc{number}.example", resolver=resolver)
        if kind == "http":
            return Probe(scope, "http", "127.0.0.1", self.ports["tls"])
        port = self.ports["tls" if kind == "tls" else "http"]
        return Probe(scope, "tls" if kind == "tls" else "tcp", "127.0.0.1", port)


@asynccontextmanager
async def far_side() -> AsyncIterator[Far]:
    with tempfile.TemporaryDirectory() as folder:
        trust = Path(folder) / "ca.pem"
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "support.processes.probe_targets",
            str(trust),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[1],
            env={"PYTHONPATH": f"{Path(__file__).parents[2]}:{Path(__file__).parents[1]}", "PATH": "/usr/bin:/bin"},
        )
        assert process.stdout is not None
        try:
            ports = json.loads(await process.stdout.readline())
            yield Far(ports, ssl.create_default_context(cafile=str(trust)))
        finally:
            process.kill()
            await process.wait()


async def costs(work: Callable[[int], Awaitable[bool]]) -> float:
    """CPU seconds of one look, over many. Every one must go well, else something else was measured."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> bool:
        async with gate:
            return await work(number)

    await asyncio.gather(*(one(number) for number in range(200)))
    gc.collect()
    began = time.process_time()
    went_well = await asyncio.gather(*(one(number) for number in range(LOOKS)))
    took = time.process_time() - began
    assert all(went_well), f"{went_well.count(False)} of {LOOKS} looks failed"
    return took / LOOKS


async def ours(far: Far) -> dict[str, float]:
    async with WebProber(far.trust).opened() as opened:
        prober = Prober(opened, clock=utc_now, timeout=20)

        async def look(number: int) -> bool:
            return (await prober.observe(far.probe(number))).state is Health.GOOD

        found = {"mix": await costs(look)}
        for kind in dict.fromkeys(MIX):
            of_kind = [number for number in range(len(MIX)) if MIX[number] == kind]
            found[kind] = await costs(lambda number, at=of_kind[0]: look(at + len(MIX) * number))  # type: ignore[misc]
        return found


async def bare(far: Far) -> float:
    query = dns.message.make_query("svc.example", "A").to_wire()
    loop = asyncio.get_running_loop()

    async def ask() -> bool:
        answered: asyncio.Future[bytes] = loop.create_future()

        class Asking(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: object) -> None:
                answered.set_result(data)

        transport, _ = await loop.create_datagram_endpoint(Asking, remote_addr=("127.0.0.1", far.ports["dns"]))
        transport.sendto(query)
        data = await answered
        transport.close()
        return data[3] & 15 == 0

    async def reach(kind: str) -> bool:
        secure = far.trust if kind in ("tls", "http") else None
        reader, writer = await asyncio.open_connection("127.0.0.1", far.ports["tls" if secure else "http"], ssl=secure)
        good = True
        if kind == "http":
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            good = (await reader.readline()).startswith(b"HTTP/1.1 403")
        writer.close()
        return good

    async def look(number: int) -> bool:
        kind = MIX[number % len(MIX)]
        return await (ask() if kind == "dns" else reach(kind))

    return await costs(look)


def memory(far: Far) -> float:
    """Bytes that one probe which goes round takes."""
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    looks: ProbeScheduler[Probe] = ProbeScheduler(_never, lambda _: None, now=time.monotonic)
    looks.set([far.probe(number) for number in range(20_000)])
    return (process.memory_info().rss - before) / 20_000


async def _never(_: Probe) -> Signal:
    raise AssertionError


async def judging() -> tuple[float, float, float]:
    """Longest tick, p99 and longest lag of the loop, in seconds, while 200 scopes are watched over and some are in trouble."""
    lags: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        async with open_office(Path(folder)) as office:
            watch = watch_on(office, [estate()])
            ticks = []
            measuring = asyncio.create_task(_lag(lags))
            for number in range(40):
                office.clock.at += timedelta(seconds=5)
                for signal in _seen(office.clock.at, number):
                    watch.observe(signal)
                began = time.perf_counter()
                await watch.evaluate()
                ticks.append(time.perf_counter() - began)
                await asyncio.sleep(0.02)
            measuring.cancel()
    return max(ticks), sorted(lags)[int(len(lags) * 0.99)], max(lags)


def _seen(at: object, number: int) -> Sequence[Signal]:
    """5 s worth of 10,000 signals a minute: of 200 scopes, over four paths each, from six vantage points."""
    made = list(controls(at))  # type: ignore[arg-type]
    for index in range(A_MINUTE // 12):
        key = number * (A_MINUTE // 12) + index
        scope, path, place = key % 200, key // 200 % 4, key // 800 % 6
        via = (*RESOLVERS, "")[path]
        made.append(
            probe(
                "aws",
                "us-east-1",
                f"svc{scope}",
                bad=scope < 10,
                at=at,
                via=via,
                vantage=f"v{place}",
                source=f"{'dns' if via else 'https'}:svc{scope}",
            )
        )
    return made


async def _lag(lags: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.002)
        lags.append(time.perf_counter() - began - 0.002)


def slowness() -> float:
    """How many times slower than usual this core is now."""
    began, total = time.process_time(), 0
    while total < 1_000_000:
        total += 1
    return max(1.0, (time.process_time() - began) / USUAL_LOOP)


async def main() -> int:
    """Print the figures; 1 where a goal is missed."""
    async with far_side() as far:
        slow = [slowness()]
        found = await ours(far)
        slow.append(slowness())
        plain = await bare(far)
        kilobytes = memory(far) / 1024
    slower = sum(slow) / len(slow)
    share, ratio = found["mix"] * A_MINUTE / 60, found["mix"] / plain
    each = ", ".join(f"{kind} {found[kind] * 1e3:.2f} ms" for kind in dict.fromkeys(MIX))
    longest, p99, worst = await judging()
    sys.stdout.write(
        f"{A_MINUTE:,} looks a minute: {share:.1%} of this core, which is {slower:.1f} times slower than usual: "
        f"{share / slower:.1%} of a usual one (goal {SHARE_GOAL:.0%}); CPU of a look: {each}\n"
        f"against bare sockets ({plain * 1e3:.2f} ms): {ratio:.1f} times (goal {RATIO_GOAL:g})\n"
        f"memory: {kilobytes:.2f} KiB for each probe that goes round\n"
        f"a tick over 200 scopes and 10,000 signals a minute: {longest * 1e3:.0f} ms at most; lag of the loop p99 "
        f"{p99 * 1e3:.1f} ms (goal {LAG_GOAL.total_seconds() * 1e3:.0f}), at most {worst * 1e3:.0f} ms\n"
    )
    return int(share / slower > SHARE_GOAL or ratio > RATIO_GOAL or p99 > LAG_GOAL.total_seconds())


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
