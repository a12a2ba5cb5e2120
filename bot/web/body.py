"""Reads request bodies, bounded in size and time."""

import asyncio

from aiohttp import web

from bot.web.api.authentication import Refusal

READ_SECONDS = 30.0
"""Maximum seconds for a body to arrive: enough for the largest one at 5 Mbit/s."""


async def read(request: web.Request, most: int, *, within: float = READ_SECONDS) -> bytes | Refusal:
    """Return the body, or a refusal if it has more than `most` bytes or takes longer than `within` seconds."""
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
