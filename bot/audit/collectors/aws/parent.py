"""One child process that reads AWS: it is given its order, tells how far it is, and hands facts and gaps over a pipe."""

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bot
from bot.audit.facts_codec import unpack
from bot.model import Collected, Place, Progress, UnusableError
from checks import Fact, Gap

_LONGEST_FRAME = 64 << 20  # bytes; a frame is 200 facts, tags and all


async def run_child(order: Mapping[str, Any], progress: Callable[[Progress], None]) -> Collected:
    """Read AWS as ordered; cancelling kills the child.

    Raises:
        UnusableError: no credentials, nothing readable with them, or the child process died.
    """
    began = time.monotonic()
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.audit.collectors.aws.child",
        stdin=PIPE,
        stdout=PIPE,
        limit=_LONGEST_FRAME,
        env=_env(),
    )
    try:
        gathered = await _talk(child, order, progress)
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()
    if not gathered.ended:
        raise UnusableError(f"the process that reads AWS died ({_death(child.returncode)})", _MEND_DEATH)
    return gathered.collected(time.monotonic() - began)


async def _talk(child: Process, order: Mapping[str, Any], progress: Callable[[Progress], None]) -> "_Gathered":
    if child.stdin is None or child.stdout is None:
        raise UnusableError("the process that reads AWS has no pipes")
    gathered = _Gathered()
    try:
        child.stdin.write(json.dumps(order).encode())
        await child.stdin.drain()
        child.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        return gathered
    async for line in child.stdout:
        frame = json.loads(line)
        if frame["t"] == "progress":
            progress(Progress(frame["done"], frame["total"], frame["doing"]))
        else:
            gathered.take(frame)
    await child.wait()
    return gathered


_MEND_DEATH = "look at its last words on stderr; out of memory: lower aws.concurrency or read fewer regions at once"


@dataclass(slots=True)
class _Gathered:
    """What the child has told so far."""

    facts: list[Fact] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    read: dict[Place, None] = field(default_factory=dict)
    accounts: tuple[str, ...] = ()
    calls: int = 0
    ended: bool = False

    def take(self, frame: dict[str, Any]) -> None:
        if frame["t"] == "unusable":
            raise UnusableError(frame["problem"], frame["mend"])
        if frame["t"] == "end":
            self.ended, self.calls, self.accounts = True, frame["calls"], tuple(frame["accounts"])
            return
        facts, gaps, _ = unpack(frame)
        self.facts += facts
        self.gaps += gaps
        if frame["place"]:
            source, account, region = frame["place"]
            self.read[source, account, region] = None

    def collected(self, seconds: float) -> Collected:
        return Collected(self.facts, self.gaps, tuple(self.read), self.accounts, self.calls, round(seconds, 3))


def _env() -> dict[str, str]:
    """Ours, and where this very package lies: a folder called `bot` in the working directory must not stand in for it.

    glibc gives each thread an arena of memory that it hardly uses; two are enough for threads that share one lock.
    """
    home = str(Path(bot.__file__ or "").resolve().parents[1])
    old = os.environ.get("PYTHONPATH")
    path = os.pathsep.join((home, old)) if old else home
    return {"MALLOC_ARENA_MAX": "2", **os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": path}


def _death(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
