"""Parses a body as JSON, XML or text, within limits: the payload that every format reads."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

from bot.detection.feeds.parsing import decode as _wire
from bot.detection.feeds.parsing.dates import parse_time
from bot.detection.feeds.parsing.decode import MAX_BYTES
from bot.detection.feeds.parsing.error import FeedError
from bot.detection.feeds.parsing.xml import is_html, parse_xml
from bot.net.plain_text import TEXT, line, plain

__all__ = ["MAX_BYTES", "FeedError", "Item", "Payload", "objects_in", "read_payload"]


@dataclass(frozen=True, slots=True)
class Item:
    """A JSON object of a feed. A value that is missing or has another type than requested reads as empty or None."""

    data: Mapping[str, Any]

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def raw(self, key: str) -> Any:
        """The value, of any type; None if there is none."""
        return self.data.get(key)

    def string(self, *keys: str) -> str:
        """The first of these values that is text or a number, as one plain line; empty if none is."""
        for key in keys:
            value = self.data.get(key)
            if isinstance(value, str) and (text := line(value[:4000])):
                return text
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300:  # not NaN either
                return str(value)
        return ""

    def text(self, *keys: str) -> str:
        """The first of these values that is text, without markup; empty if none is."""
        for key in keys:
            value = self.data.get(key)
            if isinstance(value, str) and (found := plain(value, TEXT)):
                return found
        return ""

    def number(self, key: str) -> int | None:
        """A whole number, also if written as text; None if it is not one."""
        value = self.data.get(key)
        if isinstance(value, bool):
            return None
        if isinstance(value, int):
            return value if abs(value) < 10**15 else None
        if isinstance(value, float):
            return int(value) if value.is_integer() and abs(value) < 10**15 else None
        return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}", value.strip()) else None

    def time(self, *keys: str) -> datetime | None:
        """The first of these values that is a time, in UTC; None if none is."""
        return next((found for key in keys if (found := parse_time(self.data.get(key)))), None)

    def item(self, key: str) -> "Item":
        """The object under this key; an empty one if there is none."""
        value = self.data.get(key)
        return Item(value if isinstance(value, dict) else {})

    def items(self, key: str) -> "tuple[Item, ...]":
        """The objects of the list under this key."""
        return objects_in(self.data.get(key))

    def strings(self, key: str) -> tuple[str, ...]:
        """The texts of the list under this key, each as one plain line."""
        value = self.data.get(key)
        return (
            tuple(found for text in value if isinstance(text, str) and (found := line(text)))
            if isinstance(value, list)
            else ()
        )

    def names(self, key: str, *fields: str) -> tuple[str, ...]:
        """The names of the objects of the list under this key (or the first of `fields`), each once, in order."""
        return tuple(dict.fromkeys(found for item in self.items(key) if (found := item.string(*(fields or ("name",))))))


def objects_in(value: Any) -> tuple[Item, ...]:
    """The objects of a JSON list."""
    return tuple(Item(entry) for entry in value if isinstance(entry, dict)) if isinstance(value, list) else ()


@dataclass(frozen=True, slots=True)
class Payload:
    """A parsed body: exactly one of `json` (any JSON value, if `is_json`), `xml` (its root), or `text` alone."""

    text: str
    is_json: bool = False
    json: Any = None
    xml: Element | None = None

    @property
    def root(self) -> Item:
        """The JSON object at the top level; an empty one if there is none."""
        return Item(self.json if isinstance(self.json, dict) else {})

    @property
    def rows(self) -> tuple[Item, ...]:
        """The objects of the JSON list at the top level."""
        return objects_in(self.json)

    @property
    def head(self) -> Item:
        """The first of the rows; an empty object if there is none."""
        return next(iter(self.rows), Item({}))

    def objects(self) -> tuple[Item, ...]:
        """The object at the top level, or the rows of a list that contains objects only.

        Raises:
            FeedError: it is neither.
        """
        if isinstance(self.json, dict):
            return (self.root,)
        return self.object_list()

    def object_list(self) -> tuple[Item, ...]:
        """The rows of a list that contains objects only, or nothing.

        Raises:
            FeedError: it is not such a list.
        """
        if not isinstance(self.json, list) or len(self.rows) != len(self.json):
            raise FeedError("is not a list of objects")
        return self.rows


def read_payload(body: bytes) -> Payload:
    """Parse a body by its content, whatever its Content-Type.

    Raises:
        FeedError: the body is empty, too large, an HTML page, or malformed.
    """
    text = _wire.decode_body(body)
    if text[0] == "<":
        if is_html(text):
            raise FeedError(
                "is an HTML page, not a feed",
                "Use the feed of the status page, often /api/v2/summary.json, /index.json or /history.atom",
            )
        return Payload(text, xml=parse_xml(text))
    if text[0] not in "[{":
        return Payload(text)
    # strict=False allows raw line breaks inside strings, which cState writes.
    try:
        return Payload(text, is_json=True, json=json.loads(text, strict=False))
    except RecursionError:
        raise FeedError(
            "is JSON that is nested too deeply", "Download it again; no feed is nested that deeply"
        ) from None
    except json.JSONDecodeError as error:
        if text[0] == "[" and not re.match(r"\[\s*[\[{\"\]]", text):
            return Payload(text)  # copied posts may begin with [...]
        raise FeedError(f"is {_broken(error, text)}", "Download it again") from None
    except ValueError:  # a number of more than 4,300 digits
        raise FeedError(
            "is JSON with a number of too many digits", "Download it again; no feed has such a number"
        ) from None


def _broken(error: json.JSONDecodeError, text: str) -> str:
    if error.pos >= len(text) - 1 or error.msg.startswith("Unterminated"):
        return f"truncated JSON (ends in line {error.lineno})"
    return f"malformed JSON at line {error.lineno}, column {error.colno}: {error.msg}"
