"""`scorecard [service]`: shows the scorecard of the estate or of one service, from the last audit."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from bot.cards.card import Card
from bot.chat.command import Call, command
from bot.chat.progress_stream import ProgressStream
from bot.chat.scorecard_answers import estate_answer, score_of, service_answer
from bot.chat.suggestions import find, suggest
from bot.model import Audit
from bot.model.backend import Backend


@command(
    word="scorecard",
    usage="[service] [page=N]",
    summary="Show grade, trend and the top three fixes, of one service or of all.",
    example="scorecard",
    options=("page",),
)
async def scorecard(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Answer from the last audit; without one of this service, audit it now."""
    page = call.page
    audit = await backend.audits.latest()
    if audit is None:
        first = ProgressStream[Audit](lambda report: backend.audits.audit((), report), what="First audit")
        async with aclosing(first.cards()) as cards:
            async for card in cards:
                yield card
        audit = first.result
    if not call.subject:
        yield await estate_answer(audit, backend, now=call.now, page=page)
        return
    names = [service.name for service in await backend.audits.services()]
    name = find(call.subject, names)
    if name is None:
        raise suggest("service", call.subject, names, "scorecard")
    score = score_of(audit, name)
    if score is None:
        fresh = ProgressStream[Audit](lambda report: backend.audits.audit((name,), report), what=f"Auditing {name}")
        async with aclosing(fresh.cards()) as cards:
            async for card in cards:
                yield card
        audit = fresh.result
        score = score_of(audit, name)
    if score is None:
        raise suggest("service", call.subject, [other.service.name for other in audit.scorecard.services], "scorecard")
    yield await service_answer(score, audit, backend, now=call.now, page=page)
