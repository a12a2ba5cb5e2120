"""Flow 1: catalogue -> facts -> scorecard and what-if; remembered in the ledger, and handed to whoever asks."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from bot.audit.attribution import attribute, services_from_resources
from bot.audit.facts_codec import decode, encode
from bot.audit.runs import SharedProgress, SharedRun, merge_collected, places_to_reread
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
from bot.storage.ledger import Ledger, LedgerError
from checks import Impact, Network, PastScore, Scope, Seen, Service, Waiver, evaluate, impact, score, waive


@dataclass(frozen=True, slots=True)
class AuditSnapshot:
    """An audit and what it judged, kept so that a what-if need not read again.

    `notes`: what was guessed where no catalogue said, what nothing was found of, and whether it could not be remembered.
    """

    audit: Audit
    seen: Sequence[Seen]
    notes: tuple[str, ...] = ()
    waivers: Sequence[Waiver] = ()


@dataclass(slots=True)
class AuditService:
    """Implements `model.AuditQueries`. Audits of the same services that are asked for at once are one audit."""

    catalogue: Catalogue
    collectors: Sequence[Collector]
    ledger: Ledger
    clock: Clock
    _running: dict[tuple[str, ...], "SharedRun"] = field(default_factory=dict)
    _last: AuditSnapshot | None = None
    _sight: Sequence[Seen] = ()
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def organisation(self) -> str:
        """The organisation's name as the catalogue says it."""
        return self.catalogue.organisation

    @property
    def currency(self) -> str:
        """What money is counted in."""
        return self.catalogue.currency

    def teams_of(self, caller: Caller) -> Sequence[Audience]:
        """The catalogue's audiences that list the caller, or a group of theirs, as a member."""
        mine = caller.identities
        return [audience for audience in self.catalogue.audiences.values() if mine & set(audience.members)]

    async def services(self) -> Sequence[Service]:
        """The catalogue's services; without a catalogue those that the last audit found."""
        if self.catalogue.entries:
            return self.catalogue.services
        last = await self.reviewed()
        return tuple(seen.service for seen in last.seen) if last else ()

    async def latest(self) -> Audit | None:
        """The last audit, from memory or the ledger; None where there was none yet."""
        last = await self.reviewed()
        return last.audit if last else None

    async def reviewed(self) -> AuditSnapshot | None:
        """The last audit with the facts that it judged, also where another process made it or waived a finding since.

        Raises:
            LedgerError: it is out of reach, and this process has made no audit itself.
        """
        try:
            newest = await self.ledger.last_audit_at()
            if newest is not None and (self._last is None or newest > self._last.audit.scorecard.generated_at):
                saved = await self.ledger.last_audit_blob()
                self._last = await self._judge_saved(*saved) if saved else self._last
            if self._last is not None:
                self._last = await self._with_waivers(self._last)
        except LedgerError:
            if self._last is None:
                raise
        return self._last

    async def audit(self, services: Sequence[str], progress: Progressing) -> Audit:
        """Read anew for these services (none: all), judge the whole estate, remember and return it.

        Raises:
            UnusableError: nothing could be read at all.
        """
        key = tuple(sorted(services))
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = SharedRun(partial(self._audit, key), partial(self._leave, key))
        return await running.follow(progress)

    def _leave(self, key: tuple[str, ...], ended: "SharedRun") -> None:
        if self._running.get(key) is ended:
            del self._running[key]

    async def history(self, service: str, since: datetime) -> Sequence[PastScore]:
        """Remembered scores, oldest first; `service` empty: the estate's."""
        return await self.ledger.history(service, since)

    async def whatif(self, scope: Scope, lasts: timedelta, progress: Progressing) -> Impact:
        """Lose a scope, judged on the facts of the last audit; where there are none they are read now."""
        seen = await self._seen()
        if seen is None:
            await self.audit((), progress)
            seen = await self._seen() or ()
        scope, runs_on = _by_zone_id(scope, seen), dict(self.catalogue.runs_on)
        return await asyncio.to_thread(impact, scope, seen, lasts=lasts, now=self.clock(), runs_on=runs_on)

    @property
    def notes(self) -> tuple[str, ...]:
        """What deserves to be told beside the last audit."""
        return self._last.notes if self._last else ()

    def only(self, names: Sequence[str]) -> Audit:
        """The last audit of these services alone, scored by themselves.

        Raises:
            KeyError: there was no audit, or it has no such service.
        """
        if self._last is None:
            raise KeyError("no audit")
        audit = self._last.audit
        by_name = {score_of.service.name: score_of for score_of in audit.scorecard.services}
        chosen = [by_name[name] for name in names]
        findings = (finding for service in chosen for finding in service.findings)
        at = audit.scorecard.generated_at
        return replace(audit, scorecard=score(findings, services=[service.service for service in chosen], now=at))

    def scopes(self) -> list[str]:
        """Every scope that something of the last audit, or the catalogue, stands in."""
        found = {target.target for service in self.catalogue.services for target in service.depends_on}
        for service in self._last.seen if self._last else self._sight:
            for fact in service.facts:
                if fact.provider:
                    found |= {
                        fact.provider,
                        f"{fact.provider}/{fact.region}",
                        f"{fact.provider}/{fact.region}/{fact.product}",
                    }
        return sorted(found)

    async def _seen(self) -> Sequence[Seen] | None:
        """What the last audit saw. Where it is not in memory it is not judged for this: a what-if asks for no score."""
        if self._last is None:
            saved = await self.ledger.last_audit_blob()
            if saved is None:
                return None
            self._sight = await asyncio.to_thread(lambda: self._attributed(decode(saved[1]))[0])
            return self._sight
        last = await self.reviewed()
        return last.seen if last else None

    async def _audit(self, names: tuple[str, ...], progress: Progressing) -> Audit:
        if self._one_at_a_time.locked():
            progress(Progress(0, 0, "waiting for an audit that is under way"))
        async with self._one_at_a_time:
            return await self._audit_now(names, progress)

    async def _audit_now(self, names: tuple[str, ...], progress: Progressing) -> Audit:
        began, before = time.perf_counter(), await self.reviewed() if names else None
        only = places_to_reread(before.seen, names) if before else None
        parts = await self._collect(only, progress)
        progress(Progress(1, 1, "judging"))
        collected = merge_collected(parts, before.audit.collected if before and only else None)
        now = self.clock()
        try:
            waivers = await self._waivers(now)
        except LedgerError:  # better told as failures than not at all
            waivers = self.catalogue.waivers_on_record
        reviewed = await asyncio.to_thread(self._judge, collected, now, waivers)
        seconds = round(time.perf_counter() - began, 3)
        audit = replace(reviewed.audit, seconds=seconds, calls=sum(part.calls for part in parts))
        self._last = replace(reviewed, audit=audit)
        try:
            await self.ledger.save_audit(audit.scorecard, await asyncio.to_thread(encode, collected))
        except LedgerError as error:  # what was read at such length is told all the same
            note = f"this audit is not remembered, no trend will show it: {error}"
            self._last = replace(self._last, notes=(*reviewed.notes, note))
        return audit

    async def _collect(self, only: frozenset[Place] | None, progress: Progressing) -> list[Collected]:
        shared = SharedProgress(progress)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(collector.collect(self.catalogue.services, shared.part(), only))
                    for collector in self.collectors
                ]
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None  # the first failure ended the others: it is the one to tell
        return [task.result() for task in tasks]

    async def _waivers(self, at: datetime) -> Sequence[Waiver]:
        return (*self.catalogue.waivers_on_record, *await self.ledger.waivers(at))

    async def _with_waivers(self, last: AuditSnapshot) -> AuditSnapshot:
        """The same audit, judged again where waivers have come since: an accepted risk shows in the very next answer."""
        audit, at = last.audit, last.audit.scorecard.generated_at
        waivers = await self._waivers(at)
        if tuple(waivers) == tuple(last.waivers):
            return last
        judged = await asyncio.to_thread(self._judge, audit.collected, at, waivers)
        told = replace(judged.audit, calls=audit.calls, seconds=audit.seconds)
        return replace(judged, audit=told, notes=last.notes)

    async def _judge_saved(self, at: datetime, blob: bytes) -> AuditSnapshot:
        waivers = await self._waivers(at)
        return await asyncio.to_thread(lambda: self._judge(decode(blob), at, waivers))

    def _attributed(self, collected: Collected) -> tuple[Sequence[Seen], tuple[str, ...]]:
        """Which facts are whose, and what was guessed where no catalogue says."""
        entries: Sequence[CatalogueEntry] = self.catalogue.entries
        notes: tuple[str, ...] = ()
        if not entries:
            entries, notes = services_from_resources(collected.facts)
        return attribute(entries, collected.facts, collected.gaps), notes

    def _judge(self, collected: Collected, now: datetime, waivers: Sequence[Waiver]) -> AuditSnapshot:
        seen, notes = self._attributed(collected)
        notes += tuple(str(gap) for service in seen for gap in service.gaps if not gap.provider)
        findings = waive(evaluate(seen, now=now), waivers, now=now)
        card = score(findings, services=[service.service for service in seen], now=now)
        return AuditSnapshot(Audit(card, collected, collected.calls, collected.seconds), seen, notes, tuple(waivers))


def _by_zone_id(scope: Scope, seen: Iterable[Seen]) -> Scope:
    """People call a zone by their account's name for it (`us-east-1a`); facts know it by its id (`use1-az4`).

    Raises:
        UnusableError: the name stands for different zones in different accounts.
    """
    if not scope.part:
        return scope
    networks = {fact.resource: fact for service in seen for fact in service.facts if isinstance(fact, Network)}.values()
    here = [network for network in networks if (network.provider, network.region) == (scope.provider, scope.region)]
    ids = sorted({network.zone_names[scope.part] for network in here if scope.part in network.zone_names})
    if len(ids) > 1:
        raise UnusableError(
            f"{scope.part} is not the same zone in each of your accounts", f"Name one by its id: {', '.join(ids)}"
        )
    return replace(scope, part=ids[0]) if ids else scope
