"""`risk` in chat: the page for executives, by the last audit, or by a first one."""

from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.moment import NOW

from bot.cards.card import Card
from bot.chat.dispatch import dispatch
from bot.model import Caller


async def ask(*, audited: bool) -> list[Card]:
    backend = sample_backend(SampleAudits(sample_services("checkout"), audited=audited))
    return [card async for card in dispatch("risk", Caller("slack", "U1"), backend, now=lambda: NOW)]


async def test_the_last_audit_answers() -> None:
    [card] = await ask(audited=True)
    assert (card.kind, card.title) == ("executive_page", "Resilience of Acme")


async def test_without_an_audit_the_account_is_read_first() -> None:
    cards = await ask(audited=False)
    assert [cards[0].kind, cards[-1].kind] == ["progress", "executive_page"]
