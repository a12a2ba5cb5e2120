"""One run over AWS, inside the child process: accounts x regions x sources -> facts and gaps, a place at a time."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.audit.collectors.aws.reader import ReachedAccount, Reader
from bot.audit.collectors.aws.source import Source, sources
from bot.audit.facts_codec import pack
from bot.net.aws.accounts import AccountAccess, Target, UnusableAwsError, enter, regions_of, targets, wire_into
from bot.net.aws.client import Limits, Tally
from bot.net.aws.errors import ReadError
from checks import GLOBAL, Fact, Gap

Emit = Callable[[dict[str, Any]], None]

_CHUNK = 200  # facts in one frame: the parent's event loop is busy for a few milliseconds with each
_THREADS_PER_CALL = 3  # threads that wait for their turn in a token bucket hold no connection


@dataclass(frozen=True, slots=True)
class CollectRequest:
    """What to read. `kinds`: names of the kinds of facts that are needed; `only`: places (source, account, region).

    `pick`: these accounts alone, whatever else there is; none: say which there are, and read nothing.
    """

    kinds: frozenset[str]
    profile: str = ""
    regions: tuple[str, ...] = ()
    accounts: tuple[Target, ...] = ()
    organization: bool = False
    role: str = ""
    limits: Limits = field(default_factory=Limits)
    only: frozenset[tuple[str, str, str]] | None = None
    pick: tuple[str, ...] | None = None

    def wants(self, source: Source, account: str, region: str) -> bool:
        """Whether this place is to be read."""
        needed = any(kind.__name__ in self.kinds for kind in source.facts)
        return needed and (self.only is None or (source.name, account, region) in self.only)


@dataclass(slots=True)
class _Run:
    order: CollectRequest
    emit: Emit
    pool: ThreadPoolExecutor
    gate: threading.Semaphore
    now: datetime
    tally: Tally = field(default_factory=Tally)
    reached: list[str] = field(default_factory=list)


def audit(order: CollectRequest, emit: Emit) -> None:
    """Read everything that `order` asks for; `emit` gets a frame (plain JSON values) for each place as it is done.

    Raises:
        UnusableAwsError: nothing can be read at all.
    """
    limits = order.limits
    with ThreadPoolExecutor(_THREADS_PER_CALL * limits.concurrency, "aws") as pool:
        run = _Run(order, emit, pool, threading.Semaphore(limits.concurrency), datetime.now(UTC))
        emit({"t": "progress", "done": 0, "total": 0, "doing": "looking for accounts and regions"})
        entry = enter(order.profile, limits, run.gate, run.tally)
        places, problems = _places(run, entry)
        if not places and problems and order.pick is None:
            raise UnusableAwsError(f"AWS cannot be read: {problems[0].reason}", _MEND_SETTINGS)
        _read_all(run, places)
    calls = sum(run.tally.calls.values())
    emit({"t": "end", "calls": calls, "again": run.tally.again, "accounts": run.reached, "by": dict(run.tally.calls)})


_MEND_SETTINGS = "correct the accounts, roles and regions in backstay.yaml, or let the role be assumed"


def _places(run: _Run, entry: AccountAccess) -> tuple[list[tuple[Source, Reader]], list[ReadError]]:
    places: list[tuple[Source, Reader]] = []
    problems: list[ReadError] = []
    for target in _targets(run, entry, problems):
        try:
            wire = wire_into(entry, target, run.order.limits, run.gate)
        except ReadError as error:
            problems.append(error)
            _emit_gap(run, target.id, "", error)
            continue
        regions, wrong = regions_of(wire, target, run.order.regions, entry.home)
        for why in wrong:
            problems.append(why)
            _emit_gap(run, target.id, "", why)
        run.reached.append(target.id)
        account = ReachedAccount(target.id, wire, run.pool, run.now, regions)
        places.extend(_places_of(run.order, account, regions))
    return places, problems


def _targets(run: _Run, entry: AccountAccess, problems: list[ReadError]) -> list[Target]:
    """The accounts to read. Where nothing but their names is asked for, those count as reached."""
    order = run.order
    if order.pick:
        known = {account.id or entry.account for account in order.accounts}
        named = (*order.accounts, *(Target(account) for account in order.pick if account not in known))
        return [target for target in targets(entry, named, order.role, organization=False) if target.id in order.pick]
    try:
        found = targets(entry, order.accounts, order.role, organization=order.organization)
    except ReadError as error:
        problems.append(error)
        _emit_gap(run, "" if order.pick is not None else entry.account, "", error)
        found = targets(entry, order.accounts, order.role, organization=False)
    if order.pick is None:
        return found
    run.reached += [target.id for target in found]
    return []


def _places_of(order: CollectRequest, account: ReachedAccount, regions: Sequence[str]) -> list[tuple[Source, Reader]]:
    at = {"region": regions, "global": (GLOBAL,) if regions else ()}
    return [
        (source, Reader(account, region, source.name))
        for where in ("global", "region")  # global listings hide the longest chains of calls: they go first
        for source in sources()
        if source.where == where
        for region in at[where]
        if order.wants(source, account.id, region)
    ]


def _read_all(run: _Run, places: Sequence[tuple[Source, Reader]]) -> None:
    running = {run.pool.submit(_read, source, reader): (source, reader) for source, reader in places}
    for done, future in enumerate(as_completed(running), 1):
        source, reader = running.pop(future)
        facts, gaps = future.result()
        place = [source.name, reader.account, reader.region]
        for start in range(0, max(len(facts), 1), _CHUNK):
            run.emit({"t": "part", "place": place, **pack(facts[start : start + _CHUNK], gaps if not start else ())})
        doing = f"{source.name.removeprefix('aws_').replace('_', ' ')} in {reader.region}"
        run.emit({"t": "progress", "done": done, "total": len(places), "doing": doing})


def _read(source: Source, reader: Reader) -> tuple[list[Fact], list[Gap]]:
    facts: list[Fact] = []
    gaps: list[Gap] = []
    try:
        facts.extend(source.read(reader))
    except ReadError as error:
        gaps.append(_gap(source, reader, error))
    except Exception as error:  # noqa: BLE001 - a source that breaks must not take the others with it
        told = ReadError("", f"backstay could not make sense of an answer ({type(error).__name__}: {error})")
        gaps.append(_gap(source, reader, told))
    if reader.untagged:
        denied = reader.untagged[0]
        told = ReadError(denied.action, f"tags are unknown, so some may belong here unseen: {denied.reason}")
        gaps.append(_gap(source, reader, told))
    return facts, gaps


def _gap(source: Source, reader: Reader, error: ReadError) -> Gap:
    return Gap(source.name, "aws", reader.account, reader.region, error.reason, source.facts, error.action)


def _emit_gap(run: _Run, account: str, region: str, error: ReadError) -> None:
    """A whole account or region that cannot be read hides facts of every kind that was asked for."""
    wanted = [source for source in sources() if any(kind.__name__ in run.order.kinds for kind in source.facts)]
    gaps = [Gap(source.name, "aws", account, region, error.reason, source.facts, error.action) for source in wanted]
    run.emit({"t": "part", "place": None, **pack((), gaps)})
