"""The catch-up after an outage of a channel: what was posted meanwhile, and by which route it arrived instead."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards.card import Card, Items, Paragraph, Span, text
from bot.cards.wording import count

_SHOWN = 15


def catch_up_card(audience: str, missed: Sequence[tuple[datetime, str, str]]) -> Card:
    """The catch-up. `missed`: (when it was sent (UTC), its title, by which route), oldest first, at least one."""
    shown = missed[-_SHOWN:]
    lines = tuple(
        text(Span(f"{at:%Y-%m-%d %H:%M} UTC", at=at), " ", Span(title, "bold"), f" by {route}")
        for at, title, route in shown
    )
    routes = ", ".join(dict.fromkeys(route for _, _, route in missed))
    noun = count(len(missed), "post")
    blocks = (
        Items(lines, left_out=len(missed) - len(shown)),
        Paragraph(
            text("These posts are not repeated here. The current state of each incident is in its own post."),
            quiet=True,
        ),
    )
    data = {
        "audience": audience,
        "until": missed[-1][0].isoformat(),
        "missed": [{"at": at.isoformat(), "title": title, "route": route} for at, title, route in missed],
    }
    return Card(
        "catch_up",
        f"Catch-up for {audience}: {noun} missed here",
        f"While this channel was unreachable, {noun} arrived by {routes}.",
        blocks,
        data=data,
    )
