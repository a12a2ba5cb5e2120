"""Resolves a name through one resolver and says exactly how the lookup failed."""

import asyncio
import time

import dns.exception
import dns.rcode

from bot.detection.probes.dns_message import (
    AAAA,
    NOERROR,
    NXDOMAIN,
    REFUSED,
    SOA,
    A,
    DnsQuery,
    DnsResponse,
    MalformedDnsError,
    query_for,
    read_response,
)
from bot.detection.probes.probe import Probe, Resolver
from bot.detection.probes.reply import RawReply
from bot.model.signals import Trouble


async def query_dns(probe: Probe, timeout: float) -> RawReply:  # noqa: ASYNC109 - one limit for the whole probe
    """Query an IPv4 address, then an IPv6 address, or the record that the probe asks for.

    A response without one is a failure, whatever its code: in October 2025 resolvers returned NOERROR without an address,
    which is formally a success.
    """
    assert probe.resolver is not None  # noqa: S101 - every DNS probe has a resolver
    began = time.perf_counter()
    trouble, detail, unknown = Trouble.DNS, "", False
    try:
        async with asyncio.timeout(timeout):
            for kind in (SOA,) if probe.asks else (A, AAAA):
                response = await _query(probe.host, kind, probe.resolver)
                if response.code == NOERROR and response.found:
                    return RawReply(time.perf_counter() - began, addresses=response.addresses)
                if response.code != NOERROR:
                    detail, unknown = _named(response.code), response.code == REFUSED
                    break
            else:
                missing = f"{probe.asks} record" if probe.asks else "address"
                detail = f"DNS returned no {missing} (NOERROR, empty answer)"
    except TimeoutError:
        trouble, detail = Trouble.TIMEOUT, f"no DNS response within {timeout:g} s"
    except (OSError, EOFError):
        trouble, detail = Trouble.CONNECT, "DNS resolver unreachable"
    except (MalformedDnsError, dns.exception.DNSException):
        detail = "malformed DNS response"
    return RawReply(time.perf_counter() - began, trouble, detail, unknown=unknown)


async def _query(name: str, kind: int, resolver: Resolver) -> DnsResponse:
    """Send one query, over UDP and where its response is cut over TCP."""
    query = query_for(name, kind)
    response = read_response(await _over_udp(query, resolver), kind)
    return read_response(await _over_tcp(query, resolver), kind) if response.truncated else response


async def _over_udp(query: DnsQuery, resolver: Resolver) -> bytes:
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[bytes] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _UdpAnswer(query, answered), remote_addr=(resolver.host, resolver.port)
    )
    try:
        transport.sendto(query.packet)
        return await answered
    finally:
        transport.close()


async def _over_tcp(query: DnsQuery, resolver: Resolver) -> bytes:
    reader, writer = await asyncio.open_connection(resolver.host, resolver.port)
    try:
        writer.write(len(query.packet).to_bytes(2, "big") + query.packet)
        length = int.from_bytes(await reader.readexactly(2), "big")
        packet = await reader.readexactly(length)
    finally:
        writer.close()
    if not query.answered_by(packet):
        raise MalformedDnsError
    return packet


def _named(code: int) -> str:
    if code == NXDOMAIN:
        return "DNS name does not exist (NXDOMAIN)"
    if code == REFUSED:
        return "DNS resolver refused the query (REFUSED)"
    return f"DNS lookup failed ({dns.rcode.to_text(dns.rcode.Rcode(code))})"


class _UdpAnswer(asyncio.DatagramProtocol):
    """Waits for the one packet that answers the query; every other one is ignored, as are ICMP errors, which anybody can send."""

    def __init__(self, query: DnsQuery, answered: "asyncio.Future[bytes]") -> None:
        self._query, self._answered = query, answered

    def datagram_received(self, data: bytes, _: object) -> None:
        if not self._answered.done() and self._query.answered_by(data):
            self._answered.set_result(data)
