"""Calls the JSON API of a product of rehearsals: signed in by one header, paced, retried where that can help."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bot.audit.collectors.rehearsals.run import ReadingContext
from bot.net.cloud_api import ApiLimits, CloudApi
from bot.net.http_client import HttpClient

RATE = 5.0
"""Calls per second: audits are rare, and none of these products publishes a higher limit."""


@asynccontextmanager
async def json_api(context: ReadingContext, authorization: str, *, private: bool) -> AsyncIterator[CloudApi]:
    """The API for the block. `private`: it may be at a private address."""

    async def sign() -> Mapping[str, str]:
        return {"Authorization": authorization}

    async with HttpClient(context.outgoing) as http:
        limits = ApiLimits(rate=RATE, burst=2 * RATE, concurrency=2, timeout=context.timeout)
        yield CloudApi(http, sign, limits, private=private)
