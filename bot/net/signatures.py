"""Signs requests with backstay's own HMAC signature, and verifies such requests."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=5)
"""How far the time of a signature may be from now, either way."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as received: `path` includes the query; `headers` must look names up whatever their case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class SignatureProof:
    """A valid signature. `once` identifies a request that must not come twice; empty where the sender may repeat it."""

    once: str = ""


def sign(secret: bytes, timestamp: str, method: str, path: str, body: bytes) -> str:
    """Return the `X-Backstay-Signature` header: `v1=` and the hexadecimal HMAC-SHA256 of `timestamp.METHOD.path.body`."""
    signed = b".".join((timestamp.encode(), method.encode(), path.encode(), body))
    return f"v1={hmac.new(secret, signed, hashlib.sha256).hexdigest()}"


def sign_for_us(sent: SignedRequest, secret: bytes, now: datetime) -> SignatureProof | None:
    """Verify backstay's own signature of a request; None where it is missing, wrong or too old."""
    timestamp = sent.headers.get("X-Backstay-Timestamp", "")
    given = sent.headers.get("X-Backstay-Signature", "")
    if not secret or not fresh(timestamp, now):
        return None
    expected = sign(secret, timestamp, sent.method, sent.path, sent.body)
    return SignatureProof(expected) if same(given, expected) else None


def fresh(timestamp: str, now: datetime) -> bool:
    """Whether a Unix time in seconds, as text, is within five minutes of `now`."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now.timestamp() - int(timestamp)) <= WINDOW.total_seconds()


def same(given: str, expected: str) -> bool:
    """Compare two signatures in constant time."""
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())
