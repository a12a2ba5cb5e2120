"""Asks one resolver for one name, and tells apart the ways in which an answer can be none."""

import asyncio

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from bot.detection.probes.probe import Answer, Probe, Resolver
from bot.model.incidents import Health

_ADDRESSES = (dns.rdatatype.A, dns.rdatatype.AAAA)


async def look_up(probe: Probe, timeout: float) -> Answer:  # noqa: ASYNC109 - it bounds each packet, dnspython takes it so
    """Ask for an IPv4 address, then for an IPv6 one. An answer without either is a failure, whatever its code says.

    In October 2025 resolvers answered NOERROR with nothing in it: by the letter a success.
    """
    assert probe.resolver is not None  # noqa: S101 - whoever makes a DNS probe names the resolver
    try:
        async with asyncio.timeout(timeout):
            for kind in _ADDRESSES:
                answer = await _ask(probe.host, kind, probe.resolver, timeout)
                if answer is not None:
                    return answer
    except (TimeoutError, dns.exception.Timeout):
        return Answer(Health.BAD, f"no answer from DNS within {timeout:g} s")
    except (OSError, EOFError):
        return Answer(Health.BAD, "the resolver cannot be reached")
    except dns.exception.DNSException as error:
        return Answer(Health.BAD, f"DNS answered nonsense ({type(error).__name__})")
    return Answer(Health.BAD, "DNS answers that the name is there, but gives no address (NOERROR, empty)")


async def _ask(name: str, kind: dns.rdatatype.RdataType, resolver: Resolver, timeout: float) -> Answer | None:  # noqa: ASYNC109
    """None: the name is there without an address of this kind."""
    query = dns.message.make_query(name, kind)
    response = await dns.asyncquery.udp(
        query, resolver.host, timeout=timeout, port=resolver.port, ignore_unexpected=True, raise_on_truncation=False
    )
    if response.flags & dns.flags.TC:
        response = await dns.asyncquery.tcp(query, resolver.host, timeout=timeout, port=resolver.port)
    code = response.rcode()
    if code == dns.rcode.NOERROR:
        found = any(rrset.rdtype == kind and len(rrset) for rrset in response.answer)
        return Answer(Health.GOOD) if found else None
    if code == dns.rcode.NXDOMAIN:
        return Answer(Health.BAD, "DNS says that there is no such name (NXDOMAIN)")
    if code == dns.rcode.REFUSED:
        return Answer(Health.UNKNOWN, "the resolver refuses to answer us (REFUSED)")
    return Answer(Health.BAD, f"DNS failed ({dns.rcode.to_text(code)})")
