"""Looks up the domains of services side by side: each finding is an ObservedDependency, each failed lookup a gap."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.audit.attribution import SERVICE_TAG
from bot.audit.collectors.domains.dns_lookups import DnsFindings, DnsLookups
from bot.audit.collectors.domains.web_signs import WebSign, web_signs
from bot.model import Clock, Collected, Place, Progress
from bot.net.egress import EgressPolicy
from bot.net.http_client import HttpClient
from bot.net.read_error import ReadError
from checks import GLOBAL, Fact, Gap, ObservedDependency, Service

SOURCE: Final = "domains"
AT_ONCE: Final = 8
MOST: Final = 500
"""Domains that one audit looks up."""


@dataclass(frozen=True, slots=True)
class DomainSite:
    """A host of a service. `base`: its scheme, host and port where it is a web site, else empty."""

    service: str
    host: str
    base: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    dns: DnsFindings
    signs: Sequence[WebSign] = ()
    problem: str = ""


class DomainCollector:
    """Implements `model.Collector` for domains.

    Args:
        sites: what to look up.
        lookups: asks DNS.
        outgoing: where requests may go. The sites are named in backstay.yaml, so they may be at private addresses.
        clock: UTC now.
        patience: for one site; what is not known by then is unread.
    """

    def __init__(
        self,
        sites: Sequence[DomainSite],
        lookups: DnsLookups,
        outgoing: EgressPolicy,
        clock: Clock,
        *,
        patience: timedelta = timedelta(seconds=40),
    ) -> None:
        self._sites, self._lookups, self._outgoing = tuple(sites)[:MOST], lookups, outgoing
        self._clock, self._patience = clock, patience

    async def collect(
        self,
        services: Sequence[Service],
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """What the domains of these services (none: of all) show. A failed lookup hides nothing that a check judges."""
        place = (SOURCE, "", GLOBAL)
        if only is not None and place not in only:
            return Collected((), ())
        names = {service.name for service in services}
        sites = [site for site in self._sites if not names or site.service in names]
        slots = asyncio.Semaphore(AT_ONCE)
        progress(Progress(0, 1, "looking up domains"))
        async with HttpClient(self._outgoing) as client:

            async def found(site: DomainSite) -> _Found:
                async with slots:
                    return await self._look_up(site, client)

            results = await asyncio.gather(*(found(site) for site in sites))
        now, facts, gaps = self._clock(), dict[str, Fact](), list[Gap]()
        for site, result in zip(sites, results, strict=True):
            facts |= {fact.resource: fact for fact in _facts(site, result, now)}
            problems = [*result.dns.problems, *([result.problem] if result.problem else [])]
            gaps += [Gap(SOURCE, SOURCE, "", GLOBAL, problem, ()) for problem in problems]
        progress(Progress(1, 1, "looking up domains"))
        return Collected(list(facts.values()), gaps, (place,))

    async def _look_up(self, site: DomainSite, client: HttpClient) -> _Found:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                dns = await self._lookups.look_up(site.host)
                try:
                    signs = await web_signs(client, site.base, private=True) if site.base else ()
                except ReadError as error:
                    return _Found(dns, (), error.reason)
        except TimeoutError:
            return _Found(DnsFindings(), (), f"{site.host}: no answer within {self._patience.total_seconds():.0f} s")
        return _Found(dns, signs)


def _facts(site: DomainSite, found: _Found, now: datetime) -> Iterator[Fact]:
    dns = found.dns
    for tool, hosts in _by_tool(site, dns).items():
        for host in hosts:
            yield _fact(site, host, tool, now)
    for sign in found.signs:
        yield _fact(site, sign.host, sign.tool, now)


def _by_tool(site: DomainSite, dns: DnsFindings) -> Mapping[str, Sequence[str]]:
    return {
        f"CNAME record of {site.host}": dns.aliases,
        f"NS record of {dns.zone}": dns.name_servers,
        f"MX record of {dns.zone}": dns.mail,
        f"SPF record of {dns.zone}": dns.senders,
    }


def _fact(site: DomainSite, host: str, tool: str, now: datetime) -> ObservedDependency:
    return ObservedDependency(
        resource=f"{SOURCE}:{site.service}/{site.host}/{tool}/{host}",
        name=host,
        provider=SOURCE,
        account="",
        region=GLOBAL,
        product=SOURCE,
        source=SOURCE,
        observed_at=now,
        tags={SERVICE_TAG: site.service},
        target=host,
        tool=tool,
        seen_at=now,
    )
