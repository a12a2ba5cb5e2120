"""The catalogue against what runs and against a live Backstage, whose API pages, refuses and breaks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from support.builders.facts import datastore, gap, queue
from support.harness.command_line import command_line
from support.harness.loopback import cut, serving

from bot.app.settings import load
from bot.app.wiring.catalogue_drift import entities_of
from bot.audit.bootstrap import catalogue_from_entities, entity_owners
from bot.audit.drift import drift_of
from bot.audit.tickets.api import TrackerError
from bot.catalogue import read
from checks import Datastore

ENTRIES = read(
    "services:\n"
    "- {name: checkout, owner: shop, resources: {tags: {service: checkout}}}\n"
    "- {name: search, owner: find, resources: {tags: {service: search}}}\n"
    "- {name: bought, deployments: [{on: aws/us-east-1}]}\n"
).entries


def entity(name: str, owner: str = "group:default/shop", kind: str = "Component") -> dict[str, Any]:
    """An entity as Backstage's API gives it: stitched, with a namespace."""
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "default", "annotations": {}, "uid": "1"},
        "spec": {"type": "service", "owner": owner, "lifecycle": "production"},
    }


@dataclass
class FakeBackstage:
    """Entities, two on a page. `answers`: a status or `cut` first."""

    entities: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int | str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        first = self.answers.pop(0) if self.answers else 0
        if first == "cut":
            cut(request)
        if isinstance(first, int) and first:
            return web.json_response(
                {"error": {"name": "no"}}, status=first, headers={"Retry-After": "900"} if first == 429 else {}
            )
        if request.headers.get("Authorization") != "Bearer secret":
            return web.json_response({"error": {"name": "AuthenticationError"}}, status=401)
        if "cursor" in request.query:
            assert "filter" not in request.query, "they exclude each other"
        start = int(request.query.get("cursor", "0"))
        more = {"nextCursor": str(start + 2)} if start + 2 < len(self.entities) else {}
        return web.json_response({"items": self.entities[start : start + 2], "totalItems": 9, "pageInfo": more})


@asynccontextmanager
async def backstage(*entities: dict[str, Any]) -> AsyncIterator[tuple[FakeBackstage, str]]:
    made = FakeBackstage(list(entities))
    app = web.Application()
    app.router.add_get("/api/catalog/entities/by-query", made.handle)
    async with serving(app) as root:
        yield made, root


def test_what_nobody_claims_and_what_is_left_of_nothing() -> None:
    mine, loose = datastore("orders", tags={"service": "checkout"}), queue("forgotten")
    found = drift_of(ENTRIES, [mine, loose], [])
    assert [fact.name for fact in found.unclaimed] == ["forgotten"]
    assert (found.empty, found.unsure, found.missing) == (("search",), (), None)
    doubtful = drift_of(ENTRIES, [mine], [gap(Datastore)])
    assert (doubtful.empty, doubtful.unsure) == (("search",), ("search",))
    whole = [mine, datastore("index", tags={"service": "search"})]
    assert not drift_of(ENTRIES, whole, []).any


async def test_a_live_backstage_is_read_over_its_pages() -> None:
    names = ("checkout", "search", "stock", "mail", "docs")
    async with backstage(*(entity(name) for name in names)) as (served, root):
        found = await entities_of(root, "secret", private=True)
    assert [item["metadata"]["name"] for item in found] == list(names)
    assert len(served.asked) == 3
    assert "filter=kind=component&filter=kind=api" in served.asked[0]
    theirs = entity_owners(found, root)
    drift = drift_of(ENTRIES, [datastore("orders", tags={"service": "checkout"})], [], theirs)
    assert (drift.missing, drift.gone) == (("stock", "mail", "docs"), ("bought",))
    assert drift.owners == {"search": ("find", "shop")}


async def test_a_first_file_is_written_from_a_live_backstage(tmp_path: Path) -> None:
    async with backstage(entity("checkout"), entity("orders", kind="Resource"), entity("ui", owner="user:jane")) as (
        _,
        root,
    ):
        (tmp_path / "token").write_text("secret")
        backstay = command_line(tmp_path, "http://127.0.0.1:1")
        ran = await backstay.run(
            "init", "--backstage-url", root, "--backstage-token", f"file:{tmp_path}/token", "--slack", "ops"
        )
    assert ran.code == 0, ran.err
    made = load(tmp_path / "backstay.yaml", {})
    assert [service.name for service in made.catalogue.services] == ["checkout", "ui"]
    assert made.catalogue.services[1].owner == "jane"


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([401], "does not accept the credentials (401)"),
        ([403], "denies access (403)"),
        ([429], "asked to slow down (429)"),
        ([500, 500, 500], "answers with status 500"),
        (["cut", "cut", "cut"], "closed the connection early"),
    ],
    ids=str,
)
async def test_a_backstage_that_refuses_says_why(answers: list[int | str], reason: str) -> None:
    async with backstage(entity("checkout")) as (served, root):
        served.answers = list(answers)
        with pytest.raises(TrackerError) as refused:
            await entities_of(root, "secret", private=True)
    assert reason in str(refused.value)
    assert "secret" not in str(refused.value)


def test_hostile_entities_are_names_at_most() -> None:
    text = catalogue_from_entities(
        [entity("checkout", owner="a: {b: [c"), entity("x" * 90)], "https://backstage.example"
    )
    assert [entry.service.name for entry in read(text).entries] == ["checkout", "x" * 90]
