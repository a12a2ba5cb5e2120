"""Opens a TCP connection, negotiates TLS or requests a page, and says which of these steps failed."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from bot.detection.probes.probe import Expectation, Probe, ProbeAnswer
from bot.model.signals import Health

_BODY_AT_MOST = 256 * 1024
_AGENT = {"User-Agent": "backstay-probe"}


class WebProber:
    """Probes over TCP, TLS and HTTP. Every probe opens a new connection: an open one does not show that new ones work.

    `trust`: custom certificate authorities; by default the system's.
    """

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self._tls = trust or ssl.create_default_context()
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["WebProber"]:
        """Open the HTTP session for the duration of the block."""
        connector = aiohttp.TCPConnector(force_close=True, limit=0, use_dns_cache=False)
        async with aiohttp.ClientSession(connector=connector, headers=_AGENT, auto_decompress=False) as session:
            self._session = session
            try:
                yield self
            finally:
                self._session = None

    async def connect(self, probe: Probe, timeout: float) -> ProbeAnswer:  # noqa: ASYNC109 - one limit for the whole probe
        """Open a TCP connection, with TLS for a probe of kind `tls`."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(timeout):
                tls = self._tls if probe.kind == "tls" else None
                _, writer = await asyncio.open_connection(probe.host, probe.port, ssl=tls)
                writer.close()
        except Exception as error:  # noqa: BLE001 - every failure is the probe's result
            return _failure(error, timeout)
        return _in_time(probe.expect, time.perf_counter() - began)

    async def get(self, probe: Probe, timeout: float) -> ProbeAnswer:  # noqa: ASYNC109
        """Request a page and compare the response with the expectation. Redirects are not followed."""
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
                        wrong = "response does not contain the expected text"
        except Exception as error:  # noqa: BLE001 - every failure is the probe's result
            return _failure(error, timeout)
        seconds = time.perf_counter() - began
        return ProbeAnswer(Health.BAD, wrong, seconds) if wrong else _in_time(probe.expect, seconds)


def _unexpected(status: int, expect: Expectation) -> str:
    if expect.status:
        return "" if status in expect.status else f"HTTP {status}"
    return f"HTTP {status}" if status >= 500 else ""


def _in_time(expect: Expectation, seconds: float) -> ProbeAnswer:
    if expect.latency is not None and seconds > expect.latency:
        return ProbeAnswer(Health.BAD, f"slow response: {seconds:.1f} s (limit {expect.latency:g} s)", seconds)
    return ProbeAnswer(Health.GOOD, "", seconds)


def _failure(error: Exception, timeout: float) -> ProbeAnswer:
    match error:
        case aiohttp.ClientConnectorDNSError() | socket.gaierror():
            detail = "DNS lookup failed"
        case ssl.SSLCertVerificationError() | aiohttp.ClientConnectorCertificateError():
            detail = "TLS certificate is not valid"
        case ssl.SSLError() | aiohttp.ClientConnectorSSLError():
            detail = "TLS handshake failed"
        case TimeoutError():
            detail = f"no response within {timeout:g} s"
        case ConnectionRefusedError():
            detail = "connection refused"
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, ConnectionRefusedError):
            detail = "connection refused"
        case OSError():
            detail = "connection failed"
        case aiohttp.ClientError():
            detail = "connection closed without a valid HTTP response"
        case _:
            detail = "probe failed with an internal error"
    return ProbeAnswer(Health.BAD, detail)
