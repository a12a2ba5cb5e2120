"""Grafana's webhook contact point: Alertmanager's shape, and a signature of its own.

https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
"""

import hashlib
import hmac
from datetime import datetime

from bot.detection.alerts.format import ParseContext, ParsedAlerts
from bot.detection.alerts.formats import alertmanager
from bot.net.signatures import SignatureProof, SignedRequest, fresh, same

AUTH_METHODS = ("token", "secret")
BODY = alertmanager.Body

# The name is for the user to choose; these two stand in Grafana's own examples.
_STAMPS = ("X-Grafana-Alerting-Timestamp", "X-Grafana-Alerting-Signature-Timestamp")


def verify_signature(sent: SignedRequest, secret: bytes, now: datetime) -> SignatureProof | None:
    """HMAC-SHA256 of `timestamp:body`, in hexadecimal. Without a timestamp, who overheard it once could send it for ever."""
    stamp = next((sent.headers[name] for name in _STAMPS if name in sent.headers), "")
    if not fresh(stamp, now):
        return None
    expected = hmac.new(secret, stamp.encode() + b":" + sent.body, hashlib.sha256).hexdigest()
    return SignatureProof(expected) if same(sent.headers.get("X-Grafana-Alerting-Signature", ""), expected) else None


def read(body: bytes, context: ParseContext) -> ParsedAlerts:
    """One signal for each alert.

    Raises:
        HookError: it is no such body, or none of its alerts says whether it fires.
    """
    return alertmanager.read(body, context)
