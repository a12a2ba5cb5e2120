"""Bytes as they came or were saved -> text: byte orders, encodings that XML declares, compression, and what wraps a body."""

import codecs
import json
import re
import zlib

from bot.detection.feeds.parsing.error import FeedError

MAX_BYTES = 12 * 1024 * 1024
"""More is refused: the largest real feed seen (every Salesforce instance) has 1.5 MB."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{2,30})["']""")
_KNOWN_AS = {b"PK\x03\x04": "a zip archive", b"%PDF": "a PDF", b"\x89PNG": "an image", b"\xff\xd8\xff": "an image"}
# https://developer.mozilla.org/docs/Web/Security/Attacks/XSSI: what some servers write before JSON.
_GUARD = re.compile(r"^(?:\)\]\}'?,?|while\s*\(1\);|for\s*\(;;\);)\s*")
_CALL = re.compile(r"^(?:/\*\*/\s*)?[A-Za-z_$][\w$.]{0,100}\s*\(\s*(?=[\[{\"])")
_HEAD = re.compile(rb"^HTTP/\d(?:\.\d)?[ ]\d{3}[^\n]{0,200}\n")
_HEADS = 6
_BLANK = " \t\r\n\x00\ufeff"


def decode_body(body: bytes) -> str:
    """What a body says, without what it was wrapped in.

    Unwrapped are headers that were saved with it (`curl -i`), gzip, JSONP, guards against being read as a script, JSON inside
    a JSON string, and the envelope of Amazon SNS; each once or twice, never for ever.

    Raises:
        FeedError: it is empty, too large, or something else than text.
    """
    if len(body) > MAX_BYTES:
        raise _too_large(f"has more than {MAX_BYTES:,} bytes")
    body = _unpacked(_without_head(body))
    for start, kind in _KNOWN_AS.items():
        if body.startswith(start):
            raise FeedError(f"is {kind}, not a feed", "Unpack it, or fetch the feed itself")
    found = _bare(_decoded(body).strip(_BLANK))
    if not found:
        raise FeedError("is empty", "Fetch it again: a page that says nothing is not a page that says all is well")
    return found


def _too_large(problem: str) -> FeedError:
    return FeedError(
        f"{problem}, which are not read", "Fetch a smaller page of it: its summary, or the latest incidents"
    )


def _without_head(body: bytes) -> bytes:
    """What follows the headers of a saved answer, and of the redirects that led to it."""
    for _ in range(_HEADS):
        if not _HEAD.match(body):
            break
        cut = min((at + len(end) for end in (b"\r\n\r\n", b"\n\n") if (at := body.find(end)) >= 0), default=len(body))
        body = body[cut:]
    return body


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        found = unpacker.decompress(body, MAX_BYTES)
    except zlib.error:
        raise FeedError("is broken gzip", "Fetch it again in full") from None
    if unpacker.unconsumed_tail:
        raise _too_large(f"unpacks to more than {MAX_BYTES:,} bytes")
    if not unpacker.eof:
        raise FeedError("is gzip that breaks off", "Fetch it again in full")
    return found


def _decoded(body: bytes) -> str:
    """By its byte-order mark, by where the zero bytes of ASCII stand, by what XML declares where that fits; else UTF-8."""
    encoding = next((name for mark, name in _MARKS if body.startswith(mark)), "")
    if not encoding and body[:1] == b"\x00" and body[1:2] not in (b"\x00", b""):
        encoding = "utf-16-be"
    elif not encoding and body[1:2] == b"\x00" and body[:1] != b"\x00":
        encoding = "utf-16-le"
    if encoding:
        return body.decode(encoding, errors="replace")
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode(_declared(body), errors="replace")


def _declared(body: bytes) -> str:
    """The encoding in an XML declaration, where Python knows it and it is one of text."""
    match = _DECLARED.match(body[:300])
    try:
        found = codecs.lookup(match[1].decode() if match else "utf-8")
        return found.name if "a".encode(found.name) == b"a" else "utf-8"
    except (LookupError, ValueError, TypeError, AttributeError):
        return "utf-8"


def _bare(found: str) -> str:
    """Without a guard, a call around it, or JSON that holds nothing but the text of other JSON."""
    for _ in range(2):
        found = _GUARD.sub("", found)
        if call := _CALL.match(found):
            found = found[call.end() :].rstrip("; \r\n\t").removesuffix(")").rstrip()
        inner = _inside(found)
        if not inner:
            break
        found = inner.strip(_BLANK)
    return found


def _inside(found: str) -> str:
    """The text in a JSON string, or in the envelope in which Amazon SNS delivers; empty where it is neither."""
    if not found.startswith('"') and not (found.startswith("{") and '"Message"' in found and '"TopicArn"' in found):
        return ""
    try:
        value = json.loads(found, strict=False)
    except (ValueError, RecursionError):
        return ""
    inner = value.get("Message") if isinstance(value, dict) else value
    return inner if isinstance(inner, str) and inner.lstrip(_BLANK)[:1] in ("{", "[", "<", '"') else ""
