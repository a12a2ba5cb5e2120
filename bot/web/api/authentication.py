"""Authentication of the HTTP API: a bearer token or a signature, verified before the body is parsed."""

import hmac
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.detection.alerts import WINDOW, SignedRequest, sign, sign_for_us
from bot.model import Clock
from bot.web.failed_attempts import FailedAttempts, Refusal

__all__ = ["Refusal", "RequestAuthenticator", "RequestsPerMinute", "SeenRequests", "sign"]

_SHORTEST = 16
_REMEMBERED = 10_000
_MINUTE = timedelta(minutes=1)


class RequestAuthenticator:
    """Verifies tokens and signatures in constant time, and slows down senders that fail (`bot/web/failed_attempts.py`).

    A signed request carries `X-Backstay-Timestamp` (seconds since 1970) and `X-Backstay-Signature`: `v1=` and the
    HMAC-SHA256, in hexadecimal, of `timestamp.METHOD.path.body`, the path with its query.
    """

    def __init__(self, *, token: str, secret: str, per_minute: int, clock: Clock) -> None:
        self._token, self._secret, self._clock = token.encode(), secret.encode(), clock
        self._taken = RequestsPerMinute(per_minute, clock)
        self.failed = FailedAttempts(clock)
        self._seen = SeenRequests(clock)

    def problems(self) -> list[str]:
        """List secrets that are too short."""
        named = (("hooks.token", self._token), ("hooks.secret", self._secret))
        return [f"{name} is shorter than {_SHORTEST} characters" for name, value in named if 0 < len(value) < _SHORTEST]

    def judge(self, method: str, path: str, headers: Mapping[str, str], body: bytes, remote: str) -> str | Refusal:
        """Return how the request authenticated (`token` or `signature`), or a refusal, which `failed` holds back."""
        who = self._bearer(headers) or self._signature(method, path, headers, body)
        if not who:
            return self.failed.count(remote, headers)
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
        proof = sign_for_us(SignedRequest(method, path, headers, body), self._secret, self._clock())
        return "signature" if proof is not None and self._seen.first(proof.once) else ""


class SeenRequests:
    """Remembers signatures for as long as they are valid, so that a replay is refused."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: OrderedDict[str, float] = OrderedDict()

    def first(self, signature: str) -> bool:
        """Return whether this signature is new, and remember it."""
        now = self._clock().timestamp()
        while self._until and (len(self._until) > _REMEMBERED or next(iter(self._until.values())) < now):
            self._until.popitem(last=False)
        if signature in self._until:
            return False
        self._until[signature] = now + 2 * WINDOW.total_seconds()
        return True

    def forget(self, signature: str) -> None:
        """Let this signature count as new again: its request could not be handled, and is sent again as it is."""
        self._until.pop(signature, None)


class RequestsPerMinute:
    """Counts events per minute. A clock that is set back starts a new minute and locks nobody out."""

    def __init__(self, most: int, clock: Clock) -> None:
        self._most, self._clock = most, clock
        self._number, self._ends = 0, clock()

    def full(self) -> bool:
        """Return whether the limit of this minute is reached."""
        return not self._over(self._clock()) and self._number >= self._most

    def left(self) -> int:
        """Return the seconds until the minute ends, at least one."""
        return max(1, int((self._ends - self._clock()).total_seconds()))

    def count(self) -> None:
        """Count one event."""
        now = self._clock()
        if self._over(now):
            self._number, self._ends = 0, now + _MINUTE
        self._number += 1

    def _over(self, now: datetime) -> bool:
        return not self._ends - _MINUTE <= now < self._ends
