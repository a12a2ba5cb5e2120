"""incident.io's status pages: Statuspage's shape with ULIDs for ids, and more of it absent or null."""

from bot.feeds import statuspage
from bot.feeds._page import Page
from bot.feeds._payload import Payload


def recognise(payload: Payload) -> bool:
    """Statuspage's shape, with a page id of 26 letters and digits."""
    return statuspage.looks_alike(payload) and statuspage.made_by_incidentio(payload)


def parse(payload: Payload) -> Page:
    """As Statuspage's; `started_at` may be missing, the moment of creation then stands for it.

    Raises:
        FeedError: it has not this shape.
    """
    return statuspage.parse(payload)
