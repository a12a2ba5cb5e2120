"""Reads the JSON APIs of wikis: signed in, bounded, tried again where that can help, with reasons that people can act on."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from bot.audit.collectors.runbooks.source import SourceTools, UnreadableError
from bot.net.egress import NetworkError
from bot.net.http import retry_after
from bot.net.http_client import HttpAnswer, HttpRequest

_TRIES = 3
_LONGEST_WAIT = timedelta(seconds=10)
"""A source that asks for a longer pause is left for the next run."""
_FIRST_WAIT = 0.5
_TRANSIENT = frozenset({429, 500, 502, 503, 504})
_LARGEST = 8_000_000


@dataclass(frozen=True, slots=True)
class JsonApi:
    """An API. `name` for people; `missing`: what a 404 may mean there, since most hide what they do not show."""

    tools: SourceTools
    name: str
    headers: Mapping[str, str] = field(repr=False)
    missing: str = "the page does not exist, or is not shared with backstay"

    async def get(self, url: str, **params: str | int) -> Any:
        """One object.

        Raises:
            UnreadableError: refused, missing, or no usable answer after three tries.
        """
        address = f"{url}?{urlencode(params)}" if params else url
        wait = _FIRST_WAIT
        for attempt in range(1, _TRIES + 1):
            answer = await self._ask(address)
            if isinstance(answer, HttpAnswer) and answer.good:
                return await asyncio.to_thread(self._object, answer)
            wait = self._pause(answer, wait)
            if attempt == _TRIES or not wait:
                raise UnreadableError(self._reason(answer))
            await self.tools.sleep(wait)
            wait *= 2
        raise AssertionError  # the last attempt returns or raises

    async def _ask(self, address: str) -> HttpAnswer | NetworkError:
        request = HttpRequest(
            address,
            headers={"Accept": "application/json"},
            credentials=self.headers,
            private=True,
            most_bytes=_LARGEST,
            timeout=self.tools.timeout,
        )
        try:
            return await self.tools.http.request(request)
        except NetworkError as error:
            return error

    def _pause(self, answer: HttpAnswer | NetworkError, wait: float) -> float:
        """Seconds until the next try; 0 where none helps."""
        if isinstance(answer, NetworkError):
            return 0  # its time is used up, or nothing listens
        if answer.status not in _TRANSIENT:
            return 0
        asked = retry_after(answer.headers.get("retry-after", ""), self.tools.clock())
        if asked is None:
            return wait
        return 0 if asked > _LONGEST_WAIT else max(asked.total_seconds(), 0.001)

    def _reason(self, answer: HttpAnswer | NetworkError) -> str:
        if isinstance(answer, NetworkError):
            return f"{self.name} {answer.reason}"
        if answer.status == 401:
            return f"{self.name} does not accept the credentials (401)"
        if answer.status == 403:
            return f"{self.name} denies access (403)"
        if answer.status == 404:
            return f"{self.missing} (404 from {self.name})"
        if answer.status == 429:
            return f"{self.name} asked to slow down (429)"
        return f"{self.name} answers with status {answer.status}"

    def _object(self, answer: HttpAnswer) -> Any:
        try:
            found = json.loads(answer.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise UnreadableError(f"{self.name} answers with something that is not a JSON object")
        return found
