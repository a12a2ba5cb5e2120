"""`whatif <scope> [duration]`: simulates the loss of a cloud, region, zone, product or SaaS."""

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

from bot.cards.card import Button, Buttons, Card, Paragraph, text
from bot.cards.messages.whatif import whatif_card
from bot.chat.command import Call, UsageError, command
from bot.chat.durations import duration
from bot.chat.parsing import quoted
from bot.chat.progress_stream import ProgressStream
from bot.chat.suggestions import nearest
from bot.model.backend import Backend
from checks import GLOBAL, Fact, Impact, Scope

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
    """Simulate the loss on the facts of the last audit; without an audit, audit first."""
    page = call.page or 1
    scope, lasts = _scope_and_duration(call)
    if await backend.audits.latest() is None:
        working = ProgressStream[Impact](
            lambda report: backend.audits.whatif(scope, lasts, report), what=f"Simulating the loss of {scope}"
        )
        async with aclosing(working.cards()) as cards:
            async for card in cards:
                yield card
        impact = working.result
    else:
        impact = await backend.audits.whatif(scope, lasts, lambda _: None)
    card = whatif_card(impact, currency=backend.audits.currency, now=call.now, page=page)
    yield card if impact.known_scope else await _with_nearest(card, scope, call, backend)


def _scope_and_duration(call: Call) -> tuple[Scope, timedelta]:
    words = [word for word in call.words if word.lower() not in ("for", "of")]
    lasts = duration(words[-1]) if len(words) > 1 else None
    if lasts is not None:
        words.pop()
    if not words:
        raise UsageError("Name a scope. Example: whatif aws/us-east-1 15h")
    try:
        return Scope.parse(" ".join(words)), lasts or DEFAULT
    except ValueError as error:
        raise UsageError(str(error)) from error


async def _with_nearest(card: Card, scope: Scope, call: Call, backend: Backend) -> Card:
    """The answer for a scope without any resource of ours, with similarly spelled scopes of the estate."""
    audit = await backend.audits.latest()
    known = set(_scopes(audit.collected.facts)) if audit else set()
    known |= {
        need.target
        for service in await backend.audits.services()
        for need in service.depends_on
        if need.kind != "service"
    }
    near = nearest(str(scope), sorted(known))
    if not near:
        return card
    rest = call.words[-1:] if len(call.words) > 1 and duration(call.words[-1]) else ()
    buttons = Buttons(tuple(Button(name, quoted("whatif", name, *rest)) for name in near))
    return replace(card, blocks=(*card.blocks, Paragraph(text(f"Did you mean {near[0]}?")), buttons))


def _scopes(facts: Iterable[Fact]) -> Iterator[str]:
    for fact in facts:
        yield fact.provider
        if fact.region and fact.region != GLOBAL:
            yield f"{fact.provider}/{fact.region}"
            yield f"{fact.provider}/{fact.region}/{fact.product}"
            for zone in (*getattr(fact, "zones", ()), getattr(fact, "zone", "")):
                if zone:
                    yield f"{fact.provider}/{fact.region}/{zone}"
