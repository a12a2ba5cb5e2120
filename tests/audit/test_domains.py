"""What the domains of a service show: looked up at a real DNS server and a real web server on loopback, sound and broken."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from support.fakes.dns_zones import ZoneServer
from support.harness.loopback import closed_port, cut, serving

from bot.audit.attribution import SERVICE_TAG
from bot.audit.collectors.domains.collector import DomainCollector, DomainSite
from bot.audit.collectors.domains.dns_lookups import DnsLookups, NameServer
from bot.model import Collected
from bot.net.egress import EgressPolicy
from checks import DEFAULT_TIERS, GLOBAL, ObservedDependency, Service

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SHOP = "www.shop.example.com"
RECORDS = {
    f"{SHOP} CNAME": ["shop.map.fastly.net."],
    "shop.map.fastly.net A": ["192.0.2.7"],
    "example.com NS": ["ns-1.awsdns-12.com.", "ns-2.awsdns-34.co.uk."],
    "example.com MX": ["10 aspmx.l.google.com.", "20 alt1.aspmx.l.google.com."],
    "example.com TXT": [
        '"v=spf1 include:sendgrid.net" " include:_spf.google.com redirect=spf.mtasv.net ip4:192.0.2.0/24 -all"',
        '"other=thing include:not.me"',
    ],
}
SERVICES = (Service("checkout", DEFAULT_TIERS[1]),)


async def _looked_up(server: ZoneServer, *sites: DomainSite, lifetime: float = 30.0, **fields: Any) -> Collected:
    async with server.running():
        lookups = DnsLookups(NameServer(server.resolver.host, server.resolver.port), lifetime=lifetime)
        made = DomainCollector(sites, lookups, EgressPolicy(), lambda: NOW, **fields)
        return await made.collect(SERVICES, lambda _: None)


def _shown(found: Collected) -> Mapping[str, set[str]]:
    tools: dict[str, set[str]] = {}
    for fact in found.facts:
        assert isinstance(fact, ObservedDependency)
        assert fact.tags == {SERVICE_TAG: "checkout"}
        tools.setdefault(fact.tool, set()).add(fact.target)
    return tools


async def test_dns_shows_aliases_name_servers_mail_and_senders() -> None:
    found = await _looked_up(ZoneServer(records=RECORDS), DomainSite("checkout", SHOP))
    assert _shown(found) == {
        f"CNAME record of {SHOP}": {"shop.map.fastly.net"},
        "NS record of example.com": {"ns-1.awsdns-12.com", "ns-2.awsdns-34.co.uk"},
        "MX record of example.com": {"aspmx.l.google.com", "alt1.aspmx.l.google.com"},
        "SPF record of example.com": {"sendgrid.net", "_spf.google.com", "spf.mtasv.net"},
    }
    assert (found.gaps, found.read) == ([], (("domains", "", GLOBAL),))


async def test_a_domain_without_mail_or_anything_shows_nothing_and_misses_nothing() -> None:
    null = ZoneServer(records={"example.com NS": ["ns.example.net."], "example.com MX": ["0 ."]})
    assert set(_shown(await _looked_up(null, DomainSite("checkout", "example.com")))) == {"NS record of example.com"}
    nothing = await _looked_up(ZoneServer(), DomainSite("checkout", SHOP))
    assert (nothing.facts, nothing.gaps) == ([], [])


async def test_a_chain_of_aliases_that_leads_back_ends() -> None:
    ring = ZoneServer(records={"a.example.com CNAME": ["b.example.com."], "b.example.com CNAME": ["a.example.com."]})
    found = await _looked_up(ring, DomainSite("checkout", "a.example.com"))
    assert _shown(found) == {"CNAME record of a.example.com": {"b.example.com"}}


@pytest.mark.parametrize("manner", ["servfail", "refused", "nonsense"])
async def test_a_server_that_fails_is_a_gap_that_hides_no_check(manner: Any) -> None:
    broken = ZoneServer(records=RECORDS, manners={SHOP: manner})
    other = DomainSite("checkout", "example.com")
    found = await _looked_up(broken, DomainSite("checkout", SHOP), other, lifetime=1.0)
    assert "NS record of example.com" in _shown(found)
    (gap,) = found.gaps
    assert (gap.kinds, gap.reason.partition(":")[0]) == ((), f"CNAME of {SHOP}")


async def test_one_lookup_without_an_answer_hides_no_other() -> None:
    found = await _looked_up(
        ZoneServer(records=RECORDS, silent=frozenset({"MX"})), DomainSite("checkout", SHOP), lifetime=0.3
    )
    assert "SPF record of example.com" in _shown(found)
    assert [gap.reason for gap in found.gaps] == ["MX of example.com: no DNS response in time"]


async def test_nobody_answers() -> None:
    lookups = DnsLookups(NameServer("127.0.0.1", closed_port()), lifetime=0.3)
    made = DomainCollector([DomainSite("checkout", SHOP)], lookups, EgressPolicy(), lambda: NOW)
    found = await made.collect(SERVICES, lambda _: None)
    assert (found.facts, len(found.gaps)) == ([], 1)


async def test_a_site_that_takes_too_long_is_a_gap() -> None:
    silent = ZoneServer(silent=frozenset({"CNAME"}))
    found = await _looked_up(silent, DomainSite("checkout", SHOP), patience=timedelta(seconds=0.2))
    assert [gap.reason for gap in found.gaps] == [f"{SHOP}: no answer within 0 s"]


class Shop:
    """A site behind a CDN, which publishes who signs its users in; `fault`: cut, or a status for the first page."""

    def __init__(self, headers: Mapping[str, str], issuer: Any = None, fault: str = "") -> None:
        self.headers, self.issuer, self.fault = headers, issuer, fault

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/.well-known/openid-configuration", self._sign_in)
        return app

    async def _page(self, request: web.Request) -> web.Response:
        if self.fault == "cut":
            cut(request)
        return web.Response(status=int(self.fault or 200), headers=self.headers)

    async def _sign_in(self, _: web.Request) -> web.Response:
        if self.issuer is None:
            return web.Response(status=404)
        return web.json_response(self.issuer)


async def _opened(shop: Shop) -> Collected:
    async with serving(shop.app()) as url:
        return await _looked_up(ZoneServer(), DomainSite("checkout", SHOP, url))


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ({"CF-RAY": "8a-FRA"}, "cloudflare.com"),
        ({"Server": "cloudflare"}, "cloudflare.com"),
        ({"X-Amz-Cf-Id": "x"}, "cloudfront.net"),
        ({"Server": "AkamaiGHost"}, "akamaiedge.net"),
        ({"Server": "BunnyCDN-DE1-756"}, "b-cdn.net"),
        ({"X-Azure-Ref": "x"}, "azurefd.net"),
        ({"X-Vercel-Id": "fra1::x"}, "vercel.app"),
    ],
)
async def test_headers_name_the_cdn(headers: dict[str, str], host: str) -> None:
    assert {target for targets in _shown(await _opened(Shop(headers))).values() for target in targets} == {host}


async def test_a_plain_site_and_one_that_refuses_show_no_cdn() -> None:
    for fault in ("", "403", "500", "429"):
        found = await _opened(Shop({"Server": "nginx"}, fault=fault))
        assert (found.facts, found.gaps) == ([], [])


async def test_a_site_whose_line_is_cut_is_a_gap() -> None:
    found = await _opened(Shop({}, fault="cut"))
    assert [gap.kinds for gap in found.gaps] == [()]


@pytest.mark.parametrize(
    "issuer", [None, [], "x", {"issuer": 7}, {"issuer": "http://[broken"}, {"issuer": "/relative"}]
)
async def test_what_is_no_issuer_shows_none(issuer: Any) -> None:
    assert (await _opened(Shop({}, issuer))).facts == []


async def test_the_issuer_of_tokens_is_shown() -> None:
    found = await _opened(Shop({}, {"issuer": "https://acme.eu.auth0.com/"}))
    assert _shown(found) == {"OAuth issuer of 127.0.0.1": {"acme.eu.auth0.com"}}
