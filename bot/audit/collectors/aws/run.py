"""Collects facts from AWS inside the child process: reads every source in every account and region."""

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

_CHUNK = 200  # facts per frame: decoding one blocks the parent's event loop for a few milliseconds
_THREADS_PER_CALL = 3  # threads that wait for the rate limiter hold no connection


@dataclass(frozen=True, slots=True)
class CollectRequest:
    """What to read. `kinds`: names of the kinds of facts that are needed. `only`: places (source, account, region).

    `pick`: read these accounts only; empty: list the accounts and read nothing; None: read all accounts.
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
        """Whether to read this place."""
        needed = any(kind.__name__ in self.kinds for kind in source.facts)
        return needed and (self.only is None or (source.name, account, region) in self.only)


@dataclass(slots=True)
class _Run:
    request: CollectRequest
    emit: Emit
    pool: ThreadPoolExecutor
    gate: threading.Semaphore
    now: datetime
    tally: Tally = field(default_factory=Tally)
    reached: list[str] = field(default_factory=list)


def collect(request: CollectRequest, emit: Emit) -> None:
    """Read all places of the request; `emit` receives a frame (plain JSON values) for each place when it is done.

    Raises:
        UnusableAwsError: no place can be read.
    """
    limits = request.limits
    with ThreadPoolExecutor(_THREADS_PER_CALL * limits.concurrency, "aws") as pool:
        run = _Run(request, emit, pool, threading.Semaphore(limits.concurrency), datetime.now(UTC))
        emit({"t": "progress", "done": 0, "total": 0, "doing": "listing accounts and regions"})
        entry = enter(request.profile, limits, run.gate, run.tally)
        places, problems = _places(run, entry)
        if not places and problems and request.pick is None:
            raise UnusableAwsError(f"AWS cannot be read: {problems[0].reason}", _FIX_SETTINGS)
        _read_all(run, places)
    calls = sum(run.tally.calls.values())
    emit({"t": "end", "calls": calls, "again": run.tally.again, "accounts": run.reached, "by": dict(run.tally.calls)})


_FIX_SETTINGS = "correct the accounts, roles and regions in backstay.yaml, or let the role be assumed"


def _places(run: _Run, entry: AccountAccess) -> tuple[list[tuple[Source, Reader]], list[ReadError]]:
    places: list[tuple[Source, Reader]] = []
    problems: list[ReadError] = []
    for target in _targets(run, entry, problems):
        try:
            client = wire_into(entry, target, run.request.limits, run.gate)
        except ReadError as error:
            problems.append(error)
            _emit_gap(run, target.id, "", error)
            continue
        regions, wrong = regions_of(client, target, run.request.regions, entry.home)
        for problem in wrong:
            problems.append(problem)
            _emit_gap(run, target.id, "", problem)
        run.reached.append(target.id)
        account = ReachedAccount(target.id, client, run.pool, run.now, regions)
        places.extend(_places_of(run.request, account, regions))
    return places, problems


def _targets(run: _Run, entry: AccountAccess, problems: list[ReadError]) -> list[Target]:
    """The accounts to read. If only a list of accounts is requested, they are recorded as reached and none is returned."""
    request = run.request
    if request.pick:
        known = {account.id or entry.account for account in request.accounts}
        named = (*request.accounts, *(Target(account) for account in request.pick if account not in known))
        return [
            target for target in targets(entry, named, request.role, organization=False) if target.id in request.pick
        ]
    try:
        found = targets(entry, request.accounts, request.role, organization=request.organization)
    except ReadError as error:
        problems.append(error)
        _emit_gap(run, "" if request.pick is not None else entry.account, "", error)
        found = targets(entry, request.accounts, request.role, organization=False)
    if request.pick is None:
        return found
    run.reached += [target.id for target in found]
    return []


def _places_of(request: CollectRequest, account: ReachedAccount, regions: Sequence[str]) -> list[tuple[Source, Reader]]:
    at = {"region": regions, "global": (GLOBAL,) if regions else ()}
    return [
        (source, Reader(account, region, source.name))
        for where in ("global", "region")  # global listings take the longest chains of calls: start them first
        for source in sources()
        if source.where == where
        for region in at[where]
        if request.wants(source, account.id, region)
    ]


def _read_all(run: _Run, places: Sequence[tuple[Source, Reader]]) -> None:
    running = {run.pool.submit(_read, source, reader): (source, reader) for source, reader in places}
    for done, future in enumerate(as_completed(running), 1):
        source, reader = running.pop(future)
        facts, gaps = future.result()
        place = [source.name, reader.account, reader.region]
        for start in range(0, max(len(facts), 1), _CHUNK):
            run.emit({"t": "part", "place": place, **pack(facts[start : start + _CHUNK], gaps if not start else ())})
        doing = f"reading {source.name.removeprefix('aws_').replace('_', ' ')} in {reader.region}"
        run.emit({"t": "progress", "done": done, "total": len(places), "doing": doing})


def _read(source: Source, reader: Reader) -> tuple[list[Fact], list[Gap]]:
    facts: list[Fact] = []
    gaps: list[Gap] = []
    try:
        facts.extend(source.read(reader))
    except ReadError as error:
        gaps.append(_gap(source, reader, error))
    except Exception as error:  # noqa: BLE001 - a defect in one source must not stop the others
        unexpected = ReadError("", f"unexpected API response ({type(error).__name__}: {error})")
        gaps.append(_gap(source, reader, unexpected))
    if reader.untagged:
        first = reader.untagged[0]
        untagged = ReadError(first.action, f"resource tags could not be read: {first.reason}")
        gaps.append(_gap(source, reader, untagged))
    return facts, gaps


def _gap(source: Source, reader: Reader, error: ReadError) -> Gap:
    return Gap(source.name, "aws", reader.account, reader.region, error.reason, source.facts, error.action)


def _emit_gap(run: _Run, account: str, region: str, error: ReadError) -> None:
    """Emit a gap for every requested kind of fact: a whole account or region cannot be read."""
    affected = [source for source in sources() if any(kind.__name__ in run.request.kinds for kind in source.facts)]
    gaps = [Gap(source.name, "aws", account, region, error.reason, source.facts, error.action) for source in affected]
    run.emit({"t": "part", "place": None, **pack((), gaps)})
