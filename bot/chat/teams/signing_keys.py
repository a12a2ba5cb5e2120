"""Fetches the public keys of the Bot Framework's tokens, without blocking the event loop."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog

from bot.net.failures import failure_words

# https://login.botframework.com/v1/.well-known/openidconfiguration: keep keys for a day at most, and fetch them
# again for an unknown one, but only so often: anybody can send tokens with made-up key ids.
OLDEST_SECONDS = 24 * 3600.0
REFETCHES, REFETCH_SECONDS = 5, 300.0
"""At most so many fetches within this time while keys are known."""
FIRST_SECONDS = 5.0
"""The least time between two fetches beyond that while no key is known, so that a start without network ends soon."""
FETCH_SECONDS = 5.0
_LARGEST = 1_000_000
_log = structlog.get_logger(__name__)


class UnknownKeyError(Exception):
    """No key with this id is published, or the keys cannot be fetched."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as the SDK's token check needs it. `endorsements`: the channels that it is valid for."""

    public_key: Any
    endorsements: Sequence[str]


class OpenIdKeys:
    """The published keys by id. Replaces the SDK's own fetch, which blocks the event loop without a timeout.

    Args:
        url: address of the OpenID configuration.
        monotonic: a clock that never goes back, in seconds.
    """

    def __init__(self, url: str, monotonic: Callable[[], float]) -> None:
        self._url, self._monotonic = url, monotonic
        self._keys: dict[str, Key] = {}
        self._fetched_at = float("-inf")
        self._tried_at: deque[float] = deque(maxlen=REFETCHES)
        self._lock = asyncio.Lock()
        self.problem = ""
        """Why no request can be verified, as far as the last fetch tells; empty where keys are known, or were never needed."""

    async def get(self, key_id: str | None) -> Key:
        """The key with this id. An unknown id makes us fetch at once, within the limit: keys change without notice.

        Raises:
            UnknownKeyError: there is no such key.
        """
        asked_at = self._monotonic()
        if self._stale(key_id):
            async with self._lock:
                # Another request may have fetched while this one waited.
                if self._stale(key_id) and not self._fetched_at > asked_at and self._may_fetch():
                    await self._fetch()
        if key_id not in self._keys:
            raise UnknownKeyError("no such key is published")
        return self._keys[key_id]

    def _stale(self, key_id: str | None) -> bool:
        return key_id not in self._keys or self._monotonic() - self._fetched_at > OLDEST_SECONDS

    def _may_fetch(self) -> bool:
        now, tried = self._monotonic(), self._tried_at
        if len(tried) < REFETCHES or now - tried[0] > REFETCH_SECONDS:
            return True
        return not self._keys and now - tried[-1] > FIRST_SECONDS

    async def _fetch(self) -> None:
        self._tried_at.append(self._monotonic())
        try:
            async with asyncio.timeout(FETCH_SECONDS), aiohttp.ClientSession(trust_env=True) as session:
                configuration = await _json(session, self._url)
                found = await _json(session, str(configuration.get("jwks_uri", "")))
            self._keys = dict(await asyncio.to_thread(_read, found))
            self._fetched_at, self.problem = self._monotonic(), ""
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            if not self._keys:
                self.problem = f"the signing keys of Teams cannot be fetched ({failure_words(error)})"
            _log.warning("teams_keys_fetch_failed", error=type(error).__name__)


async def _json(session: aiohttp.ClientSession, url: str) -> Mapping[str, Any]:
    async with session.get(url) as answer:
        answer.raise_for_status()
        body = await answer.content.read(_LARGEST)
        while not answer.content.at_eof() and len(body) < _LARGEST:
            body += await answer.content.read(_LARGEST - len(body))
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - an invalid answer like any other
    return found


def _read(published: Mapping[str, Any]) -> Mapping[str, Key]:
    from jwt.algorithms import RSAAlgorithm  # noqa: PLC0415 - comes with the SDK, which is loaded only where Teams is set up

    keys: dict[str, Key] = {}
    for entry in published.get("keys") or ():
        if isinstance(entry, dict) and isinstance(entry.get("kid"), str) and entry.get("kty") == "RSA":
            keys[entry["kid"]] = Key(RSAAlgorithm.from_jwk(json.dumps(entry)), tuple(entry.get("endorsements") or ()))
    return keys
