"""What changed since an earlier score: which services moved, what broke on which, what was mended."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Text, Tone, text
from bot.cards.messages.score_parts import age, chart, titles
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import change_of, count, points, whole
from checks import PastScore, Scorecard, Trend

_SERVICES, _CHECKS, _PER_SERVICE = 10, 10, 4
_NOTABLE = 0.05


def diff_card(  # noqa: PLR0913 - all by keyword but the scorecard
    scorecard: Scorecard,
    *,
    name: str,
    now: datetime,
    trend: Trend | None,
    trends: Mapping[str, Trend],
    history: Sequence[PastScore] = (),
) -> Card:
    """The difference.

    Args:
        scorecard: how it stands now.
        name: whose services these are.
        now: the present moment (UTC).
        trend: the change of the whole; None: there is no earlier score to compare with.
        trends: the same for each service by name, where there is one.
        history: remembered scores of the whole, for the chart.
    """
    shown = isolated(cut(name, 100))
    if trend is None:
        said = "This is the first score: from the next one on it is told what changed."
        data: dict[str, object] = {"name": name, "change": None}
        return Card("diff", f"{shown}: nothing to compare with yet", said, (), "neutral", data)
    known = titles(scorecard.services)
    blocks: list[Block] = [_scores(scorecard, trend)]
    if trend.rules_changed:
        said = "The set of checks has changed since, so part of this comes from the rules, not from the estate."
        blocks.append(Paragraph(text(said)))
    blocks += services_moved(trends, at_most=_SERVICES)
    blocks += _checks("Newly failing", Span("fails", "bad"), {at: one.broken for at, one in trends.items()}, known)
    blocks += _checks("Fixed", Span("fixed", "good"), {at: one.fixed for at, one in trends.items()}, known)
    blocks += chart(history, now, scorecard.score, name)
    blocks += [age(scorecard.generated_at, now), Buttons((Button("Scorecard", "scorecard", update=False),))]
    data = {
        "name": name,
        "change": round(trend.change, 2),
        "since": trend.since.at.isoformat(),
        "rules_changed": trend.rules_changed,
        "broken": {service: list(one.broken) for service, one in trends.items() if one.broken},
        "fixed": {service: list(one.fixed) for service, one in trends.items() if one.fixed},
    }
    title = f"{shown}: {change_of(trend.change)} since {trend.since.at.day} {trend.since.at:%b}"
    return Card("diff", title, _summary(trends), tuple(blocks), _tone(trend, trends), data)


def services_moved(trends: Mapping[str, Trend], *, at_most: int) -> list[Block]:
    """The services whose score changed, the worst first; nothing where none did."""
    moved = ((name, one) for name, one in trends.items() if abs(one.change) >= _NOTABLE)
    found = sorted(moved, key=lambda pair: (pair[1].change, pair[0]))
    if not found:
        return []
    lines = tuple(_moved(name, one) for name, one in found[:at_most])
    return [Heading("Services that moved, worst first"), Items(lines, left_out=max(0, len(found) - at_most))]


def _moved(name: str, one: Trend) -> Text:
    state = Span("regressed", "bad") if one.change < 0 else Span("better", "good")
    rules = " (the rules changed)" if one.rules_changed else ""
    return text(state, " ", Span(cut(name, 120), "bold"), f" by {points(abs(one.change))}{rules}")


def _scores(scorecard: Scorecard, trend: Trend) -> Pairs:
    was = f"{whole(trend.since.score)} of 100" + (f", grade {trend.since.grade}" if trend.since.grade else "")
    now = f"{whole(scorecard.score)} of 100" + (f", grade {scorecard.grade}" if scorecard.grade else "")
    then = text(was, ", ", Span(at=trend.since.at, day=True))
    return Pairs((("Then", then), ("Now", text(now)), ("Change", text(change_of(trend.change)))))


def _checks(heading: str, state: Span, found: Mapping[str, Sequence[str]], known: Mapping[str, str]) -> list[Block]:
    by_check: dict[str, list[str]] = {}
    for service, ids in found.items():
        for one in ids:
            by_check.setdefault(one, []).append(service)
    if not by_check:
        return []
    ordered = sorted(by_check.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    lines = tuple(
        text(
            state,
            " ",
            Span(known.get(id_, "a check that no longer exists"), "bold"),
            " ",
            Span(id_, "code"),
            _where(those),
        )
        for id_, those in ordered[:_CHECKS]
    )
    return [Heading(heading), Items(lines, left_out=max(0, len(ordered) - _CHECKS))]


def _where(services: Sequence[str]) -> str:
    shown = ", ".join(isolated(cut(one, 60)) for one in sorted(services)[:_PER_SERVICE])
    more = f" and {count(len(services) - _PER_SERVICE, 'other')}" if len(services) > _PER_SERVICE else ""
    return f" on {shown}{more}"


def _summary(trends: Mapping[str, Trend]) -> str:
    worse = sum(1 for one in trends.values() if one.change <= -_NOTABLE)
    better = sum(1 for one in trends.values() if one.change >= _NOTABLE)
    if not worse and not better:
        return "No service moved."
    said = [f"{count(worse, 'service')} got worse"] if worse else []
    said += [f"{count(better, 'service') if not worse else f'{better:,}'} got better"] if better else []
    return f"{', '.join(said)}."


def _tone(trend: Trend, trends: Mapping[str, Trend]) -> Tone:
    if trend.change <= -_NOTABLE:
        return "bad"
    return "warning" if any(one.broken for one in trends.values()) else "good"
