"""The whole audit as one page: the estate, then every service with every finding; for files and the demo."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.cards.card import Buttons, Card
from bot.cards.messages.findings import all_findings
from bot.cards.messages.score_parts import FIRST_SCORE
from bot.cards.messages.scorecard import estate_card, service_card, worst_first
from checks import Gap, PastScore, Scorecard, Trend


def report_cards(  # noqa: PLR0913 - all by keyword but the scorecard
    scorecard: Scorecard,
    *,
    organisation: str,
    now: datetime,
    trend: Trend | None = None,
    history: Sequence[PastScore] = (),
    gaps: Sequence[Gap] = (),
) -> Iterator[Card]:
    """The cards of the page, in order; they are handed to `to_html.render` together. Buttons are left out.

    `trend`, `history` and `gaps` are the estate's; what each service was before is not told.
    """
    estate = estate_card(
        scorecard, organisation=organisation, now=now, trend=trend, history=history, whole_list=True, gaps=gaps
    )
    yield _still(estate)
    for score in worst_first(scorecard.services):
        card = service_card(score, now=now, read_at=scorecard.generated_at)
        parts = [part for part in card.blocks if part != FIRST_SCORE]
        yield _still(replace(card, blocks=(*parts, *all_findings(score))))


def _still(card: Card) -> Card:
    return replace(card, blocks=tuple(part for part in card.blocks if not isinstance(part, Buttons)))
