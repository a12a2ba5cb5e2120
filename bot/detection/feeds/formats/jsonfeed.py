"""JSON Feed (https://www.jsonfeed.org/version/1.1/) of whatever making: read as RSS is, an item an incident."""

from bot.detection.feeds.parsing.entry import incident
from bot.detection.feeds.parsing.page import Page, address, settled
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.detection.feeds.parsing.syndication import Entry, silent_severity

GENERIC = True


def recognise(payload: Payload) -> bool:
    """A `version` that is an address of the format's home, beside items."""
    root = payload.root
    return "jsonfeed.org/version" in root.word("version") and isinstance(root.raw("items"), list)


def parse(payload: Payload) -> Page:
    """Every item.

    Raises:
        FeedError: it has no list of items, or one without an id.
    """
    root = payload.root
    if not isinstance(root.raw("items"), list):
        raise FeedError("has no list of items")
    found = [incident(_entry(one)) for one in root.items("items")]
    return Page(
        incidents=settled(found),
        severity=silent_severity(found),
        name=root.word("title"),
        url=address(root.word("home_page_url")) or "",
    )


def _entry(one: Item) -> Entry:
    key = one.word("id", "url")
    if not key:
        raise FeedError("lists an item without an id")
    body = next(
        (text for name in ("content_html", "content_text", "summary") if isinstance(text := one.raw(name), str)), ""
    )
    return Entry(
        id=key,
        title=one.word("title"),
        link=one.word("url", "external_url"),
        body=body,
        published=one.moment("date_published"),
        updated=one.moment("date_modified"),
        categories=one.words("tags"),
    )
