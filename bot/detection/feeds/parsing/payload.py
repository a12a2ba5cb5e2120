"""A body as it came -> JSON, XML or text, within bounds: what every format looks at and reads."""

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
    """A JSON object from outside. Whatever is missing or of another type than asked for reads as empty or None."""

    data: Mapping[str, Any]

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def raw(self, key: str) -> Any:
        """The value as it came."""
        return self.data.get(key)

    def string(self, *keys: str) -> str:
        """The first of these that holds text or a number, as one plain line; empty where none does."""
        for key in keys:
            value = self.data.get(key)
            if isinstance(value, str) and (text := line(value[:4000])):
                return text
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300:  # not NaN either
                return str(value)
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
            return value if abs(value) < 10**15 else None
        if isinstance(value, float):
            return int(value) if value.is_integer() and abs(value) < 10**15 else None
        return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}", value.strip()) else None

    def time(self, *keys: str) -> datetime | None:
        """The first of these that holds a moment, in UTC."""
        return next((found for key in keys if (found := parse_time(self.data.get(key)))), None)

    def item(self, key: str) -> "Item":
        """The object there, an empty one where there is none."""
        value = self.data.get(key)
        return Item(value if isinstance(value, dict) else {})

    def items(self, key: str) -> "tuple[Item, ...]":
        """The objects of the list there."""
        return objects_in(self.data.get(key))

    def strings(self, key: str) -> tuple[str, ...]:
        """The texts of the list there."""
        value = self.data.get(key)
        return (
            tuple(found for one in value if isinstance(one, str) and (found := line(one)))
            if isinstance(value, list)
            else ()
        )

    def names(self, key: str, *fields: str) -> tuple[str, ...]:
        """What the objects of the list there are called, each once, in order."""
        return tuple(dict.fromkeys(found for item in self.items(key) if (found := item.string(*(fields or ("name",))))))


def objects_in(value: Any) -> tuple[Item, ...]:
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
        return objects_in(self.json)

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
        return self.object_list()

    def object_list(self) -> tuple[Item, ...]:
        """The rows of a list of nothing but objects; an empty list is one.

        Raises:
            FeedError: it is none.
        """
        if not isinstance(self.json, list) or len(self.rows) != len(self.json):
            raise FeedError("not a list of objects")
        return self.rows


def read_payload(body: bytes) -> Payload:
    """Read a body by what is in it; what its sender calls it is not asked.

    Raises:
        FeedError: it is empty, too large, an HTML page, or broken.
    """
    text = _wire.decode_body(body)
    if text[0] == "<":
        if is_html(text):
            raise FeedError(
                "is an HTML page, not a feed",
                "Ask the status page for its feed: often /api/v2/summary.json, /index.json, /history.atom",
            )
        return Payload(text, xml=parse_xml(text))
    if text[0] not in "[{":
        return Payload(text)
    # Raw line breaks inside strings are let through: cState writes them.
    try:
        return Payload(text, is_json=True, json=json.loads(text, strict=False))
    except RecursionError:
        raise FeedError("is JSON that is nested too deeply", "No feed is: fetch it again") from None
    except json.JSONDecodeError as error:
        if text[0] == "[" and not re.match(r"\[\s*[\[{\"\]]", text):
            return Payload(text)  # posts that somebody copied may begin with [...]
        raise FeedError(f"is JSON that {_broken(error, text)}", "Fetch it again in full") from None
    except ValueError:  # a number of more than 4,300 digits
        raise FeedError("is JSON with a number that is too long", "No feed has one: fetch it again") from None


def _broken(error: json.JSONDecodeError, text: str) -> str:
    if error.pos >= len(text) - 1 or error.msg.startswith("Unterminated"):
        return f"breaks off (line {error.lineno})"
    return f"is broken at line {error.lineno}, column {error.colno}: {error.msg}"
