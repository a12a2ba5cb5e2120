"""Atom of whatever making (incident.io's among it): an entry an incident, its state where the prose says one."""

from bot.feeds._page import Page, settled
from bot.feeds._payload import FeedError, Payload
from bot.feeds._syndication import channel, is_atom, silent_severity
from bot.feeds.rss import incident

GENERIC = True


def recognise(payload: Payload) -> bool:
    """Any Atom."""
    return is_atom(payload)


def parse(payload: Payload) -> Page:
    """Every entry.

    Raises:
        FeedError: it is not Atom.
    """
    read = channel(payload)
    if read is None or read.kind != "atom":
        raise FeedError("is not Atom")
    found = [incident(entry) for entry in read.entries]
    return Page(incidents=settled(found), severity=silent_severity(found), name=read.title, url=read.link)
