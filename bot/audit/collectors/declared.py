"""The catalogue's own words -> facts: deployments, runbooks, drills, attestations, and the routes to each audience."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from bot.audit.attribution import SERVICE_TAG
from bot.audit.collectors.runbooks.facts import runbook_fields
from bot.catalogue import Catalogue, CatalogueEntry, DeclaredDrill
from bot.model import Clock, Collected, Place, Progress
from bot.model.records import AttestationRecord, RunbookCopy
from checks import (
    GLOBAL,
    Attestation,
    CommunicationRoute,
    Deployment,
    Fact,
    Rehearsal,
    RehearsalKind,
    RehearsalResult,
    Runbook,
    Scope,
    Seen,
    Service,
)

SOURCE = "declared"
_OURS = "backstay"  # the provider of what stands on no cloud: a word that somebody gave
F = TypeVar("F", bound=Fact)
Tested = Callable[[], Awaitable[Mapping[str, datetime]]]
Copies = Callable[[Sequence[CatalogueEntry]], Awaitable[Mapping[str, RunbookCopy]]]
Given = Callable[[], Awaitable[Sequence[AttestationRecord]]]


class DeclaredCollector:
    """Turns a catalogue into facts. A `ports.Collector`; costs no call to a cloud.

    Args:
        catalogue: as it was read.
        clock: UTC now.
        tested: route name -> when a test message last went out by it (UTC).
        copies: reads the runbooks of these entries and gives what they say, by service.
        given: what people vouched for in chat.
    """

    def __init__(self, catalogue: Catalogue, clock: Clock, tested: Tested, *, copies: Copies, given: Given) -> None:
        self._catalogue, self._clock, self._tested = catalogue, clock, tested
        self._copies, self._given = copies, given

    async def collect(
        self,
        services: Sequence[Service],
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,  # noqa: ARG002 - what is declared is at hand as a whole
    ) -> Collected:
        """Every declaration of these services (none named: of all), and every audience's routes."""
        wanted = {service.name for service in services}
        entries = [entry for entry in self._catalogue.entries if not wanted or entry.service.name in wanted]
        tested, copies, given = await self._tested(), await self._copies(entries), await self._given()
        facts = await asyncio.to_thread(self._facts, entries, tested, copies, given)
        progress(Progress(1, 1, "what the catalogue declares"))
        read = dict.fromkeys([(SOURCE, "", GLOBAL), *((SOURCE, fact.account, fact.region) for fact in facts)])
        return Collected(facts, (), tuple(read))

    def _facts(
        self,
        entries: Sequence[CatalogueEntry],
        tested: Mapping[str, datetime],
        copies: Mapping[str, RunbookCopy],
        given: Sequence[AttestationRecord],
    ) -> list[Fact]:
        now = self._clock()
        found = [
            fact
            for entry in entries
            for fact in _Words(
                entry,
                now,
                copies.get(entry.service.name),
                [attestation for attestation in given if attestation.service == entry.service.name],
            ).facts()
        ]
        return [*found, *self._routes(tested, now)]

    def _routes(self, tested: Mapping[str, datetime], now: datetime) -> Iterator[Fact]:
        for audience in self._catalogue.audiences.values():
            for order, route in enumerate(audience.routes):
                yield CommunicationRoute(
                    resource=f"{_OURS}:audience/{audience.name}/{route.name}",
                    name=route.name,
                    provider=_OURS,
                    account="",
                    region=GLOBAL,
                    product=route.kind,
                    source=SOURCE,
                    observed_at=now,
                    audience=audience.name,
                    kind=route.kind,
                    order=order,
                    runs_on=self._catalogue.route_runs_on.get(route.name),
                    tested_at=tested.get(route.name),
                )


def as_declared(catalogue: Catalogue, now: datetime) -> tuple[Seen, ...]:
    """The services as the catalogue alone has them, before anything was read: where they are said to run, and what is practised."""
    return tuple(Seen(entry.service, tuple(_Words(entry, now, None, ()).facts())) for entry in catalogue.entries)


class _Words:
    """What one service's entry and people in chat say, as facts that carry the service's name."""

    def __init__(
        self, entry: CatalogueEntry, now: datetime, copy: RunbookCopy | None, given: Sequence[AttestationRecord]
    ) -> None:
        self._entry, self._now, self._service = entry, now, entry.service.name
        self._copy, self._given = copy, given

    def facts(self) -> Iterator[Fact]:
        declared = self._entry.declared
        for at, deployment in enumerate(declared.deployments):
            name = f"{self._service} in {deployment.where}"
            fields = {
                "role": deployment.role,
                "zones": deployment.zones,
                "runs": deployment.runs,
                "account": deployment.account,
            }
            yield self._fact(Deployment, f"deployment/{at}", name, deployment.where, **fields)
        book = runbook_fields(declared.runbook, self._copy, self._now)
        yield self._fact(Runbook, "runbook", f"runbook of {self._service}", **book)
        for drill in declared.drills:
            yield self._rehearsal(drill)
        for word in declared.attestations:
            yield self._fact(
                Attestation,
                f"attestation/{word.practice}/{word.by}/{word.at}",
                f"{word.practice} of {self._service}",
                practice=word.practice,
                by=word.by,
                at=_begins(word.at),
                link=word.link,
                expires_at=_ends(word.expires),
            )

        yield from map(self._vouched, self._given)

    def _vouched(self, word: AttestationRecord) -> Fact:
        """A word from chat: for a rehearsal that went well, or for a practice."""
        key = f"vouched/{word.practice}/{word.by}/{word.at:%Y-%m-%dT%H:%M:%S}"
        name = f"{word.practice.replace('_', ' ')} of {self._service}"
        told = {"at": word.at, "link": word.link, "expires_at": word.expires_at}
        if word.practice in set(RehearsalKind):
            went = {"kind": RehearsalKind(word.practice), "result": RehearsalResult.SUCCEEDED, "attested_by": word.by}
            return self._fact(Rehearsal, key, name, **told, **went)
        return self._fact(Attestation, key, name, **told, practice=word.practice, by=word.by)

    def _rehearsal(self, drill: DeclaredDrill) -> Fact:
        return self._fact(
            Rehearsal,
            f"drill/{drill.kind}/{drill.at}/{drill.attested_by}",
            f"{drill.kind.replace('_', ' ')} of {self._service}",
            Scope.parse(drill.scope) if drill.scope else None,
            kind=drill.kind,
            at=_begins(drill.at),
            result=drill.result,
            scope=drill.scope,
            measured_rto=drill.rto,
            measured_rpo=drill.rpo,
            attested_by=drill.attested_by,
            link=drill.link,
            expires_at=_ends(drill.expires),
        )

    def _fact(self, kind: type[F], key: str, name: str, where: Scope | None = None, /, **fields: Any) -> F:
        identity: dict[str, Any] = {
            "resource": f"{_OURS}:{self._service}/{key}",
            "name": name,
            "provider": where.provider if where else _OURS,
            "account": "",
            "region": where.region if where and where.region else GLOBAL,
            "product": SOURCE,
            "source": SOURCE,
            "observed_at": self._now,
            "tags": {SERVICE_TAG: self._service},
        }
        return kind(**identity | fields)


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _ends(day: date | None) -> datetime | None:
    """The day that is written down is the last one it counts."""
    return _begins(day + timedelta(days=1)) if day else None
