"""Parses a feed's XML safely: no DTD, no custom entities, limited size; common mistakes are repaired."""

import html
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from bot.detection.feeds.parsing.error import FeedError

DEEPEST = 40
"""Levels of elements inside an entry whose text is read."""
MOST_ELEMENTS = 400_000
"""Larger feeds are refused. The largest real feed has a few thousand; a body of only tags would take a gigabyte of memory."""
MOST_LEVELS = 200
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_ENTITY = re.compile(r"&(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|\w{2,32};)?")
# What XML 1.0 forbids: control characters, unpaired surrogates, and the two noncharacters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BAD_REFERENCE = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bcBCeEfF]|1[0-9a-fA-F]));")
_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|head|body|meta|title|script|div|p)\b", re.IGNORECASE)


def is_html(text: str) -> bool:
    """Whether this text is an HTML page, also after comments."""
    at = 0
    while text.startswith("<!--", at):
        end = text.find("-->", at)
        if end < 0:
            return False
        at = end + 3
        at += len(text[at : at + 1000]) - len(text[at : at + 1000].lstrip())
    return bool(_PAGE.match(text, at))


def parse_xml(text: str) -> Element:
    """Parse XML and return its root, repairing common mistakes.

    Raises:
        FeedError: the XML is malformed, too large, or has a DTD.
    """
    # The text is already decoded, so the declared encoding no longer applies.
    text = re.sub(r"^<\?xml[^>]*\?>", "", text).lstrip()
    problem = ""
    for attempt in (str, _repaired):
        try:
            return _parsed(attempt(text))
        except ParseError as error:
            if _is_truncated(error):
                raise FeedError(f"is truncated XML (ends in line {error.position[0]})", "Download it again") from None
            problem = problem or f"line {error.position[0]}, column {error.position[1]}"
        except DefusedXmlException:
            raise FeedError("is XML with a DTD or custom entities, which are refused for security") from None
        except (ValueError, OverflowError):
            raise FeedError("is XML with characters that XML forbids") from None
    raise FeedError(f"is malformed XML at {problem}", "Download it again")


class _Bounded(TreeBuilder):
    """Builds a tree of limited size and depth."""

    _count = 0
    _level = 0

    def start(self, tag: Any, attrs: Any, /) -> Element:
        self._count += 1
        self._level += 1
        if self._count > MOST_ELEMENTS or self._level > MOST_LEVELS:
            raise FeedError(
                f"is XML with more than {MOST_ELEMENTS:,} elements or {MOST_LEVELS} levels",
                "Download it again; no feed has so many",
            )
        return super().start(tag, attrs)

    def end(self, tag: Any, /) -> Element:
        self._level -= 1
        return super().end(tag)


def _parsed(text: str) -> Element:
    parser = DefusedXMLParser(target=_Bounded(), forbid_dtd=True)
    parser.feed(text)
    root = parser.close()
    assert isinstance(root, Element)  # noqa: S101 - a TreeBuilder returns an Element, which the parser's types do not show
    return root


def _is_truncated(error: ParseError) -> bool:
    return error.code in (3, 5)  # expat: no element found, unclosed token


def _repaired(text: str) -> str:
    """The text with bare ampersands escaped, HTML entities resolved and control characters removed."""
    return _BAD_REFERENCE.sub("", _ENTITY.sub(_entity, _FORBIDDEN.sub("", text)))


def _entity(match: re.Match[str]) -> str:
    name = match[1]
    if name is None:
        return "&amp;"
    if name.startswith("#") or name[:-1] in _XML_ENTITIES:
        return match[0]
    resolved = html.unescape(match[0])
    return resolved.replace("&", "&amp;").replace("<", "&lt;") if resolved != match[0] else "&amp;" + name


def local_name(element: Element) -> str:
    """An element's name, without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children_named(element: Element, *names: str) -> Iterator[Element]:
    """The direct children with one of these names, in any namespace."""
    return (child for child in element if local_name(child) in names)


def content_of(element: Element, *names: str) -> str:
    """The text of the first child with one of these names, nested elements included as tags; empty if there is none."""
    for name in names:
        for child in children_named(element, name):
            if text := _written(child, 0).strip():
                return text
    return ""


def _written(element: Element, depth: int) -> str:
    """An element's text, with nested elements as tags: some feeds do not escape their HTML."""
    parts = [element.text or ""]
    for child in element if depth < DEEPEST else ():
        name = local_name(child)
        parts += [f"<{name}>", _written(child, depth + 1), f"</{name}>", child.tail or ""]
    return "".join(parts)
