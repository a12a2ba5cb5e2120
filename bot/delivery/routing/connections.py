"""Connections that the routes of one process share, so that a thousand posts do not begin with a thousand handshakes."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp


class ConnectionPool:
    """Between `open` and `close` calls share their connections; before and after, each has one of its own."""

    def __init__(self) -> None:
        self.session: aiohttp.ClientSession | None = None

    def open(self) -> None:
        """Share connections from now on. Needs a running loop."""
        import aiohttp  # noqa: PLC0415 - a tenth of a second that a command without routes need not pay

        # Idle connections are let go after 15 seconds, well before any platform closes them: a post that is written to a
        # line which just closed is in doubt.
        self.session = self.session or aiohttp.ClientSession(connector=aiohttp.TCPConnector(keepalive_timeout=15))

    async def close(self) -> None:
        """Close the shared connections."""
        session, self.session = self.session, None
        if session is not None:
            await session.close()
