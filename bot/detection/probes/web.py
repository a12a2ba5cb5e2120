"""Opens a TCP connection, negotiates TLS or requests a page, and brings back what came of it."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.detection.probes.connection import AttemptProgress, NoIpv6Error, connect, why
from bot.detection.probes.http_answer import BODY, EXPECTED_BODY, HttpAnswerReader, request_of
from bot.detection.probes.lookup import SystemLookup
from bot.detection.probes.probe import Probe
from bot.detection.probes.reply import RawReply
from bot.model.signals import Trouble


class WebProber:
    """Probes over TCP, TLS and HTTP. Every probe opens a new connection: an open one does not show that new ones work.

    `trust`: custom certificate authorities; by default the system's.
    """

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self._tls = trust or ssl.create_default_context()
        self._lookup = SystemLookup()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["WebProber"]:
        """Ready for the duration of the block."""
        try:
            yield self
        finally:
            self._lookup.close()

    async def connect(self, probe: Probe, timeout: float, progress: AttemptProgress | None = None) -> RawReply:  # noqa: ASYNC109 - one limit for the whole probe
        """Open a TCP connection, with TLS for a probe of kind `tls`. `progress` tells where, also while it runs."""
        progress = progress or AttemptProgress()
        began = time.perf_counter()
        try:
            async with asyncio.timeout(timeout):
                tls = self._tls if probe.kind == "tls" else None
                transport, _ = await connect(probe, self._lookup, tls, progress, asyncio.Protocol)
                certificate = _certificate(transport) if progress.reads_certificate else None
                transport.close()
        except Exception as error:  # noqa: BLE001 - every failure is the probe's result
            return _failed(error, began, timeout, progress)
        return RawReply(time.perf_counter() - began, addresses=(progress.address,), certificate=certificate)

    async def get(self, probe: Probe, timeout: float, progress: AttemptProgress | None = None) -> RawReply:  # noqa: ASYNC109
        """Request a page and read the start of its body. Redirects are not followed."""
        progress = progress or AttemptProgress()
        began = time.perf_counter()
        try:
            async with asyncio.timeout(timeout):
                done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                reader = HttpAnswerReader(request_of(probe), _most(probe), not probe.expect.body, done)
                tls = self._tls if probe.secure else None
                transport, _ = await connect(probe, self._lookup, tls, progress, lambda: reader)
                try:
                    certificate = _certificate(transport) if progress.reads_certificate else None
                    await done
                finally:
                    transport.close()
        except Exception as error:  # noqa: BLE001 - every failure is the probe's result
            return _failed(error, began, timeout, progress)
        return RawReply(
            time.perf_counter() - began,
            addresses=(progress.address,),
            certificate=certificate,
            status=reader.status,
            location=reader.headers.get("location", ""),
            content_type=reader.headers.get("content-type", "").lower(),
            body=reader.body,
            whole=reader.whole,
        )


def _most(probe: Probe) -> int:
    """How much of the body matters: none of it in the control group, which shows only that the way out works."""
    if probe.control or probe.method == "HEAD":
        return 0
    return EXPECTED_BODY if probe.expect.body else BODY


def _failed(error: Exception, began: float, timeout: float, progress: AttemptProgress) -> RawReply:
    seconds = time.perf_counter() - began
    if isinstance(error, NoIpv6Error):
        return RawReply(seconds, Trouble.NONE, "no IPv6 address", unknown=True)
    trouble, detail = why(error, progress.step, timeout)
    return RawReply(seconds, trouble, detail, addresses=(progress.address,) if progress.address else ())


def _certificate(transport: asyncio.Transport) -> tuple[float, float] | None:
    """When the other side's certificate begins and ends, as Unix times; None without TLS."""
    shown = transport.get_extra_info("ssl_object")
    found = shown.getpeercert() if shown is not None else None
    if not found or "notAfter" not in found:
        return None
    return ssl.cert_time_to_seconds(found.get("notBefore", found["notAfter"])), ssl.cert_time_to_seconds(
        found["notAfter"]
    )
