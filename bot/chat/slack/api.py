"""Calls to Slack on behalf of one answer: Web API and response_url, over one session and in bounded time."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import aiohttp

from bot.model import utc_now
from bot.net.failures import failure_words
from bot.net.http import retry_after

# Longer than a slow answer of Slack, shorter than people wait.
CALL_SECONDS = 10.0
LONGEST_WAIT = 30.0
TRIES = 3
_LARGEST_ANSWER = 1_000_000
_PASSING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited"})
_HOSTS = (".slack.com", ".slack-gov.com")

Sleep = Callable[[float], Awaitable[None]]
Payload = Mapping[str, Any]


class FailedCallError(Exception):
    """A call failed. The message is Slack's error code or the kind of failure, never an address or a token.

    `passing`: a retry may succeed. `after`: seconds that Slack asked to wait, 0 where it did not.
    """

    def __init__(self, reason: str, *, passing: bool, after: float = 0.0) -> None:
        super().__init__(reason)
        self.passing, self.after = passing, after


class SlackApi:
    """Slack's Web API at `api_url`, and response_urls. Call `close` at the end.

    Args:
        token: the bot's token.
        api_url: base of all calls, `https://slack.com/api/`.
        seconds: how long one call may take.
        sleep: waits between tries.
    """

    def __init__(
        self, token: str, api_url: str, *, seconds: float = CALL_SECONDS, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._token, self._url = token, api_url if api_url.endswith("/") else f"{api_url}/"
        self._seconds, self._sleep = seconds, sleep
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def call(self, method: str, payload: Payload, *, tries: int = 1, again: bool = False) -> Payload:
        """Call a method of the Web API.

        Args:
            method: `chat.update`.
            payload: its arguments.
            tries: the most tries; a rate-limited call was not executed and is always retried.
            again: the call is idempotent, so other passing failures are retried as well.

        Raises:
            FailedCallError: Slack refused or could not be reached.
        """
        headers = {"Authorization": f"Bearer {self._token}"}

        async def once() -> Payload:
            status, after, body = await self._post(self._url + method, payload, headers)
            return _checked(status, after, body)

        return await self._tried(once, tries, again=again)

    async def respond(self, url: str, payload: Payload, *, tries: int = 1) -> None:
        """Post to a response_url.

        Raises:
            FailedCallError: the address is not Slack's, is used up, or could not be reached.
        """
        if not self._is_slack_url(url):
            raise FailedCallError("the response_url is not one of Slack's", passing=False)

        async def once() -> Payload:
            status, after, _ = await self._post(url, payload, {})
            if status != 200:
                raise FailedCallError(f"HTTP {status}", passing=status == 429 or status >= 500, after=after)
            return {}

        await self._tried(once, tries, again=True)

    async def _tried(self, once: Callable[[], Awaitable[Payload]], tries: int, *, again: bool) -> Payload:
        tried = 0
        while True:
            tried += 1
            try:
                return await once()
            except FailedCallError as failure:
                worth_it = failure.after > 0 or (again and failure.passing)
                if tried >= tries or not worth_it or failure.after > LONGEST_WAIT:
                    raise
                await self._sleep(failure.after or float(tried))

    async def _post(self, url: str, payload: Payload, headers: Mapping[str, str]) -> tuple[int, float, bytes]:
        try:
            async with self._shared().post(url, json=payload, headers=headers, allow_redirects=False) as answer:
                body = await answer.content.read(_LARGEST_ANSWER)
                while not answer.content.at_eof() and len(body) < _LARGEST_ANSWER:
                    body += await answer.content.read(_LARGEST_ANSWER)
                return answer.status, _wait(answer.status, answer.headers.get("Retry-After", "")), body
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise FailedCallError(failure_words(error), passing=True) from None

    def _shared(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self._seconds)
            # Reading the environment costs work in a thread on every call: only where it names a proxy.
            proxied = bool(getproxies())
            self._session = aiohttp.ClientSession(
                timeout=timeout, trust_env=proxied, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session

    def _is_slack_url(self, url: str) -> bool:
        target, own = urlsplit(url), urlsplit(self._url)
        if (target.scheme, target.hostname) == (own.scheme, own.hostname):
            return True
        return target.scheme == "https" and (target.hostname or "").endswith(_HOSTS)


def _wait(status: int, header: str) -> float:
    """Seconds that Slack asks to wait."""
    if status != 429:
        return 0.0
    wait = retry_after(header, utc_now())
    return 1.0 if wait is None else wait.total_seconds()


def _checked(status: int, after: float, body: bytes) -> Payload:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and answer.get("ok") is True and status == 200:
        return answer
    reason = answer.get("error") if isinstance(answer, dict) else None
    limited = reason == "ratelimited" and after == 0
    passing = status == 429 or status >= 500 or reason is None or reason in _PASSING
    raise FailedCallError(str(reason or f"HTTP {status}"), passing=passing, after=1.0 if limited else after)
