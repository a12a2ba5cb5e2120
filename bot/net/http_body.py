"""Reads the body of an HTTP answer within a bound that holds for received bytes and for what it unpacks to."""

import zlib
from collections.abc import AsyncIterable

from bot.net.egress import NetworkError

ENCODINGS = "gzip, deflate"
"""What is asked for and can be unpacked (RFC 9110, 8.4.1)."""

_MOST_MEMBERS = 16
"""A gzip body may consist of several; each one costs a copy of all that follow."""


class TooLargeError(NetworkError):
    """The body has more bytes than allowed."""


class UndecodableError(NetworkError):
    """The body does not unpack as its Content-Encoding says."""


def refuse_announced(length: str, most: int, host: str) -> None:
    """Refuse a body whose Content-Length already says that it is too large, before any of it is read.

    Raises:
        TooLargeError: it is. A length that is missing or not a number is left to `read_body`.
    """
    if length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > most):
        raise _too_large(host, most)


async def read_body(chunks: AsyncIterable[bytes], encoding: str, most: int, host: str) -> bytes:
    """The whole body, unpacked.

    Args:
        chunks: received bytes.
        encoding: the Content-Encoding header, in lower case; empty for none.
        most: bytes allowed, before and after unpacking.
        host: named in errors.

    Raises:
        TooLargeError: it has more.
        UndecodableError: the encoding is unknown or the bytes are not in it.
    """
    packed = bytearray()
    async for chunk in chunks:
        packed += chunk
        if len(packed) > most:
            raise _too_large(host, most)
    if encoding in ("", "identity") or not packed:
        return bytes(packed)
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise UndecodableError(f"{host} sends an unknown Content-Encoding", "sends an unknown Content-Encoding")
    try:
        body = _unpacked(bytes(packed), encoding, most)
    except (zlib.error, EOFError) as error:
        raise UndecodableError(f"{host} sends a broken body", "sends a broken body") from error
    if len(body) > most:
        raise _too_large(host, most)
    return body


async def discard_body(chunks: AsyncIterable[bytes], most: int) -> None:
    """Read a body that nobody needs, at most `most` bytes of it; a longer one is left unread."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > most:
            return


def _unpacked(packed: bytes, encoding: str, most: int) -> bytes:
    """At most one byte more than allowed: a bomb is not unpacked to find out how large it is."""
    if encoding == "deflate" and not _has_zlib_header(packed):  # some servers send it bare
        return _inflated(packed, -zlib.MAX_WBITS, most)
    return _inflated(packed, zlib.MAX_WBITS | 32, most)


def _inflated(packed: bytes, window_bits: int, most: int) -> bytes:
    body = bytearray()
    for _ in range(_MOST_MEMBERS):  # RFC 1952, 2.2
        unpacker = zlib.decompressobj(window_bits)
        body += unpacker.decompress(packed, most + 1 - len(body))
        if len(body) > most:
            break
        if not unpacker.eof:
            raise EOFError
        packed = unpacker.unused_data.lstrip(b"\0")
        if not packed:
            break
    else:
        raise EOFError
    return bytes(body)


def _has_zlib_header(packed: bytes) -> bool:
    return len(packed) >= 2 and packed[0] & 0x0F == 8 and int.from_bytes(packed[:2]) % 31 == 0


def _too_large(host: str, most: int) -> TooLargeError:
    return TooLargeError(f"{host} sends more than {most:,} bytes", f"has more than {most:,} bytes")
