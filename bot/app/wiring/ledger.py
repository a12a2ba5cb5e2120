"""Builds what watches the ledger of `serve`, on routes that do without it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.app.jobs.ledger_guard import DirectPosts, LedgerGuard
from bot.app.settings import Settings
from bot.delivery.routing.context import RouteContext
from bot.delivery.routing.registry import build_all
from bot.model import Clock, Conversation
from bot.storage.errors import LedgerError
from bot.storage.ledger import Ledger

Conversations = Callable[[], Awaitable[Sequence[Conversation]]]


def ledger_guard(settings: Settings, ledger: Ledger, context: RouteContext, clock: Clock) -> LedgerGuard:
    """The guard of a ledger, which tells the audience for operators. `context`: what the other routes are built with."""
    audience = settings.catalogue.audiences.get(settings.admin_audience)
    known = remembered(context.conversations) if context.conversations is not None else None
    routes, _ = build_all(
        audience.routes if audience else (), replace(context, last_reference=None, conversations=known)
    )
    posts = DirectPosts(audience, list(routes.values()), clock)
    return LedgerGuard(ledger, posts.send, clock=clock, refresh=known)


def remembered(read: Conversations) -> Conversations:
    """The conversations of Teams; while they cannot be read, those that were read last."""
    last: Sequence[Conversation] = ()

    async def known() -> Sequence[Conversation]:
        nonlocal last
        try:
            last = await read()
        except LedgerError:
            return last
        return last

    return known
