"""Subscribing a channel to a post: the form, and the confirmations."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.cards.card import Button, Buttons, Card, Form, FormField, Pairs, Paragraph, Span, Table, text
from bot.cards.messages.form import form_card
from bot.cards.messages.score_parts import command
from bot.cards.sanitise import isolated
from bot.cards.wording import count
from bot.model.records import DIGEST, DIGEST_IF_ANY, DIGESTS, SCORECARD, Subscription

SERVICES = 97
_IF_ANY = "The digest, only when there are incidents"
USAGE = "subscribe [scorecard | service | digest] [monday 09:00] [Europe/Berlin]"
DAYS = (
    ("MON", "Mondays"),
    ("TUE", "Tuesdays"),
    ("WED", "Wednesdays"),
    ("THU", "Thursdays"),
    ("FRI", "Fridays"),
    ("SAT", "Saturdays"),
    ("SUN", "Sundays"),
    ("MON-FRI", "Weekdays"),
    ("*", "Every day"),
)


def subscribe_form(
    services: Sequence[str],
    timezone: str,
    *,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Card:
    """Ask what this channel wants, and when."""
    whole = (
        (SCORECARD, "The scorecard of all services"),
        (DIGEST, "The digest of incidents"),
        (DIGEST_IF_ANY, _IF_ANY),
    )
    posts = (*whole, *((name, f"Only {name}") for name in services[:SERVICES]))
    fields = (
        FormField("post", "What", "choice", "scorecard", posts),
        FormField("days", "Which days", "choice", "MON", DAYS),
        FormField("time", "Time", value="09:00", hint="24 h clock, such as 09:00", max_length=5),
        FormField("timezone", "Time zone", value=timezone, hint="Such as Europe/Berlin", max_length=60),
    )
    form = Form("subscribe", fields, USAGE, "subscribe", submit="Subscribe")
    summary = "The post arrives at that local time, across daylight saving changes."
    return form_card("Subscribe this channel", summary, form, values=values, errors=errors)


def subscribed_card(subscription: Subscription, *, when: str, following: datetime, changed: bool) -> Card:
    """A stored subscription. `when` as text, `following`: the next post (UTC). `changed` False: it existed before."""
    pairs = (("What", text(_what(subscription.post))), ("When", text(when)), ("Next", text(Span(at=following))))
    title = "Subscribed" if changed else "Already subscribed"
    invite = "In a private channel, backstay must be a member."
    stop = Button("Unsubscribe", command(*("unsubscribe", *subscription.post.split(" ", 1))), update=False)
    data = {
        "post": subscription.post,
        "cron": subscription.cron,
        "timezone": subscription.timezone,
        "next": following.isoformat(),
    }
    summary = f"This channel receives {_what(subscription.post)}, {when}."
    blocks = (Pairs(pairs), Paragraph(text(invite), quiet=True), Buttons((stop,)))
    return Card("subscribed", title, summary, blocks, "good", data)


def unsubscribed_card(number: int, left: Sequence[tuple[str, str]]) -> Card:
    """The number of removed subscriptions, and those that remain: (post, when as text)."""
    summary = f"{count(number, 'post')} removed." if number else "This channel has no such subscription."
    blocks: list[Paragraph | Table] = []
    if left:
        rows = tuple((text(_what(post)), text(when)) for post, when in left)
        blocks += [Paragraph(text("Remaining subscriptions:")), Table(("What", "When"), rows)]
    title = "Unsubscribed" if number else "Nothing to unsubscribe"
    data = {"removed": number, "left": [post for post, _ in left]}
    return Card("unsubscribed", title, summary, tuple(blocks), "neutral" if number else "warning", data)


def _what(post: str) -> str:
    if post in DIGESTS:
        return "the digest of incidents" + (" when there are incidents" if post == DIGEST_IF_ANY else "")
    _, _, service = post.partition(" ")
    return f"the scorecard of {isolated(service)}" if service else "the scorecard of all services"
