"""Sends one HTTP/1.1 request and reads its answer as far as a probe needs it: status, a few headers, the start of the body.

RFC 9112. A client of its own, since a probe must know the address, the certificate and the time of exactly this connection.
"""

import asyncio
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.detection.probes.connection import IncompleteAnswerError
from bot.detection.probes.probe import Probe

LONGEST_HEAD = 64 * 1024
BODY = 16 * 1024
"""Bytes of a body that tell whether it is an error."""
EXPECTED_BODY = 256 * 1024
"""Bytes of a body in which an expected text is looked for."""
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |\r?\n|\r?$)")
_AGENT = "backstay-probe"
_ENDLESS = "text/event-stream"


@dataclass(slots=True)
class HttpAnswerReader(asyncio.Protocol):
    """One exchange over a connection that serves nothing else. `done` gets the reader itself once there is enough.

    `most`: bytes of the body to read; 0 ends the exchange with the head. `good_only`: read the body of a 2xx alone.
    """

    request: bytes = field(repr=False)
    most: int
    good_only: bool
    done: "asyncio.Future[None]"
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    whole: bool = False
    _data: bytearray = field(default_factory=bytearray, repr=False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request."""
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Read on until there is enough."""
        if self.done.done():
            return
        self._data += data
        try:
            if (self.status or self._head_ends()) and self._enough():
                self.done.set_result(None)
        except (IncompleteAnswerError, ValueError):
            self._fail()

    def eof_received(self) -> bool | None:
        """The other side has sent everything: the end of a body without a length."""
        self._closed()
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        if exc is not None and not self.done.done():
            self.done.set_exception(exc if isinstance(exc, OSError) else IncompleteAnswerError())
        self._closed()

    @property
    def body(self) -> bytes:
        """The start of the body, unpacked."""
        raw = _without_chunks(self._data)[0] if self._chunked else bytes(self._data)
        if self.headers.get("content-encoding", "").lower() not in ("gzip", "x-gzip"):
            return raw[: self.most]
        try:
            return zlib.decompressobj(wbits=31).decompress(raw, self.most)
        except zlib.error:
            return b""

    @property
    def _chunked(self) -> bool:
        return "chunked" in self.headers.get("transfer-encoding", "").lower()

    def _closed(self) -> None:
        if self.done.done():
            return
        open_ended = bool(self.status) and not self._chunked and "content-length" not in self.headers
        if open_ended:
            self.whole = True
            self.done.set_result(None)
        else:
            self._fail()

    def _fail(self) -> None:
        if not self.done.done():
            self.done.set_exception(IncompleteAnswerError())

    def _head_ends(self) -> bool:
        """Read the head once it is complete; interim answers (1xx) are skipped."""
        while True:
            end, width = _blank_line(self._data)
            if end < 0:
                if len(self._data) > LONGEST_HEAD or (len(self._data) > 9 and not self._data.startswith(b"HTTP/1.")):
                    raise IncompleteAnswerError
                return False
            head = bytes(self._data[:end])
            found = _STATUS.match(head + b"\r\n")
            if not found:
                raise IncompleteAnswerError
            del self._data[: end + width]
            if found[1][:1] != b"1":
                self.status, self.headers = int(found[1]), _headers(head)
                return True

    def _enough(self) -> bool:
        if not self.most or self.status in (204, 304) or (self.good_only and not 200 <= self.status < 300):
            self._data.clear()
            return True
        if self.headers.get("content-type", "").startswith(_ENDLESS):
            return True
        if self._chunked:
            read, self.whole = _without_chunks(self._data)
            return self.whole or len(read) >= self.most or len(self._data) > 2 * self.most + LONGEST_HEAD
        length = self.headers.get("content-length", "")
        if length:
            if not (length.isascii() and length.isdigit() and len(length) <= 18):
                raise IncompleteAnswerError
            self.whole = len(self._data) >= int(length)
        return self.whole or len(self._data) >= self.most


def request_of(probe: Probe) -> bytes:
    """The request that a probe sends."""
    default = 443 if probe.secure else 80
    host = f"[{probe.host}]" if ":" in probe.host else probe.host
    headers = {
        "Host": host if probe.port == default else f"{host}:{probe.port}",
        "User-Agent": _AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    by_name = {name.lower(): (name, value) for name, value in headers.items()}
    by_name |= {name.lower(): (name, value) for name, value in probe.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in by_name.values())
    return f"{probe.method} {probe.path} HTTP/1.1\r\n{lines}\r\n".encode()


def _blank_line(data: bytearray) -> tuple[int, int]:
    end = data.find(b"\r\n\r\n")
    if end >= 0:
        return end, 4
    return data.find(b"\n\n"), 2


def _headers(head: bytes) -> dict[str, str]:
    """By lower-case name; of several with one name the first."""
    found: dict[str, str] = {}
    for line in head.decode("latin-1").splitlines()[1:]:
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _without_chunks(data: bytearray) -> tuple[bytes, bool]:
    """The body inside the chunks that came so far, and whether the last one came (RFC 9112, 7.1)."""
    body, at = bytearray(), 0
    while (end := data.find(b"\r\n", at)) >= 0:
        size = int(data[at:end].split(b";")[0].strip() or b"x", 16)
        if size < 0:
            raise IncompleteAnswerError
        if size == 0:
            return bytes(body), True
        body += data[end + 2 : end + 2 + size]
        at = end + 2 + size + 2
        if at > len(data):
            break
    return bytes(body), False
