"""The catch-up after an outage of a channel: what was posted meanwhile, and by which route it arrived instead."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards.card import Card, Items, Paragraph, Span, text
from bot.cards.wording import count

_SHOWN = 15


@dataclass(frozen=True, slots=True)
class MissedPost:
    """A post that arrived elsewhere. `at`: when it was sent (UTC). `incident`: the id of what it is about, empty for none."""

    at: datetime
    title: str
    route: str
    incident: str = ""


def catch_up_card(audience: str, missed: Sequence[MissedPost]) -> Card:
    """The catch-up. `missed`: oldest first, at least one. Of an incident the newest post stands for all of them."""
    posts = Counter(post.incident for post in missed if post.incident)
    newest = {post.incident: post for post in missed if post.incident}
    told = [post for post in missed if not post.incident or newest[post.incident] is post]
    shown = told[-_SHOWN:]
    lines = tuple(
        text(
            Span(f"{post.at:%Y-%m-%d %H:%M} UTC", at=post.at),
            " ",
            Span(post.title, "bold"),
            f" by {post.route}{_earlier(posts[post.incident] - 1)}",
        )
        for post in shown
    )
    routes = ", ".join(dict.fromkeys(post.route for post in missed))
    noun = count(len(missed), "post")
    blocks = (
        Items(lines, left_out=len(told) - len(shown)),
        Paragraph(
            text("These posts are not repeated here. The current state of each incident is in its own post."),
            quiet=True,
        ),
    )
    data = {
        "audience": audience,
        "until": missed[-1].at.isoformat(),
        "missed": [{"at": post.at.isoformat(), "title": post.title, "route": post.route} for post in missed],
    }
    return Card(
        "catch_up",
        f"Catch-up for {audience}: {noun} missed here",
        f"While this channel was unreachable, {noun} arrived by {routes}.",
        blocks,
        data=data,
    )


def _earlier(posts: int) -> str:
    return f", after {count(posts, 'earlier post')}" if posts > 0 else ""
