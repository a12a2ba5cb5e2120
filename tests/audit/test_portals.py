"""Scores and failed checks in Backstage, Port, OpsLevel and Cortex, in the shapes that their documentation gives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from support.builders.moment import NOW
from support.builders.scorecards import MIXED, SOUND, sample_scorecard, sample_service
from support.harness.loopback import cut, serving

from bot.audit.portals.portal import PortalAccess, facts_of, portals
from bot.audit.tickets.api import TicketApi, TrackerError
from bot.net.egress import EgressPolicy
from bot.net.http_client import HttpClient
from checks import Scorecard

KINDS = ("backstage", "cortex", "opslevel", "port")
NAMED = {"checkout": "checkout-api"}


@dataclass
class FakePortal:
    """Takes everything but entities in `unknown`. `answers`: a status, `cut` or `late` first."""

    answers: list[int | str] = field(default_factory=list)
    taken: list[tuple[str, str, Any]] = field(default_factory=list)
    signed: set[str] = field(default_factory=set)
    unknown: frozenset[str] = frozenset()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        first = self.answers.pop(0) if self.answers else 0
        if first == "late":
            await asyncio.Event().wait()
        if first == "cut":
            cut(request)
        if isinstance(first, int) and first:
            return web.json_response({"error": "no"}, status=first)
        body = await request.json()
        if request.path == "/v1/auth/access_token":
            return web.json_response({"ok": True, "accessToken": "token-1", "expiresIn": 10_800, "tokenType": "Bearer"})
        self.signed.add(request.headers.get("Authorization", ""))
        if request.path.rpartition("/")[2] in self.unknown:
            return web.json_response({"ok": False, "error": "not_found"}, status=404)
        self.taken.append((request.method, request.path, body))
        return web.json_response({"ok": True})


@dataclass
class Pushing:
    kind: str
    root: str
    portal: FakePortal
    seconds: float = 30

    async def push(self, scorecard: Scorecard) -> Any:
        secret = f"{self.root}/integrations/custom_event/abc" if self.kind == "opslevel" else "secret"
        access = PortalAccess(
            self.kind, f"{self.root}/facts" if self.kind == "backstage" else self.root, "client", secret
        )
        plugin = portals()[self.kind]

        async def nap(seconds: float) -> None:
            assert seconds > 0

        async with HttpClient(EgressPolicy(private=True)) as http:
            api = TicketApi(
                http, self.kind, plugin.headers(access), lambda: NOW, sleep=nap, timeout=timedelta(seconds=self.seconds)
            )
            return await plugin.open_portal(access, api).push(facts_of(scorecard, NAMED))


@asynccontextmanager
async def pushing(kind: str) -> AsyncIterator[Pushing]:
    portal = FakePortal()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", portal.handle)
    async with serving(app) as root:
        yield Pushing(kind, root, portal)


ESTATE = sample_scorecard((sample_service("checkout"), MIXED), (sample_service("Payment API"), SOUND))


@pytest.mark.parametrize("kind", KINDS)
async def test_every_service_is_pushed_with_its_score(kind: str) -> None:
    async with pushing(kind) as world:
        assert await world.push(ESTATE) == {}
        text = str(world.portal.taken)
        assert "checkout-api" in text
        assert "payment-api" in text
        assert "RG01" in text
        paths = {f"{method} {path}" for method, path, _ in world.portal.taken}
        assert (
            paths
            == {
                "backstage": {"POST /facts"},
                "cortex": {"PUT /api/v1/catalog/custom-data"},
                "opslevel": {"POST /integrations/custom_event/abc"},
                "port": {
                    "PATCH /v1/blueprints/service/entities/checkout-api",
                    "PATCH /v1/blueprints/service/entities/payment-api",
                },
            }[kind]
        )
        assert world.portal.signed == {"port": {"Bearer token-1"}, "opslevel": {""}}.get(kind, {"Bearer secret"})


async def test_facts_have_the_shapes_of_the_products() -> None:
    async with pushing("backstage") as world:
        await world.push(ESTATE)
        first = world.portal.taken[0][2][0]
        assert first["entity"] == {"namespace": "default", "kind": "component", "name": "checkout-api"}
        assert first["facts"]["failing_count"] == len(first["facts"]["failing"]) > 0
        assert first["facts"]["unread"], "what could not be evaluated is told, not left out"
    async with pushing("cortex") as world:
        await world.push(ESTATE)
        values = world.portal.taken[0][2]["values"]["checkout-api"]
        assert {"key": "backstay-score", "value": round(ESTATE.services[0].score, 2)} in values
    async with pushing("port") as world:
        await world.push(ESTATE)
        assert "backstay_grade" in world.portal.taken[0][2]["properties"]


async def test_a_service_that_a_portal_does_not_know_is_told_and_the_others_go_on() -> None:
    async with pushing("port") as world:
        world.portal.unknown = frozenset({"checkout-api"})
        assert await world.push(ESTATE) == {"checkout": "port has no such project or ticket, or does not show it (404)"}
        assert len(world.portal.taken) == 1


@pytest.mark.parametrize(
    ("kind", "answer", "reason"),
    [
        ("backstage", 401, "does not accept the credentials (401)"),
        ("cortex", 403, "denies access (403)"),
        ("cortex", 429, "asked to slow down"),
        ("backstage", 500, "answers with status 500"),
        ("port", "cut", "closed the connection early"),
        ("opslevel", 401, "does not accept the credentials (401)"),
        ("backstage", "late", "did not answer in time"),
    ],
)
async def test_a_portal_that_takes_nothing_says_why(kind: str, answer: int | str, reason: str) -> None:
    async with pushing(kind) as world:
        world.portal.answers, world.seconds = [answer] * 3, 0.3 if answer == "late" else 30
        with pytest.raises(TrackerError) as refused:
            await world.push(ESTATE)
        assert reason in str(refused.value)
        assert "secret" not in str(refused.value)
        assert world.portal.taken == []


async def test_many_services_are_pushed_in_parts() -> None:
    many = sample_scorecard(*((sample_service(f"s{at}"), SOUND) for at in range(250)))
    async with pushing("cortex") as world:
        await world.push(many)
        assert [len(body["values"]) for _, _, body in world.portal.taken] == [100, 100, 50]
