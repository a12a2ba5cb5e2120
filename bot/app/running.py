"""Keeps tasks running, and turns the signals of the system into an orderly stop."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import structlog

from bot.storage.errors import LedgerError

_FIRST_RETRY, _LAST_RETRY = 1.0, 60.0
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
        except LedgerError as error:
            _log.error("task_without_ledger", task=name, error=str(error), retry_in_seconds=pause)
        except Exception:  # noqa: BLE001 - whatever ended this task, the others go on
            _log.exception("task_failed", task=name, retry_in_seconds=pause)
        await sleep(pause)
        pause = min(pause * 2, _LAST_RETRY)


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
