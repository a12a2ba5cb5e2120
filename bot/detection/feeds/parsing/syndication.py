"""Reads RSS and Atom as entries of one shape, and the states and severities that their text states."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from bot.detection.feeds.parsing.dates import own_zone, parse_time
from bot.detection.feeds.parsing.page import settled, worst_severity
from bot.detection.feeds.parsing.payload import FeedError, Payload
from bot.detection.feeds.parsing.status_words import severity_of, state_of
from bot.detection.feeds.parsing.xml import children_named, content_of, local_name
from bot.model import IncidentSeverity, IncidentState, ProviderIncident
from bot.net.plain_text import line, plain

MOST_ENTRIES = 50_000
"""Feeds with more entries are refused. The longest real feed has a few hundred."""
_WORDS = (
    r"investigating|identified|monitoring|resolved|completed|scheduled|in progress|verifying|postmortem|update|updated"
    r"|behoben|gelöst|abgeschlossen|wird untersucht|identifiziert|geplant|résolu|identifié|resuelto|identificado|investigando|resolvido"
    r"|復旧|解消|解決済み|調査中|原因特定|監視中|対応中"
)
_STATED = re.compile(
    rf"^[^\w\n]*(?:update\s*[:–-]\s*)?(?:[\[【]\s*({_WORDS})\s*[\]】]|({_WORDS})\b\s*(?:[-:\uff1a–—]|$))\s*",
    re.IGNORECASE | re.MULTILINE,
)
_STATUS = re.compile(
    r"^[^\w\n]*(?:current )?(?:status|state|estado|statut|ステータス|状況|状態)\s*[:\uff1a]\s*([^\W\d][\w ]{1,30})\b",
    re.IGNORECASE | re.MULTILINE,
)
_SEVERITY = re.compile(
    r"^[^\w\n]*(?:severity|impact|schweregrad|auswirkung|sévérité|severidad|severidade|重大度|影響度)\s*[:\uff1a]\s*([^\W\d][\w ]{1,30})\b",
    re.IGNORECASE | re.MULTILINE,
)
_TYPE = re.compile(r"^[^\w\n]*(?:type|typ|art|種別)\s*[:\uff1a]\s*([^\n.]{2,40})", re.IGNORECASE | re.MULTILINE)
_RESOLVED = re.compile(r"^resolved(?: at)?\s*:\s*(.{8,60})$", re.IGNORECASE | re.MULTILINE)
_TITLE = re.compile(
    r"^\W*(?:status\s*:\s*)?(resolved|update|investigating|identified|monitoring|completed|scheduled|in progress|recovered|fixed|closed"
    r"|erledigt|beendet|behoben|gelöst|abgeschlossen|untersuchung|geplant|aktualisierung|résolu|terminé|resuelto|solucionado|resolvido"
    r"|復旧(?:済み?|しました)?|解消(?:済み)?|解決(?:済み)?|完了|調査中|対応中|監視中|予定|続報|更新)\s*[\]】\uff09)\uff1a:–—-]\s*",
    re.IGNORECASE,
)


_OWN_PAGE = re.compile(r"/[\w-]*\d[\w-]*/?$|/(?:incidents?|maintenances?|events?)/[\w-]+/?$")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An RSS item or an Atom entry. `body` includes its markup; `zone` is the one in which it gives its own times."""

    id: str
    title: str
    link: str
    body: str
    published: datetime | None
    updated: datetime | None
    categories: tuple[str, ...]
    zone: tzinfo | None = None

    @property
    def text(self) -> str:
        """The body without markup."""
        return plain(self.body)


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed's title, link, generator, and entries in its own order."""

    kind: str
    title: str
    link: str
    generator: str
    elements: tuple[Element, ...]

    @property
    def first(self) -> FeedEntry | None:
        """The first entry, by which a format is recognised; None if there is none."""
        return self._read(self.elements[0]) if self.elements else None

    @property
    def entries(self) -> tuple[FeedEntry, ...]:
        """All entries.

        Raises:
            FeedError: there are more than 50,000.
        """
        if len(self.elements) > MOST_ENTRIES:
            raise FeedError(f"has {len(self.elements):,} entries; the limit is {MOST_ENTRIES:,}")
        entries = tuple(map(self._read, self.elements))
        links = Counter(entry.link for entry in entries)
        return tuple(self._with_unique_id(entry, links) for entry in entries)

    def _with_unique_id(self, entry: FeedEntry, links: Mapping[str, int]) -> FeedEntry:
        """Replace an id that is a link shared by several entries, or the feed's own, by the title and the time."""
        if (
            entry.id != entry.link
            or has_own_page(entry.link)
            or (links[entry.link] == 1 and entry.link.rstrip("/") != self.link.rstrip("/"))
        ):
            return entry
        return replace(entry, id=f"{entry.title}@{entry.published:%Y-%m-%dT%H:%MZ}" if entry.published else entry.title)

    def _read(self, element: Element) -> FeedEntry:
        return _entry(element) if self.kind == "atom" else _item(element)


