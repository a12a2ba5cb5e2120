"""Renders a chart for Slack, or as one line of text where Slack cannot draw it."""

from typing import Any

from bot.cards.card import Chart, Span, Text, text
from bot.cards.render.slack_text import literal
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import rounded_down, sparkline

# docs.slack.dev/reference/block-kit/blocks/data-visualization-block; a message takes two of them.
BLOCK = "data_visualization"
CHARTS = 2
TITLE, CATEGORY, POINTS = 50, 20, 20
_NOTHING = "–"


def block(part: Chart) -> dict[str, Any] | None:
    """The chart's block; None where Slack would refuse it: labels that are empty or twice there, too many points."""
    labels = [cut(literal(label).strip(), CATEGORY) for label, _ in part.points]
    if not 2 <= len(labels) <= POINTS or len(set(labels)) < len(labels) or not all(labels):
        return None
    points = [
        {"label": label, "value": int(rounded_down(value))}
        for label, (_, value) in zip(labels, part.points, strict=True)
    ]
    chart = {
        "type": "line" if part.kind == "line" else "bar",
        "series": [{"name": "Score", "data": points}],
        "axis_config": {"categories": labels},
    }
    return {"type": BLOCK, "title": cut(literal(part.title), TITLE) or _NOTHING, "chart": chart}


def written(part: Chart) -> tuple[Text, Text]:
    """The chart as a line of small bars, and what it shows in words."""
    values = [value for _, value in part.points]
    ends = f" {isolated(part.points[0][0])} – {isolated(part.points[-1][0])}" if part.points else ""
    return (Span(part.title, "bold"), Span(" "), Span(sparkline(values, part.top)), Span(ends)), text(part.alt)


def drawn_in(message: Any) -> bool:
    """Whether a rendered message has a chart block, which a workspace may refuse."""
    return any(block.get("type") == BLOCK for block in message.get("blocks", ()))
