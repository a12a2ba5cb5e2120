"""PagerDuty's v3 webhooks: https://developer.pagerduty.com/docs/webhooks-overview.

Signed as https://developer.pagerduty.com/docs/verifying-webhook-signatures says: `X-PagerDuty-Signature: v1=…,v1=…`. The
signature carries no time; the event does, and one that is older than a day is refused.
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
"""What was signed longer ago tells nothing that still counts."""

_STATES = {"triggered": True, "acknowledged": True, "resolved": False}
_OURS, _OUR_KEYS = "backstay", "alert:"
"""By what an incident is known that our own route opened: what we told PagerDuty is no observation of theirs."""


class Reference(PayloadModel):
    """A reference to something."""

    summary: OneLine = ""
    name: OneLine = ""


class Incident(PayloadModel):
    """The incident, or whatever else the event is about."""

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
    """What happened."""

    event_type: OneLine
    occurred_at: OneLine = ""
    client: Reference | None = None
    data: Incident = Field(default_factory=Incident)


class Body(PayloadModel):
    """An event."""

    event: Event


BODY = Body


def verify_signature(sent: SignedRequest, secret: bytes, now: datetime) -> SignatureProof | None:
    """Whether one of its signatures is that of the body. PagerDuty sends an event again that it saw fail: it may come twice."""
    del now  # the event's own time is looked at once the signature holds
    expected = "v1=" + hmac.new(secret, sent.body, hashlib.sha256).hexdigest()
    given = sent.headers.get("X-PagerDuty-Signature", "").split(",")[:10]
    return SignatureProof() if any(same(signature.strip(), expected) for signature in given) else None


def read(body: bytes, context: ParseContext) -> ParsedAlerts:
    """One signal for an event that changes an incident.

    Raises:
        HookError: it is no such body, or the event is older than a day.
    """
    event = parse_body(Body, body).event
    alerts, data = Alerts(context), event.data
    at = parse_time(event.occurred_at)
    if at is not None and context.now - at > OLDEST:
        raise HookError("event.occurred_at: is more than a day ago", 422)
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
        title=data.title or "an incident without a title",
        severity=graded or ("warning" if data.urgency.lower() == "low" else ""),
        url=data.html_url,
        at=at,
    )
    return alerts.result()


def _is_ours(event: Event) -> bool:
    named = event.client.name if event.client is not None else ""
    return named == _OURS or event.data.incident_key.startswith(_OUR_KEYS)
