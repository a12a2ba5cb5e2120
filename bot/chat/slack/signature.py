"""Tells Slack's own requests from forged ones, before anything in them is read."""

import hashlib
import hmac

# https://docs.slack.dev/authentication/verifying-requests-from-slack/: older ones may be replays.
OLDEST_SECONDS = 300


def fresh(timestamp: str, now: float) -> bool:
    """Whether a request's `X-Slack-Request-Timestamp` is within five minutes of `now` (seconds since 1970)."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now - int(timestamp)) <= OLDEST_SECONDS


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The `X-Slack-Signature` that belongs to this body: version 0, HMAC-SHA256."""
    message = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def genuine(secret: str, timestamp: str, signature: str, body: bytes) -> bool:
    """Whether Slack signed this body; takes the same time wherever the two differ."""
    return hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.encode())
