"""Opens a connection, negotiates TLS or asks for a page, and says at which of these steps it broke."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from bot.detection.probes.probe import Answer, Expectation, Probe
from bot.model.incidents import Health

_BODY_AT_MOST = 256 * 1024
_AGENT = {"User-Agent": "backstay-probe"}


class Web:
    """Looks over TCP, TLS and HTTP. Every look opens a connection of its own: an old one proves nothing of new ones.

    `trust`: certificate authorities of one's own, else the system's.
    """

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self._tls = trust or ssl.create_default_context()
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Web"]:
        """Ready for the block."""
        connector = aiohttp.TCPConnector(force_close=True, limit=0, use_dns_cache=False)
        async with aiohttp.ClientSession(connector=connector, headers=_AGENT, auto_decompress=False) as session:
            self._session = session
            try:
                yield self
            finally:
                self._session = None

    async def connect(self, probe: Probe, timeout: float) -> Answer:  # noqa: ASYNC109 - one bound for the whole look
        """TCP, and TLS on top of it for a probe of that kind."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(timeout):
                tls = self._tls if probe.kind == "tls" else None
                _, writer = await asyncio.open_connection(probe.host, probe.port, ssl=tls)
                writer.close()
        except Exception as error:  # noqa: BLE001 - whatever went wrong is what we came to see
            return _failure(error, timeout)
        return _in_time(probe.expect, time.perf_counter() - began)

    async def get(self, probe: Probe, timeout: float) -> Answer:  # noqa: ASYNC109
        """Ask for a page and hold it against what is expected of it. Redirects are an answer, they are not followed."""
        assert self._session is not None  # noqa: S101 - used within `opened`
        url = f"{'https' if probe.secure else 'http'}://{probe.host}:{probe.port}{probe.path}"
        began = time.perf_counter()
        try:
            async with (
                asyncio.timeout(timeout),
                self._session.request(
                    probe.method, url, headers=probe.headers, allow_redirects=False, ssl=self._tls
                ) as response,
            ):
                wrong = _unexpected(response.status, probe.expect)
                if not wrong and probe.expect.body:
                    body = await response.content.read(_BODY_AT_MOST)
                    if probe.expect.body.encode() not in body:
                        wrong = "the page does not hold the words that are expected"
        except Exception as error:  # noqa: BLE001 - whatever went wrong is what we came to see
            return _failure(error, timeout)
        seconds = time.perf_counter() - began
        return Answer(Health.BAD, wrong, seconds) if wrong else _in_time(probe.expect, seconds)


def _unexpected(status: int, expect: Expectation) -> str:
    if expect.status:
        return "" if status in expect.status else f"HTTP {status}"
    return f"HTTP {status}" if status >= 500 else ""


def _in_time(expect: Expectation, seconds: float) -> Answer:
    if expect.latency is not None and seconds > expect.latency:
        return Answer(Health.BAD, f"too slow: {seconds:.1f} s, expected within {expect.latency:g} s", seconds)
    return Answer(Health.GOOD, "", seconds)


def _failure(error: Exception, timeout: float) -> Answer:
    match error:
        case aiohttp.ClientConnectorDNSError():
            said = "its name cannot be resolved"
        case ssl.SSLCertVerificationError() | aiohttp.ClientConnectorCertificateError():
            said = "its certificate is not valid"
        case ssl.SSLError() | aiohttp.ClientConnectorSSLError():
            said = "TLS failed"
        case TimeoutError():
            said = f"no answer within {timeout:g} s"
        case ConnectionRefusedError():
            said = "the connection is refused"
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, ConnectionRefusedError):
            said = "the connection is refused"
        case OSError():
            said = "it cannot be reached"
        case aiohttp.ClientError():
            said = "the line was cut or the answer is no HTTP"
        case _:
            said = f"the look failed ({type(error).__name__})"
    return Answer(Health.BAD, said)
