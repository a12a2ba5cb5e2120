"""What a plug-in reads one monitoring system with: calls that are signed in, paced and retried; facts; and gaps."""

import asyncio
import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.audit.collectors.monitors.access import MonitorAccess
from bot.audit.collectors.monitors.source import MonitorSource
from bot.net.cloud_api import CloudApi
from bot.net.plain_text import line
from bot.net.read_error import ReadError
from checks import GLOBAL, Alarm, Fact, Gap, Unread

T = TypeVar("T")
_ADVISED = 300


@dataclass(slots=True)
class MonitorReader:
    """Reads one system. Calls are counted by `api`; failed parts are in `gaps`, each with what would help.

    `now`: UTC, the same for the whole audit. `route_labels`: labels that the systems which receive its alerts decide by.
    """

    source: MonitorSource
    access: MonitorAccess
    api: CloudApi
    now: datetime
    route_labels: frozenset[str] = frozenset()
    runs_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)

    async def get(self, path: str, action: str, params: Mapping[str, str] | None = None) -> Any:
        """GET a path below the address and return its JSON. `action`: how gaps and `MonitorSource.grants` call it.

        Raises:
            ReadError: it failed for good.
        """
        return await self._json(path, action, params, None)

    async def post(self, path: str, action: str, body: object) -> Any:
        """POST JSON to a path below the address and return the JSON of its answer.

        Raises:
            ReadError: it failed for good.
        """
        return await self._json(path, action, None, body)

    async def _json(self, path: str, action: str, params: Mapping[str, str] | None, body: object) -> Any:
        url = path if path.startswith("https://") else f"{self.access.url}{path}"
        answer = await self.api.answer(url, action, params=params, body=body)
        try:
            return await asyncio.to_thread(json.loads, answer.body)
        except (ValueError, RecursionError):
            raise ReadError(action, f"{action} answered with something that is not JSON", "NotUnderstood") from None

    async def rows(self, path: str, action: str, params: Mapping[str, str] | None = None) -> list[Row]:
        """GET a path that answers with a list of objects.

        Raises:
            ReadError: it failed for good, or the answer is none.
        """
        return rows_of(await self.get(path, action, params), action)

    async def attempt(self, work: Awaitable[T]) -> T | ReadError:
        """What a read gives, or why it failed: for reads side by side, none of which may go on alone when another failed."""
        try:
            return await work
        except ReadError as error:
            return error

    async def part(self, work: Awaitable[T], otherwise: T) -> T:
        """A part of the reading that may fail: `otherwise` then, with a gap that hides no facts."""
        try:
            return await work
        except ReadError as error:
            self.failed(error, kinds=())
            return otherwise

    async def maybe(self, work: Awaitable[T]) -> T | Unread:
        """A part of the reading that may fail: `Unread` with the reason then, with a gap that hides no facts."""
        try:
            return await work
        except ReadError as error:
            self.failed(error, kinds=())
            return Unread(self.advice(error))

    def failed(self, error: ReadError, *, kinds: tuple[type[Fact], ...] = (Alarm,)) -> None:
        """Record a read that failed; facts of these kinds may be missing."""
        self.gap(error.action, self.advice(error), kinds=kinds)

    def gap(self, action: str, reason: str, *, kinds: tuple[type[Fact], ...] = (Alarm,)) -> None:
        """Record a gap. `reason`: a clause, with what would help."""
        self.gaps.append(gap_of(self.source, self.access, action, reason, kinds))

    def odd(self, error: OddFieldError | ValueError, action: str, name: str = "") -> None:
        """Record one item of a list that could not be understood."""
        self.gap(action, line(f"{name or 'an item'} has an unexpected form ({error})", _ADVISED))

    def advice(self, error: ReadError) -> str:
        """Why a read failed, and the right or setting that would help, where that is known."""
        reason = line(error.reason, _ADVISED)
        if "access denied" in reason and (grant := self.source.grants.get(error.action)):
            return f"{reason}; {grant}"
        if error.fatal:
            return f"{reason}; set a valid token for monitor {self.access.name} in backstay.yaml"
        return reason

    def alarm(self, key: str, name: str, **fields: Any) -> Alarm:
        """An alarm of this system. `key`: its permanent identity within the system, `name`: for people."""
        identity: dict[str, Any] = {
            "resource": f"{self.source.kind}:{self.access.name}/{key}"[:500],
            "name": line(name, 200) or key[:200],
            "provider": self.source.kind,
            "account": "",
            "region": GLOBAL,
            "product": self.source.kind,
            "source": source_name(self.access),
            "observed_at": self.now,
            "monitor": self.access.name,
            "monitor_runs_on": self.access.runs_on,
        }
        return Alarm(**(identity | fields))


def source_name(access: MonitorAccess) -> str:
    """The source of the facts and gaps of one system, as `unread` names it: `monitor prod`."""
    return f"monitor {access.name}"


def gap_of(
    source: MonitorSource, access: MonitorAccess, action: str, reason: str, kinds: tuple[type[Fact], ...] = (Alarm,)
) -> Gap:
    """A gap of one system. It concerns every service: any of them may be watched by what was not read."""
    return Gap(source_name(access), source.kind, "", GLOBAL, reason, kinds, action)


def rows_of(found: object, action: str) -> list[Row]:
    """The objects of a JSON list.

    Raises:
        ReadError: it is no such list.
    """
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise ReadError(action, f"{action} answered with something that is not a list of objects", "NotUnderstood")
    return [Row(item) for item in found]
