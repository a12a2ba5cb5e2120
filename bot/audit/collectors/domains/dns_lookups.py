"""DNS lookups of one name: its aliases, and name servers, mail hosts and SPF of the zone that it is in.

Shapes: RFC 1035 (NS, CNAME, MX), RFC 7208 (SPF). A name without a record is an answer; a server that fails is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver

from bot.net.read_error import ReadError

_LONGEST_CHAIN: Final = 6
_MOST: Final = 20
_PREFIX: Final = "v=spf1"


@dataclass(frozen=True, slots=True)
class NameServer:
    """A DNS server to ask; an empty host: those of the system."""

    host: str = ""
    port: int = 53


@dataclass(slots=True)
class DnsFindings:
    """What DNS shows of a name. `zone`: the domain whose NS, MX and SPF these are. `problems`: lookups that failed."""

    aliases: list[str] = field(default_factory=list)
    zone: str = ""
    name_servers: list[str] = field(default_factory=list)
    mail: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class DnsLookups:
    """Asks one server, or the system's. `lifetime`: seconds for one lookup with its repetitions."""

    def __init__(self, server: NameServer = NameServer(), *, lifetime: float = 5.0) -> None:
        self._resolver = dns.asyncresolver.Resolver(configure=not server.host)
        if server.host:
            self._resolver.nameservers = [server.host]
            self._resolver.port = server.port
        self._resolver.lifetime = lifetime
        self._resolver.cache = None

    async def look_up(self, host: str) -> DnsFindings:
        """Everything about a name. A lookup that fails is a problem and hides no other."""
        found = DnsFindings()
        try:
            found.aliases = await self._aliases(host)
            found.zone, found.name_servers = await self._zone_of(host)
        except ReadError as error:
            found.problems.append(error.reason)
            return found
        if not found.zone:
            return found
        found.mail = _mail_hosts(await self._records_or_problem(found, "MX"))
        found.senders = _spf_hosts(await self._records_or_problem(found, "TXT"))
        return found

    async def _records_or_problem(self, found: DnsFindings, kind: str) -> Sequence[str]:
        try:
            return await self._records(found.zone, kind)
        except ReadError as error:
            found.problems.append(error.reason)
            return ()

    async def _aliases(self, host: str) -> list[str]:
        """The names that a name is an alias of, in their order."""
        chain: list[str] = []
        name = host
        for _ in range(_LONGEST_CHAIN):
            records = await self._records(name, "CNAME")
            if not records:
                break
            name = records[0].rstrip(".").lower()
            if name in chain or name == host:
                break
            chain.append(name)
        return chain

    async def _zone_of(self, host: str) -> tuple[str, list[str]]:
        """The closest domain above a name, or the name itself, that has name servers of its own."""
        labels = host.split(".")
        for at in range(len(labels) - 1):
            name = ".".join(labels[at:])
            servers = [record.rstrip(".").lower() for record in await self._records(name, "NS")]
            if servers:
                return name, sorted(servers)[:_MOST]
        return "", []

    async def _records(self, name: str, kind: str) -> Sequence[str]:
        """The records of a name as text; none where it has none.

        Raises:
            ReadError: no server answers, or it refuses.
        """
        try:
            answer = await self._resolver.resolve(name, kind, search=False, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return ()
        except (dns.resolver.NoNameservers, dns.resolver.YXDOMAIN):
            raise _failed(name, kind, "the DNS server refused or failed") from None
        except dns.exception.Timeout:
            raise _failed(name, kind, "no DNS response in time") from None
        except (dns.exception.DNSException, OSError, ValueError):
            raise _failed(name, kind, "malformed DNS response") from None
        rrset = answer.rrset
        if rrset is None or rrset.rdtype != dns.rdatatype.from_text(kind):
            return ()
        return [record.to_text() for record in rrset][:_MOST]


def _failed(name: str, kind: str, reason: str) -> ReadError:
    return ReadError(f"look up {kind}", f"{kind} of {name}: {reason}")


def _mail_hosts(records: Sequence[str]) -> list[str]:
    """The hosts of MX records; `0 .` says that there is no mail (RFC 7505)."""
    hosts = (record.partition(" ")[2].rstrip(".").lower() for record in records)
    return sorted({host for host in hosts if host})


def _spf_hosts(records: Sequence[str]) -> list[str]:
    """The domains that an SPF record includes or redirects to."""
    hosts: set[str] = set()
    for record in records:
        text = "".join(record.split('" "')).strip('"')
        if not text.lower().startswith(_PREFIX):
            continue
        for term in text.split()[1:]:
            for word in ("include:", "redirect="):
                if term.lower().lstrip("+?~-").startswith(word):
                    hosts.add(term.lower().lstrip("+?~-").removeprefix(word).rstrip("."))
    return sorted(hosts)[:_MOST]
