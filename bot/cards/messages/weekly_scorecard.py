"""The scheduled scorecard of an audience: grade, change, the next fixes and their owners."""

from collections.abc import Sequence

from bot.cards.card import Button, Card
from bot.cards.messages.score_parts import command, score_data
from bot.cards.messages.scorecard import lowest_caps, worst_first
from bot.cards.messages.short_scorecard import short_card
from bot.cards.sanitise import cut
from checks import Gap, Scorecard, Trend


def weekly_card(
    scorecard: Scorecard,
    *,
    name: str,
    cadence: str = "Weekly",
    trend: Trend | None = None,
    gaps: Sequence[Gap] = (),
) -> Card:
    """The post.

    Args:
        scorecard: of the audience's services.
        name: whose post it is: the team's or the organisation's name.
        cadence: how often it is posted: `Weekly`, `Daily`; empty where neither is true.
        trend: the change of the whole since an earlier score.
        gaps: places that could not be read; unreadable accounts are named.
    """
    names = [row.service.name for row in worst_first(scorecard.services)]
    begins = f"{cadence} scorecard" if cadence else "Scorecard"
    return short_card(
        scorecard,
        kind="weekly",
        title=f"{begins}, {name}",
        trend=trend,
        caps=lowest_caps(scorecard),
        buttons=_buttons(names),
        gaps=gaps,
        data=score_data(scorecard) | {"generated_at": scorecard.generated_at.isoformat(), "name": name},
    )


def _buttons(names: Sequence[str]) -> tuple[Button, ...]:
    # Pressed in a channel weeks later: the answer is a new message and the post stays unchanged.
    details = command("scorecard", *names, page=2) if len(names) == 1 else command("scorecard", page=2)
    worst = (Button(cut(name, 40), command("scorecard", name), update=False) for name in names[:3])
    return (Button("Details", details, update=False, primary=True), *worst)
