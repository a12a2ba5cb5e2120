"""A body as it came -> JSON, XML or text, within bounds: what every format looks at and reads."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.feeds._moments import moment
from bot.feeds._prose import TEXT, line, plain

MAX_BYTES = 8 * 1024 * 1024
"""More is refused: the largest real feed seen (every Salesforce instance) has 1.5 MB."""

_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_ENTITY = re.compile(r"&(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|\w{2,32};)?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_HTML = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)


class FeedError(Exception):
    """A payload that cannot be read as a feed: whatever it is about is unknown, never green."""


@dataclass(frozen=True, slots=True)
class Item:
    """A JSON object from outside. Whatever is missing or of another type than asked for reads as empty or None."""

    data: Mapping[str, Any]

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def raw(self, key: str) -> Any:
        """The value as it came."""
        return self.data.get(key)

    def word(self, *keys: str) -> str:
        """The first of these that holds text or a number, as one plain line; empty where none does."""
        for key in keys:
            value = self.data.get(key)
            if isinstance(value, bool):
                continue
            if isinstance(value, int | float | str) and (text := line(str(value)[:4000])):
                return text
        return ""

    def text(self, *keys: str) -> str:
        """The first of these that holds text, without its markup."""
        for key in keys:
            value = self.data.get(key)
            if isinstance(value, str) and (found := plain(value, TEXT)):
                return found
        return ""

    def number(self, key: str) -> int | None:
        """A whole number, also one written as text."""
        value = self.data.get(key)
        if isinstance(value, bool):
            return None
        if isinstance(value, int):
            return value
        return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}", value.strip()) else None

    def moment(self, *keys: str) -> datetime | None:
        """The first of these that holds a moment, in UTC."""
        return next((found for key in keys if (found := moment(self.data.get(key)))), None)

    def item(self, key: str) -> "Item":
        """The object there, an empty one where there is none."""
        value = self.data.get(key)
        return Item(value if isinstance(value, dict) else {})

    def items(self, key: str) -> "tuple[Item, ...]":
        """The objects of the list there."""
        return items(self.data.get(key))

    def words(self, key: str) -> tuple[str, ...]:
        """The texts of the list there."""
        value = self.data.get(key)
        return (
            tuple(found for one in value if isinstance(one, str) and (found := line(one)))
            if isinstance(value, list)
            else ()
        )

    def names(self, key: str, *fields: str) -> tuple[str, ...]:
        """What the objects of the list there are called, each once, in order."""
        return tuple(dict.fromkeys(found for one in self.items(key) if (found := one.word(*(fields or ("name",))))))


def items(value: Any) -> tuple[Item, ...]:
    """The objects of a JSON list."""
    return tuple(Item(one) for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


@dataclass(frozen=True, slots=True)
class Payload:
    """A body, read: exactly one of `json` (any JSON value, `is_json`), `xml` (its root) and `text` alone."""

    text: str
    is_json: bool = False
    json: Any = None
    xml: Element | None = None

    @property
    def root(self) -> Item:
        """The JSON object at the top, an empty one where there is another thing."""
        return Item(self.json if isinstance(self.json, dict) else {})

    @property
    def rows(self) -> tuple[Item, ...]:
        """The objects of the JSON list at the top."""
        return items(self.json)

    @property
    def head(self) -> Item:
        """The first of the rows, an empty one where there is none."""
        return next(iter(self.rows), Item({}))

    def objects(self) -> tuple[Item, ...]:
        """The top object, or the rows of a list of nothing but objects.

        Raises:
            FeedError: it is neither.
        """
        if isinstance(self.json, dict):
            return (self.root,)
        return self.listed()

    def listed(self) -> tuple[Item, ...]:
        """The rows of a list of nothing but objects; an empty list is one.

        Raises:
            FeedError: it is none.
        """
        if not isinstance(self.json, list) or len(self.rows) != len(self.json):
            raise FeedError("not a list of objects")
        return self.rows


def payload(body: bytes) -> Payload:
    """Read a body by what is in it; what its sender calls it is not asked.

    Raises:
        FeedError: it is empty, too large, an HTML page, or broken.
    """
    if len(body) > MAX_BYTES:
        raise FeedError(f"has {len(body):,} bytes; more than {MAX_BYTES:,} are not read")
    text = _decoded(body).strip("\ufeff \t\r\n")
    if not text:
        raise FeedError("is empty")
    if text[0] in "[{" and (found := _json(text)) is not None:
        return Payload(text, is_json=True, json=found)
    if text[0] == "<":
        if _HTML.match(text):
            raise FeedError("is an HTML page, not a feed")
        return Payload(text, xml=_xml(text))
    if text[0] == "{":
        raise FeedError("is broken JSON")
    return Payload(text)


def _decoded(body: bytes) -> str:
    """UTF-8, or UTF-16 by its byte-order mark or, without one, by where the zero bytes of ASCII stand."""
    encoding = "utf-8-sig"
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif body[:1] == b"\x00" and body[1:2] != b"\x00":
        encoding = "utf-16-be"
    elif body[1:2] == b"\x00" and body[:1] != b"\x00":
        encoding = "utf-16-le"
    return body.decode(encoding, errors="replace")


def _json(text: str) -> Any:
    """The value, None where it is not JSON. Raw line breaks inside strings are let through: cState writes them."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _xml(text: str) -> Element:
    # The text is decoded already; a declaration would tell the parser another encoding.
    text = re.sub(r"^<\?xml[^>]*\?>", "", text).lstrip()
    for attempt in (text, _mended(text)):
        try:
            return fromstring(attempt, forbid_dtd=True)
        except ParseError:
            continue
        except (DefusedXmlException, ValueError, RecursionError) as error:
            raise FeedError(f"is XML of a kind that is not read: {type(error).__name__}") from None
    raise FeedError("is broken XML")


def _mended(text: str) -> str:
    """Bare ampersands, HTML's own entities and control characters, as careless writers leave them in XML."""
    return _ENTITY.sub(_entity, _CONTROL.sub("", text))


def _entity(match: re.Match[str]) -> str:
    name = match[1]
    if name is None:
        return "&amp;"
    if name.startswith("#") or name[:-1] in _XML_ENTITIES:
        return match[0]
    resolved = html.unescape(match[0])
    return resolved if resolved != match[0] else "&amp;" + name


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: Element, *names: str) -> Iterator[Element]:
    """The direct children called so, in whatever namespace."""
    return (child for child in element if local(child) in names)


def content(element: Element, *names: str) -> str:
    """Everything written in the first child called so, its markup kept as text; empty where there is none."""
    for name in names:
        for child in children(element, name):
            if text := _written(child, 0).strip():
                return text
    return ""


def _written(element: Element, depth: int) -> str:
    """Text with nested elements written out as tags, as feeds have them that forget to escape their HTML."""
    parts = [element.text or ""]
    for child in element if depth < 40 else ():
        name = local(child)
        parts += [f"<{name}>", _written(child, depth + 1), f"</{name}>", child.tail or ""]
    return "".join(parts)
