"""Verifies Slack's request signatures, before anything in a request is read."""

import hashlib
import hmac

# https://docs.slack.dev/authentication/verifying-requests-from-slack/: older requests may be replays.
OLDEST_SECONDS = 300


def is_fresh(timestamp: str, now: float) -> bool:
    """Whether a request's `X-Slack-Request-Timestamp` is within five minutes of `now` (seconds since 1970)."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now - int(timestamp)) <= OLDEST_SECONDS


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The `X-Slack-Signature` of a body: version 0, HMAC-SHA256."""
    message = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def is_genuine(secret: str, timestamp: str, signature: str, body: bytes) -> bool:
    """Whether Slack signed this body. The comparison takes constant time."""
    return hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.encode())
