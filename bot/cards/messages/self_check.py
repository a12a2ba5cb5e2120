"""Warnings to the operators of backstay: a dead route, unreadable feeds, a stuck outbox or schedule, a wrong clock."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.cards.card import Card, Items, Paragraph, Span, text
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import count

_SHOWN = 10


def dead_route_card(route: str, reason: str, audiences: Sequence[str], lost: int) -> Card:
    """A route that refuses every post. `lost`: messages that no other route delivered either."""
    whom = ", ".join(audiences)
    kept = f"{count(lost, 'post')} reached nobody so far and will be tried again for a day."
    fate = kept if lost else "The posts were delivered by later routes."
    fix = text("Check the channel and the token, fix backstay.yaml, then run ",
                Span(f"backstay send-test {audiences[0]}", "code"), ".")  # fmt: skip
    data = {"route": route, "reason": reason, "audiences": list(audiences), "lost": lost}
    return Card(
        "dead_route",
        f"{route} refuses posts",
        f"{reason}. Route of {whom}. {fate}",
        (Paragraph(fix),),
        "bad" if lost else "warning",
        data,
    )


_DEAF_FIXES = {
    "slack": "Check that Socket Mode is on and that slack.app_token, with the scope connections:write, and "
    "slack.signing_secret are those of the app; then restart backstay.",
    "teams": "Check that backstay reaches login.botframework.com.",
}


def deaf_chat_card(platform: str, reason: str) -> Card:
    """Nothing that people type or press in a chat platform arrives. `reason`: why, in a few words."""
    name = platform.capitalize()
    said = f"{reason}. Commands and buttons in {name} get no answer."
    fix = (Paragraph(text(_DEAF_FIXES[platform])),) if platform in _DEAF_FIXES else ()
    data = {"platform": platform, "reason": reason}
    return Card("deaf_chat", f"backstay cannot hear {name}", said, fix, "bad", data)


def unread_card(unread: Mapping[str, str]) -> Card:
    """Status feeds that our services need cannot be read. `unread`: name of the feed -> a sentence on it."""
    said = list(unread.values())
    blocks = (
        Items(tuple(text(cut(sentence, 240)) for sentence in said[:_SHOWN]), left_out=max(0, len(said) - _SHOWN)),
        Paragraph(text("Until then their status is unknown to ", Span("status", "code"), ".")),
    )
    title = f"{count(len(said), 'status feed')} cannot be read"
    return Card("unread_feeds", title, said[0], blocks, "warning", {"feeds": list(unread)})


def standstill_card(troubles: Sequence[str]) -> Card:
    """Parts of backstay that are stuck; one sentence for each."""
    shown = tuple(text(trouble) for trouble in troubles[:_SHOWN])
    blocks = (
        Items(shown, left_out=len(troubles) - len(shown)),
        Paragraph(text(Span("backstay receipts", "code"), " lists the outcome of each post.")),
    )
    return Card("standstill", "backstay is stuck", troubles[0], blocks, "bad", {"troubles": list(troubles)})


def clock_card(host: str, ahead: timedelta) -> Card:
    """A replica's clock differs from the database's by so much (`ahead` below zero: it is behind)."""
    seconds, which = abs(ahead).total_seconds(), "ahead of" if ahead > timedelta(0) else "behind"
    said = f"The clock of {cut(isolated(host), 80)} is {seconds:.0f} s {which} the database's."
    why = "Replicas lease posts by their clocks; with a large difference a post may be sent twice."
    blocks = (Paragraph(text(f"{why} Synchronise it, for example with NTP.")),)
    return Card("clock_off", "Clock of a replica is wrong", said, blocks, "warning", {"host": host, "ahead": seconds})
