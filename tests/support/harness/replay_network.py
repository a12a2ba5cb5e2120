"""Joins the simulated world to backstay at the one place where it would use the network: an attempt, and the fetch of a page."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from support.outage_world.happenings import Outcome
from support.outage_world.outside import Outside

from bot.detection.probes.connection import AttemptProgress
from bot.detection.probes.probe import Probe
from bot.detection.probes.reply import RawReply
from bot.model import Clock
from bot.model.signals import Trouble
from bot.net.egress import UnresolvableError
from bot.net.http_client import BrokenConnectionError, HttpAnswer, HttpRequest, TimedOutError, UnreachableError

_SYSTEM_LOOKUP = "DNS lookup failed"
_FAILED: dict[str, tuple[Trouble, str]] = {
    "timeout": (Trouble.TIMEOUT, "no response within {timeout:g} s"),
    "refused": (Trouble.CONNECT, "connection refused"),
    "unreachable": (Trouble.CONNECT, "connection failed"),
    "reset": (Trouble.CONNECT, "connection closed without a valid HTTP response"),
    "dns": (Trouble.DNS, _SYSTEM_LOOKUP),
    "tls": (Trouble.TLS, "TLS handshake failed"),
    "certificate": (Trouble.CERTIFICATE, "TLS certificate is not valid"),
}
_NAMES = {
    "NXDOMAIN": "DNS name does not exist (NXDOMAIN)",
    "SERVFAIL": "DNS lookup failed (SERVFAIL)",
    "NOERROR": "DNS returned no address (NOERROR, empty answer)",
}


@dataclass
class ReplayNetwork:
    """The network as one vantage point has it. Every attempt takes as long as it would."""

    outside: Outside
    clock: Clock
    place: str = "here"

    async def attempt(self, probe: Probe, timeout: float, progress: AttemptProgress) -> RawReply:  # noqa: ASYNC109
        """One attempt, without any judgement."""
        outcome = self._dns(probe) if probe.kind == "dns" else self._web(probe, progress.avoid)
        progress.address = outcome.addresses[0] if outcome.addresses else ""
        if outcome.failure == "timeout" or outcome.seconds >= timeout:
            await asyncio.sleep(timeout)
            trouble, words = _FAILED["timeout"]
            if not outcome.addresses and probe.kind != "dns":
                trouble, words = Trouble.DNS, "no DNS response of the system's resolver within {timeout:g} s"
            return RawReply(timeout, trouble, words.format(timeout=timeout), addresses=outcome.addresses)
        await asyncio.sleep(outcome.seconds)
        if outcome.failure:
            trouble, words = _FAILED[outcome.failure]
            words = _NAMES.get(outcome.words, words) if probe.kind == "dns" else words
            return RawReply(outcome.seconds, trouble, words, addresses=outcome.addresses)
        return _whole(outcome, with_certificate=progress.reads_certificate)

    async def fetch(self, request: HttpRequest) -> HttpAnswer:
        """A page, as `HttpClient.request` gets it; raises what that raises."""
        address = urlsplit(request.url)
        host, limit = address.hostname or "", request.timeout.total_seconds()
        secure = address.scheme == "https"
        port = address.port or (443 if secure else 80)
        outcome = self.outside.request(self.place, host, port, address.path or "/", self.clock(), tls=secure)
        await asyncio.sleep(min(outcome.seconds, limit))
        if outcome.failure == "dns" or (outcome.failure == "timeout" and not outcome.addresses):
            raise UnresolvableError(host)
        if outcome.failure == "timeout" or outcome.seconds >= limit:
            raise TimedOutError(f"{host} did not answer in time", "did not answer in time")
        if outcome.failure in ("refused", "unreachable", "tls", "certificate"):
            raise UnreachableError(f"{host} cannot be reached", "cannot be reached")
        if outcome.failure:
            raise BrokenConnectionError(f"{host} closed the connection early", "closed the connection early")
        assert outcome.answer is not None
        return HttpAnswer(outcome.answer.status, {"content-type": outcome.answer.content_type}, outcome.answer.body)

    def _dns(self, probe: Probe) -> Outcome:
        assert probe.resolver is not None
        asked = probe.asks or "A"
        first = self.outside.look_up(self.place, probe.resolver.host, probe.host, asked, self.clock())
        if first.words == "NOERROR" and not probe.asks:
            return self.outside.look_up(self.place, probe.resolver.host, probe.host, "AAAA", self.clock())
        return first

    def _web(self, probe: Probe, avoid: str) -> Outcome:
        now, family = self.clock(), probe.family
        if probe.kind != "http":
            return self.outside.connect(
                self.place, probe.host, probe.port, now, tls=probe.kind == "tls", family=family, avoid=avoid
            )
        signed = any(name.lower() == "authorization" for name, _ in probe.headers)
        return self.outside.request(
            self.place,
            probe.host,
            probe.port,
            probe.path,
            now,
            tls=probe.secure,
            family=family,
            signed_in=signed,
            avoid=avoid,
        )


def _whole(outcome: Outcome, *, with_certificate: bool) -> RawReply:
    certificate = outcome.certificate if with_certificate else None
    times = (certificate[0].timestamp(), certificate[1].timestamp()) if certificate else None
    answer = outcome.answer
    if answer is None:
        return RawReply(outcome.seconds, addresses=outcome.addresses, certificate=times)
    return RawReply(
        outcome.seconds,
        addresses=outcome.addresses,
        certificate=times,
        status=answer.status,
        location=answer.location,
        content_type=answer.content_type,
        body=answer.body,
    )
