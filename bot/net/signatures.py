"""A request as it came, and our own signature of one: what a sender with a key proves itself by."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=5)
"""A signature that carries a time is good for so long, and once."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request: `path` with its query, `headers` whose names are looked up whatever their case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """A signature that holds. `once`: what must not come a second time; empty where the sender may well repeat it."""

    once: str = ""


def sign(secret: bytes, timestamp: str, method: str, path: str, body: bytes) -> str:
    """`X-Backstay-Signature` of a request: `v1=` and the HMAC-SHA256, in hexadecimal, of `timestamp.METHOD.path.body`."""
    over = b".".join((timestamp.encode(), method.encode(), path.encode(), body))
    return f"v1={hmac.new(secret, over, hashlib.sha256).hexdigest()}"


def sign_for_us(sent: SignedRequest, secret: bytes, now: datetime) -> Proof | None:
    """Whether the request is signed in our own way; None: it is not."""
    said = sent.headers.get("X-Backstay-Timestamp", "")
    given = sent.headers.get("X-Backstay-Signature", "")
    if not secret or not fresh(said, now):
        return None
    expected = sign(secret, said, sent.method, sent.path, sent.body)
    return Proof(expected) if same(given, expected) else None


def fresh(timestamp: str, now: datetime) -> bool:
    """Whether seconds since 1970, as text, are within five minutes of now."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now.timestamp() - int(timestamp)) <= WINDOW.total_seconds()


def same(given: str, expected: str) -> bool:
    """Compared in a time that does not tell where the two differ."""
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())
