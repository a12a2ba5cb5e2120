"""Tries the calls of an audit on a sample: first pages only, one item of each, within a time limit.

It finds what an audit could not read (a missing permission, an endpoint that does not answer) without reading the estate. The
sources themselves make the calls, with real resources, so that what is tried is what an audit calls.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.audit.collectors.aws.places import CollectRequest, places_of, reach
from bot.audit.collectors.aws.reader import ReachedAccount, Reader
from bot.audit.collectors.aws.source import Source
from bot.audit.collectors.aws.trial_record import NOT_TRIED, NOT_TRIED_CODE, SampledCalls, TrialRecord
from bot.audit.collectors.engine.frames import Emit, emit_part
from bot.net.aws.accounts import (
    AccountAccess,
    Target,
    UnusableAwsError,
    enter,
    global_home,
    targets,
)
from bot.net.aws.client import Limits
from bot.net.aws.errors import ReadError
from checks import GLOBAL, Gap

_HANGS: Final = 1.5
"""Seconds after which a call that is still open when time is up counts as one without an answer, not as one not tried."""
_THREADS: Final = 24
_CHEAPEST: Final = "aws_networks"
"""The source that every account can read in every region: it tells whether a region answers at all."""


@dataclass(slots=True)
class _Place:
    """A source to try at an account and region. `rank`: lower is tried earlier."""

    source: Source
    reader: Reader
    rank: int
    thread: int = 0
    tried: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class _Trial:
    """What a trial works with: its request, its time and outcomes, its threads, and limits of its calls."""

    request: CollectRequest
    record: TrialRecord
    pool: ThreadPoolExecutor
    limits: Limits
    gate: threading.Semaphore


def try_calls(request: CollectRequest, seconds: float, emit: Emit) -> None:
    """Try every call of an audit on a sample; the function returns in time, whatever still runs in its threads.

    Emits a gap for each action that failed at a place (account, region), and one with the reason `NOT_TRIED` for each source
    of a place that was not tried. A place that is emitted as read is (action, account, region): that action answered there.

    Order: all sources in the first account's home region, the sources that failed there in all other regions, the networks
    of every other region (which tell whether the region answers at all), then the rest.

    Raises:
        UnusableAwsError: no credentials, or AWS does not answer in time.
    """
    record = TrialRecord(emit, time.monotonic() + seconds)
    # One try of at most 3 s: what a slow endpoint needs in an audit is another question.
    limits = Limits(concurrency=_THREADS, rate=100, burst=200, timeout=min(3.0, seconds))
    gate, pool = threading.Semaphore(_THREADS), ThreadPoolExecutor(_THREADS, "trial")
    trial = _Trial(request, record, pool, limits, gate)
    try:
        entry = _entered(record, pool.submit(enter, request.profile, limits, gate, record.tally, request.regions))
        places = _places(trial, entry)
        home = [place for place in places if place.rank == 0]
        _run(trial, home)
        broken = {place.source.name for place in home if place.broken}
        rest = sorted(places[len(home) :], key=lambda place: (place.source.name not in broken, place.rank))
        _run(trial, rest)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    _close(record, places)


def _entered(record: TrialRecord, entering: "Future[AccountAccess]") -> AccountAccess:
    done, _ = wait([entering], timeout=record.seconds_left)
    if not done:
        raise UnusableAwsError(
            "AWS cannot be read: no answer from sts:GetCallerIdentity in time",
            "check that this machine reaches AWS: network, proxy, firewall; `--within` gives more time",
        )
    return entering.result()


def _places(trial: _Trial, entry: AccountAccess) -> list[_Place]:
    """All sources in all accounts and regions, those of the first account's home first."""
    found: list[_Place] = []
    record = trial.record
    accounts = _targets(trial, entry)
    reaching = {
        trial.pool.submit(reach, trial.request, entry, target, trial.limits, trial.gate): target for target in accounts
    }
    done, late = wait(reaching, timeout=record.seconds_left)
    for future in late:
        record.fail("", reaching[future].id, "", ReadError("", NOT_TRIED))
    for future in sorted(done, key=lambda future: accounts.index(reaching[future])):
        target = reaching[future]
        try:
            client, regions, wrong = future.result()
        except ReadError as error:
            record.fail("", target.id, "", error)
            continue
        for problem in wrong:
            record.fail("", target.id, "", problem)
        record.reached.append(target.id)
        home = global_home(entry.partition, regions)
        calls, now = SampledCalls(client, target.id, record), datetime.now(UTC)
        account = ReachedAccount(target.id, calls, trial.pool, now, regions, home, entry.partition)
        nearest = entry.home if entry.home in regions else next(iter(regions), "")
        found += _ranked(trial, account, nearest)
    return sorted(found, key=lambda place: place.rank)


