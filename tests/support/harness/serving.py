"""backstay as its operators run it: `serve` in a process of its own, told where to find Slack and AWS by its environment."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from moto.server import ThreadedMotoServer

ROOT = Path(__file__).parents[3]


@dataclass
class Served:
    """The running process. `url` is where it listens, `log` what it wrote to standard error so far."""

    process: Process
    url: str
    log: list[str]

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(number)
        async with asyncio.timeout(10):
            return await self.process.wait()


@asynccontextmanager
async def backstay_serve(folder: Path, yaml: str, env: Mapping[str, str]) -> AsyncIterator[Served]:
    """Run `serve` with this backstay.yaml on a free port and a ledger in `folder`; killed at the end of the block."""
    (folder / "backstay.yaml").write_text(yaml, encoding="utf-8")
    own = {
        "BACKSTAY_WEB__PORT": "0",
        "BACKSTAY_WATCH__FEEDS": "none",
        "BACKSTAY_WATCH__PROBES": "false",  # no test reaches the internet
        "BACKSTAY_LEDGER": str(folder / "ledger.db"),
        "PYTHONPATH": str(ROOT),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", cwd=folder, env={**_bare(), **own, **env}, stdout=PIPE, stderr=PIPE
    )
    log: list[str] = []
    reading = asyncio.create_task(_read(process, log))
    try:
        yield Served(process, await _listening(process, log), log)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


@contextmanager
def moto_aws() -> Iterator[dict[str, str]]:
    """An AWS on loopback; yields the variables that lead there."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "loopback",
            "AWS_SECRET_ACCESS_KEY": "loopback",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    finally:
        server.stop()


def _bare() -> dict[str, str]:
    """Our environment without anything that would lead to a real account or workspace."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "BACKSTAY_", "SLACK_"))}


async def _listening(process: Process, log: list[str]) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(90):  # a loaded machine takes its time
        line = (await process.stdout.readline()).decode()
    assert "listens on " in line, (line, log)
    return line.partition("listens on ")[2].strip()


async def _read(process: Process, log: list[str]) -> None:
    assert process.stderr is not None
    while line := await process.stderr.readline():
        log.append(line.decode())
