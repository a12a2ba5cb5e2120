"""Who may come in by the hooks: a bearer token or a signature, judged before anything of the body is read as data."""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.ports import Clock

WINDOW = timedelta(minutes=5)
"""A signature is good for so long, and once."""

_SHORTEST = 16
_REMEMBERED = 10_000
_FAILURES_PER_MINUTE = 10


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody may not come in: an HTTP status and a word to the one at the door, no more."""

    status: int
    said: str
    retry_after: int = 0


class Gate:
    """Tokens and signatures are compared in constant time; who fails too often in a minute is not looked at any more.

    A signed request carries `X-Backstay-Timestamp` (seconds since 1970) and `X-Backstay-Signature`: `v1=` and the
    HMAC-SHA256, in hexadecimal, of `timestamp.METHOD.path.body`, the path with its query.
    """

    def __init__(self, *, token: str, secret: str, per_minute: int, clock: Clock) -> None:
        self._token, self._secret, self._clock = token.encode(), secret.encode(), clock
        self._taken = _Minute(per_minute, clock)
        self._failed: OrderedDict[str, _Minute] = OrderedDict()
        self._seen: OrderedDict[str, float] = OrderedDict()

    def problems(self) -> list[str]:
        """What is wrong with the secrets themselves."""
        named = (("hooks.token", self._token), ("hooks.secret", self._secret))
        return [f"{name} is shorter than {_SHORTEST} characters" for name, value in named if 0 < len(value) < _SHORTEST]

    def judge(self, method: str, path: str, headers: Mapping[str, str], body: bytes, remote: str) -> str | Refusal:
        """Who comes in (`token` or `signature`), or why not."""
        failures = self._failures_of(remote)
        if failures.full():
            return Refusal(429, "too many failed attempts", failures.left())
        who = self._bearer(headers) or self._signature(method, path, headers, body)
        if not who:
            failures.count()
            return Refusal(401, "a bearer token or a signature is needed")
        if self._taken.full():
            return Refusal(429, "too many requests", self._taken.left())
        self._taken.count()
        return who

    def _bearer(self, headers: Mapping[str, str]) -> str:
        scheme, _, given = headers.get("Authorization", "").partition(" ")
        given_bytes = given.strip().encode(errors="replace")
        same = hmac.compare_digest(given_bytes, self._token)
        return "token" if self._token and scheme.lower() == "bearer" and same else ""

    def _signature(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> str:
        said = headers.get("X-Backstay-Timestamp", "")
        given = headers.get("X-Backstay-Signature", "")
        if not self._secret or not (said.isascii() and said.isdigit() and len(said) <= 12):
            return ""
        now = self._clock().timestamp()
        if abs(now - int(said)) > WINDOW.total_seconds():
            return ""
        expected = sign(self._secret, said, method, path, body)
        if not hmac.compare_digest(given.encode(errors="replace"), expected.encode()):
            return ""
        return "signature" if self._first_time(expected, now) else ""

    def _first_time(self, signature: str, now: float) -> bool:
        while self._seen and (len(self._seen) > _REMEMBERED or next(iter(self._seen.values())) < now):
            self._seen.popitem(last=False)
        if signature in self._seen:
            return False
        self._seen[signature] = now + 2 * WINDOW.total_seconds()
        return True

    def _failures_of(self, remote: str) -> "_Minute":
        if remote not in self._failed:
            self._failed[remote] = _Minute(_FAILURES_PER_MINUTE, self._clock)
            while len(self._failed) > _REMEMBERED:
                self._failed.popitem(last=False)
        return self._failed[remote]


def sign(secret: bytes, timestamp: str, method: str, path: str, body: bytes) -> str:
    """The signature header of a request."""
    over = b".".join((timestamp.encode(), method.encode(), path.encode(), body))
    return f"v1={hmac.new(secret, over, hashlib.sha256).hexdigest()}"


class _Minute:
    """Counts what happens within a minute, from the first of it on."""

    def __init__(self, most: int, clock: Clock) -> None:
        self._most, self._clock = most, clock
        self._number, self._ends = 0, clock()

    def full(self) -> bool:
        return self._clock() < self._ends and self._number >= self._most

    def left(self) -> int:
        return max(1, int((self._ends - self._clock()).total_seconds()))

    def count(self) -> None:
        now = self._clock()
        if now >= self._ends:
            self._number, self._ends = 0, now + timedelta(minutes=1)
        self._number += 1