def _targets(trial: _Trial, entry: AccountAccess) -> list[Target]:
    """The accounts; without those of the organization where it cannot be listed in time."""
    request, record = trial.request, trial.record
    listing = trial.pool.submit(targets, entry, request.accounts, request.role, organization=request.organization)
    wait([listing], timeout=record.seconds_left / 2)
    try:
        return listing.result(timeout=0)
    except TimeoutError:
        record.fail("", entry.account, "", _no_answer("organizations:ListAccounts"))
    except ReadError as error:
        record.fail("", entry.account, "", error)
    return targets(entry, request.accounts, request.role, organization=False)


def _ranked(trial: _Trial, account: ReachedAccount, nearest: str) -> Iterator[_Place]:
    """The sources to try in an account. `nearest`: the region to begin with."""
    first = len(trial.record.reached) == 1
    for source, reader in places_of(trial.request, account):
        rank = 0 if first and reader.region in (nearest, GLOBAL) else 1 if source.name == _CHEAPEST else 2
        yield _Place(source, reader, rank)


def _run(trial: _Trial, places: Sequence[_Place]) -> None:
    """Try places, a few at a time and in order, until all are done or time is up."""
    waiting, running = iter(places), set[Future[None]]()
    while trial.record.seconds_left:
        for place in waiting:
            running.add(trial.pool.submit(_try, trial, place))
            if len(running) >= _THREADS:
                break
        if not running:
            return
        _, running = wait(running, timeout=trial.record.seconds_left, return_when=FIRST_COMPLETED)


def _try(trial: _Trial, place: _Place) -> None:
    reader, source = place.reader, place.source
    if not trial.record.seconds_left:
        return
    place.thread = threading.get_ident()
    errors: list[ReadError] = []
    try:
        for _ in source.read(reader):
            pass
    except ReadError as error:
        errors.append(error)
    except Exception:  # noqa: BLE001, S110 - a sample may be too small for a source: that tells nothing about permissions
        pass
    errors += [unread.error for unread in reader.unread] + reader.untagged
    for failure in errors:
        if failure.action and failure.code != NOT_TRIED_CODE and not failure.gone:
            place.broken = True
            trial.record.fail(source.name, reader.account, reader.client_region, failure)
    place.tried = all(failure.code != NOT_TRIED_CODE for failure in errors)
    place.thread = 0


def _close(record: TrialRecord, places: Sequence[_Place]) -> None:
    """Emit what is still open and what was not tried, then the end."""
    now = time.monotonic()
    with record.lock:
        hanging = {thread: call for thread, (*call, since) in record.open.items() if now - since >= _HANGS}
        answered = sorted(record.answered)
    for action, account, region in hanging.values():
        record.fail("", account, region, _no_answer(action))
    missed = [place for place in places if not place.tried and place.thread not in hanging]
    gaps = [Gap(place.source.name, "aws", place.reader.account, place.reader.region, NOT_TRIED, ()) for place in missed]
    with record.lock:
        record.ended = True
    if gaps:
        emit_part(record.emit, None, (), gaps)
    for answer in answered:
        emit_part(record.emit, answer, (), ())
    calls = sum(record.tally.calls.values())
    record.emit({"t": "end", "calls": calls, "again": record.tally.again, "accounts": record.reached, "by": {}})


def _no_answer(action: str) -> ReadError:
    return ReadError(action, f"{action} failed: no answer in time", "Timeout")
