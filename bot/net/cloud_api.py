"""Calls the JSON APIs of clouds other than AWS: signed in, paced, retried where that can help, and counted.

Error bodies: Google's `{"error": {"code", "status", "message", "details"}}` (AIP-193), Azure's `{"error": {"code", "message"}}`
(Azure REST API guidelines) and Kubernetes' `Status` (`{"kind": "Status", "reason", "message"}`).
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.net.adaptive_rate import AdaptiveRateLimiter
from bot.net.egress import NetworkError
from bot.net.http import retry_after
from bot.net.http_client import HttpAnswer, HttpClient, HttpRequest
from bot.net.read_error import ReadError

_TRIES, _THROTTLED_TRIES = 3, 6
_LARGEST_PAGE = 64 << 20  # bytes: 1,000 assets with their whole descriptions
_LONGEST_WAIT = timedelta(seconds=60)
_SHORTEST_WAIT = 0.2
_ACCEPTED, _POLLS, _POLL_EVERY = 202, 15, timedelta(seconds=2)
_TRANSIENT = frozenset({408, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class ApiLimits:
    """How hard an API is called. `rate`: calls/s to one host, `burst`: at once. `concurrency`: calls open. `timeout`: of one call.

    `hosts`: rate and burst of hosts whose quota is documented and lower.
    """

    rate: float = 20.0
    burst: float = 40.0
    concurrency: int = 8
    timeout: timedelta = timedelta(seconds=30)
    hosts: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def pace_of(self, host: str) -> AdaptiveRateLimiter:
        """The pace of calls to a host."""
        rate, burst = self.hosts.get(host, (self.rate, self.burst))
        return AdaptiveRateLimiter(rate, burst) if rate < self.rate else AdaptiveRateLimiter(self.rate, self.burst)


@dataclass(slots=True)
class CloudApi:
    """Makes calls. `authorize` gives the headers that sign a call in; `private`: the API may be at a private address.

    `pause`: seconds to wait before the next call, read from the headers of an answer (a quota that is used up).
    """

    http: HttpClient
    authorize: Callable[[], Awaitable[Mapping[str, str]]]
    limits: ApiLimits = field(default_factory=ApiLimits)
    private: bool = False
    pause: Callable[[Mapping[str, str]], float] = lambda _: 0.0
    calls: Counter[str] = field(default_factory=Counter)
    _gate: asyncio.Semaphore = field(init=False)
    _paces: dict[str, AdaptiveRateLimiter] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the gate for as many calls as may be open."""
        self._gate = asyncio.Semaphore(self.limits.concurrency)

    async def call(
        self,
        url: str,
        action: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        accept: str = "application/json",
    ) -> dict[str, Any]:
        """Make one call and return its JSON object, as `answer` makes it.

        Raises:
            ReadError: it failed for good.
        """
        return _object(await self.answer(url, action, params=params, body=body, accept=accept), action)

    async def answer(
        self,
        url: str,
        action: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        accept: str = "application/json",
    ) -> HttpAnswer:
        """Make one call and return its good answer. `action`: the permission it needs. With a `body` it is a POST.

        `accept`: the form of the answer to ask for, where an API has several (Kubernetes' metadata alone). An operation that is
        accepted (202) is asked for its result at the address that it names, on the same host (Azure REST guidelines).

        Raises:
            ReadError: it failed for good.
        """
        address = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}" if params else url
        pace = self._pace(urlsplit(url).netloc)
        failures = refusals = polls = 0
        while True:
            await asyncio.sleep(pace.reserve())
            answer = await self._send(address, action, body, accept)
            if isinstance(answer, HttpAnswer) and answer.good:
                pace.accepted()
                await asyncio.sleep(self.pause(answer.headers))
                if answer.status != _ACCEPTED:
                    return answer
                address, body, polls = _result_of(answer, action, url), None, polls + 1
                if polls > _POLLS:
                    raise ReadError(action, f"{action} did not end", "NotReady")
                await asyncio.sleep(_until_result(answer))
                continue
            throttled = isinstance(answer, HttpAnswer) and _is_throttled(answer)
            refusals, failures = refusals + throttled, failures + (not throttled)
            if refusals >= _THROTTLED_TRIES or failures >= _TRIES or not _may_help(answer):
                raise _error(answer, action, urlsplit(url).hostname or "")
            if throttled:
                pace.slow()
            await asyncio.sleep(_wait(answer, refusals + failures))

    async def _send(self, url: str, action: str, body: object, accept: str) -> HttpAnswer | NetworkError:
        async with self._gate:
            self.calls[action] += 1
            headers = {"accept": accept}
            content = None if body is None else json.dumps(body).encode()
            if content is not None:
                headers["content-type"] = "application/json"
            request = HttpRequest(
                url,
                "GET" if content is None else "POST",
                headers=headers,
                credentials=await self.authorize(),
                body=content,
                private=self.private,
                most_bytes=_LARGEST_PAGE,
                timeout=self.limits.timeout,
            )
            try:
                return await self.http.request(request)
            except NetworkError as error:
                return error

    def _pace(self, host: str) -> AdaptiveRateLimiter:
        return self._paces.setdefault(host, self.limits.pace_of(host))


