"""Journals of Chaos Toolkit, from files or web addresses.

Shape: `journal.json` as chaoslib/run.py of chaostoolkit-lib@0916700 writes it. `start` and `end` are UTC without an offset.
"""

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.rehearsals.run import ReadingContext, RehearsalRun, RehearsalSource, Runs, read_each
from bot.net.egress import NetworkError
from bot.net.http_client import HttpClient, HttpRequest
from bot.net.read_error import ReadError
from checks import RehearsalKind, RehearsalResult

MOST_BYTES: Final = 8 << 20
MOST_FILES: Final = 500
_READ: Final = "read journals"
_REFUSED: Final = frozenset((401, 403))


@dataclass(frozen=True, slots=True)
class JournalPlace:
    """A journal, or a folder of them (`*.json`). What a journal does not say may be given: service, kind and scope."""

    path: Path | None = None
    url: str = ""
    token: SecretStr | None = None
    private: bool = False
    service: str = ""
    kind: RehearsalKind = RehearsalKind.FAULT_INJECTION
    scope: str = ""

    @property
    def shown(self) -> str:
        """The file or host, for people."""
        return self.path.name if self.path else urlsplit(self.url).hostname or "journal"


async def read(places: tuple[JournalPlace, ...], context: ReadingContext) -> Runs:
    """The runs of all journals. One that cannot be read costs no other.

    Raises:
        ReadError: none of several places can be read, or the only one cannot.
    """
    found: list[RehearsalRun] = []
    problems: list[str] = []
    failures: list[ReadError] = []
    for place in places:
        try:
            runs = await _read(place, context)
        except ReadError as error:
            failures.append(error)
        else:
            found += runs.runs
            problems += (f"{place.shown}: {problem}" for problem in runs.problems)
    if failures and len(failures) == len(places):
        raise failures[0]
    calls = sum(1 for place in places if place.url)
    return Runs(found, [*problems, *(error.reason for error in failures)], calls)


async def _read(place: JournalPlace, context: ReadingContext) -> Runs:
    if place.path is not None:
        return await asyncio.to_thread(_from_files, place, place.path)
    body = await _fetched(place, context)
    return await asyncio.to_thread(lambda: read_each([body], lambda text: _run(_journal(text), place, place.url)))


def _from_files(place: JournalPlace, path: Path) -> Runs:
    try:
        if not path.exists():
            raise ReadError(_READ, f"{path.name} does not exist", "NotFound")
        files = sorted(path.rglob("*.json"), key=_modified)[-MOST_FILES:] if path.is_dir() else [path]
    except OSError as error:
        raise ReadError(_READ, f"{path.name} cannot be read: {error.strerror}") from None
    return read_each(files, lambda file: _run(_journal(_bytes_of(file)), place, str(file)))


def _modified(path: Path) -> float:
    return path.stat().st_mtime


def _bytes_of(path: Path) -> bytes:
    with path.open("rb") as file:
        body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise ValueError(path.name)
    return body


async def _fetched(place: JournalPlace, context: ReadingContext) -> bytes:
    token = place.token.get_secret_value() if place.token else ""
    request = HttpRequest(
        place.url,
        headers={"accept": "application/json"},
        credentials={"Authorization": f"Bearer {token}"} if token else {},
        private=place.private,
        redirects=3,
        most_bytes=MOST_BYTES,
        timeout=context.timeout,
    )
    try:
        async with HttpClient(context.outgoing) as http:
            answer = await http.request(request)
    except NetworkError as error:
        raise ReadError(_READ, f"no answer from {place.shown}: {error.reason}", "Unreachable") from None
    if answer.status in _REFUSED:
        raise ReadError(_READ, f"access denied to the journal at {place.shown}", str(answer.status))
    if not answer.good:
        raise ReadError(_READ, f"{place.shown} answers HTTP {answer.status}", str(answer.status))
    return answer.body


def _journal(body: bytes) -> Row:
    found = json.loads(body)
    if not isinstance(found, dict):
        raise TypeError("no journal")
    return Row(found)


def _run(journal: Row, place: JournalPlace, where: str) -> RehearsalRun | None:
    """The run of a journal; none while it is written. `where` keys it together with its start."""
    experiment = journal.row("experiment")
    title, start = experiment.text("title"), journal.when("start")
    if not title or start is None:
        raise ValueError("no journal")
    if not journal.text("status"):
        return None
    run = RehearsalRun(
        key=f"{where.rpartition('/')[2]}/{start:%Y-%m-%dT%H:%M:%S}",
        name=title,
        at=journal.when("end") or start,
        result=_result(journal),
        kind=place.kind,
        names=(title, *experiment.texts("tags")),
        service=place.service,
        scope=place.scope,
        link=where if place.url else "",
    )
    return replace(run, measured_rto=_recovery(journal)) if run.result is RehearsalResult.SUCCEEDED else run


def _result(journal: Row) -> RehearsalResult:
    """Succeeded: completed and not deviated, with at least one action that worked, as far as the journal lists any.

    A run whose steady state was not met before the method injected no fault; aborted, interrupted and dry runs prove nothing.
    """
    status = journal.text("status").lower()
    before = journal.flag("steady_states.before.steady_state_met")
    if status in ("aborted", "interrupted") or before is False or journal.row("experiment").value("dry"):
        return RehearsalResult.INCONCLUSIVE
    if journal.flag("deviated") or status == "failed":
        return RehearsalResult.FAILED
    actions = [row.text("status") for row in _actions(journal)]
    injected = "succeeded" in actions or not actions
    return RehearsalResult.SUCCEEDED if status == "completed" and injected else RehearsalResult.INCONCLUSIVE


def _actions(journal: Row) -> Iterator[Row]:
    return (row for row in journal.rows("run") if row.text("activity.type") == "action")


def _recovery(journal: Row) -> timedelta | None:
    """From the start of the first action until the steady state was seen to hold again; None where it was not looked at."""
    if not journal.flag("steady_states.after.steady_state_met"):
        return None
    lost = [at for row in _actions(journal) if (at := row.when("start"))]
    probes: Iterable[Row] = journal.rows("steady_states.after.probes")
    seen = [at for row in probes if (at := row.when("end"))]
    return max(seen) - min(lost) if lost and seen and max(seen) >= min(lost) else None


SOURCE = RehearsalSource(
    "chaos_toolkit",
    "Chaos Toolkit",
    "read access to the files or addresses of journal.json, nothing of the experiments themselves",
    read,
)