def is_rss(payload: Payload) -> bool:
    """Whether the root is RSS 2, or RDF, which RSS 1 uses."""
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
    """Read RSS or Atom; None if the payload is neither."""
    root = payload.xml
    if root is None or not (is_rss(payload) or is_atom(payload)):
        return None
    if is_atom(payload):
        entries = tuple(children_named(root, "entry"))
        return Channel(
            "atom", line(content_of(root, "title")), _link(root), line(content_of(root, "generator")), entries
        )
    head = next(children_named(root, "channel"))
    found = tuple(item for part in (head, root) for item in children_named(part, "item"))
    return Channel("rss", line(content_of(head, "title")), _link(head), line(content_of(head, "generator")), found)


def has_own_page(link: str) -> bool:
    """Whether a link leads to the page of one incident and not to the status page as a whole."""
    try:
        return bool(_OWN_PAGE.search(urlsplit(link).path))
    except ValueError:
        return False


def _item(element: Element) -> FeedEntry:
    link, body = _link(element), content_of(element, "encoded", "description")
    title = _title(element, body)
    return FeedEntry(
        id=line(content_of(element, "guid")) or link or title,
        title=title,
        link=link,
        body=body,
        published=parse_time(content_of(element, "pubDate", "date")),
        updated=parse_time(content_of(element, "updated")),
        categories=_categories(element),
        zone=own_zone(content_of(element, "pubDate", "date", "updated")),
    )


def _entry(element: Element) -> FeedEntry:
    link, body = _link(element), content_of(element, "content", "summary")
    title = _title(element, body)
    return FeedEntry(
        id=line(content_of(element, "id")) or link or title,
        title=title,
        link=link,
        body=body,
        published=parse_time(content_of(element, "published")),
        updated=parse_time(content_of(element, "updated")),
        categories=_categories(element),
        zone=own_zone(content_of(element, "published", "updated")),
    )


def _title(element: Element, body: str) -> str:
    """The title, or the beginning of the text: RSS requires one of the two (https://www.rssboard.org/rss-specification)."""
    return line(content_of(element, "title")) or line(plain(body[:2_000]), 120)


def _categories(element: Element) -> tuple[str, ...]:
    found = (line(child.get("term") or child.text or "") for child in children_named(element, "category"))
    return tuple(dict.fromkeys(word for word in found if word))


def _link(element: Element) -> str:
    """The text of RSS's link, or the address of Atom's alternate link; empty if there is none."""
    for child in children_named(element, "link"):
        if child.get("rel", "alternate") == "alternate" and (
            found := line(child.get("href") or child.text or "", 2000)
        ):
            return found
    return ""


def state_in_entry_text(text: str) -> IncidentState | None:
    """The state that a text states: `Status: Resolved`, else the first word of a line before a dash or colon; None if none."""
    match = _STATED.search(text)
    return status_in_text(text) or (state_of(match[1] or match[2]) if match else None)


def status_in_text(text: str) -> IncidentState | None:
    """The state in a line such as `Status: Resolved`; None if there is none."""
    match = _STATUS.search(text)
    return state_of(match[1]) if match else None


def resolved_time_in_text(text: str) -> datetime | None:
    """The time in a line such as `Resolved: Fri, 31 Jul 2026 08:00:00 GMT`; None if there is none."""
    match = _RESOLVED.search(text)
    return parse_time(match[1]) if match else None


def state_and_title(title: str) -> tuple[IncidentState | None, str]:
    """The state that a title begins with (`RESOLVED: ...`) or None, and the rest of the title."""
    match = _TITLE.match(title)
    return (state_of(match[1]), title[match.end() :].strip() or title) if match else (None, title)


def state_in_categories(entry: FeedEntry) -> IncidentState | None:
    """The state among an entry's categories; None if there is none."""
    return next((state for word in entry.categories if (state := state_of(word))), None)


def severity_in_text(text: str) -> IncidentSeverity | None:
    """The severity in a line such as `Severity: minor`; None if there is none."""
    match = _SEVERITY.search(text)
    return severity_of(match[1]) if match else None


def type_in_text(text: str) -> str:
    """The words of a line such as `Type: outage`; empty if there is none."""
    match = _TYPE.search(text)
    return match[1] if match else ""


def severity_of_entries(incidents: Iterable[ProviderIncident]) -> IncidentSeverity | None:
    """The severity of a page whose feed may omit states and severities.

    An open entry without a state or a severity is unknown, since it may be resolved; so is a feed without entries.
    """
    found = [settled(incident) for incident in incidents]
    if not found:
        return None
    return worst_severity(incident.severity if incident.state else None for incident in found if incident.open)
