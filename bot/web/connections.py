"""Bounds the connections to the HTTP server by source, in number, and in the time that they may be idle.

A connection that sends nothing, or its request byte by byte, costs a file descriptor. Without a bound one sender could use
up all of them, and backstay could reach neither people nor its ledger.
"""

import asyncio
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast
from weakref import WeakKeyDictionary

import structlog

HEAD_SECONDS = 15.0
"""How long a new connection may take until its first request has arrived, without its body."""
IDLE_SECONDS = 75.0
"""How long a connection may be idle between two requests: longer than the 60 s of common load balancers."""
SWEEP_SECONDS = 2.0
TOLD_EVERY_SECONDS = 60.0
MOST, MOST_FROM_ONE = 1_000, 200
"""Open connections in all, and from one address. Trusted proxies count in all only, since others are behind them."""
_SHARE = 3
"""At most a third of the file descriptors that the process may have are connections to the server."""
_log = structlog.get_logger(__name__)


class Connections:
    """The open connections of one server.

    Args:
        is_proxy: whether an address is that of a trusted proxy.
        most: open connections in all.
        most_from_one: open connections from one address.
        head_seconds: see `HEAD_SECONDS`.
        idle_seconds: see `IDLE_SECONDS`.
    """

    def __init__(
        self,
        is_proxy: Callable[[str], bool] = lambda _: False,
        *,
        most: int | None = None,
        most_from_one: int = MOST_FROM_ONE,
        head_seconds: float = HEAD_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._is_proxy, self._most_from_one = is_proxy, most_from_one
        self._most = (
            most if most is not None else max(8, min(MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // _SHARE))
        )
        self._head, self._idle = head_seconds, idle_seconds
        self._open: dict[BoundedConnection, None] = {}
        self._by_transport: WeakKeyDictionary[asyncio.BaseTransport, BoundedConnection] = WeakKeyDictionary()
        self._closed, self._told = 0, float("-inf")

    def __len__(self) -> int:
        return len(self._open)

    def factory(self, inner: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """A protocol factory whose connections are bounded. `inner`: makes the protocol that serves one."""
        return lambda: BoundedConnection(self, inner())

    @contextmanager
    def busy(self, transport: asyncio.BaseTransport | None) -> Iterator[None]:
        """A request of this connection is being handled."""
        connection = self._by_transport.get(transport) if transport is not None else None
        if connection is None:
            yield
            return
        connection.requests += 1
        try:
            yield
        finally:
            connection.requests -= 1
            connection.served, connection.idle_since = True, _now()

    async def run(self) -> None:
        """Close connections that are idle for too long, until cancelled. The log counts them, once a minute."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.sweep()

    def sweep(self) -> None:
        """Close connections that are idle for too long now."""
        now = _now()
        for connection in [*self._open]:
            limit = self._idle if connection.served else self._head
            if not connection.requests and now - connection.idle_since > limit:
                self._close(connection)
        if self._closed and now - self._told >= TOLD_EVERY_SECONDS:
            self._told = now
            _log.warning("connections_closed", closed=self._closed, open=len(self._open))
            self._closed = 0

    def opened(self, connection: "BoundedConnection") -> None:
        """Count a new connection; where there are too many, the one that was idle for the longest makes room for it."""
        self._by_transport[connection.transport] = connection
        self._open[connection] = None
        if not self._is_proxy(connection.source):
            same = [other for other in self._open if other.source == connection.source]
            if len(same) > self._most_from_one:
                self._make_room(same)
        if len(self._open) > self._most:
            self._make_room([*self._open])

    def lost(self, connection: "BoundedConnection") -> None:
        """Forget a connection that was closed."""
        self._open.pop(connection, None)

    def _make_room(self, among: "list[BoundedConnection]") -> None:
        idle = [connection for connection in among if not connection.requests]
        # Where all are busy the newest one goes: it is the last, and not busy yet.
        self._close(min(idle, key=lambda connection: connection.idle_since, default=among[-1]))

    def _close(self, connection: "BoundedConnection") -> None:
        self._closed += 1
        self._open.pop(connection, None)
        connection.transport.abort()


class BoundedConnection(asyncio.Protocol):
    """One connection. `requests` are being handled; `served`: one was; `idle_since`: loop time of the last end of one."""

    def __init__(self, connections: Connections, inner: asyncio.Protocol) -> None:
        self._connections, self._inner = connections, inner
        self.transport: asyncio.Transport
        self.source = ""
        self.requests, self.served, self.idle_since = 0, False, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it, then hand it on."""
        self.transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self.source, self.idle_since = str(peer[0]) if isinstance(peer, tuple) else "", _now()
        self._inner.connection_made(transport)
        self._connections.opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget it, then hand it on."""
        self._connections.lost(self)
        self._inner.connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Hand it on."""
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Hand it on."""
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """Hand it on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Hand it on."""
        self._inner.resume_writing()


def _now() -> float:
    return asyncio.get_running_loop().time()
