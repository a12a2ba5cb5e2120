"""JSON Feed (https://www.jsonfeed.org/version/1.1/) of whatever making: read as RSS is, an item an incident."""

from bot.detection.feeds.parsing.entry import incident_from_entry
from bot.detection.feeds.parsing.page import Page, safe_link, unique_open_first
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.detection.feeds.parsing.syndication import Entry, severity_of_entries

GENERIC = True


def recognise(payload: Payload) -> bool:
    """A `version` that is an address of the format's home, beside items."""
    root = payload.root
    return "jsonfeed.org/version" in root.string("version") and isinstance(root.raw("items"), list)


def parse(payload: Payload) -> Page:
    """Every item.

    Raises:
        FeedError: it has no list of items, or one without an id.
    """
    root = payload.root
    if not isinstance(root.raw("items"), list):
        raise FeedError("has no list of items")
    found = [incident_from_entry(_entry(item)) for item in root.items("items")]
    return Page(
        incidents=unique_open_first(found),
        severity=severity_of_entries(found),
        name=root.string("title"),
        url=safe_link(root.string("home_page_url")) or "",
    )


def _entry(item: Item) -> Entry:
    key = item.string("id", "url")
    if not key:
        raise FeedError("lists an item without an id")
    body = next(
        (text for name in ("content_html", "content_text", "summary") if isinstance(text := item.raw(name), str)), ""
    )
    return Entry(
        id=key,
        title=item.string("title"),
        link=item.string("url", "external_url"),
        body=body,
        published=item.time("date_published"),
        updated=item.time("date_modified"),
        categories=item.strings("tags"),
    )
