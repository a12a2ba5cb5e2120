"""`explain <check or service>`: explains a check, the score of a service, or one finding."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.checklist import check_card
from bot.cards.messages.explain import explain_card
from bot.cards.messages.finding import finding_card
from bot.cards.messages.regions_read import regions_of
from bot.chat.command import Call, UsageError, command
from bot.chat.scorecard_answers import score_of
from bot.chat.suggestions import find, suggest
from bot.model.backend import Backend
from checks import discover


@command(
    word="explain",
    usage="<check or service or check:service> [page=N]",
    summary="Explain how a service's score is computed, or why a check matters and how to fix it.",
    example="explain checkout",
    options=("page",),
)
async def explain(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Explain a check by its id, a service by its name, or a finding: a check on a service (`RG02:checkout`)."""
    if not call.subject:
        raise UsageError("Name a service or a check. Example: explain checkout")
    rules = {rule.id: rule for rule in discover()}
    rule = rules.get(call.subject.upper())
    if rule is not None:
        yield check_card(rule)
        return
    names = [service.name for service in await backend.audits.services()]
    id_, _, of = call.subject.partition(":")
    rule = rules.get(id_.upper()) if of else None
    name = find(of if rule is not None else call.subject, names)
    if name is None:
        raise suggest("service or check", call.subject, [*names, *rules], "explain")
    audit = await backend.audits.latest()
    score = score_of(audit, name) if audit else None
    if audit is None or score is None:
        raise UsageError(f"{name} has not been audited yet. Audit it: check {name}")
    read_at = audit.scorecard.generated_at
    if rule is not None:
        yield finding_card(rule, score, read_at=read_at)
        return
    yield explain_card(score, read_at=read_at, page=call.page or 1, regions=regions_of(audit))
