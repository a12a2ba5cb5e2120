"""The main function of a child process that reads a cloud: takes a request as JSON on stdin, and writes frames on stdout."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from bot.audit.collectors.engine.frames import Emit, frames_to_stdout
from bot.model import UnusableError

ReadAll = Callable[[dict[str, Any], Emit], Coroutine[Any, Any, None]]


def run_program(read: ReadAll) -> None:
    """Run one request. `read` emits parts and progress, and at last a frame `end` with `calls` and `accounts`."""
    request, emit = json.load(sys.stdin), frames_to_stdout()
    try:
        asyncio.run(read(request, emit))
    except UnusableError as error:
        emit({"t": "unusable", "problem": str(error), "fix": error.fix})
