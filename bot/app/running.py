"""Keeps tasks running, and turns the signals of the system into an orderly stop."""

import asyncio
import errno
import resource
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from bot.net.failures import failure_words
from bot.storage.errors import LedgerError

_FIRST_RETRY, _LAST_RETRY = 1.0, 60.0
_DESCRIPTORS_EVERY = 60.0
_log = structlog.get_logger(__name__)

Run = Callable[[], Awaitable[None]]


async def restart_on_failure(
    name: str, run: Run, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep, first: float = _FIRST_RETRY
) -> None:
    """Run a task; after a failure restart it, with a growing pause of up to a minute. Ends when the task ends."""
    pause = first
    while True:
        try:
            return await run()
        except Exception as error:  # noqa: BLE001 - whatever ended this task, the others go on
            _tell_failure(name, error, pause)
        await sleep(pause)
        pause = min(pause * 2, _LAST_RETRY)


def _tell_failure(name: str, error: Exception, pause: float) -> None:
    """One line where the world outside failed, which a stack would not explain; else the whole traceback."""
    causes = list(_leaves(error))
    if all(isinstance(cause, LedgerError) for cause in causes):
        _log.error("task_without_ledger", task=name, error=str(causes[0]), retry_in_seconds=pause)
    elif all(isinstance(cause, LedgerError | OSError) for cause in causes):
        _log.error("task_failed", task=name, error=failure_words(causes[0]), retry_in_seconds=pause)
    else:
        _log.error("task_failed", task=name, retry_in_seconds=pause, exc_info=error)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors of a group, of parallel tasks, one by one."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def tell_of_descriptors(loop: asyncio.AbstractEventLoop, *, monotonic: Callable[[], float] = time.monotonic) -> None:
    """While no file descriptor is left, let the log say so once a minute: asyncio reports every connection that waits."""
    told = float("-inf")

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal told
        error = context.get("exception")
        if not (isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)):
            loop.default_exception_handler(context)
        elif monotonic() - told >= _DESCRIPTORS_EVERY:
            told = monotonic()
            _log.error("file_descriptors_exhausted", limit=resource.getrlimit(resource.RLIMIT_NOFILE)[0])

    loop.set_exception_handler(handle)


@contextmanager
def stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """The first SIGTERM or SIGINT sets `stop`; a second one ends the process at once."""
    loop, handled = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGINT)

    def request_stop() -> None:
        for number in handled:
            loop.remove_signal_handler(number)
        stop.set()

    for number in handled:
        loop.add_signal_handler(number, request_stop)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
