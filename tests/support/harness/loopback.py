"""Starts an aiohttp application on 127.0.0.1, port 0, and can cut a connection in the middle."""

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Never

from aiohttp import web


@asynccontextmanager
async def serving(app: web.Application, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve for the block; yields `http://127.0.0.1:PORT`, or `https://` with a TLS context."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http{'s' if tls else ''}://{host}:{port}"
    finally:
        await runner.cleanup()


def cut(request: web.Request) -> Never:
    """Reset the connection: the client sees the line die, not an answer."""
    if request.transport is not None:
        request.transport.abort()
    raise web.HTTPServiceUnavailable  # ends the handler; nobody is left to read it


def closed_port() -> int:
    """A port on which nothing listens: connections are refused."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
