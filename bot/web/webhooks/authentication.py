"""Authentication of alert sources: each has its own credentials, verified before the body is parsed."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from bot.detection.alerts import AlertFormat, SignatureProof, SignedRequest, format_of, same
from bot.model import Clock
from bot.web.api.authentication import Refusal, RequestsPerMinute, SeenRequests
from bot.web.failed_attempts import FailedAttempts
from checks import Scope

WITH_TOKEN = 16 * 1024 * 1024
"""Maximum body size in bytes after a valid token: 10,000 alerts of one kilobyte fit."""
UNPROVED = 1024 * 1024
"""Maximum body size in bytes where the body must be read to verify its signature."""
_SHORTEST = 16

Genuine = Callable[[SignedRequest, bytes, datetime], SignatureProof | None]


@dataclass(slots=True)
class WebhookSource:
    """One alert source. `token` and `secret` are resolved values, empty if unset; `about` is the default scope."""

    name: str
    format_name: str
    clock: Clock
    token: str = ""
    secret: str = ""
    topics: frozenset[str] = frozenset()
    about: Scope | None = None
    per_minute: int = 600
    _taken: RequestsPerMinute = field(init=False)
    _failed: FailedAttempts = field(init=False)
    _seen: SeenRequests = field(init=False)

    def __post_init__(self) -> None:
        self._taken = RequestsPerMinute(self.per_minute, self.clock)
        self._failed = FailedAttempts(self.clock)
        self._seen = SeenRequests(self.clock)

    @property
    def format(self) -> AlertFormat:
        """The format of its alerts."""
        return format_of(self.format_name)

    def problems(self) -> list[str]:
        """List secrets that are too short."""
        named = (("token", self.token), ("secret", self.secret))
        return [
            f"the {word} of {self.name} is shorter than {_SHORTEST} characters"
            for word, value in named
            if 0 < len(value) < _SHORTEST
        ]

    def shows_token(self, headers: Mapping[str, str]) -> bool:
        """Return whether the request carries the token: as bearer token, basic password or `X-Backstay-Token`."""
        return bool(self.token) and any(same(entry, self.token) for entry in _shown(headers))

    def signed(self, sent: SignedRequest) -> SignatureProof | None:
        """Return the proof of a signature of this body that is valid, recent and not a replay here; None: there is none."""
        genuine = cast("Genuine | None", getattr(self.format, "verify_signature", None))
        if not self.secret or genuine is None:
            return None
        proof = genuine(sent, self.secret.encode(), self.clock())
        return proof if proof is not None and (not proof.once or self._seen.first(proof.once)) else None

    def forget(self, once: str) -> None:
        """Let a signed request that could not be handled be sent again."""
        self._seen.forget(once)

    async def refused(self, remote: str, headers: Mapping[str, str]) -> Refusal:
        """Count a failed attempt and hold it back; a refusal that does not say what was wrong."""
        refusal = self._failed.count(remote, headers)
        await self._failed.hold(refusal)
        return refusal

    def full(self) -> Refusal | None:
        """Count an accepted request; return a refusal if there are too many per minute."""
        if self._taken.full():
            return Refusal(429, "too many requests", self._taken.left())
        self._taken.count()
        return None


def _shown(headers: Mapping[str, str]) -> list[str]:
    scheme, _, given = headers.get("Authorization", "").partition(" ")
    shown = [headers.get("X-Backstay-Token", "")]
    if scheme.lower() == "bearer":
        shown.append(given.strip())
    if scheme.lower() == "basic":
        try:
            shown.append(base64.b64decode(given.strip(), validate=True).decode().partition(":")[2])
        except (binascii.Error, ValueError):
            return shown
    return shown
