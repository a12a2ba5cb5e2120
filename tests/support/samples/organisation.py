"""An organization of many accounts on a scripted AWS, each with one table, and workers that read them."""

import asyncio
import os
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.fakes.aws import FakeAws, Fault, fake_aws

ROOT = Path(__file__).parents[3]
OWN = "000000000001"
YAML = """
organisation: Acme
ledger: env:LEDGER
aws: {organization: true, role: audit, regions: [us-east-1], timeout: 15}
audits: {workers: true}
"""


@dataclass
class Organisation:
    """The accounts by id. `closed`: those whose role cannot be assumed; `slow`: seconds that each list of tables takes."""

    aws: FakeAws
    accounts: tuple[str, ...]
    closed: set[str] = field(default_factory=set)
    slow: float = 0.0

    @property
    def env(self) -> dict[str, str]:
        """What leads a process there."""
        return {
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_ACCESS_KEY_ID": "loopback",
            "AWS_SECRET_ACCESS_KEY": "loopback",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        }

    def assume(self, params: dict[str, Any]) -> Any:
        """Let in, or not."""
        account = str(params["RoleArn"]).split(":")[4]
        if account in self.closed:
            return Fault("AccessDenied", 403)
        keys = {"AccessKeyId": account, "SecretAccessKey": "s", "SessionToken": "t"}
        return {"Credentials": keys | {"Expiration": "2036-01-01T00:00:00Z"}}

    def tables(self, _: dict[str, Any]) -> Any:
        """One table in each account, after a while."""
        time.sleep(self.slow)
        return {"TableNames": ["orders"]}


@contextmanager
def organisation(size: int) -> Iterator[Organisation]:
    """Run for the block."""
    with fake_aws() as aws:
        made = Organisation(aws, tuple(f"{number:012}" for number in range(1, size + 1)))
        aws.on("sts", "GetCallerIdentity", {"Account": OWN})
        rows = [{"Id": account, "Status": "ACTIVE"} for account in made.accounts]
        aws.on("organizations", "ListAccounts", {"Accounts": rows})
        aws.on("sts", "AssumeRole", made.assume)
        aws.on("dynamodb", "ListTables", made.tables)
        aws.on("dynamodb", "DescribeTable", {"Table": {"TableName": "orders", "TableArn": "arn:orders"}})
        aws.on("dynamodb", "DescribeContinuousBackups", Fault("AccessDeniedException"))
        yield made


@asynccontextmanager
async def worker(
    folder: Path, env: Mapping[str, str], *, concurrency: int = 2, yaml: str = YAML
) -> AsyncIterator[Process]:
    """A `backstay worker`, killed at the end of the block."""
    await asyncio.to_thread(_settle_in, folder, yaml)
    bare = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "BACKSTAY_"))}
    words = (sys.executable, "-m", "bot", "worker", "--concurrency", str(concurrency))
    process = await asyncio.create_subprocess_exec(
        *words, cwd=folder, env={**bare, "PYTHONPATH": str(ROOT), **env}, stdout=DEVNULL, stderr=PIPE
    )
    log: list[bytes] = []
    reading = asyncio.create_task(_read(process, log))
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading
        sys.stderr.write(b"".join(log).decode())  # pytest shows it where a test fails


def _settle_in(folder: Path, yaml: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "backstay.yaml").write_text(yaml, encoding="utf-8")


async def _read(process: Process, log: list[bytes]) -> None:
    assert process.stderr is not None
    while line := await process.stderr.readline():
        log.append(line)
