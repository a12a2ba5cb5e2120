"""Runs audits: collects facts, attributes them to services, scores them, stores the result and answers queries about it."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Generic, TypeVar

from bot.audit.attribution import attribute, services_from_resources
from bot.audit.dependencies.confirmed import Confirmed, Decisions, confirmed_dependencies, with_confirmed
from bot.audit.facts_codec import decode, encode
from bot.audit.ledger import AuditLedger
from bot.audit.risk import risk_of
from bot.audit.runs import SharedProgress, SharedRun, merge_collected, places_to_reread
from bot.audit.zone_watch import Compared, ZoneWatch
from bot.catalogue import Catalogue, CatalogueEntry
from bot.model import (
    Audience,
    Audit,
    Caller,
    Clock,
    Collected,
    Collector,
    Place,
    Progress,
    Progressing,
    UnusableError,
)
from bot.model.risk import Risk
from bot.storage.ledger import LedgerError
from checks import Impact, Network, PastScore, Scope, Seen, Service, Waiver, evaluate, impact, score, waive

L = TypeVar("L", bound=AuditLedger)


@dataclass(frozen=True, slots=True)
class AuditSnapshot:
    """An audit with the facts it used, kept so that a what-if does not collect them again.

    `notes`: guesses where there is no catalogue, services without resources, and whether storing the audit failed.
    """

    audit: Audit
    seen: Sequence[Seen]
    notes: tuple[str, ...] = ()
    waivers: Sequence[Waiver] = ()


@dataclass(slots=True)
class AuditService(Generic[L]):
    """Implements `model.AuditQueries`. Concurrent requests to audit the same services share one audit."""

    catalogue: Catalogue
    collectors: Sequence[Collector]
    ledger: L
    clock: Clock
    zones: ZoneWatch | None = None
    decisions: Decisions | None = None
    _confirmed: Confirmed = field(default_factory=dict)
    _running: dict[tuple[str, ...], "SharedRun"] = field(default_factory=dict)
    _last: AuditSnapshot | None = None
    _whatif_facts: Sequence[Seen] = ()
    _audit_lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def organisation(self) -> str:
        """The organisation's name in the catalogue."""
        return self.catalogue.organisation

    @property
    def currency(self) -> str:
        """The currency of amounts (ISO 4217)."""
        return self.catalogue.currency

    def teams_of(self, caller: Caller) -> Sequence[Audience]:
        """The audiences that list the caller, or a group of the caller, as a member."""
        identities = caller.identities
        return [audience for audience in self.catalogue.audiences.values() if identities & set(audience.members)]

    async def services(self) -> Sequence[Service]:
        """The services of the catalogue; without a catalogue the services that the last audit guessed."""
        if self.catalogue.entries:
            return self.catalogue.services
        last = await self.snapshot()
        return tuple(seen.service for seen in last.seen) if last else ()

    async def latest(self) -> Audit | None:
        """The last audit, from memory or the ledger; None before the first one."""
        last = await self.snapshot()
        return last.audit if last else None

    async def snapshot(self) -> AuditSnapshot | None:
        """The last audit with its facts, including audits and waivers of other processes.

        Raises:
            LedgerError: the ledger is unavailable, and this process has not run an audit itself.
        """
        try:
            newest = await self.ledger.last_audit_at()
            if newest is not None and (self._last is None or newest > self._last.audit.scorecard.generated_at):
                saved = await self.ledger.last_audit_blob()
                self._last = await self._evaluate_saved(*saved) if saved else self._last
            if self._last is not None:
                self._last = await self._with_decisions(self._last)
        except LedgerError:
            if self._last is None:
                raise
        return self._last

    async def audit(self, services: Sequence[str], progress: Progressing) -> Audit:
        """Collect facts of these services (none: all) again, score the whole estate, store and return the audit.

        Raises:
            UnusableError: no facts can be collected at all.
        """
        key = tuple(sorted(services))
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = SharedRun(partial(self._audit, key), partial(self._forget_run, key))
        return await running.follow(progress)

    def _forget_run(self, key: tuple[str, ...], ended: "SharedRun") -> None:
        if self._running.get(key) is ended:
            del self._running[key]

    async def history(self, service: str, since: datetime) -> Sequence[PastScore]:
        """Stored scores, oldest first; an empty `service` selects the estate's score."""
        return await self.ledger.history(service, since)

    async def whatif(self, scope: Scope, lasts: timedelta, progress: Progressing) -> Impact:
        """Simulate losing a scope, with the facts of the last audit; collects them first if there are none."""
        seen = await self._seen()
        if seen is None:
            await self.audit((), progress)
            seen = await self._seen() or ()
        scope, runs_on = _by_zone_id(scope, seen), dict(self.catalogue.runs_on)
        zones = _names_of_zone(scope, seen)
        return await asyncio.to_thread(
            impact, scope, seen, lasts=lasts, now=self.clock(), runs_on=runs_on, zone_names=zones
        )

    async def risk(self, chain_head: str = "") -> Risk | None:
        """What depends on one thing, and what outages are expected to cost, by the last audit; None where there was none."""
        last = await self.snapshot()
        if last is None:
            return None
        card, now, notes = last.audit.scorecard, self.clock(), last.notes
        judged = partial(risk_of, card, last.seen, self.catalogue, now=now, chain_head=chain_head, notes=notes)
        return await asyncio.to_thread(judged)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on the last audit: guesses, services without resources, storage failures."""
        return self._last.notes if self._last else ()

    def audit_of(self, names: Sequence[str]) -> Audit:
        """The last audit reduced to these services, with a score of its own.

        Raises:
            KeyError: there is no audit, or it has no such service.
        """
        if self._last is None:
            raise KeyError("no audit")
        audit = self._last.audit
        by_name = {service_score.service.name: service_score for service_score in audit.scorecard.services}
        chosen = [by_name[name] for name in names]
        findings = (finding for service_score in chosen for finding in service_score.findings)
        at = audit.scorecard.generated_at
        return replace(
            audit, scorecard=score(findings, services=[service_score.service for service_score in chosen], now=at)
        )

    async def _seen(self) -> Sequence[Seen] | None:
        """The attributed facts of the last audit. Facts from the ledger are not scored: a what-if needs no score."""
        if self._last is None:
            saved = await self.ledger.last_audit_blob()
            if saved is None:
                return None
            await self._read_decisions()
            self._whatif_facts = await asyncio.to_thread(lambda: self._attributed(decode(saved[1]))[0])
            return self._whatif_facts
        last = await self.snapshot()
        return last.seen if last else None

    async def _audit(self, names: tuple[str, ...], progress: Progressing) -> Audit:
        if self._audit_lock.locked():
            progress(Progress(0, 0, "waiting for the running audit to finish"))
        async with self._audit_lock:
            return await self._audit_now(names, progress)

    async def _audit_now(self, names: tuple[str, ...], progress: Progressing) -> Audit:
        started, before = time.perf_counter(), await self.snapshot() if names else None
        earlier = await self._earlier()
        only = places_to_reread(before.seen, names) if before else None
        parts = await self._collect(only, progress)
        progress(Progress(1, 1, "running checks"))
        collected = merge_collected(parts, before.audit.collected if before and only else None)
        now = self.clock()
        try:
            await self._read_decisions()
            waivers = await self._waivers(now)
        except LedgerError:  # without the waivers of the ledger findings show as failures
            waivers = self.catalogue.waivers_on_record
        snapshot = await asyncio.to_thread(self._evaluate, collected, now, waivers)
        seconds = round(time.perf_counter() - started, 3)
        audit = replace(snapshot.audit, seconds=seconds, calls=sum(part.calls for part in parts))
        self._last = replace(snapshot, audit=audit)
        try:
            await self.ledger.save_audit(audit.scorecard, await asyncio.to_thread(encode, collected))
        except LedgerError as error:  # the audit is still returned
            note = f"this audit was not stored and will be missing in trends: {error}"
            self._last = replace(self._last, notes=(*snapshot.notes, note))
        if self.zones is not None and earlier is not None:
            await self.zones.tell(earlier, Compared(now, collected, lambda: snapshot.seen))
        return audit

    async def _earlier(self) -> Compared | None:
        """The audit before, to compare DNS zones with; None where there is none or it cannot be read."""
        if self.zones is None:
            return None
        try:
            saved = await self.ledger.last_audit_blob()
            if saved is None:
                return None
            at, blob = saved
            collected = await asyncio.to_thread(decode, blob)
        except (LedgerError, ValueError):
            return None
        return Compared(at, collected, lambda: self._attributed(collected)[0])

    async def _collect(self, only: frozenset[Place] | None, progress: Progressing) -> list[Collected]:
        shared = SharedProgress(progress)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(collector.collect(self.catalogue.services, shared.part(), only))
                    for collector in self.collectors
                ]
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None  # the first failure cancelled the other collectors
        return [task.result() for task in tasks]

    async def _waivers(self, at: datetime) -> Sequence[Waiver]:
        return (*self.catalogue.waivers_on_record, *await self.ledger.waivers(at))

    async def _read_decisions(self) -> bool:
        """Read which guessed dependencies people confirmed; whether that has changed."""
        if self.decisions is None:
            return False
        before, made = self._confirmed, await self.decisions()
        self._confirmed = confirmed_dependencies(made.values())
        return self._confirmed != before

    async def _with_decisions(self, last: AuditSnapshot) -> AuditSnapshot:
        """The same audit, evaluated again if waivers or confirmations have changed, so that they show in the next answer."""
        audit, at = last.audit, last.audit.scorecard.generated_at
        changed, waivers = await self._read_decisions(), await self._waivers(at)
        if not changed and tuple(waivers) == tuple(last.waivers):
            return last
        snapshot = await asyncio.to_thread(self._evaluate, audit.collected, at, waivers)
        updated = replace(snapshot.audit, calls=audit.calls, seconds=audit.seconds)
        return replace(snapshot, audit=updated, notes=last.notes)

    async def _evaluate_saved(self, at: datetime, blob: bytes) -> AuditSnapshot:
        await self._read_decisions()
        waivers = await self._waivers(at)
        return await asyncio.to_thread(lambda: self._evaluate(decode(blob), at, waivers))

    def _attributed(self, collected: Collected) -> tuple[Sequence[Seen], tuple[str, ...]]:
        """The facts of each service, and a note for each guess where there is no catalogue."""
        entries: Sequence[CatalogueEntry] = self.catalogue.entries
        notes: tuple[str, ...] = ()
        if not entries:
            entries, notes = services_from_resources(collected.facts, collected.gaps)
        return attribute(
            with_confirmed(entries, self._confirmed), collected.facts, (*collected.gaps, *collected.left_out)
        ), notes

    def _evaluate(self, collected: Collected, now: datetime, waivers: Sequence[Waiver]) -> AuditSnapshot:
        seen, notes = self._attributed(collected)
        notes += tuple(str(gap) for service_facts in seen for gap in service_facts.gaps if not gap.provider)
        findings = waive(evaluate(seen, now=now), waivers, now=now)
        card = score(findings, services=[service_facts.service for service_facts in seen], now=now)
        return AuditSnapshot(Audit(card, collected, collected.calls, collected.seconds), seen, notes, tuple(waivers))


def _by_zone_id(scope: Scope, seen: Iterable[Seen]) -> Scope:
    """The scope with a zone's id (`use1-az4`) instead of its name in an account (`us-east-1a`); facts use the id.

    Raises:
        UnusableError: the name means different zones in different accounts.
    """
    if not scope.part:
        return scope
    named = {
        network.zone_names[scope.part] for network in _networks_in(scope, seen) if scope.part in network.zone_names
    }
    ids = sorted(named)
    if len(ids) > 1:
        raise UnusableError(
            f"{scope.part} is a different zone in each of your accounts", f"Use a zone id: {', '.join(ids)}"
        )
    return replace(scope, part=ids[0]) if ids else scope


def _names_of_zone(scope: Scope, seen: Iterable[Seen]) -> frozenset[str]:
    """The names that any account has for a zone's id: what runs in a cluster knows its zone by name alone."""
    return frozenset(
        name for network in _networks_in(scope, seen) for name, zone in network.zone_names.items() if zone == scope.part
    )


def _networks_in(scope: Scope, seen: Iterable[Seen]) -> Iterable[Network]:
    facts = (fact for service_facts in seen for fact in service_facts.facts)
    networks = {fact.resource: fact for fact in facts if isinstance(fact, Network)}.values()
    return (network for network in networks if (network.provider, network.region) == (scope.provider, scope.region))
