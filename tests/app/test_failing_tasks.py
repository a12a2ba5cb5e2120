"""A task that fails is restarted; what failed outside is told in one line, and running out of descriptors in one a minute."""

import asyncio
import errno

import pytest
from structlog.testing import capture_logs

from bot.app.running import restart_on_failure, tell_of_descriptors
from bot.storage.errors import LedgerError

AWAY = LedgerError("The ledger is away")
PLAIN: dict[str, tuple[Exception, str]] = {
    "the ledger": (AWAY, "task_without_ledger"),
    "the ledger, in a group": (ExceptionGroup("tasks", [AWAY, ExceptionGroup("inner", [AWAY])]), "task_without_ledger"),
    "the network": (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "task_failed"),
    "no descriptor": (OSError(errno.EMFILE, "Too many open files"), "task_failed"),
}


async def failing_once(error: Exception) -> list[dict[str, object]]:
    """What the log says where a task fails so, and works when it is restarted."""
    fails = [error]

    async def run() -> None:
        if fails:
            raise fails.pop()

    async def sleep(_: float) -> None:
        await asyncio.sleep(0)

    with capture_logs() as log:
        await restart_on_failure("probes", run, sleep=sleep)
    return [dict(line) for line in log]


@pytest.mark.parametrize(("error", "event"), PLAIN.values(), ids=PLAIN.keys())
async def test_what_fails_outside_is_told_without_a_traceback(error: Exception, event: str) -> None:
    [line] = await failing_once(error)
    assert (line["event"], line["task"]) == (event, "probes")
    assert "exc_info" not in line


@pytest.mark.parametrize("error", [KeyError("x"), ExceptionGroup("tasks", [AWAY, KeyError("x")])])
async def test_a_mistake_of_ours_is_told_with_its_traceback(error: Exception) -> None:
    [line] = await failing_once(error)
    assert line["exc_info"] is error


async def test_running_out_of_descriptors_is_one_line_a_minute() -> None:
    loop, now = asyncio.get_running_loop(), 0.0
    before = loop.get_exception_handler()
    tell_of_descriptors(loop, monotonic=lambda: now)
    try:
        with capture_logs() as log:
            for now in (0.0, 0.1, 1.0, 59.0, 61.0):  # noqa: B007 - the clock reads it
                full = OSError(errno.EMFILE, "Too many open files")
                loop.call_exception_handler({"message": "socket.accept() out of system resource", "exception": full})
    finally:
        loop.set_exception_handler(before)
    assert [line["event"] for line in log] == ["file_descriptors_exhausted"] * 2
