"""Record sets that shrink between two audits: what is told, to whom, how often, and what is no shrink."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from support.builders.facts import ACCOUNT, NOW, compute, dns_record, dns_zone, gap
from support.harness.ledgers import ledger_at

from bot.audit.service import AuditService
from bot.audit.zone_shrink import RecordLoss, shrunk_zones
from bot.audit.zone_watch import ZoneWatch
from bot.catalogue import read
from bot.model import Collected, Message, Priority, Purpose
from bot.storage.ledger import Ledger
from bot.storage.tables import messages
from checks import GLOBAL, Datastore, DnsRecord, DnsZone, Fact, Gap

ZONE = dns_zone()
PLACES = ((ZONE.source, ACCOUNT, GLOBAL),)


def _record(*targets: str, name: str = "api.example.com", **fields: Any) -> DnsRecord:
    return dns_record(name, targets=targets, about=(), private_zone=False, **fields)


def _audit(*facts: Fact, gaps: Sequence[Gap] = (), read: Any = PLACES) -> Collected:
    return Collected(facts, gaps, read)


FULL = _record("192.0.2.1", "192.0.2.2", "192.0.2.3")
BEFORE = _audit(ZONE, FULL)


@pytest.mark.parametrize(
    ("after", "loss", "left"),
    [
        (_audit(ZONE, _record()), RecordLoss.EMPTY, 0),
        (_audit(ZONE), RecordLoss.GONE, 0),
        (_audit(ZONE, _record("192.0.2.1")), RecordLoss.FEWER, 1),
    ],
)
def test_a_record_set_that_shrinks_is_told_with_what_it_lost(after: Collected, loss: RecordLoss, left: int) -> None:
    ((zone),) = shrunk_zones(BEFORE, after)
    (lost,) = zone.lost
    assert (zone.name, lost.name, lost.type, lost.loss, lost.before, lost.after) == (
        "example.com",
        "api.example.com",
        "A",
        loss,
        3,
        left,
    )
    assert zone.severe is (loss is not RecordLoss.FEWER)


@pytest.mark.parametrize(
    "after",
    [
        _audit(ZONE, FULL),
        _audit(ZONE, _record("192.0.2.7", "192.0.2.8", "192.0.2.9")),
        _audit(ZONE, _record("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4")),
        _audit(ZONE, _record("edge.example.net", type="CNAME")),
        _audit(ZONE, gaps=(gap(DnsRecord, account=ACCOUNT),)),
        _audit(ZONE, gaps=(gap(DnsRecord, account=ACCOUNT, resource=ZONE.resource),)),
        _audit(ZONE, gaps=(gap(DnsRecord, account=ACCOUNT, resource=FULL.resource),)),
        _audit(ZONE, gaps=(gap(DnsRecord, account=ACCOUNT, resource="a row of route53:ListResourceRecordSets"),)),
        _audit(ZONE, gaps=(gap(DnsZone, account=""),)),
        _audit(read=()),
        _audit(ZONE, read=()),
        _audit(gaps=(gap(DnsZone, account=ACCOUNT),)),
    ],
    ids=[
        "same",
        "moved",
        "grew",
        "another type",
        "list",
        "zone",
        "record",
        "a row",
        "provider",
        "account",
        "place",
        "zones",
    ],
)
def test_what_is_no_shrink(after: Collected) -> None:
    assert shrunk_zones(BEFORE, after) == ()


def test_a_gap_of_another_kind_or_account_hides_nothing() -> None:
    gaps = (gap(Datastore, account=ACCOUNT), gap(DnsRecord, account="999988887777"))
    assert len(shrunk_zones(BEFORE, _audit(ZONE, gaps=gaps))) == 1


def test_what_was_unread_before_is_no_shrink_now() -> None:
    before = _audit(ZONE, FULL, gaps=(gap(DnsRecord, account=ACCOUNT),))
    assert shrunk_zones(before, _audit(ZONE, _record())) == ()


def test_the_record_sets_of_a_routing_policy_count_together() -> None:
    pair = [_record("192.0.2.1", role="primary"), _record("192.0.2.2", role="secondary")]
    ((zone),) = shrunk_zones(_audit(ZONE, *pair), _audit(ZONE, pair[0]))
    assert [(lost.loss, lost.before, lost.after) for lost in zone.lost] == [(RecordLoss.FEWER, 2, 1)]


def test_a_private_zone_of_the_same_name_is_another_zone() -> None:
    private = dns_zone(private=True, resource="route53/private")
    inside = dns_record("api.example.com", targets=("10.0.0.1",), about=(), private_zone=True, resource="inside")
    ((zone),) = shrunk_zones(_audit(ZONE, FULL, private, inside), _audit(ZONE, FULL, private))
    assert (zone.private, [lost.before for lost in zone.lost]) == (True, [1])


def test_a_zone_that_is_gone_and_record_sets_of_other_types() -> None:
    ((zone),) = shrunk_zones(BEFORE, _audit())
    assert (zone.gone, zone.severe, zone.lost) == (True, True, ())
    ((zone),) = shrunk_zones(BEFORE, _audit(dns_zone(records=9), FULL))
    assert (zone.others, zone.severe) == (3, False)
    ((zone),) = shrunk_zones(BEFORE, _audit(dns_zone(records=11)))
    assert (zone.others, len(zone.lost)) == (0, 1)


CATALOGUE = """\
services:
  - {name: checkout, tier: 1, audience: payments, resources: {tags: {service: checkout}}}
