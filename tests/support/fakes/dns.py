"""A DNS server on loopback that answers as it is told: with an address, with nothing, with each failure, late or never."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from bot.detection.probes.probe import Resolver

Manner = Literal["address", "ipv6", "alias", "empty", "nxdomain", "servfail", "refused", "silent", "nonsense", "cut"]


@dataclass
class FakeDns(asyncio.DatagramProtocol):
    """Answers every name as `manner` says, those in `manners` in a way of their own, with `ip` as the IPv4 address.

    `asked` counts questions.
    """

    manner: Manner = "address"
    manners: dict[str, Manner] = field(default_factory=dict)
    asked: int = 0
    ip: str = "127.0.0.1"
    resolver: Resolver = field(default_factory=lambda: Resolver("127.0.0.1"))

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakeDns"]:
        """Serve for the block, over UDP and, on the same port, TCP."""
        server, self._transport, port = await self._bound()
        self.resolver = Resolver("127.0.0.1", port)
        try:
            yield self
        finally:
            self._transport.close()
            server.close()
            await server.wait_closed()

    async def _bound(self) -> tuple[asyncio.Server, asyncio.DatagramTransport, int]:
        """Both on one port: what is free for TCP may be taken for UDP, then the next one is tried."""
        loop = asyncio.get_running_loop()
        for tries_left in reversed(range(20)):
            server = await asyncio.start_server(self._over_tcp, "127.0.0.1", 0)
            port: int = server.sockets[0].getsockname()[1]
            try:
                transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", port))
            except OSError:
                server.close()
                await server.wait_closed()
                if not tries_left:
                    raise
            else:
                return server, transport, port
        raise AssertionError

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._answer(data, udp=True)
        if answer is not None:
            self._transport.sendto(answer, addr)

    async def _over_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(2), "big")
        answer = self._answer(await reader.readexactly(length), udp=False) or b""
        writer.write(len(answer).to_bytes(2, "big") + answer)
        await writer.drain()
        writer.close()

    def _answer(self, data: bytes, *, udp: bool) -> bytes | None:
        self.asked += 1
        query = dns.message.from_wire(data)
        name, kind = query.question[0].name, query.question[0].rdtype
        manner = self.manners.get(name.to_text(omit_final_dot=True), self.manner)
        response = dns.message.make_response(query)
        match manner:
            case "silent":
                return None
            case "nonsense":
                return data[:2] + b"\x81\x80nonsense"
            case "nxdomain" | "servfail" | "refused":
                response.set_rcode(dns.rcode.from_text(manner))
            case "cut" if udp:
                response.flags |= dns.flags.TC
            case "alias":
                response.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", "edge.example.net."))
                if kind == dns.rdatatype.A:
                    response.answer.append(dns.rrset.from_text("edge.example.net.", 60, "IN", "A", "192.0.2.7"))
            case "ipv6" if kind == dns.rdatatype.AAAA:
                response.answer.append(dns.rrset.from_text(name, 60, "IN", "AAAA", "2001:db8::7"))
            case "address" | "cut" if kind == dns.rdatatype.A:
                response.answer.append(dns.rrset.from_text(name, 60, "IN", "A", self.ip))
            case "address" | "cut" if kind == dns.rdatatype.SOA:
                response.answer.append(
                    dns.rrset.from_text(name, 60, "IN", "SOA", "ns1.example. host.example. 1 2 3 4 5")
                )
        return response.to_wire()
