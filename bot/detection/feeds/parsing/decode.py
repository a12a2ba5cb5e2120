"""Turns a feed's bytes into text: byte orders, encodings that XML declares, compression, and anything that wraps a body."""

import codecs
import json
import re
import zlib

from bot.detection.feeds.parsing.error import FeedError

MAX_BYTES = 12 * 1024 * 1024
"""Larger bodies are refused. The largest real feed (every Salesforce instance) has 1.5 MB."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{2,30})["']""")
_KNOWN_AS = {b"PK\x03\x04": "a zip archive", b"%PDF": "a PDF", b"\x89PNG": "an image", b"\xff\xd8\xff": "an image"}
# A prefix that some servers write before JSON: https://developer.mozilla.org/docs/Web/Security/Attacks/XSSI.
_GUARD = re.compile(r"^(?:\)\]\}'?,?|while\s*\(1\);|for\s*\(;;\);)\s*")
_CALL = re.compile(r"^(?:/\*\*/\s*)?[A-Za-z_$][\w$.]{0,100}\s*\(\s*(?=[\[{\"])")
_HEAD = re.compile(rb"^HTTP/\d(?:\.\d)?[ ]\d{3}[^\n]{0,200}\n")
_HEADS = 6
_BLANK = " \t\r\n\x00\ufeff"


def decode_body(body: bytes) -> str:
    """Decode a body and remove anything that wraps it.

    Removes saved HTTP headers (`curl -i`), gzip, JSONP, prefixes against script inclusion, JSON inside a JSON string, and the
    envelope of Amazon SNS; each at most twice.

    Raises:
        FeedError: the body is empty, too large, or not text.
    """
    if len(body) > MAX_BYTES:
        raise _too_large(f"is larger than {MAX_BYTES:,} bytes")
    body = _unpacked(_without_head(body))
    for start, kind in _KNOWN_AS.items():
        if body.startswith(start):
            raise FeedError(f"is {kind}, not a feed", "Unpack the file, or download the feed itself")
    found = _bare(_decoded(body).strip(_BLANK))
    if not found:
        raise FeedError("is empty", "Download it again; an empty response does not mean that all services are up")
    return found


def _too_large(problem: str) -> FeedError:
    return FeedError(problem, "Use a smaller feed of the page: its summary, or its latest incidents")


def _without_head(body: bytes) -> bytes:
    """The body without saved HTTP headers, including those of redirects."""
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
        raise FeedError("is corrupt gzip", "Download it again") from None
    if unpacker.unconsumed_tail:
        raise _too_large(f"unpacks to more than {MAX_BYTES:,} bytes")
    if not unpacker.eof:
        raise FeedError("is truncated gzip", "Download it again")
    return found


def _decoded(body: bytes) -> str:
    """Decode by byte-order mark, by the position of zero bytes, by the XML declaration, or else as UTF-8."""
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
    """The encoding in an XML declaration if Python supports it as a text encoding, else UTF-8."""
    match = _DECLARED.match(body[:300])
    try:
        found = codecs.lookup(match[1].decode() if match else "utf-8")
        return found.name if "a".encode(found.name) == b"a" else "utf-8"
    except (LookupError, ValueError, TypeError, AttributeError):
        return "utf-8"


def _bare(found: str) -> str:
    """The text without a prefix, a JSONP call, or a JSON string around it."""
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
    """The text in a JSON string or an Amazon SNS envelope; empty if it is neither."""
    if not found.startswith('"') and not (found.startswith("{") and '"Message"' in found and '"TopicArn"' in found):
        return ""
    try:
        value = json.loads(found, strict=False)
    except (ValueError, RecursionError):
        return ""
    inner = value.get("Message") if isinstance(value, dict) else value
    return inner if isinstance(inner, str) and inner.lstrip(_BLANK)[:1] in ("{", "[", "<", '"') else ""
