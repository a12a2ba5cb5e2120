"""Tells the owners of DNS records, once and through the outbox, when their record sets shrink between two audits."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from bot.audit.zone_shrink import LostRecords, RecordLoss, ShrunkZone, shrunk_zones
from bot.cards.messages.zone_shrink import ShrunkName, zone_shrink_card
from bot.model import Audience, Collected, Message, Priority, Purpose
from bot.storage.ledger import LedgerError
from checks import DnsRecord, DnsZone, Seen

EXPIRES: Final = timedelta(days=2)
_log = structlog.get_logger(__name__)


class _Transaction(Protocol):
    async def post(self, message: Message, routes: Sequence[str], now: datetime | None = None) -> bool: ...


class ZoneLedger(Protocol):
    """The outbox."""

    def begin(self) -> AbstractAsyncContextManager[_Transaction]:
        """A transaction: all alarms of an audit are accepted, or none."""
        ...


@dataclass(frozen=True, slots=True)
class Compared:
    """One audit: its facts, and how to find the facts of each service, which takes a while."""

    at: datetime
    collected: Collected
    seen: Callable[[], Sequence[Seen]]


@dataclass(frozen=True, slots=True)
class ZoneWatch:
    """Compares audits. `audiences` by name; `admins` hears of records that no service owns, empty: nobody does."""

    ledger: ZoneLedger
    audiences: Mapping[str, Audience]
    admins: str = ""

    async def tell(self, before: Compared, after: Compared) -> int:
        """Post an alarm to each owning audience; how many were accepted. A repetition of the same comparison posts nothing."""
        shrunk = await asyncio.to_thread(shrunk_zones, before.collected, after.collected)
        if not shrunk:
            return 0
        told = await asyncio.to_thread(lambda: self._by_audience(shrunk, (*before.seen(), *after.seen())))
        posted = 0
        try:
            async with self.ledger.begin() as transaction:
                for name, zones in told.items():
                    audience = self.audiences.get(name)
                    if audience is None:
                        _log.warning("zone_shrink_untold", zones=[zone.name for zone in zones][:20])
                        continue
                    message = _message(name, zones, before.at, after.at)
                    routes = [route.name for route in audience.routes]
                    posted += await transaction.post(message, routes, after.at)
        except LedgerError as error:
            _log.error("zone_shrink_unposted", problem=str(error), zones=[zone.name for zone in shrunk][:20])
        return posted

    def _by_audience(self, shrunk: Iterable[ShrunkZone], seen: Iterable[Seen]) -> dict[str, list[ShrunkZone]]:
        """What each audience hears of: the records of its services; the zone itself where one of its services owns it."""
        owners: dict[str, set[str]] = defaultdict(set)
        for known in seen:
            for fact in known.facts:
                if isinstance(fact, DnsRecord | DnsZone):
                    owners[fact.resource].add(known.service.audience or self.admins)
        told: dict[str, list[ShrunkZone]] = defaultdict(list)
        for zone in shrunk:
            for name, part in _parts(zone, owners, self.admins):
                told[name].append(part)
        return dict(told)


def _parts(zone: ShrunkZone, owners: Mapping[str, set[str]], admins: str) -> Iterator[tuple[str, ShrunkZone]]:
    """The part of a zone's losses that each audience hears of."""
    of_zone = owners.get(zone.resource) or {admins}
    lost: dict[str, list[LostRecords]] = defaultdict(list)
    for record in zone.lost:
        for name in set().union(*(owners.get(resource, set()) for resource in record.resources)) or of_zone:
            lost[name].append(record)
    whole = zone.gone or bool(zone.others)
    for name in sorted({*lost, *(of_zone if whole else ())}):
        mine = name in of_zone
        shape = (zone.name, zone.provider, zone.account, zone.private, zone.resource, tuple(lost[name]))
        yield name, ShrunkZone(*shape, zone.others if mine else 0, gone=zone.gone and mine)


def _message(audience: str, zones: Sequence[ShrunkZone], since: datetime, at: datetime) -> Message:
    lines = [line for zone in zones for line in _lines(zone)]
    names = list(dict.fromkeys(zone.name for zone in zones))
    providers = list(dict.fromkeys(zone.provider for zone in zones))
    card = zone_shrink_card(names, lines, providers=providers, since=since, at=at)
    said = "\n".join(f"{line.name} {line.said}" for line in lines)
    digest = hashlib.sha256(f"{since.isoformat()}\n{said}".encode()).hexdigest()[:24]
    about = f"zones:{audience}:{digest}"
    return Message(about, audience, card.dump(), Priority.ALERT, about, at, at + EXPIRES, purpose=Purpose.ZONE_ALARM)


def _lines(zone: ShrunkZone) -> Iterator[ShrunkName]:
    where = f"{'private zone' if zone.private else 'zone'} {zone.name}, {zone.provider} {zone.account}".rstrip()
    if zone.gone:
        yield ShrunkName(zone.name, f"does not exist any more ({where})", severe=True)
    for record in zone.lost:
        yield ShrunkName(record.name, f"{_said(record)} ({where})", record.loss is not RecordLoss.FEWER)
    if zone.others:
        sets = "record set" if zone.others == 1 else "record sets"
        yield ShrunkName(zone.name, f"has {zone.others:,} {sets} of other types less ({where})", severe=False)


def _said(record: LostRecords) -> str:
    if record.loss is RecordLoss.EMPTY:
        return f"{record.type}: record set is empty, had {_values(record.before)}"
    if record.loss is RecordLoss.GONE:
        return f"{record.type}: record set is gone, had {_values(record.before)}"
    return f"{record.type}: {_values(record.after)} left of {record.before}"


def _values(number: int) -> str:
    return "1 value" if number == 1 else f"{number:,} values"
