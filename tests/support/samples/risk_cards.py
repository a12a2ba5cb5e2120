"""The page for executives, for a small estate and for one with names that mean harm."""

from collections.abc import Callable

from support.builders.facts import NOW, compute, service
from support.builders.scorecards import MIXED, sample_scorecard

from bot.cards.card import Card
from bot.cards.messages.executive_page import executive_page
from bot.model.risk import Risk
from checks import AnchorKind, Dependency, Roles, Seen, concentration

_HOSTILE = '<script>alert("x")</script> @channel **b** \u202e'


def _page(named: Callable[[str], str]) -> Card:
    checkout, login = named("checkout"), named("login")
    stripe, on_login = Dependency("stripe", "saas"), Dependency(login, "service")
    seen = [
        Seen(service(checkout, depends_on=(stripe, on_login), users=400, revenue_per_hour=1000.0), (compute("till"),)),
        Seen(service(login, users=None, revenue_per_hour=None), (compute("sso"),)),
    ]
    found = concentration(seen, Roles({"stripe": AnchorKind.PAYMENT}), now=NOW)
    card = sample_scorecard(*((known.service, MIXED) for known in seen))
    return executive_page(
        Risk(card, found, (), "a record", "3:" + "ab" * 32), organisation=named("Acme"), currency="EUR"
    )


RISK_CARDS: dict[str, Callable[[], Card]] = {
    "executive-page": lambda: _page(lambda name: name),
    "executive-page-hostile": lambda: _page(lambda name: f"{name}{_HOSTILE}"),
}
