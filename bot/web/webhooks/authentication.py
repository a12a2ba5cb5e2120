"""Who may bring alerts: each source has a door of its own, judged before anything of the body is read as data."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from bot.detection.alerts import AlertFormat, SignatureProof, SignedRequest, format_of, same
from bot.model import Clock
from bot.web.api.authentication import Failures, Refusal, RequestsPerMinute, SeenRequests
from checks import Scope

WITH_TOKEN = 16 * 1024 * 1024
"""Bytes of a body whose sender has shown its token first: a storm of 10,000 alerts of a kilobyte each fits in."""
UNPROVED = 1024 * 1024
"""Bytes of a body that must be read before its signature can be looked at."""
_SHORTEST = 16

Genuine = Callable[[SignedRequest, bytes, datetime], SignatureProof | None]


@dataclass(slots=True)
class WebhookSource:
    """One source. `token` and `secret` are what they are, empty where there is none; `about`: the default scope."""

    name: str
    format_name: str
    clock: Clock
    token: str = ""
    secret: str = ""
    topics: frozenset[str] = frozenset()
    about: Scope | None = None
    per_minute: int = 600
    _taken: RequestsPerMinute = field(init=False)
    _failed: Failures = field(init=False)
    _seen: SeenRequests = field(init=False)

    def __post_init__(self) -> None:
        self._taken = RequestsPerMinute(self.per_minute, self.clock)
        self._failed = Failures(self.clock)
        self._seen = SeenRequests(self.clock)

    @property
    def format(self) -> AlertFormat:
        """The module that reads what it sends."""
        return format_of(self.format_name)

    def problems(self) -> list[str]:
        """What is wrong with the secrets themselves."""
        named = (("token", self.token), ("secret", self.secret))
        return [
            f"the {word} of {self.name} is shorter than {_SHORTEST} characters"
            for word, value in named
            if 0 < len(value) < _SHORTEST
        ]

    def shut(self, remote: str) -> Refusal | None:
        """Whether this address is not looked at any more."""
        failures = self._failed.of(remote)
        return Refusal(429, "too many failed attempts", failures.left()) if failures.full() else None

    def shows_token(self, headers: Mapping[str, str]) -> bool:
        """Whether its token came with the request: as a bearer token, as a password, or in `X-Backstay-Token`."""
        return bool(self.token) and any(same(entry, self.token) for entry in _shown(headers))

    def signed(self, sent: SignedRequest) -> bool:
        """Whether its sender signed this body, just now and for the first time where the signature has a time."""
        genuine = cast("Genuine | None", getattr(self.format, "verify_signature", None))
        if not self.secret or genuine is None:
            return False
        proof = genuine(sent, self.secret.encode(), self.clock())
        return proof is not None and (not proof.once or self._seen.first(proof.once))

    def refused(self, remote: str) -> Refusal:
        """Counts a failure. What was wrong is not told to who has not proved themselves."""
        self._failed.of(remote).count()
        return Refusal(401, "a bearer token or a signature is needed")

    def full(self) -> Refusal | None:
        """Counts a request that was let in; a refusal where there are too many of them."""
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
