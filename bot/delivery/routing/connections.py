"""HTTP connections that all routes of a process share, so that not every message begins with a TLS handshake."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp


class ConnectionPool:
    """Shares connections between `open` and `close`; before and after, each call opens its own."""

    def __init__(self) -> None:
        self.session: aiohttp.ClientSession | None = None

    def open(self) -> None:
        """Share connections from now on. Needs a running event loop."""
        import aiohttp  # noqa: PLC0415 - a tenth of a second that a command without routes need not pay

        # Idle connections are let go after 15 seconds, well before any platform closes them: a post that is written to a
        # line which just closed is in doubt.
        self.session = self.session or aiohttp.ClientSession(connector=aiohttp.TCPConnector(keepalive_timeout=15))

    async def close(self) -> None:
        """Close the shared connections."""
        session, self.session = self.session, None
        if session is not None:
            await session.close()
