"""Grafana's webhook contact point: Alertmanager's body with Grafana's own signature.

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

# The user chooses the header's name; these two are from Grafana's examples.
_STAMPS = ("X-Grafana-Alerting-Timestamp", "X-Grafana-Alerting-Signature-Timestamp")


def verify_signature(sent: SignedRequest, secret: bytes, now: datetime) -> SignatureProof | None:
    """Verify the HMAC-SHA256 of `timestamp:body`, in hexadecimal. A timestamp is required, since it prevents replays."""
    stamp = next((sent.headers[name] for name in _STAMPS if name in sent.headers), "")
    if not fresh(stamp, now):
        return None
    expected = hmac.new(secret, stamp.encode() + b":" + sent.body, hashlib.sha256).hexdigest()
    return SignatureProof(expected) if same(sent.headers.get("X-Grafana-Alerting-Signature", ""), expected) else None


def read(body: bytes, context: ParseContext) -> ParsedAlerts:
    """Return a signal for each alert.

    Raises:
        HookError: the body is not of this format, or no alert in it is firing or resolved.
    """
    return alertmanager.read(body, context)
