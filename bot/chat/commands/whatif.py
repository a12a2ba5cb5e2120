"""`whatif <scope> [duration]`: simulates the loss of a cloud, region, zone, product or SaaS."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta

from bot.cards.card import Card
from bot.cards.messages.regions_read import regions_of
from bot.cards.messages.whatif import whatif_card
from bot.catalogue.scope_names import UnknownScopeError
from bot.chat.command import Call, UnknownNameError, command
from bot.chat.durations import written
from bot.chat.parsing import quoted
from bot.chat.progress_stream import ProgressStream
from bot.chat.scope_answers import scope_and_duration, simulated_loss
from bot.model import Audit
from bot.model.backend import Backend

# The duration of the outage of us-east-1 on 20 October 2025.
DEFAULT = timedelta(hours=15)


@command(
    word="whatif",
    usage="<scope> [duration]",
    summary="Simulate losing a cloud, region, zone, product or SaaS, and show what it affects.",
    example="whatif aws/us-east-1 15h",
    slow=True,
    options=("page",),
)
async def whatif(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Simulate the loss on the facts of the last audit; without an audit, audit first.

    Raises:
        UnknownNameError: no scope is called so, or nothing of ours is known to be in it.
    """
    page = call.page or 1
    typed, lasts = scope_and_duration(call.words)
    audits = backend.audits
    if await audits.latest() is None:
        working = ProgressStream[Audit](lambda report: audits.audit((), report), what="First audit")
        async with aclosing(working.cards()) as cards:
            async for card in cards:
                yield card
    try:
        impact = await simulated_loss(typed, lasts or DEFAULT, audits, lambda _: None)
    except UnknownScopeError as unknown:
        rest = (written(lasts),) if lasts else ()
        tries = tuple((name, quoted("whatif", name, *rest)) for name in unknown.tries)
        raise UnknownNameError("scope", typed, tries, unknown.problem) from None
    read = regions_of(await audits.latest())
    yield whatif_card(impact, currency=audits.currency, page=page, regions=read)
