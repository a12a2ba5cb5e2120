"""Cards of what is one person's own: nothing, a few services, very many, names that would act if they could."""

from collections.abc import Callable, Mapping

from support.builders.scorecards import HOSTILE, LONG, RIGHT_TO_LEFT, sample_estate

from bot.cards.card import Card
from bot.cards.messages.my_services import Owned, SubscribedPost, mine_card

POSTS = (
    SubscribedPost("scorecard", "slack:#payments", "every Monday at 09:00 (Europe/Berlin)"),
    SubscribedPost("scorecard of checkout", "slack:C0PAYMENTS", "every day at 08:30 (UTC)"),
)


def _mine(
    number: int, named: Callable[[int], str] = "service-{:03}".format, posts: tuple[SubscribedPost, ...] = POSTS
) -> Card:
    scorecard = sample_estate(number, named)
    owned = [Owned(service.service.name, service) for service in scorecard.services]
    return mine_card(
        [*owned, Owned("young", None)], scorecard=scorecard, organisation="Acme", posts=posts, called="slack:U1"
    )


OWN_CARDS: Mapping[str, Callable[[], Card]] = {
    "mine-none": lambda: mine_card((), scorecard=None, organisation="Acme", posts=(), called="slack:U1"),
    "mine-1": lambda: _mine(1),
    "mine-9": lambda: _mine(9),
    "mine-500": lambda: _mine(500, posts=POSTS * 20),
    "mine-long": lambda: _mine(20, lambda at: f"{at:03}-{LONG}"[:200]),
    "mine-rtl": lambda: _mine(3, lambda at: f"{at}{RIGHT_TO_LEFT}"),
    "mine-hostile": lambda: _mine(9, lambda at: f"{at}{HOSTILE}", (SubscribedPost(HOSTILE, HOSTILE, HOSTILE),) * 3),
}
