"""`risk`: what depends on one thing, the one change that lowers it most, and the expected loss in a year."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from bot.cards.card import Card
from bot.cards.messages.executive_page import executive_page
from bot.chat.command import Call, command
from bot.chat.progress_stream import ProgressStream
from bot.model import Audit
from bot.model.backend import Backend


@command(
    word="risk",
    summary="Show what depends on one thing, and what outages are expected to cost in a year.",
    example="risk",
    slow=True,
)
async def risk(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """The page for executives, by the facts of the last audit; without an audit, audit first."""
    del call
    audits = backend.audits
    if await audits.latest() is None:
        working = ProgressStream[Audit](lambda report: audits.audit((), report), what="First audit")
        async with aclosing(working.cards()) as cards:
            async for card in cards:
                yield card
    found = await audits.risk()
    if found is not None:
        yield executive_page(found, organisation=audits.organisation, currency=audits.currency)
