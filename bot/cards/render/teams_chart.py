"""Renders a chart for Teams, with a table or a line of text as the fallback of clients that draw no charts.

Charts are Teams' own elements beside Adaptive Cards 1.5 (Chart.Line, Chart.HorizontalBar in its schema): a client that does
not know them shows their `fallback`.
"""

from datetime import UTC
from typing import Any

from bot.cards.card import Chart, Span
from bot.cards.render.teams_text import NOTHING, block, literal
from bot.cards.sanitise import cut
from bot.cards.wording import rounded_down, sparkline

TITLE, LABEL = 80, 40
POINTS, BARS = 60, 16
_SENTENCE = 1000


def element(part: Chart, fallback: dict[str, Any]) -> dict[str, Any] | None:
    """The chart's element; None where it has too few points, or too many, for a picture."""
    if part.kind == "line":
        if not 2 <= len(part.points) <= POINTS:
            return None
        own: dict[str, Any] = {
            "type": "Chart.Line",
            "yMin": 0,
            "yMax": part.top,
            "color": "categoricalblue",
            "data": [{"legend": "Score", "color": "categoricalblue", "values": _over_time(part)}],
        }
    else:
        if not 2 <= len(part.points) <= BARS:
            return None
        own = {
            "type": "Chart.HorizontalBar",
            "displayMode": "AbsoluteWithAxis",
            "color": "categoricalblue",
            # The axis ends at the longest bar, so each name says its value.
            "data": [
                {"x": _label(f"{name}: {rounded_down(value)}"), "y": int(rounded_down(value))}
                for name, value in part.points
            ],
        }
    return own | {"title": cut(literal(part.title), TITLE) or NOTHING, "fallback": fallback}


def written(part: Chart) -> dict[str, Any]:
    """The chart as one line of text: a small bar for each value, the first and the last."""
    spark = Span(sparkline([value for _, value in part.points], part.top), "code")
    ends = f" {rounded_down(part.points[0][1])} to {rounded_down(part.points[-1][1])}" if part.points else ""
    return block((spark, Span(ends)), _SENTENCE)


def _over_time(part: Chart) -> list[dict[str, Any]]:
    # A day in ISO form is placed on an axis of time, any other label keeps its position.
    labels = [f"{at.astimezone(UTC):%Y-%m-%d}" for at in part.moments]
    if len(labels) != len(part.points):
        labels = [_label(name) for name, _ in part.points]
    return [{"x": label, "y": int(rounded_down(value))} for label, (_, value) in zip(labels, part.points, strict=True)]


def _label(name: str) -> str:
    return cut(literal(name), LABEL) or NOTHING
