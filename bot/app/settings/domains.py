"""The section of backstay.yaml about looking up the domains of services, to guess what they depend on."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from bot.catalogue import Section, ServiceName, StringList, quote, refuse
from bot.detection.probes.probe import parse_resolver


def _resolver(text: str) -> str:
    try:
        return text if not text else parse_resolver(text).name
    except ValueError as error:
        raise refuse(str(error)) from None


def _hosts(value: dict[str, Any]) -> dict[str, Any]:
    for hosts in value.values():
        for host in hosts:
            if "/" in host or "." not in host or host != host.strip():
                raise refuse(f"{quote(host)} is not a host name; write shop.example.com, without https:// and path")
    return value


class DomainSettings(Section):
    """Whether domains of services are looked up for guesses: NS, MX, CNAME and SPF records, CDN headers, OAuth issuers."""

    look_up: bool = Field(default=False, description="look up the hosts of endpoints and of `hosts` at each audit")
    hosts: Annotated[dict[ServiceName, StringList], AfterValidator(_hosts)] = Field(
        default={}, description="hosts of services beside those of endpoints: {checkout: [shop.example.com]}"
    )
    resolver: Annotated[str, AfterValidator(_resolver)] = Field(
        default="", description="DNS server to ask: 1.1.1.1, 127.0.0.1:5353; default: the system's"
    )
    web: bool = Field(default=True, description="open the sites too, for CDN headers and OAuth issuers")
