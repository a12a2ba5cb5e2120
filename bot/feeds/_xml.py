"""XML from outside -> elements: no DTD, no entity of its own, careless writing mended."""

import html
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.feeds._error import FeedError

DEEPEST = 40
"""Levels of elements inside an entry whose text is kept."""
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_ENTITY = re.compile(r"&(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|\w{2,32};)?")
# What XML 1.0 allows nowhere: controls, halves of surrogate pairs, the two that are no characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BAD_REFERENCE = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bcBCeEfF]|1[0-9a-fA-F]));")
_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|head|body|meta|title|script|div|p)\b", re.IGNORECASE)


def is_page(text: str) -> bool:
    """Whether this is HTML, comments before it or not."""
    at = 0
    while text.startswith("<!--", at):
        end = text.find("-->", at)
        if end < 0:
            return False
        at = end + 3
        at += len(text[at : at + 1000]) - len(text[at : at + 1000].lstrip())
    return bool(_PAGE.match(text, at))


def xml(text: str) -> Element:
    """The root.

    Raises:
        FeedError: it is broken, or of a kind that is not read.
    """
    # The text is decoded already; a declaration would tell the parser another encoding.
    text = re.sub(r"^<\?xml[^>]*\?>", "", text).lstrip()
    problem = ""
    for attempt in (str, _mended):
        try:
            return fromstring(attempt(text), forbid_dtd=True)
        except ParseError as error:
            problem = problem or f"{'breaks off' if _breaks_off(error) else 'is broken'} (line {error.position[0]})"
        except DefusedXmlException:
            raise FeedError("is XML with a DTD or entities of its own, which are not read") from None
        except (ValueError, RecursionError, OverflowError):
            raise FeedError("is XML of a kind that is not read") from None
    raise FeedError(f"is XML that {problem}", "Fetch it again in full")


def _breaks_off(error: ParseError) -> bool:
    return error.code in (3, 5)  # expat: no element found, unclosed token


def _mended(text: str) -> str:
    """Bare ampersands, HTML's own entities and control characters, as careless writers leave them in XML."""
    return _BAD_REFERENCE.sub("", _ENTITY.sub(_entity, _FORBIDDEN.sub("", text)))


def _entity(match: re.Match[str]) -> str:
    name = match[1]
    if name is None:
        return "&amp;"
    if name.startswith("#") or name[:-1] in _XML_ENTITIES:
        return match[0]
    resolved = html.unescape(match[0])
    return resolved.replace("&", "&amp;").replace("<", "&lt;") if resolved != match[0] else "&amp;" + name


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
    for child in element if depth < DEEPEST else ():
        name = local(child)
        parts += [f"<{name}>", _written(child, depth + 1), f"</{name}>", child.tail or ""]
    return "".join(parts)
