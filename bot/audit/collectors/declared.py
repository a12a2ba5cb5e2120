"""Turns the catalogue into facts: deployments, runbooks, drills, attestations, and the routes of each audience."""

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
_PROVIDER = "backstay"  # the provider of facts without a cloud, such as attestations
F = TypeVar("F", bound=Fact)
LastRouteTests = Callable[[], Awaitable[Mapping[str, datetime]]]
ReadRunbooks = Callable[[Sequence[CatalogueEntry]], Awaitable[Mapping[str, RunbookCopy]]]
ReadAttestations = Callable[[], Awaitable[Sequence[AttestationRecord]]]


class DeclaredCollector:
    """Implements `model.Collector` for the catalogue. It calls no cloud.

    Args:
        catalogue: the loaded catalogue.
        clock: returns the current time in UTC.
        last_route_tests: returns when a test message last went out, by route name (UTC).
        read_runbooks: reads the runbooks of these entries and returns the copies, by service.
        read_attestations: returns the attestations given in chat.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        clock: Clock,
        last_route_tests: LastRouteTests,
        *,
        read_runbooks: ReadRunbooks,
        read_attestations: ReadAttestations,
    ) -> None:
        self._catalogue, self._clock, self._last_route_tests = catalogue, clock, last_route_tests
        self._read_runbooks, self._read_attestations = read_runbooks, read_attestations

    async def collect(
        self,
        services: Sequence[Service],
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,  # noqa: ARG002 - the catalogue is always read whole
    ) -> Collected:
        """The declared facts of these services (none: all services), and the routes of every audience."""
        names = {service.name for service in services}
        entries = [entry for entry in self._catalogue.entries if not names or entry.service.name in names]
        route_tests, copies = await self._last_route_tests(), await self._read_runbooks(entries)
        attestations = await self._read_attestations()
        facts = await asyncio.to_thread(self._facts, entries, route_tests, copies, attestations)
        progress(Progress(1, 1, "reading the catalogue"))
        read = dict.fromkeys([(SOURCE, "", GLOBAL), *((SOURCE, fact.account, fact.region) for fact in facts)])
        return Collected(facts, (), tuple(read))

    def _facts(
        self,
        entries: Sequence[CatalogueEntry],
        route_tests: Mapping[str, datetime],
        copies: Mapping[str, RunbookCopy],
        attestations: Sequence[AttestationRecord],
    ) -> list[Fact]:
        now = self._clock()
        facts: list[Fact] = []
        for entry in entries:
            name = entry.service.name
            own = [attestation for attestation in attestations if attestation.service == name]
            facts += _DeclaredFacts(entry, now, copies.get(name), own).facts()
        return [*facts, *self._route_facts(route_tests, now)]

    def _route_facts(self, route_tests: Mapping[str, datetime], now: datetime) -> Iterator[Fact]:
        for audience in self._catalogue.audiences.values():
            for order, route in enumerate(audience.routes):
                yield CommunicationRoute(
                    resource=f"{_PROVIDER}:audience/{audience.name}/{route.name}",
                    name=route.name,
                    provider=_PROVIDER,
                    account="",
                    region=GLOBAL,
                    product=route.kind,
                    source=SOURCE,
                    observed_at=now,
                    audience=audience.name,
                    kind=route.kind,
                    order=order,
                    runs_on=self._catalogue.route_runs_on.get(route.name),
                    tested_at=route_tests.get(route.name),
                )


def declared_services(catalogue: Catalogue, now: datetime) -> tuple[Seen, ...]:
    """The services with the facts of the catalogue alone, for use before the first audit."""
    return tuple(
        Seen(entry.service, tuple(_DeclaredFacts(entry, now, None, ()).facts())) for entry in catalogue.entries
    )


class _DeclaredFacts:
    """The facts that one service's entry and its attestations declare. They are tagged with the service's name."""

    def __init__(
        self, entry: CatalogueEntry, now: datetime, copy: RunbookCopy | None, attestations: Sequence[AttestationRecord]
    ) -> None:
        self._entry, self._now, self._service = entry, now, entry.service.name
        self._copy, self._attestations = copy, attestations

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
        fields = runbook_fields(declared.runbook, self._copy, self._now)
        yield self._fact(Runbook, "runbook", f"runbook of {self._service}", **fields)
        for drill in declared.drills:
            yield self._rehearsal(drill)
        for attestation in declared.attestations:
            yield self._fact(
                Attestation,
                f"attestation/{attestation.practice}/{attestation.by}/{attestation.at}",
                f"{attestation.practice} of {self._service}",
                practice=attestation.practice,
                by=attestation.by,
                at=_start_of(attestation.at),
                link=attestation.link,
                expires_at=_end_of(attestation.expires),
            )

        yield from map(self._attested_in_chat, self._attestations)

    def _attested_in_chat(self, record: AttestationRecord) -> Fact:
        """The fact of an attestation given in chat: a successful rehearsal, or a practice."""
        key = f"vouched/{record.practice}/{record.by}/{record.at:%Y-%m-%dT%H:%M:%S}"
        name = f"{record.practice.replace('_', ' ')} of {self._service}"
        fields = {"at": record.at, "link": record.link, "expires_at": record.expires_at}
        if record.practice in set(RehearsalKind):
            kind, result = RehearsalKind(record.practice), RehearsalResult.SUCCEEDED
            return self._fact(Rehearsal, key, name, **fields, kind=kind, result=result, attested_by=record.by)
        return self._fact(Attestation, key, name, **fields, practice=record.practice, by=record.by)

    def _rehearsal(self, drill: DeclaredDrill) -> Fact:
        return self._fact(
            Rehearsal,
            f"drill/{drill.kind}/{drill.at}/{drill.attested_by}",
            f"{drill.kind.replace('_', ' ')} of {self._service}",
            Scope.parse(drill.scope) if drill.scope else None,
            kind=drill.kind,
            at=_start_of(drill.at),
            result=drill.result,
            scope=drill.scope,
            measured_rto=drill.rto,
            measured_rpo=drill.rpo,
            attested_by=drill.attested_by,
            link=drill.link,
            expires_at=_end_of(drill.expires),
        )

    def _fact(self, kind: type[F], key: str, name: str, where: Scope | None = None, /, **fields: Any) -> F:
        identity: dict[str, Any] = {
            "resource": f"{_PROVIDER}:{self._service}/{key}",
            "name": name,
            "provider": where.provider if where else _PROVIDER,
            "account": "",
            "region": where.region if where and where.region else GLOBAL,
            "product": SOURCE,
            "source": SOURCE,
            "observed_at": self._now,
            "tags": {SERVICE_TAG: self._service},
        }
        return kind(**identity | fields)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _end_of(day: date | None) -> datetime | None:
    """The end of the day: an attestation is valid through its expiry date."""
    return _start_of(day + timedelta(days=1)) if day else None
