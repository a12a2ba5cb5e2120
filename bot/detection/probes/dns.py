"""Resolves a name through one resolver and says exactly how the lookup failed."""

import asyncio

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from bot.detection.probes.probe import Probe, ProbeAnswer, Resolver
from bot.model.signals import Health

_ADDRESSES = (dns.rdatatype.A, dns.rdatatype.AAAA)


async def query_dns(probe: Probe, timeout: float) -> ProbeAnswer:  # noqa: ASYNC109 - dnspython takes it for each packet
    """Query an IPv4 address, then an IPv6 address. A response without either is a failure, whatever its code.

    In October 2025 resolvers returned NOERROR without an address, which is formally a success.
    """
    assert probe.resolver is not None  # noqa: S101 - every DNS probe has a resolver
    try:
        async with asyncio.timeout(timeout):
            for kind in _ADDRESSES:
                answer = await _query(probe.host, kind, probe.resolver, timeout)
                if answer is not None:
                    return answer
    except (TimeoutError, dns.exception.Timeout):
        return ProbeAnswer(Health.BAD, f"no DNS response within {timeout:g} s")
    except (OSError, EOFError):
        return ProbeAnswer(Health.BAD, "DNS resolver unreachable")
    except dns.exception.DNSException:
        return ProbeAnswer(Health.BAD, "malformed DNS response")
    return ProbeAnswer(Health.BAD, "DNS returned no address (NOERROR, empty answer)")


async def _query(name: str, kind: dns.rdatatype.RdataType, resolver: Resolver, timeout: float) -> ProbeAnswer | None:  # noqa: ASYNC109
    """Send one query; None if the name exists but has no address of this kind."""
    query = dns.message.make_query(name, kind)
    response = await dns.asyncquery.udp(
        query, resolver.host, timeout=timeout, port=resolver.port, ignore_unexpected=True, raise_on_truncation=False
    )
    if response.flags & dns.flags.TC:
        response = await dns.asyncquery.tcp(query, resolver.host, timeout=timeout, port=resolver.port)
    code = response.rcode()
    if code == dns.rcode.NOERROR:
        found = any(rrset.rdtype == kind and len(rrset) for rrset in response.answer)
        return ProbeAnswer(Health.GOOD) if found else None
    if code == dns.rcode.NXDOMAIN:
        return ProbeAnswer(Health.BAD, "DNS name does not exist (NXDOMAIN)")
    if code == dns.rcode.REFUSED:
        return ProbeAnswer(Health.UNKNOWN, "DNS resolver refused the query (REFUSED)")
    return ProbeAnswer(Health.BAD, f"DNS lookup failed ({dns.rcode.to_text(code)})")
