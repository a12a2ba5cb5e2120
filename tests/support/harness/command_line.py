"""Runs the real `backstay` in a process of its own, against the example account."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.app.demo.estate import estate
from bot.app.demo.server import Script, example_aws

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class CommandLine:
    """`backstay` in a folder, with an environment of its own."""

    folder: Path
    env: Mapping[str, str]

    async def run(self, *words: str, **env: str) -> Ran:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *words,
            cwd=self.folder,
            env={**self.env, **env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return Ran(process.returncode or 0, out.decode(), err.decode())

    def write(self, text: str, name: str = "backstay.yaml") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


def command_line(folder: Path, url: str) -> CommandLine:
    """`backstay` whose AWS is the server at `url`, with nothing of this machine's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    here = {
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        "PYTHONPATH": str(ROOT),
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "COLUMNS": "120",
    }
    return CommandLine(folder, kept | here)


@asynccontextmanager
async def example_account(folder: Path, script: Script | None = None) -> AsyncIterator[CommandLine]:
    """A command line whose account is the example's, or what `script` says."""
    async with example_aws(estate(datetime.now(UTC)) if script is None else script) as url:
        yield command_line(folder, url)
