"""Builds DNS queries, and reads from a response no more than a probe needs: its code, and the records that were asked for.

RFC 1035, section 4. A probe sends thousands of queries a minute, and reading whole messages takes most of their time.
"""

import ipaddress
import secrets
import struct
from dataclasses import dataclass
from functools import lru_cache

import dns.message
import dns.rdatatype

A, AAAA, SOA = int(dns.rdatatype.A), int(dns.rdatatype.AAAA), int(dns.rdatatype.SOA)
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
_HEADER = struct.Struct("!HHHHHH")
_RECORD = struct.Struct("!HHIH")
_ANSWER, _TRUNCATED, _CODE = 0x8000, 0x0200, 0x000F
_MOST_RECORDS = 200


class MalformedDnsError(Exception):
    """The response is not a DNS message."""


@dataclass(frozen=True, slots=True)
class DnsQuery:
    """A query as it is sent. `id` is random, so that nobody else can answer it."""

    id: int
    packet: bytes
    kind: int

    def answered_by(self, packet: bytes) -> bool:
        """Whether a packet claims to answer this query: by its id, and by its question unless it repeats none."""
        if len(packet) < 12 or packet[:2] != self.packet[:2]:
            return False
        question = self.packet[12:]
        return packet[4:6] != b"\0\1" or packet[12 : 12 + len(question)].lower() == question.lower()


@dataclass(frozen=True, slots=True)
class DnsResponse:
    """What a response says. `found`: records of the kind that was asked for; `addresses`: those of them that are addresses."""

    code: int
    truncated: bool
    found: int
    addresses: tuple[str, ...]


def query_for(name: str, kind: int) -> DnsQuery:
    """A query for one kind of record.

    Raises:
        dns.exception.DNSException: the name cannot be one.
    """
    number = secrets.randbelow(65_536)
    return DnsQuery(number, number.to_bytes(2, "big") + _packet(name, kind), kind)


def read_response(packet: bytes, kind: int) -> DnsResponse:
    """Read a response.

    Raises:
        MalformedDnsError: it is not one.
    """
    try:
        _, flags, questions, answers, _, _ = _HEADER.unpack_from(packet)
        if not flags & _ANSWER or questions > 1 or answers > _MOST_RECORDS:
            raise MalformedDnsError
        at = 12
        for _ in range(questions):
            at = _after_name(packet, at) + 4
        found, addresses = 0, []
        truncated = bool(flags & _TRUNCATED)
        for _ in range(0 if truncated else answers):
            at = _after_name(packet, at)
            record, _, _, length = _RECORD.unpack_from(packet, at)
            at += _RECORD.size
            data = packet[at : at + length]
            if len(data) < length:
                raise MalformedDnsError
            at += length
            if record == kind:
                found += 1
                if kind in (A, AAAA):
                    addresses.append(str(ipaddress.ip_address(data)))
    except (struct.error, IndexError, ValueError):
        raise MalformedDnsError from None
    return DnsResponse(flags & _CODE, truncated, found, tuple(addresses))


def _after_name(packet: bytes, at: int) -> int:
    """Where the name that begins here ends; a pointer ends it (RFC 1035, 4.1.4)."""
    while length := packet[at]:
        if length >= 0xC0:
            return at + 2
        at += 1 + length
    return at + 1


@lru_cache(maxsize=30_000)
def _packet(name: str, kind: int) -> bytes:
    """The query without its id."""
    return dns.message.make_query(name, dns.rdatatype.RdataType(kind)).to_wire()[2:]
