"""Calls the JSON APIs of trackers and portals: signed in, bounded; only what changes nothing is tried again."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bot.model import Clock
from bot.net.egress import NetworkError
from bot.net.http import retry_after
from bot.net.http_client import HttpAnswer, HttpClient, HttpRequest, UnreachableError

_TRIES = 3
_LONGEST_WAIT = timedelta(seconds=30)
_FIRST_WAIT = 0.5
_TRANSIENT = frozenset({429, 500, 502, 503, 504})
_LARGEST = 16_000_000


class TrackerError(Exception):
    """A call failed. The text is the reason, as shown to people; it holds no secret.

    `ambiguous`: the change may have been made although no answer came. `fatal`: no other call can succeed either.
    """

    def __init__(self, reason: str, *, ambiguous: bool = False, fatal: bool = False) -> None:
        super().__init__(reason)
        self.ambiguous, self.fatal = ambiguous, fatal


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """An answer: its JSON, None where it has none, and its headers in lower case."""

    body: Any
    headers: Mapping[str, str]


@dataclass(slots=True)
class TicketApi:
    """An API. `name` for people; `private`: it may be at a private address; `pause`: seconds between two changes."""

    http: HttpClient
    name: str
    credentials: Mapping[str, str] = field(repr=False)
    clock: Clock
    private: bool = False
    timeout: timedelta = timedelta(seconds=20)
    pause: float = 1.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _changed: bool = False

    async def get(self, url: str, **params: str | int) -> ApiAnswer:
        """Read something; tried again after 429 and errors of the server.

        Raises:
            TrackerError: it failed for good.
        """
        address = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}" if params else url
        return await self._tried(address, "GET", None)

    async def query(self, url: str, body: object) -> ApiAnswer:
        """Read something by a POST that changes nothing; tried again like `get`.

        Raises:
            TrackerError: it failed for good.
        """
        return await self._tried(url, "POST", body)

    async def change(self, method: str, url: str, body: object) -> ApiAnswer:
        """Change something. Tried again only where it certainly did not arrive or was turned away (429).

        Raises:
            TrackerError: it failed; `ambiguous` where it may have been made.
        """
        if self._changed:
            await self.sleep(self.pause)
        self._changed = True
        for attempt in range(1, _TRIES + 1):
            answer = await self._send(url, method, body)
            if isinstance(answer, HttpAnswer) and answer.good:
                return await self._read(answer)
            wait = self._asked_for(answer) if isinstance(answer, HttpAnswer) and _is_throttled(answer) else None
            if wait is None or attempt == _TRIES:
                raise self._error(answer, changes=True)
            await self.sleep(wait)
        raise AssertionError  # the last attempt returns or raises

    async def _tried(self, url: str, method: str, body: object) -> ApiAnswer:
        wait = _FIRST_WAIT
        for attempt in range(1, _TRIES + 1):
            answer = await self._send(url, method, body)
            if isinstance(answer, HttpAnswer) and answer.good:
                return await self._read(answer)
            helps = isinstance(answer, NetworkError) or answer.status in _TRANSIENT or _is_throttled(answer)
            asked = self._asked_for(answer) if isinstance(answer, HttpAnswer) else wait
            if not helps or asked is None or attempt == _TRIES:
                raise self._error(answer, changes=False)
            await self.sleep(max(asked, wait))
            wait *= 2
        raise AssertionError  # the last attempt returns or raises

    async def _send(self, url: str, method: str, body: object) -> HttpAnswer | NetworkError:
        content = None if body is None else json.dumps(body).encode()
        request = HttpRequest(
            url,
            method,
            headers={"Accept": "application/json"} | ({"Content-Type": "application/json"} if content else {}),
            credentials=self.credentials,
            body=content,
            private=self.private,
            most_bytes=_LARGEST,
            timeout=self.timeout,
        )
        try:
            return await self.http.request(request)
        except NetworkError as error:
            return error

    def _asked_for(self, answer: HttpAnswer) -> float | None:
        """Seconds to wait before the next try; None where that is too long for this run."""
        asked = retry_after(answer.headers.get("retry-after", ""), self.clock(), timedelta(days=1))
        if asked is None and answer.headers.get("x-ratelimit-remaining") == "0":
            asked = _until(answer.headers.get("x-ratelimit-reset", ""), self.clock())
        if asked is None:
            return _FIRST_WAIT
        return None if asked > _LONGEST_WAIT else asked.total_seconds()

    async def _read(self, answer: HttpAnswer) -> ApiAnswer:
        if not answer.body.strip():
            return ApiAnswer(None, answer.headers)
        try:
            body = await asyncio.to_thread(json.loads, answer.body)
        except ValueError:
            raise TrackerError(f"{self.name} answers with something that is not JSON", ambiguous=True) from None
        return ApiAnswer(body, answer.headers)

    def _error(self, answer: HttpAnswer | NetworkError, *, changes: bool) -> TrackerError:
        if isinstance(answer, NetworkError):
            sent = changes and not isinstance(answer, UnreachableError)
            return TrackerError(f"{self.name} {answer.reason}", ambiguous=sent, fatal=not sent)
        if answer.status == 401:
            return TrackerError(f"{self.name} does not accept the credentials (401)", fatal=True)
        if _is_throttled(answer):
            return TrackerError(f"{self.name} asked to slow down ({answer.status})", fatal=True)
        if answer.status == 403:
            return TrackerError(f"{self.name} denies access (403)")
        if answer.status == 404:
            return TrackerError(f"{self.name} has no such project or ticket, or does not show it (404)")
        server = answer.status >= 500
        return TrackerError(f"{self.name} answers with status {answer.status}", ambiguous=changes and server)


def _is_throttled(answer: HttpAnswer) -> bool:
    """429, or GitHub's 403 for a limit that is used up (docs.github.com, "Rate limits for the REST API")."""
    used_up = answer.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in answer.headers
    return answer.status == 429 or (answer.status == 403 and used_up)


def _until(reset: str, now: datetime) -> timedelta | None:
    if not (reset.isascii() and reset.isdigit() and len(reset) <= 11):
        return None
    return max(timedelta(seconds=int(reset) - now.timestamp()), timedelta())
