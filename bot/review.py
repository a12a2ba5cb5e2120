"""Flow 1: catalogue -> facts -> scorecard and what-if; remembered in the ledger, and handed to whoever asks."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.attribution import attribute, services_from
from bot.catalogue import Catalogue, Entry
from bot.facts_codec import decode, encode
from bot.ledger import Ledger
from bot.ports import Audit, Clock, Collected, Collector, Place, Progress, Progressing, UnusableError
from checks import Fact, Gap, Impact, Network, PastScore, Scope, Seen, Service, evaluate, impact, score, waive


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An audit and what it judged, kept so that a what-if need not read again. `notes`: guesses, where no catalogue said."""

    audit: Audit
    seen: Sequence[Seen]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Review:
    """The real `ports.Desk`. Audits of the same services that are asked for at once are one audit."""

    catalogue: Catalogue
    collectors: Sequence[Collector]
    ledger: Ledger
    clock: Clock
    _running: dict[tuple[str, ...], "_Running"] = field(default_factory=dict)
    _last: Reviewed | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def organisation(self) -> str:
        """The organisation's name as the catalogue says it."""
        return self.catalogue.organisation

    @property
    def currency(self) -> str:
        """What money is counted in."""
        return self.catalogue.currency

    async def services(self) -> Sequence[Service]:
        """The catalogue's services; without a catalogue those that the last audit found."""
        if self.catalogue.entries:
            return self.catalogue.services
        last = await self.reviewed()
        return tuple(one.service for one in last.seen) if last else ()

    async def latest(self) -> Audit | None:
        """The last audit, from memory or the ledger; None where there was none yet."""
        last = await self.reviewed()
        return last.audit if last else None

    async def reviewed(self) -> Reviewed | None:
        """The last audit with the facts that it judged."""
        if self._last is None:
            saved = await self.ledger.last_audit_blob()
            if saved is not None:
                at, blob = saved
                self._last = await asyncio.to_thread(self._judge_saved, at, blob)
        return self._last

    async def audit(self, services: Sequence[str], progress: Progressing) -> Audit:
        """Read anew for these services (none: all), judge the whole estate, remember and return it.

        Raises:
            UnusableError: nothing could be read at all.
        """
        key = tuple(sorted(services))
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = _Running()
            running.task = asyncio.create_task(self._audit(key, running.report))
            running.task.add_done_callback(lambda _: self._running.pop(key, None))
        return await running.follow(progress)

    async def history(self, service: str, since: datetime) -> Sequence[PastScore]:
        """Remembered scores, oldest first; `service` empty: the estate's."""
        return await self.ledger.history(service, since)

    async def whatif(self, scope: Scope, lasts: timedelta, progress: Progressing) -> Impact:
        """Lose a scope, judged on the facts of the last audit; where there are none they are read now."""
        if await self.reviewed() is None:
            await self.audit((), progress)
        last = await self.reviewed()
        seen = last.seen if last else ()
        scope, runs_on = _by_zone_id(scope, seen), dict(self.catalogue.runs_on)
        return await asyncio.to_thread(impact, scope, seen, lasts=lasts, now=self.clock(), runs_on=runs_on)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the last audit guessed, where no catalogue says."""
        return self._last.notes if self._last else ()

    def only(self, names: Sequence[str]) -> Audit:
        """The last audit of these services alone, scored by themselves.

        Raises:
            KeyError: there was no audit, or it has no such service.
        """
        if self._last is None:
            raise KeyError("no audit")
        audit = self._last.audit
        by_name = {one.service.name: one for one in audit.scorecard.services}
        chosen = [by_name[name] for name in names]
        findings = (finding for one in chosen for finding in one.findings)
        at = audit.scorecard.generated_at
        return replace(audit, scorecard=score(findings, services=[one.service for one in chosen], now=at))

    def scopes(self) -> list[str]:
        """Every scope that something of the last audit, or the catalogue, stands in."""
        found = {target.target for service in self.catalogue.services for target in service.depends_on}
        for one in self._last.seen if self._last else ():
            for fact in one.facts:
                if fact.provider:
                    found |= {
                        fact.provider,
                        f"{fact.provider}/{fact.region}",
                        f"{fact.provider}/{fact.region}/{fact.product}",
                    }
        return sorted(found)

    async def _audit(self, names: tuple[str, ...], progress: Progressing) -> Audit:
        async with self._one_at_a_time:
            return await self._audit_now(names, progress)

    async def _audit_now(self, names: tuple[str, ...], progress: Progressing) -> Audit:
        began, before = time.perf_counter(), await self.reviewed() if names else None
        only = _places(before.seen, names) if before else None
        parts = await self._collect(only, progress)
        progress(Progress(1, 1, "judging"))
        collected = _joined(parts, before.audit.collected if before and only else None)
        reviewed = await asyncio.to_thread(self._judge, collected, self.clock())
        seconds = round(time.perf_counter() - began, 3)
        audit = replace(reviewed.audit, seconds=seconds, calls=sum(part.calls for part in parts))
        blob = await asyncio.to_thread(encode, collected)
        await self.ledger.save_audit(audit.scorecard, blob)
        self._last = replace(reviewed, audit=audit)
        return audit

    async def _collect(self, only: frozenset[Place] | None, progress: Progressing) -> list[Collected]:
        shared = _Shared(progress)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(one.collect(self.catalogue.services, shared.part(), only))
                    for one in self.collectors
                ]
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None  # the first failure ended the others: it is the one to tell
        return [task.result() for task in tasks]

    def _judge_saved(self, at: datetime, blob: bytes) -> Reviewed:
        return self._judge(decode(blob), at)

    def _judge(self, collected: Collected, now: datetime) -> Reviewed:
        entries: Sequence[Entry] = self.catalogue.entries
        notes: tuple[str, ...] = ()
        if not entries:
            entries, notes = services_from(collected.facts)
        seen = attribute(entries, collected.facts, collected.gaps)
        findings = waive(evaluate(seen, now=now), self.catalogue.waivers_on_record, now=now)
        card = score(findings, services=[one.service for one in seen], now=now)
        return Reviewed(Audit(card, collected, collected.calls, collected.seconds), seen, notes)


@dataclass(slots=True)
class _Running:
    """One audit and everybody who waits for it; it ends when the last of them has gone."""

    task: "asyncio.Task[Audit] | None" = None
    followers: list[Progressing] = field(default_factory=list)

    def report(self, progress: Progress) -> None:
        for follower in self.followers:
            follower(progress)

    async def follow(self, progress: Progressing) -> Audit:
        assert self.task is not None  # noqa: S101 - set before anybody can follow
        self.followers.append(progress)
        try:
            return await asyncio.shield(self.task)
        finally:
            self.followers.remove(progress)
            if not self.followers and not self.task.done():
                self.task.cancel()


@dataclass(slots=True)
class _Shared:
    """Adds up the progress of collectors that work side by side."""

    report: Progressing
    parts: list[Progress] = field(default_factory=list)

    def part(self) -> Callable[[Progress], None]:
        index = len(self.parts)
        self.parts.append(Progress(0, 0))

        def update(progress: Progress) -> None:
            self.parts[index] = progress
            done, total = sum(part.done for part in self.parts), sum(part.total for part in self.parts)
            self.report(Progress(done, total, progress.doing))

        return update


def _by_zone_id(scope: Scope, seen: Iterable[Seen]) -> Scope:
    """People call a zone by their account's name for it (`us-east-1a`); facts know it by its id (`use1-az4`).

    Raises:
        UnusableError: the name stands for different zones in different accounts.
    """
    if not scope.part:
        return scope
    networks = {fact.resource: fact for one in seen for fact in one.facts if isinstance(fact, Network)}.values()
    here = [one for one in networks if (one.provider, one.region) == (scope.provider, scope.region)]
    ids = sorted({one.zone_names[scope.part] for one in here if scope.part in one.zone_names})
    if len(ids) > 1:
        raise UnusableError(
            f"{scope.part} is not the same zone in each of your accounts", f"Name one by its id: {', '.join(ids)}"
        )
    return replace(scope, part=ids[0]) if ids else scope


def _places(seen: Iterable[Seen], names: tuple[str, ...]) -> frozenset[Place]:
    """Where the named services' facts came from: (source, account, region)."""
    wanted = set(names)
    facts = (fact for one in seen if one.service.name in wanted for fact in one.facts)
    return frozenset((fact.source, fact.account, fact.region) for fact in facts)


def _joined(parts: Sequence[Collected], before: Collected | None) -> Collected:
    """What was read now, and from before what stands in places that were not read again."""
    read = tuple(dict.fromkeys(place for part in parts for place in part.read))
    facts: list[Fact] = [fact for part in parts for fact in part.facts]
    gaps: list[Gap] = [gap for part in parts for gap in part.gaps]
    accounts = {account: None for part in parts for account in part.accounts}
    if before is not None:
        again = set(read)
        facts += [fact for fact in before.facts if (fact.source, fact.account, fact.region) not in again]
        gaps += [gap for gap in before.gaps if (gap.source, gap.account, gap.region) not in again]
        read = tuple(dict.fromkeys((*read, *before.read)))
        accounts |= dict.fromkeys(before.accounts)
    return Collected(
        facts=facts,
        gaps=gaps,
        read=read,
        accounts=tuple(accounts),
        calls=sum(part.calls for part in parts),
        seconds=max((part.seconds for part in parts), default=0.0),
    )
