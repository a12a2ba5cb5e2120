"""Atom of whatever making (incident.io's among it): an entry an incident, its state where the prose says one."""

from bot.detection.feeds.parsing.entry import incident_from_entry
from bot.detection.feeds.parsing.page import Page, unique_open_first
from bot.detection.feeds.parsing.payload import FeedError, Payload
from bot.detection.feeds.parsing.syndication import is_atom, read_channel, severity_of_entries

GENERIC = True


def recognise(payload: Payload) -> bool:
    """Any Atom."""
    return is_atom(payload)


def parse(payload: Payload) -> Page:
    """Every entry.

    Raises:
        FeedError: it is not Atom.
    """
    read = read_channel(payload)
    if read is None or read.kind != "atom":
        raise FeedError("is not Atom")
    found = [incident_from_entry(entry) for entry in read.entries]
    return Page(incidents=unique_open_first(found), severity=severity_of_entries(found), name=read.title, url=read.link)
