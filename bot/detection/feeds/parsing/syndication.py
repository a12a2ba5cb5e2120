"""RSS and Atom -> entries of one shape, and what their prose says of states: what the formats in XML share."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from xml.etree.ElementTree import Element

from bot.detection.feeds.parsing.dates import parse_time
from bot.detection.feeds.parsing.page import STATES, normalised, severity_of, state_of, worst_severity
from bot.detection.feeds.parsing.payload import FeedError, Payload
from bot.detection.feeds.parsing.xml import children_named, content_of, local_name
from bot.model import IncidentSeverity, IncidentState, ProviderIncident
from bot.net.plain_text import line, plain

MOST_ENTRIES = 50_000
"""The longest real feed has some hundreds."""
_WORDS = (
    r"investigating|identified|monitoring|resolved|completed|scheduled|in progress|verifying|postmortem|update|updated"
)
STATED = re.compile(rf"^[^\w\n]*({_WORDS})\b\s*(?:[-:–—]|$)\s*", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"^[^\w\n]*(?:current )?(?:status|state)\s*:\s*([a-z_ ]{2,30})\b", re.IGNORECASE | re.MULTILINE)
_SEVERITY = re.compile(r"^[^\w\n]*(?:severity|impact)\s*:\s*([a-z_ ]{2,30})\b", re.IGNORECASE | re.MULTILINE)
_RESOLVED = re.compile(r"^resolved(?: at)?\s*:\s*(.{8,60})$", re.IGNORECASE | re.MULTILINE)
_TITLE = re.compile(
    r"^\W*(?:status\s*:\s*)?(resolved|update|investigating|identified|monitoring|completed|scheduled)\s*[\]:–—-]\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of RSS or an entry of Atom. `body` still holds its markup."""

    id: str
    title: str
    link: str
    body: str
    published: datetime | None
    updated: datetime | None
    categories: tuple[str, ...]

    @property
    def text(self) -> str:
        """The body without markup."""
        return plain(self.body)


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed's head and its entries, in the order of the feed."""

    kind: str
    title: str
    link: str
    generator: str
    elements: tuple[Element, ...]

    @property
    def first(self) -> Entry | None:
        """The first entry, None where there is none: enough to recognise a feed by."""
        return self._read(self.elements[0]) if self.elements else None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them.

        Raises:
            FeedError: there are more than any feed has.
        """
        if len(self.elements) > MOST_ENTRIES:
            raise FeedError(f"lists {len(self.elements):,} entries; more than {MOST_ENTRIES:,} are not read")
        found = tuple(map(self._read, self.elements))
        links = Counter(one.link for one in found)
        return tuple(self._told_apart(one, links) for one in found)

    def _told_apart(self, one: Entry, links: Mapping[str, int]) -> Entry:
        """Where a link that many share, or the feed's own, stands for an id: the title and the time instead."""
        if one.id != one.link or (links[one.link] == 1 and one.link.rstrip("/") != self.link.rstrip("/")):
            return one
        return replace(one, id=f"{one.title}@{one.published:%Y-%m-%dT%H:%MZ}" if one.published else one.title)

    def _read(self, one: Element) -> Entry:
        return _entry(one) if self.kind == "atom" else _item(one)


def is_rss(payload: Payload) -> bool:
    """Whether the root is RSS 2 (or RDF, as RSS 1 is written)."""
    root = payload.xml
    return (
        root is not None
        and local_name(root) in ("rss", "RDF")
        and next(children_named(root, "channel"), None) is not None
    )


def is_atom(payload: Payload) -> bool:
    """Whether the root is an Atom feed."""
    return (
        payload.xml is not None
        and local_name(payload.xml) == "feed"
        and payload.xml.tag.startswith("{http://www.w3.org/2005/Atom}")
    )


def read_channel(payload: Payload) -> Channel | None:
    """What RSS or Atom holds; None where the payload is neither."""
    root = payload.xml
    if root is None or not (is_rss(payload) or is_atom(payload)):
        return None
    if is_atom(payload):
        entries = tuple(children_named(root, "entry"))
        return Channel(
            "atom", line(content_of(root, "title")), _link(root), line(content_of(root, "generator")), entries
        )
    head = next(children_named(root, "channel"))
    found = tuple(one for part in (head, root) for one in children_named(part, "item"))
    return Channel("rss", line(content_of(head, "title")), _link(head), line(content_of(head, "generator")), found)


def _item(one: Element) -> Entry:
    link = _link(one)
    return Entry(
        id=line(content_of(one, "guid")) or link or line(content_of(one, "title")),
        title=line(content_of(one, "title")),
        link=link,
        body=content_of(one, "encoded", "description"),
        published=parse_time(content_of(one, "pubDate", "date")),
        updated=parse_time(content_of(one, "updated")),
        categories=_categories(one),
    )


def _entry(one: Element) -> Entry:
    link = _link(one)
    return Entry(
        id=line(content_of(one, "id")) or link or line(content_of(one, "title")),
        title=line(content_of(one, "title")),
        link=link,
        body=content_of(one, "content", "summary"),
        published=parse_time(content_of(one, "published")),
        updated=parse_time(content_of(one, "updated")),
        categories=_categories(one),
    )


def _categories(one: Element) -> tuple[str, ...]:
    found = (line(child.get("term") or child.text or "") for child in children_named(one, "category"))
    return tuple(dict.fromkeys(word for word in found if word))


def _link(one: Element) -> str:
    """Text of RSS's link, or where Atom's alternate one leads."""
    for child in children_named(one, "link"):
        if child.get("rel", "alternate") == "alternate" and (
            found := line(child.get("href") or child.text or "", 2000)
        ):
            return found
    return ""


def state_in_entry_text(text: str) -> IncidentState | None:
    """The state that prose says: `Status: Resolved`, else the first word of a line that a dash or colon follows."""
    if (match := _STATUS.search(text)) and (found := state_of(match[1])):
        return found
    match = STATED.search(text)
    return state_of(match[1]) if match else None


def resolved_time_in_text(text: str) -> datetime | None:
    """The moment in a line of prose `Resolved: Fri, 31 Jul 2026 08:00:00 GMT`."""
    match = _RESOLVED.search(text)
    return parse_time(match[1]) if match else None


def state_and_title(title: str) -> tuple[IncidentState | None, str]:
    """The state that a title begins with (`RESOLVED: ...`), and the rest of it."""
    match = _TITLE.match(title)
    return (state_of(match[1]), title[match.end() :].strip() or title) if match else (None, title)


def state_in_categories(entry: Entry) -> IncidentState | None:
    """The state among an entry's categories."""
    return next((STATES[normalised(word)] for word in entry.categories if normalised(word) in STATES), None)


def severity_in_text(text: str) -> IncidentSeverity | None:
    """`Severity: minor` in prose."""
    match = _SEVERITY.search(text)
    return severity_of(match[1]) if match else None


def severity_of_entries(incidents: Iterable[ProviderIncident]) -> IncidentSeverity | None:
    """How bad a page is whose feed may leave out a state: an entry that says none may be over or not, so it is unknown.

    Entries that say a state and no severity are unknown too while they are open; nothing listed says nothing at all.
    """
    seen = list(incidents)
    return worst_severity(one.severity if one.state else None for one in seen if one.open) if seen else None
