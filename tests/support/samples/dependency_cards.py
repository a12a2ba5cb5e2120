"""Cards about dependencies that nobody declared, and about DNS zones that shrink."""

from collections.abc import Callable, Mapping

from support.builders.facts import NOW, days_ago
from support.builders.scorecards import HOSTILE, LONG, RIGHT_TO_LEFT

from bot.cards.card import Card
from bot.cards.messages.guesses import decided_card, guesses_card
from bot.cards.messages.zone_shrink import ShrunkName, zone_shrink_card
from bot.model.guesses import GuessedDependency

_GUESSES = (
    GuessedDependency("checkout", "okta", "saas", ("OAuth issuer of shop.example.com: acme.okta.com",)),
    GuessedDependency("checkout", "sendgrid", "saas", ("SPF record of example.com: sendgrid.net",), hard=False),
    GuessedDependency("login", "cloudflare", "scope", ("NS of example.com: ada.ns.cloudflare.com",) * 5),
    GuessedDependency("login", "stripe", "saas", (), decision="confirmed", by="Ada"),
    GuessedDependency("login", "quay", "saas", (), decision="rejected", by="Ada"),
)


def _guess(text: str, number: int = 1) -> tuple[GuessedDependency, ...]:
    return tuple(GuessedDependency(f"{text}{at}", text, "saas", (text,) * 5, by=text) for at in range(number))


def _shrunk(name: str, number: int = 2) -> Card:
    said = ["A: record set is empty, had 3 values (zone example.com, aws 111122223333)", "AAAA: 1 value left of 2"]
    lines = [ShrunkName(f"{name}{at or ''}", said[at % 2], severe=not at % 2) for at in range(number)]
    return zone_shrink_card([name], lines, providers=["aws", "gcp"], since=days_ago(1), at=NOW)


DEPENDENCY_CARDS: Mapping[str, Callable[[], Card]] = {
    "guesses": lambda: guesses_card(_GUESSES),
    "guesses-none": lambda: guesses_card((), audited=False),
    "guesses-500": lambda: guesses_card(_guess("service", 500), page=2, service="checkout"),
    "guesses-long": lambda: guesses_card(_guess(LONG, 9)),
    "guesses-hostile": lambda: guesses_card(_guess(HOSTILE, 9), service=HOSTILE),
    "guesses-rtl": lambda: guesses_card(_guess(RIGHT_TO_LEFT, 2)),
    "guess-confirmed": lambda: decided_card(
        GuessedDependency(
            "checkout", "okta", "saas", ("OAuth issuer of shop: acme.okta.com",), decision="confirmed", by="Ada"
        )
    ),
    "guess-rejected-hostile": lambda: decided_card(
        GuessedDependency(HOSTILE, HOSTILE, "saas", (HOSTILE,), decision="rejected", by=HOSTILE)
    ),
    "zone-shrink": lambda: _shrunk("api.example.com"),
    "zone-shrink-500": lambda: _shrunk("api.example.com", 500),
    "zone-shrink-long": lambda: _shrunk(LONG, 30),
    "zone-shrink-hostile": lambda: _shrunk(HOSTILE, 30),
    "zone-shrink-rtl": lambda: _shrunk(RIGHT_TO_LEFT),
}