def _result_of(answer: HttpAnswer, action: str, url: str) -> str:
    """Where the result of an accepted operation will be.

    Raises:
        ReadError: it names no address, or one of another host, which must not get our credentials.
    """
    address = answer.headers.get("location", "")
    if urlsplit(address)[:2] != urlsplit(url)[:2]:
        raise ReadError(action, f"{action} was accepted and names no result", "NotUnderstood")
    return address


def _until_result(answer: HttpAnswer) -> float:
    said = retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC), _LONGEST_WAIT)
    return (_POLL_EVERY if said is None else said).total_seconds()


def _object(answer: HttpAnswer, action: str) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ReadError(action, f"{action} answered with something that is not a JSON object", "NotUnderstood")
    return found


def _is_throttled(answer: HttpAnswer) -> bool:
    return answer.status == 429 or (
        answer.status == 403 and _reason(answer) in ("rateLimitExceeded", "userRateLimitExceeded")
    )


def _may_help(answer: HttpAnswer | NetworkError) -> bool:
    return isinstance(answer, NetworkError) or answer.status in _TRANSIENT or _is_throttled(answer)


def _wait(answer: HttpAnswer | NetworkError, tries: int) -> float:
    """Seconds before the next try: what the answer says, else twice as long each time, by chance.

    Answers say it as Retry-After, Datadog's as X-RateLimit-Reset (https://docs.datadoghq.com/api/latest/rate-limits/), which is a
    moment since 1970 elsewhere and then no wait.
    """
    if isinstance(answer, HttpAnswer):
        until = answer.headers.get("x-ratelimit-reset", "") if _is_throttled(answer) else ""
        seconds = until if until.isdecimal() and len(until) < 5 else ""
        said = retry_after(answer.headers.get("retry-after", seconds), datetime.now(UTC), _LONGEST_WAIT)
        if said is not None:
            return said.total_seconds()
    return random.uniform(_SHORTEST_WAIT / 2, _SHORTEST_WAIT * 2.0**tries)  # noqa: S311 - jitter, not a secret


def _error(answer: HttpAnswer | NetworkError, action: str, host: str) -> ReadError:
    if isinstance(answer, NetworkError):
        return ReadError(action, f"no answer to {action}: {answer}", "Unreachable")
    code, reason = _code(answer), _reason(answer)
    if answer.status == 401:
        return ReadError(
            action, f"{host} does not accept the credentials: they are wrong or have expired", code, fatal=True
        )
    if reason in ("SERVICE_DISABLED", "accessNotConfigured"):
        return ReadError(action, f"the API {host} is disabled in this project", reason)
    if answer.status == 403:
        return ReadError(action, f"access denied to {action}", code)
    if _is_throttled(answer):
        return ReadError(action, f"{action} was throttled until the last retry", code)
    return ReadError(
        action, f"{action} failed: HTTP {answer.status}{f' ({code})' if code else ''}", code or str(answer.status)
    )


def _details(answer: HttpAnswer) -> Mapping[str, Any]:
    try:
        body = json.loads(answer.body)
    except ValueError:
        return {}
    found = body.get("error", body) if isinstance(body, dict) else {}
    return found if isinstance(found, dict) else {}


def _code(answer: HttpAnswer) -> str:
    """The word for an error: Google's `status`, Azure's `code`, Kubernetes' `reason`."""
    found = _details(answer)
    # A `Status` of Kubernetes has the status `Failure`, whatever failed.
    words = [None if found.get("kind") == "Status" else found.get("status"), found.get("code"), found.get("reason")]
    return next((word for word in words if isinstance(word, str) and word.isidentifier()), "")


def _reason(answer: HttpAnswer) -> str:
    """The exact reason of a Google error: that of its details (AIP-193), or of the older list of errors."""
    found = _details(answer)
    for key in ("details", "errors"):
        rows = found.get(key)
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and isinstance(row.get("reason"), str):
                return str(row["reason"])
    return ""
