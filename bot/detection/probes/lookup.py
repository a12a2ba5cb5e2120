"""Looks names up with the system's resolver, as everything else on this machine does, in threads of its own.

Threads of its own, since a dead resolver keeps each of them for many seconds; the control group has some for itself, so that
it can still tell.
"""

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor

THREADS = 32
CONTROL_THREADS = 8


class SystemLookup:
    """Looks hosts up. Lookups of one host that are under way at the same time are one."""

    def __init__(self) -> None:
        self._pools = {
            False: ThreadPoolExecutor(THREADS, thread_name_prefix="probe-lookup"),
            True: ThreadPoolExecutor(CONTROL_THREADS, thread_name_prefix="control-lookup"),
        }
        self._running: dict[tuple[str, bool], asyncio.Future[tuple[str, ...]]] = {}

    async def addresses(self, host: str, *, control: bool = False) -> tuple[str, ...]:
        """The addresses of a host, IPv4 before IPv6.

        Raises:
            OSError: there is no such name, or no resolver answers.
            UnicodeError: the name cannot be one.
        """
        if is_literal(host):
            return (host,)
        key = (host, control)
        running = self._running.get(key)
        if running is None:
            running = asyncio.get_running_loop().run_in_executor(self._pools[control], _look_up, host)
            self._running[key] = running
            running.add_done_callback(lambda done: self._ended(key, done))
        return await asyncio.shield(running)

    def close(self) -> None:
        """Stop without waiting."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)

    def _ended(self, key: tuple[str, bool], done: "asyncio.Future[tuple[str, ...]]") -> None:
        self._running.pop(key, None)
        if not done.cancelled():
            done.exception()  # the caller may have given up, and nobody else reads it


def is_literal(host: str) -> bool:
    """Whether a host is an IP address and needs no lookup."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _look_up(host: str) -> tuple[str, ...]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return tuple(sorted(addresses, key=lambda address: ":" in address))
