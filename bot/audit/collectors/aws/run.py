"""Collects facts from AWS inside the child process: reads every source in every account and region."""

import threading
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.audit.collectors.aws.guarded import UnreadResource, odd_answer
from bot.audit.collectors.aws.places import CollectRequest, places_of, reach
from bot.audit.collectors.aws.reader import ReachedAccount, Reader
from bot.audit.collectors.aws.source import Source, sources
from bot.audit.collectors.engine.frames import Emit, emit_part
from bot.net.aws.accounts import (
    AccountAccess,
    Target,
    UnusableAwsError,
    enter,
    global_home,
    targets,
)
from bot.net.aws.client import AwsClient, Tally
from bot.net.aws.errors import ReadError
from checks import Fact, Gap

_THREADS_PER_CALL = 3  # threads that wait for the rate limiter hold no connection


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
        entry = enter(request.profile, limits, run.gate, run.tally, request.regions)
        places, problems = _places(run, entry)
        if not places and problems and request.pick is None:
            wrong = problems[0]
            fix = _FIX_REGIONS if wrong.code == "UnknownRegion" else _FIX_SETTINGS
            raise UnusableAwsError(f"AWS cannot be read: {wrong.reason}", fix)
        _read_all(run, places)
    calls = sum(run.tally.calls.values())
    emit({"t": "end", "calls": calls, "again": run.tally.again, "accounts": run.reached, "by": dict(run.tally.calls)})


_FIX_REGIONS = "correct the regions where you named them: --regions, or regions: in backstay.yaml"
_FIX_SETTINGS = "correct the accounts, roles and regions in backstay.yaml, or let the role be assumed"


def _places(run: _Run, entry: AccountAccess) -> tuple[list[tuple[Source, Reader]], list[ReadError]]:
    places: list[tuple[Source, Reader]] = []
    problems: list[ReadError] = []
    for target in _targets(run, entry, problems):
        try:
            client, regions, wrong = reach(run.request, entry, target, run.request.limits, run.gate)
        except ReadError as error:
            problems.append(error)
            _emit_gap(run, target.id, "", error)
            continue
        for problem in wrong:
            problems.append(problem)
            _emit_gap(run, target.id, "", problem)
        run.reached.append(target.id)
        _emit_left_out(run, client, target, regions)
        home = global_home(entry.partition, regions)
        account = ReachedAccount(target.id, client, run.pool, run.now, regions, home, entry.partition)
        places.extend(places_of(run.request, account))
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


def _read_all(run: _Run, places: Sequence[tuple[Source, Reader]]) -> None:
    running = {run.pool.submit(_read, source, reader): (source, reader) for source, reader in places}
    for done, future in enumerate(as_completed(running), 1):
        source, reader = running.pop(future)
        facts, gaps = future.result()
        emit_part(run.emit, (source.name, reader.account, reader.region), facts, gaps)
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
        unexpected = ReadError("", odd_answer(error))
        gaps.append(_gap(source, reader, unexpected))
    gaps += [_resource_gap(source, reader, unread) for unread in reader.unread]
    gaps += _gaps_of_fields(source, reader, {(gap.region, gap.action) for gap in gaps})
    if reader.untagged:
        first = reader.untagged[0]
        untagged = ReadError(first.action, f"resource tags could not be read: {first.reason}")
        gaps.append(_gap(source, reader, untagged))
    return facts, gaps


def _gap(source: Source, reader: Reader, error: ReadError) -> Gap:
    place = (source.name, "aws", reader.account, reader.region)
    return Gap(*place, error.reason, source.facts, error.action, shapes=source.shapes)


def _emit_left_out(run: _Run, client: AwsClient, target: Target, regions: Sequence[str]) -> None:
    """Emit a gap that hides no kind of fact if the settings leave regions of the account's partition out."""
    named = target.regions or run.request.regions
    if not named or not regions or run.request.regions_are_all or not client.others(regions):
        return
    verb = "was" if len(regions) == 1 else "were"
    reason = f"only {', '.join(regions)} {verb} read, because the settings name no other region"
    emit_part(run.emit, None, (), [left_out(target.id, regions, reason)])


def left_out(account: str, regions: Sequence[str], reason: str) -> Gap:
    """The gap of an account whose other regions are left out by choice."""
    return Gap("aws", "aws", account, "", reason, (), only_regions=tuple(regions))


def _gaps_of_fields(source: Source, reader: Reader, told: Collection[tuple[str, str]]) -> list[Gap]:
    """The lists that only some fields of facts need, and that could not be read: they hide no fact."""
    return [
        Gap(source.name, "aws", reader.account, region, error.reason, (), error.action)
        for (region, action), error in reader.doubtful.items()
        if (region, action) not in told
    ]


def _resource_gap(source: Source, reader: Reader, unread: UnreadResource) -> Gap:
    error, kinds = unread.error, source.facts if unread.kinds is None else unread.kinds
    place = (source.name, "aws", reader.account, unread.region)
    return Gap(*place, error.reason, kinds, error.action, unread.resource, unread.tags, shapes=source.shapes)


def _emit_gap(run: _Run, account: str, region: str, error: ReadError) -> None:
    """Emit a gap for every requested kind of fact: a whole account or region cannot be read."""
    affected = [source for source in sources() if any(kind.__name__ in run.request.kinds for kind in source.facts)]
    rest = (account, region, error.reason)
    gaps = [Gap(source.name, "aws", *rest, source.facts, error.action, shapes=source.shapes) for source in affected]
    emit_part(run.emit, None, (), gaps)
