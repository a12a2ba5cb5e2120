"""Counts failed attempts by address and by credential, and answers the more slowly the more there are.

A right credential is never counted and never waits: behind a proxy, or in one office, others may fail at the same address.
"""

import asyncio
import hashlib
import ipaddress
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.model import Clock

FREE = 10
"""Failed attempts a minute that are answered at once."""
STEP_SECONDS = 0.05
"""How much later each further one is answered than the one before."""
LONGEST_SECONDS = 1.0
AT_ONCE = 100
"""Answers held back at a time; further ones are given at once, so that held connections cannot pile up."""

_REMEMBERED = 10_000
_CREDENTIALS = 64
_MINUTE = timedelta(minutes=1)
_NETWORK_BITS = 64
"""Of an IPv6 address, what is given to one customer (RFC 6177): the rest is theirs to choose."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused request: the HTTP status, a short reason, the seconds to wait, and how long to hold back the answer."""

    status: int
    said: str
    retry_after: int = 0
    held_seconds: float = 0.0


@dataclass(slots=True)
class _Attempts:
    """What failed from one address since `begun`: how often each credential; `others`: those too many to tell apart."""

    begun: datetime
    by_credential: dict[bytes, int] = field(default_factory=dict)
    others: int = 0

    def count(self, credential: bytes) -> int:
        """Count one; the number for this credential, or of different credentials where those are more."""
        if credential in self.by_credential or len(self.by_credential) < _CREDENTIALS:
            self.by_credential[credential] = self.by_credential.get(credential, 0) + 1
        else:
            self.others += 1
        return max(self.by_credential.get(credential, 0), len(self.by_credential) + self.others)


class FailedAttempts:
    """The failed attempts of the last minute. `sleep` holds answers back."""

    def __init__(self, clock: Clock, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._clock, self._sleep = clock, sleep
        self._of: OrderedDict[str, _Attempts] = OrderedDict()
        self._key, self._held = secrets.token_bytes(16), 0

    def count(self, remote: str, headers: Mapping[str, str]) -> Refusal:
        """Count a failed attempt; its refusal: 401, from the eleventh on 429, and ever later."""
        attempts = self._attempts(_network(remote))
        number = attempts.count(self._fingerprint(headers))
        if number <= FREE:
            return Refusal(401, "a bearer token or a signature is required")
        left = max(1, int((attempts.begun + _MINUTE - self._clock()).total_seconds()))
        held = min(LONGEST_SECONDS, STEP_SECONDS * (number - FREE))
        return Refusal(429, "too many failed attempts", left, held)

    async def hold(self, refusal: Refusal) -> None:
        """Wait as long as a refusal is to be held back."""
        if not refusal.held_seconds or self._held >= AT_ONCE:
            return
        self._held += 1
        try:
            await self._sleep(refusal.held_seconds)
        finally:
            self._held -= 1

    def _attempts(self, address: str) -> _Attempts:
        now, found = self._clock(), self._of.get(address)
        if found is None or not found.begun <= now < found.begun + _MINUTE:  # a clock may be set back
            found = self._of[address] = _Attempts(now)
        self._of.move_to_end(address)
        while len(self._of) > _REMEMBERED:
            self._of.popitem(last=False)
        return found

    def _fingerprint(self, headers: Mapping[str, str]) -> bytes:
        """What a request showed, as a hash with a key of this process: no credential is kept."""
        shown = [f"{name.lower()}={value}" for name, value in headers.items() if _is_credential(name)]
        text = "\n".join(sorted(shown)).encode(errors="replace")
        return hashlib.blake2b(text, key=self._key, digest_size=16).digest()


def shows_credential(headers: Mapping[str, str]) -> bool:
    """Whether a request shows a token, a password or a signature, right or wrong."""
    return any(_is_credential(name) for name in headers)


def _is_credential(name: str) -> bool:
    return name.lower() in ("authorization", "x-backstay-token") or name.lower().endswith("-signature")


def _network(remote: str) -> str:
    """The address; of IPv6 the network, for its owner has many addresses."""
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return remote[:64]
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, _NETWORK_BITS), strict=False))
