"""A zone has an id for its cloud and a name for the pods that run in it: a what-if of either reaches both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders.facts import NOW
from support.builders.resources import compute, datastore, network
from support.harness.ledgers import ledger_at

from bot.audit.service import AuditService
from bot.catalogue import read
from bot.chat.scope_answers import simulated_loss
from bot.model import Collected, Place, Progress
from checks import Fact, Fate, Service

CATALOGUE = """
services:
  - {name: ledger, tier: 1, resources: {tags: {service: ledger}}}
  - {name: shop, tier: 1, resources: {tags: {service: shop}}}
"""
ALONE: dict[str, Any] = {"zone_redundant": False, "replica_regions": ()}
PODS: dict[str, Any] = {
    "provider": "kubernetes",
    "account": "prod",
    "cluster": "prod",
    "host": "aws",
    "product": "deployment",
}
PODS |= {"host_product": "ec2", "zones": ("us-east-1a",), "zones_in_use": ("us-east-1a",), "zone_redundant": False}
FACTS: list[Fact] = [
    datastore("orders", zones=("use1-az4",), tags={"service": "ledger"}, **ALONE),
    network(zone_names={"us-east-1a": "use1-az4", "us-east-1b": "use1-az6"}),
    compute("web", tags={"service": "shop"}, **PODS),
]


@dataclass(frozen=True)
class Read:
    """A collector that has read these facts."""

    facts: list[Fact]

    async def collect(
        self,
        services: Sequence[Service],
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        assert only is None
        return Collected(self.facts, [], (), ("prod",))


@pytest.mark.parametrize("typed", ["us-east-1a", "aws/us-east-1/us-east-1a", "use1-az4", "aws/us-east-1/use1-az4"])
async def test_a_zone_is_lost_by_its_name_and_by_its_id(tmp_path: Path, typed: str) -> None:
    async with ledger_at(tmp_path) as ledger:
        audits = AuditService(read(CATALOGUE), [Read(FACTS)], ledger, lambda: NOW)
        await audits.audit((), lambda _: None)
        lost = await simulated_loss(typed, timedelta(hours=1), audits, lambda _: None)
    assert {affected.service.name: affected.fate for affected in lost.services} == {
        "ledger": Fate.DOWN,
        "shop": Fate.DOWN,
    }
