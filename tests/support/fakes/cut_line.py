"""A line to a server that can be cut and mended: a TCP proxy on loopback, for databases that go away for a while."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit


class Line:
    """`url` leads through it. While it is cut nobody is connected and nobody can connect."""

    def __init__(self, url: str) -> None:
        self._to = urlsplit(url)
        self.url = ""
        self._port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()

    async def mend(self) -> None:
        """Let everybody through, at the same address as before."""
        self._server = await asyncio.start_server(self._through, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        who = f"{self._to.username}@" if self._to.username else ""
        self.url = urlunsplit(self._to._replace(netloc=f"{who}127.0.0.1:{self._port}"))

    async def cut(self) -> None:
        """Reset every connection and refuse new ones."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for writer in self._open:
            writer.transport.abort()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        self._open.clear()

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far = await asyncio.open_connection(self._to.hostname, self._to.port)
        self._open |= {writer, far}
        for task in (asyncio.create_task(_pump(reader, far)), asyncio.create_task(_pump(far_reader, writer))):
            self._pumps.add(task)
            task.add_done_callback(self._pumps.discard)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # the line was cut, which is what it is for
    finally:
        writer.close()


@asynccontextmanager
async def through(url: str) -> AsyncIterator[Line]:
    """A line to the server at this address, whole at first."""
    line = Line(url)
    await line.mend()
    try:
        yield line
    finally:
        await line.cut()
