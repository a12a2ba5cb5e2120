"""The weekly post of an audience: its scores, what broke, what was fixed and what to fix next."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Span, Text, text
from bot.cards.messages.score_parts import (
    cap_blocks,
    changed_checks,
    check_titles,
    command,
    fix_blocks,
    gauge,
    grade_tone,
    history_chart,
    last_audit,
    score_data,
    score_title,
    trend_blocks,
)
from bot.cards.messages.scorecard import lowest_caps, services_table, worst_first
from bot.cards.messages.unread_accounts import unread_accounts
from bot.cards.sanitise import cut
from bot.cards.wording import count, gain, rounded_down, score_change
from checks import Gap, PastScore, Scorecard, Trend

_SERVICES = 8
_MOVED = 6
_NOTABLE = 0.05


def weekly_card(  # noqa: PLR0913 - all by keyword but the scorecard
    scorecard: Scorecard,
    *,
    name: str,
    now: datetime,
    trend: Trend | None = None,
    trends: Mapping[str, Trend] | None = None,
    history: Sequence[PastScore] = (),
    gaps: Sequence[Gap] = (),
) -> Card:
    """The post.

    Args:
        scorecard: of the audience's services.
        name: whose post it is: the team's or the organisation's name.
        now: the present moment (UTC).
        trend: the change of the whole since about a week ago.
        trends: the same for each service by name, where there is one.
        history: remembered scores of the whole, for the chart.
        gaps: places that could not be read; unreadable accounts are named.
    """
    rows = worst_first(scorecard.services)
    blocks: list[Block] = [
        gauge(scorecard, trend),
        *unread_accounts(gaps),
        *trend_blocks(scorecard, trend),
        *_services_moved(trends or {}),
        *changed_checks(trend, check_titles(scorecard.services)),
        *fix_blocks(scorecard.fixes, rows, estate=len(rows) > 1),
        *cap_blocks(lowest_caps(scorecard)),
        *history_chart(history, now, scorecard.score, name),
        Heading("Services"),
        services_table(rows[:_SERVICES], left_out=len(rows) - _SERVICES),
        last_audit(scorecard.generated_at, now),
        Buttons(_buttons([row.service.name for row in rows])),
    ]
    data = score_data(scorecard) | {"generated_at": scorecard.generated_at.isoformat(), "name": name}
    title = f"Weekly scorecard, {score_title(name, scorecard)}"
    return Card("weekly", title, _summary(scorecard, trend), tuple(blocks), grade_tone(scorecard.grade), data)


def _summary(scorecard: Scorecard, trend: Trend | None) -> str:
    said = count(len(scorecard.services), "service")
    if trend is None:
        return f"{said}, first weekly scorecard: {rounded_down(scorecard.score)} of 100."
    broke = count(len(trend.broken), "check")
    said = f"{said}, {score_change(trend.change)} since the last scorecard: {broke} newly failing, {len(trend.fixed):,} fixed."
    return said + (" The set of checks changed." if trend.rules_changed else "")


def _buttons(names: Sequence[str]) -> tuple[Button, ...]:
    # Pressed in a channel weeks later: the answer is a new message and the post stays unchanged.
    worst = (Button(cut(name, 40), command("scorecard", name), update=False) for name in names[:3])
    return (Button("Scorecard now", "scorecard", update=False, primary=True), *worst)


def _services_moved(trends: Mapping[str, Trend]) -> list[Block]:
    """The services whose score changed, the largest drop first; nothing where none did."""
    moved = ((name, trend) for name, trend in trends.items() if abs(trend.change) >= _NOTABLE)
    found = sorted(moved, key=lambda pair: (pair[1].change, pair[0]))
    if not found:
        return []
    lines = tuple(_moved(name, trend) for name, trend in found[:_MOVED])
    return [Heading("Changed scores, largest drop first"), Items(lines, left_out=max(0, len(found) - _MOVED))]


def _moved(name: str, trend: Trend) -> Text:
    change = Span(gain(trend.change), "bad" if trend.change < 0 else "good")
    rules = " (the set of checks changed)" if trend.rules_changed else ""
    return text(change, ": ", Span(cut(name, 120), "bold"), rules)
