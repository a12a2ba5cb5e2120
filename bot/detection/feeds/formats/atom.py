"""Atom of whatever making (incident.io's among it): an entry an incident, its state where the prose says one."""

from bot.detection.feeds.parsing.entry import incident
from bot.detection.feeds.parsing.page import Page, settled
from bot.detection.feeds.parsing.payload import FeedError, Payload
from bot.detection.feeds.parsing.syndication import channel, is_atom, silent_severity

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
