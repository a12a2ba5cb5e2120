"""PagerDuty's v3 webhooks: https://developer.pagerduty.com/docs/webhooks-overview.

Signatures follow https://developer.pagerduty.com/docs/verifying-webhook-signatures: `X-PagerDuty-Signature: v1=…,v1=…`. The
signature has no timestamp, but the event has: an event older than a day is rejected.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from pydantic import Field

from bot.detection.alerts.fields import Labels, OneLine, parse_time
from bot.detection.alerts.format import Alerts, HookError, ParseContext, ParsedAlerts, PayloadModel, parse_body
from bot.net.signatures import SignatureProof, SignedRequest, same

AUTH_METHODS = ("token", "secret")
OLDEST = timedelta(days=1)
"""Age from which an event is rejected."""

_STATES = {"triggered": True, "acknowledged": True, "resolved": False}
_OURS, _OUR_KEYS = "backstay", "alert:"
"""Mark incidents that backstay's own route opened in PagerDuty; they are not observations, so they are left out."""


class Reference(PayloadModel):
    """A reference to another object, with its name."""

    summary: OneLine = ""
    name: OneLine = ""


class Incident(PayloadModel):
    """The incident, or another object that the event is about."""

    id: OneLine = ""
    type: OneLine = ""
    html_url: OneLine = ""
    status: OneLine = ""
    incident_key: OneLine = ""
    title: OneLine = ""
    urgency: OneLine = ""
    service: Reference | None = None
    priority: Reference | None = None
    custom_fields: Labels = Field(default_factory=dict)


class Event(PayloadModel):
    """One webhook event."""

    event_type: OneLine
    occurred_at: OneLine = ""
    client: Reference | None = None
    data: Incident = Field(default_factory=Incident)


class Body(PayloadModel):
    """A request of a webhook."""

    event: Event


BODY = Body


def verify_signature(sent: SignedRequest, secret: bytes, now: datetime) -> SignatureProof | None:
    """Verify that one of the signatures is valid. PagerDuty repeats an event that failed, so the same event may come twice."""
    del now  # `read` checks the event's own time
    expected = "v1=" + hmac.new(secret, sent.body, hashlib.sha256).hexdigest()
    given = sent.headers.get("X-PagerDuty-Signature", "").split(",")[:10]
    return SignatureProof() if any(same(signature.strip(), expected) for signature in given) else None


def read(body: bytes, context: ParseContext) -> ParsedAlerts:
    """Return one signal for an event that changes an incident; none for other events.

    Raises:
        HookError: the body is not of this format, or the event is older than a day.
    """
    event = parse_body(Body, body).event
    alerts, data = Alerts(context), event.data
    at = parse_time(event.occurred_at)
    if at is not None and context.now - at > OLDEST:
        raise HookError("event.occurred_at: is older than 24 h", 422)
    firing = _STATES.get(data.status.lower())
    if not event.event_type.startswith("incident.") or firing is None or _is_ours(event):
        alerts.leave_out()
        return alerts.result()
    labels = dict(data.custom_fields)
    if data.service is not None and data.service.summary:
        labels.setdefault("service", data.service.summary)
    graded = data.priority.summary if data.priority is not None else ""
    alerts.add(
        "event.data",
        id=data.id or data.title,
        firing=firing,
        labels=labels,
        title=data.title or "Untitled incident",
        severity=graded or ("warning" if data.urgency.lower() == "low" else ""),
        url=data.html_url,
        at=at,
    )
    return alerts.result()


def _is_ours(event: Event) -> bool:
    named = event.client.name if event.client is not None else ""
    return named == _OURS or event.data.incident_key.startswith(_OUR_KEYS)
