"""Any Atom feed (incident.io's included): each entry is an incident, with its state read from the text where it has one."""

from bot.detection.feeds.parsing.entry import incidents_from_entries
from bot.detection.feeds.parsing.page import Page, unique_open_first
from bot.detection.feeds.parsing.payload import FeedError, Payload
from bot.detection.feeds.parsing.syndication import is_atom, read_channel, severity_of_entries

GENERIC = True


def recognise(payload: Payload) -> bool:
    """Accept any Atom feed."""
    return is_atom(payload)


def parse(payload: Payload) -> Page:
    """Return an incident for every entry.

    Raises:
        FeedError: the payload is not Atom.
    """
    feed = read_channel(payload)
    if feed is None or feed.kind != "atom":
        raise FeedError("is not an Atom feed")
    incidents = incidents_from_entries(feed.entries)
    return Page(
        incidents=unique_open_first(incidents),
        severity=severity_of_entries(incidents),
        name=feed.title,
        url=feed.link,
    )
