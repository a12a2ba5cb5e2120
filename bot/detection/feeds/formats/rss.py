"""RSS of whatever making: an item an incident, its state where prose or categories say one.

A text that begins `We are investigating` says a state too. An item without one may be over or not: it is shown, and the page
is unknown rather than green. Read out of the text are
updates under dates of their own (Instatus, x.ai) and a list of affected components (incident.io). `resolved_at` is known
where a resolved update has a time, the item says when it was changed, or a category is that moment (cState).
"""

from bot.detection.feeds.parsing.entry import incident_from_entry
from bot.detection.feeds.parsing.page import (
    Page,
    unique_open_first,
)
from bot.detection.feeds.parsing.payload import FeedError, Payload
from bot.detection.feeds.parsing.syndication import (
    is_rss,
    read_channel,
    severity_of_entries,
)

GENERIC = True


def recognise(payload: Payload) -> bool:
    """Any RSS."""
    return is_rss(payload)


def parse(payload: Payload) -> Page:
    """Every item.

    Raises:
        FeedError: it is not RSS.
    """
    read = read_channel(payload)
    if read is None or read.kind != "rss":
        raise FeedError("is not RSS")
    found = [incident_from_entry(entry) for entry in read.entries]
    return Page(incidents=unique_open_first(found), severity=severity_of_entries(found), name=read.title, url=read.link)
