"""`check <service>`: audits one service now and shows its scorecard."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from bot.cards.card import Card
from bot.chat.command import Call, UsageError, command
from bot.chat.progress_stream import ProgressStream
from bot.chat.scorecard_answers import score_of, service_answer
from bot.chat.suggestions import find, suggest
from bot.model import Audit
from bot.model.backend import Backend


@command(
    word="check",
    usage="<service>",
    summary="Audit one service now and show its scorecard.",
    example="check checkout",
    slow=True,
)
async def check(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Audit one service, with progress."""
    names = [service.name for service in await backend.audits.services()]
    if not call.subject:
        raise UsageError("Name the service. Example: check " + (names[0] if names else "checkout"))
    name = find(call.subject, names)
    # Without a catalogue the services are only known once the cloud has been read.
    if name is None and names:
        raise suggest("service", call.subject, names, "check")
    wanted = (name,) if name is not None else ()
    working = ProgressStream[Audit](
        lambda report: backend.audits.audit(wanted, report), what=f"Auditing {name or call.subject}"
    )
    async with aclosing(working.cards()) as cards:
        async for card in cards:
            yield card
    audit = working.result
    audited = [score.service.name for score in audit.scorecard.services]
    score = score_of(audit, find(name or call.subject, audited) or "")
    if score is None:
        raise suggest("service", call.subject, audited, "check")
    yield await service_answer(score, audit, backend, now=call.now, page=None)
