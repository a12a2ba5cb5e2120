"""Any RSS feed: each item is an incident, with its state read from the text or the categories.

A text that begins `We are investigating` has a state too. An item without a state may be resolved or not: it is shown, and the
page's severity is unknown. The text may contain dated updates (Instatus, x.ai) and a list of affected components
(incident.io). `resolved_at` is known if a resolved update has a time, the item has a time of change, or a category is a time
(cState).
"""

from bot.detection.feeds.parsing.entry import incidents_from_entries
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
    """Accept any RSS feed."""
    return is_rss(payload)


def parse(payload: Payload) -> Page:
    """Return an incident for every item.

    Raises:
        FeedError: the payload is not RSS.
    """
    feed = read_channel(payload)
    if feed is None or feed.kind != "rss":
        raise FeedError("is not an RSS feed")
    incidents = incidents_from_entries(feed.entries)
    return Page(
        incidents=unique_open_first(incidents),
        severity=severity_of_entries(incidents),
        name=feed.title,
        url=feed.link,
    )
