"""Finds DNS record sets that were there in one audit and are gone, empty or smaller in the next.

On 20 October 2025 an automation left the record set of DynamoDB's endpoint in us-east-1 empty: nothing failed but the name.
A zone that could not be read in either audit tells nothing and is left out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bot.model import Collected
from checks import DnsRecord, DnsZone, Fact, Gap


class RecordLoss(StrEnum):
    """What became of a record set. EMPTY: it exists without a value; GONE: it does not exist; FEWER: some values are gone."""

    EMPTY = "empty"
    GONE = "gone"
    FEWER = "fewer"


@dataclass(frozen=True, slots=True)
class LostRecords:
    """A record set that shrank: how many values it had and has. `resources`: what the earlier audit called it."""

    name: str
    type: str
    loss: RecordLoss
    before: int
    after: int
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShrunkZone:
    """A zone that shrank. `others`: record sets of other types that are gone. `gone`: the zone itself does not exist any more."""

    name: str
    provider: str
    account: str
    private: bool
    resource: str
    lost: tuple[LostRecords, ...]
    others: int = 0
    gone: bool = False

    @property
    def severe(self) -> bool:
        """Whether a name has no record any more, which is an outage for every client that asks for it."""
        return self.gone or any(lost.loss is not RecordLoss.FEWER for lost in self.lost)


class _ZoneKey(NamedTuple):
    provider: str
    account: str
    name: str
    private: bool


_Sets = Mapping[tuple[str, str], Sequence[DnsRecord]]


def shrunk_zones(before: Collected, after: Collected) -> tuple[ShrunkZone, ...]:
    """The zones that both audits read and that have fewer records in the later one, by name."""
    earlier, later = _zones(before.facts), _zones(after.facts)
    records = _records(before.facts), _records(after.facts)
    read = {(place[0], place[1]) for place in after.read}
    known = {fact.resource for fact in (*before.facts, *after.facts) if isinstance(fact, DnsRecord | DnsZone)}
    doubts = _Doubts([*before.gaps, *after.gaps], known)
    found = []
    for key, zone in earlier.items():
        if (zone.source, zone.account) not in read or doubts.about_zone(zone):
            continue
        now = later.get(key)
        was, is_now = records[0].get(key, {}), records[1].get(key, {})
        lost = tuple(_lost(was, is_now, doubts))
        others = _others(zone, now, was, is_now) if now else 0
        if lost or others or now is None:
            shape = (zone.name, zone.provider, zone.account, zone.private, zone.resource)
            found.append(ShrunkZone(*shape, () if now is None else lost, others, gone=now is None))
    return tuple(sorted(found, key=lambda zone: (zone.name, zone.provider, zone.account, zone.private)))


def _zones(facts: Iterable[Fact]) -> dict[_ZoneKey, DnsZone]:
    zones = (fact for fact in facts if isinstance(fact, DnsZone))
    return {_ZoneKey(zone.provider, zone.account, zone.name.rstrip("."), zone.private): zone for zone in zones}


def _records(facts: Iterable[Fact]) -> dict[_ZoneKey, dict[tuple[str, str], list[DnsRecord]]]:
    """The record sets of each zone, by name and type: several of a routing policy share both."""
    found: dict[_ZoneKey, dict[tuple[str, str], list[DnsRecord]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        if isinstance(fact, DnsRecord):
            key = _ZoneKey(fact.provider, fact.account, fact.zone.rstrip("."), bool(fact.private_zone))
            found[key][fact.name.rstrip("."), fact.type].append(fact)
    return found


def _lost(was: _Sets, is_now: _Sets, doubts: "_Doubts") -> Iterable[LostRecords]:
    new = {name for (name, kind), records in is_now.items() if (name, kind) not in was and _values(records)}
    for (name, kind), records in sorted(was.items()):
        here = is_now.get((name, kind), ())
        before, after = _values(records), _values(here)
        if not before or len(after) >= len(before) or any(doubts.about_record(record) for record in records):
            continue
        if not after and name in new:
            continue  # replaced by a record of another type
        loss = RecordLoss.GONE if not here else RecordLoss.FEWER if after else RecordLoss.EMPTY
        resources = tuple(dict.fromkeys(record.resource for record in records))
        yield LostRecords(name, kind, loss, len(before), len(after), resources)


def _values(records: Iterable[DnsRecord]) -> set[str]:
    return {target for record in records for target in record.targets}


def _others(zone: DnsZone, now: DnsZone, was: _Sets, is_now: _Sets) -> int:
    """How many record sets are gone that are read as a number only, such as MX and TXT."""
    if not zone.records or not now.records:
        return 0
    known = sum(map(len, was.values())) - sum(map(len, is_now.values()))
    return max(0, zone.records - now.records - max(0, known))


class _Doubts:
    """Zones and records that an audit failed to read. A gap of something that no audit knows may be of any zone of its account."""

    def __init__(self, gaps: Iterable[Gap], known: Collection[str]) -> None:
        concerned = [gap for gap in gaps if DnsRecord in gap.kinds or DnsZone in gap.kinds]
        self._resources = {gap.resource for gap in concerned if gap.resource in known}
        self._accounts = {(gap.provider, gap.account) for gap in concerned if gap.resource not in known}

    def about_zone(self, zone: DnsZone) -> bool:
        """Whether anything of a zone may be unread."""
        return zone.resource in self._resources or self._whole(zone)

    def about_record(self, record: DnsRecord) -> bool:
        """Whether this one record could not be read."""
        return record.resource in self._resources

    def _whole(self, fact: Fact) -> bool:
        return not self._accounts.isdisjoint({(fact.provider, fact.account), (fact.provider, "")})
