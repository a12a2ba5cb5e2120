"""Runs a child process that reads a cloud: sends it a request, and receives progress, facts and gaps over a pipe."""

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

_LONGEST_FRAME = 64 << 20  # bytes; a frame holds up to 200 facts with their tags


@dataclass(frozen=True, slots=True)
class ChildProgram:
    """A module that reads a cloud as a program. `reads`: the cloud's name; `fix`: what to do where the process dies."""

    module: str
    reads: str
    fix: str


async def run_child(
    program: ChildProgram, request: Mapping[str, Any], progress: Callable[[Progress], None]
) -> Collected:
    """Run one request in a child process; cancelling kills it.

    Raises:
        UnusableError: no credentials, no permission to read anything, or the child process died.
    """
    began = time.monotonic()
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        program.module,
        stdin=PIPE,
        stdout=PIPE,
        limit=_LONGEST_FRAME,
        env=_env(),
    )
    try:
        output = await _exchange(program, child, request, progress)
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()
    if not output.ended:
        raise UnusableError(
            f"the process that reads {program.reads} died ({_exit_text(child.returncode)})", program.fix
        )
    return output.collected(time.monotonic() - began)


async def _exchange(
    program: ChildProgram, child: Process, request: Mapping[str, Any], progress: Callable[[Progress], None]
) -> "_ChildOutput":
    if child.stdin is None or child.stdout is None:
        raise UnusableError(f"the process that reads {program.reads} has no pipes")
    output = _ChildOutput()
    try:
        child.stdin.write(json.dumps(request).encode())
        await child.stdin.drain()
        child.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        return output
    async for line in child.stdout:
        frame = json.loads(line)
        if frame["t"] == "progress":
            progress(Progress(frame["done"], frame["total"], frame["doing"]))
        else:
            output.add(frame)
    await child.wait()
    return output


@dataclass(slots=True)
class _ChildOutput:
    """The frames received from the child so far, decoded."""

    facts: list[Fact] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    left_out: list[Gap] = field(default_factory=list)
    read: dict[Place, None] = field(default_factory=dict)
    accounts: tuple[str, ...] = ()
    calls: int = 0
    ended: bool = False

    def add(self, frame: dict[str, Any]) -> None:
        if frame["t"] == "unusable":
            raise UnusableError(frame["problem"], frame["fix"])
        if frame["t"] == "end":
            self.ended, self.calls, self.accounts = True, frame["calls"], tuple(frame["accounts"])
            return
        facts, gaps, _ = unpack(frame)
        self.facts += facts
        self.gaps += [gap for gap in gaps if not gap.by_choice]
        self.left_out += [gap for gap in gaps if gap.by_choice]
        if frame["place"]:
            source, account, region = frame["place"]
            self.read[source, account, region] = None

    def collected(self, seconds: float) -> Collected:
        rest = (tuple(self.read), self.accounts, self.calls, round(seconds, 3), tuple(self.left_out))
        return Collected(self.facts, self.gaps, *rest)


def _env() -> dict[str, str]:
    """The environment of the child process.

    PYTHONPATH names this package, so that a folder `bot` in the working directory is not imported instead.
    MALLOC_ARENA_MAX saves memory: glibc gives each thread an arena, and two suffice for threads that share one lock.
    """
    home = str(Path(bot.__file__ or "").resolve().parents[1])
    inherited = os.environ.get("PYTHONPATH")
    path = os.pathsep.join((home, inherited)) if inherited else home
    return {"MALLOC_ARENA_MAX": "2", **os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": path}


def _exit_text(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
