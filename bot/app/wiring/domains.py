"""Builds the collector of domains from the settings."""

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.app.settings import Settings
from bot.model import Clock

if TYPE_CHECKING:
    from bot.audit.collectors.domains.collector import DomainCollector, DomainSite


def domain_collector(settings: Settings, clock: Clock) -> "DomainCollector | None":
    """The collector of the services' domains; None where they are not looked up."""
    if not settings.domains.look_up:
        return None
    from bot.audit.collectors.domains.collector import DomainCollector  # noqa: PLC0415 - only where it is set up
    from bot.audit.collectors.domains.dns_lookups import DnsLookups, NameServer  # noqa: PLC0415
    from bot.detection.probes.probe import parse_resolver  # noqa: PLC0415

    named = settings.domains.resolver
    server = parse_resolver(named) if named else None
    lookups = DnsLookups(NameServer(server.host, server.port) if server else NameServer())
    return DomainCollector(tuple(sites(settings)), lookups, settings.outgoing, clock)


def sites(settings: Settings) -> "Iterator[DomainSite]":
    """The hosts of services: those of their endpoints, and those that are listed. Addresses have no domain."""
    from bot.audit.collectors.domains.collector import DomainSite  # noqa: PLC0415 - only where it is set up

    names = {service.name for service in settings.catalogue.services}
    seen: set[tuple[str, str]] = set()
    for endpoint in settings.endpoints:
        parts = urlsplit(endpoint.url)
        host = (parts.hostname or "").lower()
        if endpoint.about in names and _is_name(host) and (endpoint.about, host) not in seen:
            seen.add((endpoint.about, host))
            web = settings.domains.web and parts.scheme in ("http", "https")
            yield DomainSite(endpoint.about, host, f"{parts.scheme}://{parts.netloc}" if web else "")
    for service, hosts in settings.domains.hosts.items():
        for listed in hosts:
            host = listed.lower().rstrip(".")
            if (service, host) not in seen:
                seen.add((service, host))
                yield DomainSite(service, host, f"https://{host}" if settings.domains.web else "")


def _is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host
    return False
