"""A DNS server on loopback that serves records of any type, and fails for the names that it is told to fail for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from support.fakes.dns import FakeDns


@dataclass
class ZoneServer(FakeDns):
    """`records`: name and type (`example.com MX`) -> values as a zone file has them. Other names do not exist.

    `manners` fails single names, as in `FakeDns`; `silent` types are never answered.
    """

    records: Mapping[str, Sequence[str]] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()

    def _answer(self, data: bytes, *, udp: bool) -> bytes | None:
        query = dns.message.from_wire(data)
        name, kind = query.question[0].name, dns.rdatatype.to_text(query.question[0].rdtype)
        text = name.to_text(omit_final_dot=True)
        if text in self.manners:
            return super()._answer(data, udp=udp)
        self.asked += 1
        if kind in self.silent:
            return None
        response = dns.message.make_response(query)
        values = self.records.get(f"{text} {kind}", ())
        if values:
            response.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *values))
        elif not any(known.startswith(f"{text} ") for known in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()
