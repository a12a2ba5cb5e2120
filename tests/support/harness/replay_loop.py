"""An event loop whose time passes only where everybody waits: a day of sleeping takes as long as what is done in it."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")


class _Waiting(selectors.SelectSelector):
    """Instead of waiting for the network, which nobody uses here, lets the time pass."""

    passed: float = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits for something that never comes")
        self.passed += max(timeout, 0.0)
        return []


class ReplayLoop(asyncio.SelectorEventLoop):
    """Virtual time. What is run in a thread runs at once and takes no time."""

    def __init__(self) -> None:
        self._waiting = _Waiting()
        super().__init__(self._waiting)

    def time(self) -> float:
        """Seconds since the start."""
        return self._waiting.passed

    def run_in_executor(  # type: ignore[override] # the base class declares a narrower future than it returns
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> "asyncio.Future[T]":
        """Call it now."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            done.set_exception(error)
        return done


class ReplayClock:
    """The time of day over a loop's virtual time. While the machine sleeps the day goes on and the loop does not."""

    def __init__(self, began: datetime) -> None:
        self.began, self.slept = began, timedelta(0)

    def __call__(self) -> datetime:
        return self.began + timedelta(seconds=asyncio.get_running_loop().time()) + self.slept


def live(main: Coroutine[Any, Any, T]) -> T:
    """Run in virtual time, to the end."""
    loop = ReplayLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()
