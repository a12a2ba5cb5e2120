"""Any JSON Feed (https://www.jsonfeed.org/version/1.1/): each item is an incident, read like an RSS item."""

from bot.detection.feeds.parsing.entry import incidents_from_entries
from bot.detection.feeds.parsing.page import Page, safe_link, unique_open_first
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.detection.feeds.parsing.syndication import FeedEntry, severity_of_entries

GENERIC = True


def recognise(payload: Payload) -> bool:
    """Accept an object with `items` whose `version` is an address at jsonfeed.org."""
    root = payload.root
    return "jsonfeed.org/version" in root.string("version") and isinstance(root.raw("items"), list)


def parse(payload: Payload) -> Page:
    """Return an incident for every item.

    Raises:
        FeedError: there is no list of items, or an item has no id.
    """
    root = payload.root
    if not isinstance(root.raw("items"), list):
        raise FeedError("has no list of items")
    found = incidents_from_entries(_entry(item) for item in root.items("items"))
    return Page(
        incidents=unique_open_first(found),
        severity=severity_of_entries(found),
        name=root.string("title"),
        url=safe_link(root.string("home_page_url")) or "",
    )


def _entry(item: Item) -> FeedEntry:
    key = item.string("id", "url")
    if not key:
        raise FeedError("lists an item without an id")
    body = next(
        (text for name in ("content_html", "content_text", "summary") if isinstance(text := item.raw(name), str)), ""
    )
    return FeedEntry(
        id=key,
        title=item.string("title"),
        link=item.string("url", "external_url"),
        body=body,
        published=item.time("date_published"),
        updated=item.time("date_modified"),
        categories=item.strings("tags"),
    )
