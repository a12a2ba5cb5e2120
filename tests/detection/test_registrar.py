"""What the registry says of a domain is weighed beside its zone, and a registry that cannot be read says nothing.

Answers have the shape of RFC 9083, section 5.3, as Verisign's and Registry Services' servers send it; the list of servers that of
RFC 9224, section 4; statuses are those of RFC 8056, section 2.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from support.builders.moment import NOW
from support.harness.loopback import cut, serving

from bot.detection.probes.probe import Probe, ProbeAnswer
from bot.detection.probes.registrar import IN_DOUBT, USUALLY, RegistrarWatch
from bot.model.signals import Health, Trouble
from bot.net.http_client import HttpClient
from checks import Scope

ZONE = Probe(Scope("zoom"), "dns", "zoom.us", asks="SOA")
GOOD, GONE = ProbeAnswer(Health.GOOD), ProbeAnswer(Health.BAD, "DNS name does not exist (NXDOMAIN)", None, Trouble.DNS)


def domain(*statuses: str, ends_in: timedelta = timedelta(days=300)) -> dict[str, Any]:
    return {
        "objectClassName": "domain",
        "handle": "D1-US",
        "ldhName": "zoom.us",
        "status": list(statuses),
        "events": [
            {"eventAction": "registration", "eventDate": "2002-04-24T15:03:39Z"},
            {"eventAction": "expiration", "eventDate": (NOW + ends_in).isoformat().replace("+00:00", "Z")},
            {"eventAction": "last update of RDAP database", "eventDate": NOW.isoformat()},
        ],
    }


@dataclass
class Registry:
    """A registry and IANA's list beside it.

    `answer` is what it says: a body, a status, or `cut` and `nonsense`; `lists`: the status with which the list comes.
    """

    answer: Any = field(default_factory=dict)
    lists: int = 200
    asked: list[str] = field(default_factory=list)
    clock: float = 0.0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if request.path == "/dns.json":
            own = f"http://{request.host}/rdap/"
            services = [[["us", "biz"], [own]], [["org"], []]]
            return web.json_response({"version": "1.0", "services": services}, status=self.lists)
        match self.answer:
            case int(status):
                return web.Response(status=status)
            case "cut":
                cut(request)
            case "nonsense":
                return web.Response(text='{"status": 7')
        return web.json_response(self.answer, content_type="application/rdap+json")

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[RegistrarWatch]:
        app = web.Application()
        app.router.add_get("/{path:.*}", self.serve)
        async with serving(app) as url, HttpClient() as client:
            watch = RegistrarWatch(client, lambda: NOW, f"{url}/dns.json", private=True, now=lambda: self.clock)
            yield watch
            await watch.close()


async def weighed(watch: RegistrarWatch, answer: ProbeAnswer, probe: Probe = ZONE) -> ProbeAnswer:
    """The answer once the registry was read."""
    watch.weigh(probe, answer)
    await watch.settled()
    return watch.weigh(probe, answer)


@pytest.mark.parametrize("status", ["server hold", "client hold", "redemption period", "pending delete", "inactive"])
async def test_a_domain_that_leaves_the_dns_is_named(status: str) -> None:
    async with Registry(domain("client transfer prohibited", status)).watched() as watch:
        gone = await weighed(watch, GONE)
        early = watch.weigh(ZONE, GOOD)
    said = f"the registry lists the domain as “{status}”"
    assert gone.detail == f"DNS name does not exist (NXDOMAIN); {said}"
    assert (early.state, early.detail, early.trouble) == (Health.DEGRADED, said, Trouble.DNS)


async def test_a_domain_that_the_registry_does_not_know_is_named() -> None:
    async with Registry(404).watched() as watch:
        assert (await weighed(watch, GONE)).detail.endswith("; the registry does not list the domain")


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=3, hours=1), "registration of the domain ends in 3 days"),
        (timedelta(hours=5, minutes=9), "registration of the domain ends in 5 hours"),
        (timedelta(days=-1), "registration of the domain has ended"),
        (timedelta(days=8), ""),
    ],
)
async def test_the_end_of_a_registration_is_told_before(left: timedelta, said: str) -> None:
    async with Registry(domain("client transfer prohibited", ends_in=left)).watched() as watch:
        answer = await weighed(watch, GOOD)
    assert answer.detail == said
    assert answer.trouble is (Trouble.EXPIRING if said else Trouble.NONE)


@pytest.mark.parametrize("answer", [429, 500, 503, "cut", "nonsense", [], {"status": None}, {"events": [{}]}])
async def test_a_registry_that_cannot_be_read_says_nothing(answer: Any) -> None:
    async with Registry(answer).watched() as watch:
        assert await weighed(watch, GOOD) == GOOD
        assert await weighed(watch, GONE) == GONE


async def test_a_hold_that_was_lifted_is_told_no_longer() -> None:
    registry = Registry(domain("server hold"))
    async with registry.watched() as watch:
        assert (await weighed(watch, GOOD)).state is Health.DEGRADED
        registry.answer, registry.clock = domain("active"), IN_DOUBT
        assert await weighed(watch, GOOD) == GOOD


async def test_a_registry_is_asked_rarely() -> None:
    registry = Registry(domain("active"))
    async with registry.watched() as watch:
        for registry.clock in (0.0, 60.0, USUALLY - 1):
            assert await weighed(watch, GOOD) == GOOD
        assert registry.asked == ["/dns.json", "/rdap/domain/zoom.us"]
        for _ in range(20):
            await weighed(watch, GONE)
        assert len(registry.asked) == 3
        registry.clock += IN_DOUBT - 1
        await weighed(watch, GONE)
        assert len(registry.asked) == 3


async def test_a_list_of_registries_that_cannot_be_read_is_asked_for_again_soon() -> None:
    registry = Registry(domain("server hold"), lists=503)
    async with registry.watched() as watch:
        assert await weighed(watch, GONE) == GONE
        registry.lists, registry.clock = 200, IN_DOUBT
        assert (await weighed(watch, GONE)).detail.endswith("“server hold”")


@pytest.mark.parametrize("name", ["acme.org", "acme.example"])
async def test_a_domain_without_a_server_is_not_judged(name: str) -> None:
    registry = Registry(domain("server hold"))
    async with registry.watched() as watch:
        probe = Probe(Scope("acme"), "dns", name, asks="SOA")
        assert await weighed(watch, GOOD, probe) == GOOD
    assert registry.asked == ["/dns.json"]


async def test_no_probe_waits_for_a_registry() -> None:
    async with Registry(domain("server hold")).watched() as watch:
        address = Probe(Scope("zoom"), "dns", "zoom.us")
        assert watch.weigh(address, GOOD) == GOOD
        assert watch.weigh(ZONE, GOOD) == GOOD
        assert [task.get_name() for task in asyncio.all_tasks() if "registry" in task.get_name()] == [
            "registry of zoom.us"
        ]
