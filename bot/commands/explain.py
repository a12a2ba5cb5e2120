"""`explain <check or service>`: why a check matters and what to do, or how a service's score adds up."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.checklist import check_card
from bot.cards.explain import explain_card
from bot.commands._command import Call, UsageError, command
from bot.commands._naming import find, suggest
from bot.commands._standings import found
from bot.ports import Desk
from checks import discover


@command(
    word="explain",
    usage="<check or service>",
    summary="How each point of a service's score came about, or why a check matters and what to do.",
    example="explain checkout",
)
async def explain(call: Call, desk: Desk) -> AsyncGenerator[Card, None]:
    """Explain a check by its id, or a service by its name."""
    if not call.subject:
        raise UsageError("Explain what? A service or a check, for example: explain checkout")
    rules = {rule.id: rule for rule in discover()}
    rule = rules.get(call.subject.upper())
    if rule is not None:
        yield check_card(rule)
        return
    names = [service.name for service in await desk.services()]
    name = find(call.subject, names)
    if name is None:
        raise suggest("service or check", call.subject, [*names, *rules], "explain")
    audit = await desk.latest()
    score = found(audit, name) if audit else None
    if audit is None or score is None:
        raise UsageError(f"{name} has not been audited yet. Ask for: check {name}")
    yield explain_card(score, now=call.now, read_at=audit.scorecard.generated_at)
