"""Settings -> the feeds to read: public pages, one's own, and what only those with credentials may ask."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from bot.catalogue import KnownProvider
from bot.feeds.polling import FeedSpec, HttpFeed, pool
from bot.ports import Clock, Feed
from bot.settings import Settings


def specs(settings: Settings, providers: Iterable[KnownProvider]) -> list[FeedSpec]:
    """The feeds of these providers, their secrets in hand.

    Raises:
        ConfigError: a secret of a header leads nowhere.
    """
    return [
        FeedSpec(one.name, one.feed, one.format, one.private, _headers(settings, one)) for one in providers if one.feed
    ]


@asynccontextmanager
async def opened(specs: Sequence[FeedSpec], clock: Clock) -> AsyncIterator[Sequence[Feed]]:
    """Everything that can be read, over one pool of connections."""
    async with pool() as client:
        yield [HttpFeed(spec, client, clock) for spec in specs]


def _headers(settings: Settings, provider: KnownProvider) -> dict[str, str]:
    return {
        name: settings.secret(value) if value.startswith(("env:", "file:")) else value
        for name, value in provider.headers.items()
    }
