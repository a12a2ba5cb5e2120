"""Audits asked for together, in part, again, cancelled, and on a ledger that others hold."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.facts import ACCOUNT, HOME, NOW, datastore, gap

from bot.audit.service import AuditService
from bot.catalogue import read
from bot.model import Collected, Place, Progress, UnusableError
from bot.storage.ledger import Ledger
from checks import Datastore, Fact, Gap, Service

CATALOGUE = """\
organisation: Acme
services:
  - {name: checkout, tier: 1, resources: {tags: {service: checkout}}}
  - {name: search, tier: 2, resources: {tags: {service: search}}}
  - {name: ghost, tier: 3, resources: {tags: {service: ghost}}}
"""
WEST = "us-west-2"


@dataclass
class Cloud:
    """A collector that waits until it is let go, and remembers what it was asked to read."""

    facts: list[Fact] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    asked: list[frozenset[Place] | None] = field(default_factory=list)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    trouble: Exception | None = None

    async def collect(
        self,
        services: Sequence[Service],
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        self.asked.append(only)
        progress(Progress(1, 2, "reading"))
        await self.go.wait()
        if self.trouble:
            raise self.trouble
        facts = [fact for fact in self.facts if only is None or (fact.source, fact.account, fact.region) in only]
        read = {(fact.source, fact.account, fact.region) for fact in facts} if only is None else set(only)
        return Collected(facts, self.gaps, tuple(read), (ACCOUNT,), calls=len(read))


@dataclass
class Desk:
    review: AuditService[Ledger]
    cloud: Cloud
    ledger: Path
    told: list[Progress] = field(default_factory=list)

    def audit(self, *names: str) -> "asyncio.Task[object]":
        return asyncio.create_task(self.review.audit(names, self.told.append))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    where = tmp_path / "ledger.db"
    ledger = await Ledger.open(where, patience=timedelta(milliseconds=100))
    cloud = Cloud(
        [datastore("orders", tags={"service": "checkout"}), datastore("index", tags={"service": "search"}, region=WEST)]
    )
    try:
        yield Desk(AuditService(read(CATALOGUE), [cloud], ledger, lambda: NOW), cloud, where)
    finally:
        await ledger.close()


async def settle() -> None:
    """Let every task go as far as it can by itself; the ledger answers from a thread."""
    await asyncio.sleep(0.05)


async def test_two_who_ask_for_the_same_get_one_audit(desk: Desk) -> None:
    first, second = desk.audit(), desk.audit()
    await settle()
    desk.cloud.go.set()
    assert await first is await second
    assert len(desk.cloud.asked) == 1
    assert desk.told.count(Progress(1, 2, "reading")) == 2


async def test_one_who_leaves_does_not_end_it_for_the_other(desk: Desk) -> None:
    first, second = desk.audit(), desk.audit()
    await settle()
    first.cancel()
    await settle()
    desk.cloud.go.set()
    assert await second is await desk.review.latest()
    assert first.cancelled()


async def test_who_asks_while_the_last_one_leaves_gets_an_audit(desk: Desk) -> None:
    first = desk.audit()
    await settle()
    first.cancel()
    await asyncio.sleep(0)  # the audit is told to end, and has not ended yet
    second = desk.audit()
    desk.cloud.go.set()
    assert await second is await desk.review.latest()
    assert len(desk.cloud.asked) == 2


async def test_a_failure_reaches_everybody_who_waits_and_nobody_after(desk: Desk) -> None:
    desk.cloud.trouble = UnusableError("no credentials")
    first, second = desk.audit(), desk.audit()
    await settle()
    desk.cloud.go.set()
    assert [str(failure) for failure in await asyncio.gather(first, second, return_exceptions=True)] == [
        "no credentials"
    ] * 2
    desk.cloud.trouble = None
    await desk.audit()


async def test_another_audit_waits_for_its_turn_and_says_so(desk: Desk) -> None:
    first, second = desk.audit(), desk.audit("checkout")
    await settle()
    assert len(desk.cloud.asked) == 1
    assert any("waiting for the running audit" in state.doing for state in desk.told)
    desk.cloud.go.set()
    await asyncio.gather(first, second)
    assert len(desk.cloud.asked) == 2


async def test_one_service_is_read_anew_where_it_is_and_where_it_may_hide(desk: Desk) -> None:
    desk.cloud.go.set()
    await desk.audit()
    await desk.audit("checkout")
    assert desk.cloud.asked[-1] == frozenset({("test", ACCOUNT, HOME)})
    desk.cloud.gaps = [gap(Datastore, source="test", region="eu-west-1")]
    await desk.audit()
    await desk.audit("checkout")
    assert desk.cloud.asked[-1] == frozenset({("test", ACCOUNT, HOME), ("test", ACCOUNT, "eu-west-1")})
    desk.cloud.gaps = []
    await desk.audit("checkout")
    last = await desk.review.latest()
    assert last is not None
    assert not last.collected.gaps, "what can be read again is unknown no more"
    assert {fact.name for fact in last.collected.facts} == {"orders", "index"}, "the others keep their facts"


async def test_a_service_without_resources_is_looked_for_everywhere(desk: Desk) -> None:
    desk.cloud.go.set()
    await desk.audit()
    await desk.audit("ghost")
    assert desk.cloud.asked[-1] is None
    desk.cloud.gaps = [gap(Datastore, region="")]
    await desk.audit()
    await desk.audit("checkout")
    assert desk.cloud.asked[-1] is None, "behind an account that could not be entered may be anything"


async def test_an_audit_is_told_also_where_it_cannot_be_remembered(desk: Desk) -> None:
    desk.cloud.go.set()
    await desk.audit()
    with sqlite3.connect(desk.ledger, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        audit = await desk.audit()
        other.execute("ROLLBACK")
    other.close()
    assert await desk.review.latest() is audit
    assert "was not stored" in desk.review.notes[-1]
    assert "locked by another program" in desk.review.notes[-1]


async def test_an_audit_by_another_process_is_seen(desk: Desk) -> None:
    desk.cloud.go.set()
    await desk.audit()
    ledger = await Ledger.open(desk.ledger)
    desk.cloud.facts = desk.cloud.facts[:1]
    later = AuditService(read(CATALOGUE), [desk.cloud], ledger, lambda: NOW + timedelta(hours=1))
    await later.audit((), desk.told.append)
    await ledger.close()
    last = await desk.review.latest()
    assert last is not None
    assert last.scorecard.generated_at == NOW + timedelta(hours=1)
    assert len(last.collected.facts) == 1
