"""A body from outside: bounded in bytes and in time, before anybody looks at what is in it."""

import asyncio

from aiohttp import web

from bot.web.api.authentication import Refusal

READ_SECONDS = 30.0
"""How long a body may take to arrive: at 5 Mbit/s the largest one does."""


async def read(request: web.Request, most: int, *, within: float = READ_SECONDS) -> bytes | Refusal:
    """The body, of `most` bytes at most; no more of it is taken in than that, and it is not waited for for ever."""
    if (request.content_length or 0) > most:
        return Refusal(413, f"at most {most} bytes")
    found = bytearray()
    try:
        async with asyncio.timeout(within):
            async for chunk in request.content.iter_any():
                found += chunk
                if len(found) > most:
                    return Refusal(413, f"at most {most} bytes")
    except TimeoutError:
        return Refusal(408, "the body did not arrive in time")
    return bytes(found)
