"""backstay as its operators run it: `serve` in a process of its own, told where to find Slack and AWS by its environment."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import httpx
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

ROOT = Path(__file__).parents[3]


@dataclass
class Served:
    """The running process. `url` is where it listens, `log` what it wrote to standard error so far."""

    process: Process
    url: str
    log: list[str]

    async def said(self, lines: int) -> str:
        """The next lines of standard output, at most so many, until it is silent for a second."""
        assert self.process.stdout is not None
        found: list[str] = []
        while len(found) < lines:
            try:
                async with asyncio.timeout(1):
                    found.append((await self.process.stdout.readline()).decode())
            except TimeoutError:
                break
        return "".join(found)

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
        sys.executable,
        "-m",
        "bot",
        "serve",
        cwd=folder,
        env={**bare_environment(), **own, **env},
        stdout=PIPE,
        stderr=PIPE,
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
    """An empty AWS on loopback; yields the variables that lead there."""
    aws = DomainDispatcherApplication(_moto_service)
    server = make_server("127.0.0.1", 0, aws, threaded=True, request_handler=MotoRequestHandler)
    serving = Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        host, port = "127.0.0.1", server.server_port
        # All servers of one process share their resources: what the one before made is still there.
        httpx.post(f"http://{host}:{port}/moto-api/reset", trust_env=False).raise_for_status()
        yield {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "loopback",
            "AWS_SECRET_ACCESS_KEY": "loopback",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    finally:
        server.shutdown()
        serving.join()


def _moto_service(service: Any) -> Any:
    """One service of moto. CPython up to 3.11.7 raises at times when two threads parse at once (gh-106905): then again."""
    for _ in range(4):
        with suppress(SystemError):
            return create_backend_app(service)
    return create_backend_app(service)


def create_invoices(env: Mapping[str, str]) -> None:
    """Create the table `invoices` of the service billing in the AWS that these variables lead to."""
    dynamodb = boto3.client(
        "dynamodb",
        endpoint_url=env["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="loopback",
        aws_secret_access_key="loopback",
    )
    dynamodb.create_table(
        TableName="invoices",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": "service", "Value": "billing"}],
    )


def bare_environment() -> dict[str, str]:
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