audiences:
  payments: {routes: [{file: {path: alarms.log}}]}
  platform: {routes: [{file: {path: admins.log}}]}
"""
OWNED = _record("192.0.2.1", tags={"service": "checkout"})
STRAY = _record("192.0.2.9", name="old.example.org", zone="example.org")
WEB = compute("web", tags={"service": "checkout"})


@dataclass
class Estate:
    """A collector that gives what it is told to, and the service around it."""

    ledger: Ledger
    audited: AuditService[Ledger]
    now: Collected
    accepted: list[Message] = field(default_factory=list)

    async def collect(self, *_: Any) -> Collected:
        return self.now

    async def audit(self, *facts: Fact, **fields: Any) -> list[Message]:
        """Audit these facts; the alarms that are then in the outbox."""
        self.now = _audit(*facts, read=(*PLACES, (WEB.source, WEB.account, WEB.region)), **fields)
        await self.audited.audit((), lambda _: None)
        accepted, self.accepted = self.accepted, await _alarms(self.ledger)
        return self.accepted[len(accepted) :]


async def _alarms(ledger: Ledger) -> list[Message]:
    """Every alarm that the outbox has accepted, oldest first."""
    async with ledger.read() as connection:
        rows = (await connection.execute(select(messages).order_by(messages.c.seq))).all()
    assert {row.purpose for row in rows} <= {Purpose.ZONE_ALARM}
    return [Message(row.id, row.audience, row.card, Priority(row.priority)) for row in rows]


@pytest.fixture
async def estate(tmp_path: Path) -> AsyncIterator[Estate]:
    catalogue = read(CATALOGUE, beside=tmp_path)
    minutes = iter(range(10_000))
    async with ledger_at(tmp_path / "ledger.db") as ledger:
        watch = ZoneWatch(ledger, catalogue.audiences, "platform")
        made = Estate(ledger, AuditService(catalogue, (), ledger, lambda: NOW), _audit())
        made.audited = AuditService(catalogue, (made,), ledger, lambda: NOW + timedelta(minutes=next(minutes)), watch)
        yield made


async def test_the_owner_of_a_record_is_told_once_and_the_operators_of_what_nobody_owns(estate: Estate) -> None:
    other = dns_zone("example.org", resource="route53/other")
    assert await estate.audit(WEB, ZONE, OWNED, other, STRAY) == []
    alarms = await estate.audit(WEB, ZONE, _record(tags={"service": "checkout"}), other)
    assert sorted(alarm.audience for alarm in alarms) == ["payments", "platform"]
    (mine,) = (alarm for alarm in alarms if alarm.audience == "payments")
    assert (mine.priority, mine.card["tone"], mine.card["data"]["names"]) == (
        Priority.ALERT,
        "bad",
        ["api.example.com"],
    )
    assert mine.card["title"] == "DNS records lost in example.com"
    assert mine.card["summary"] == "api.example.com has no record any more. 1 change since the last audit."
    (theirs,) = (alarm for alarm in alarms if alarm.audience == "platform")
    assert theirs.card["data"]["names"] == ["old.example.org"]
    assert await estate.audit(WEB, ZONE, _record(tags={"service": "checkout"}), other) == []


async def test_a_record_that_no_service_owns_concerns_the_owner_of_its_zone(estate: Estate) -> None:
    near = _record("192.0.2.9", name="old.example.com")
    await estate.audit(WEB, ZONE, OWNED, near)
    assert [alarm.audience for alarm in await estate.audit(WEB, ZONE, OWNED)] == ["payments"]


async def test_a_record_that_is_lost_again_is_told_again(estate: Estate) -> None:
    for _ in range(2):
        assert await estate.audit(WEB, ZONE, OWNED) == []
        assert len(await estate.audit(WEB, ZONE, _record(tags={"service": "checkout"}))) == 1


async def test_an_unread_zone_between_two_audits_tells_nothing(estate: Estate) -> None:
    await estate.audit(WEB, ZONE, OWNED)
    assert await estate.audit(WEB, ZONE, gaps=[gap(DnsRecord, account=ACCOUNT)]) == []


async def test_the_same_comparison_of_two_replicas_is_posted_once(estate: Estate) -> None:
    await estate.audit(WEB, ZONE, OWNED)
    other = AuditService(estate.audited.catalogue, (estate,), estate.ledger, estate.audited.clock, estate.audited.zones)
    estate.now = _audit(WEB, ZONE, read=PLACES)
    await asyncio.gather(*(audits.audit((), lambda _: None) for audits in (estate.audited, other)))
    assert [alarm.audience for alarm in await _alarms(estate.ledger)] == ["payments"]
