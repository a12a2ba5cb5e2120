"""Verifies Slack's request signatures, before anything in a request is read."""

import hashlib
import hmac

import structlog

# https://docs.slack.dev/authentication/verifying-requests-from-slack/: older requests may be replays.
OLDEST_SECONDS = 300

_AGAIN_SECONDS = 60.0
_REMEMBERED_SECONDS = 600.0
_log = structlog.get_logger(__name__)


class SignatureWatch:
    """Notices a wrong signing secret: fresh requests arrive, and none of them was ever signed with ours.

    Anybody may send such requests, so they prove nothing once Slack's own signature was seen.
    """

    def __init__(self) -> None:
        self.proven = False
        """Whether Slack's own signature was seen."""
        self._told = self._last = float("-inf")

    def genuine(self) -> None:
        """Record a request with a right signature."""
        self.proven = True

    def wrong(self, now: float) -> None:
        """Record a fresh request with a wrong signature; the log gets one line a minute. `now`: seconds since 1970."""
        self._last = now
        if abs(now - self._told) >= _AGAIN_SECONDS:
            self._told = now
            _log.warning("slack_signature_wrong", proven=self.proven)

    def problem(self, now: float) -> str:
        """What is wrong with the signing secret, as far as the last 10 min tell; empty: nothing."""
        if self.proven or abs(now - self._last) > _REMEMBERED_SECONDS:
            return ""
        return "signatures of requests do not match slack.signing_secret"


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
