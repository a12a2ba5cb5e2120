"""Any sender of JSON: one alert, a list of alerts, or a list under `alerts`, in backstay's own format.

{"state": "firing", "scope": "aws/us-east-1/dynamodb", "title": "Writes fail", "severity": "critical", "id": "writes"}
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field, RootModel, ValidationError

from bot.detection.alerts.fields import Labels, OneLine, parse_time
from bot.detection.alerts.format import Alerts, HookError, ParseContext, ParsedAlerts, PayloadModel, describe_errors
from bot.detection.alerts.placement import PlaceError, scope_of_labels
from bot.net.signatures import SignatureProof, SignedRequest, sign_for_us
from checks import Scope

AUTH_METHODS = ("token", "secret")

_FIRING = frozenset(
    (
        "firing",
        "alerting",
        "alarm",
        "bad",
        "down",
        "open",
        "triggered",
        "problem",
        "critical",
        "failing",
        "error",
        "warning",
    )
)
_RESOLVED = frozenset(("resolved", "ok", "good", "up", "closed", "recovered", "normal", "success", "well"))
_PLACE = ("scope", "service", "provider", "region", "product", "zone")


class Alert(PayloadModel):
    """One alert. `scope` is `provider/region/product` or the name of a service; else `service`, `provider` … place it."""

    state: OneLine = Field(default="", description="firing or resolved")
    status: OneLine = Field(default="", description="another name for state")
    id: OneLine = Field(
        default="", description="stays the same for the life of an alert; by default made from title, scope and labels"
    )
    title: OneLine = Field(default="", description="what is wrong, in one line")
    severity: OneLine = Field(default="", description="critical, major, minor or info")
    scope: OneLine = Field(
        default="", description="what the alert is about: aws/us-east-1/dynamodb, or one of your services"
    )
    service: OneLine = ""
    provider: OneLine = ""
    region: OneLine = ""
    product: OneLine = ""
    zone: OneLine = ""
    labels: Labels = Field(default_factory=dict)
    url: OneLine = ""
    at: Any = Field(
        default=None,
        description="when the alert changed to this state: ISO 8601, or seconds since 1970; by default now",
    )


class AlertList(PayloadModel):
    """A list of alerts under `alerts`."""

    alerts: list[Alert]


class Body(RootModel[AlertList | list[Alert] | Alert]):
    """One alert, or several."""

    model_config = ConfigDict(hide_input_in_errors=True)


BODY = Body


def verify_signature(sent: SignedRequest, secret: bytes, now: datetime) -> SignatureProof | None:
    """Verify backstay's own signature: `X-Backstay-Timestamp` and `X-Backstay-Signature`. None if it is not valid."""
    return sign_for_us(sent, secret, now)


def read(body: bytes, context: ParseContext) -> ParsedAlerts:
    """Return a signal for each alert.

    Raises:
        HookError: the body is not of this format, or no alert in it has both a scope and a state.
    """
    alerts = Alerts(context)
    for number, alert in enumerate(_alerts_of(body)):
        where, state = f"alerts[{number}]", (alert.state or alert.status).lower()
        if state not in _FIRING | _RESOLVED:
            alerts.unusable(where, "state: write firing or resolved")
            continue
        labels = {**alert.labels, **{key: getattr(alert, key) for key in _PLACE[1:] if getattr(alert, key)}}
        try:
            scope = scope_of_labels(
                {**labels, **({"backstay_scope": alert.scope} if alert.scope else {})}, context.names
            )
        except PlaceError as error:
            alerts.unusable(where, f"scope: {str(error).replace('backstay_scope', alert.scope[:60])}")
            continue
        if (scope or context.about) is None:
            alerts.unusable(where, "scope: missing; write scope, or set `about:` for this source in the settings")
            continue
        _add_alert(alerts, where, alert, labels=labels, scope=scope, firing=state in _FIRING)
    return alerts.result()


def _add_alert(  # noqa: PLR0913 - what was read from the alert, by keyword
    alerts: Alerts, where: str, alert: Alert, *, labels: dict[str, str], scope: Scope | None, firing: bool
) -> None:
    identity = json.dumps([alert.title, str(scope), sorted(labels.items())])
    alerts.add(
        where,
        id=alert.id or hashlib.sha256(identity.encode()).hexdigest()[:16],
        firing=firing,
        labels=labels,
        title=alert.title or "Untitled alert",
        severity=alert.severity,
        url=alert.url,
        at=parse_time(alert.at),
        scope=scope,
    )


def _alerts_of(body: bytes) -> list[Alert]:
    """The alerts of a body. The model is chosen by shape, so that a mistake is reported for the shape that was meant."""
    first = body.lstrip()[:1]
    try:
        if first == b"[":
            return RootModel[list[Alert]].model_validate_json(body).root
        if first == b"{" and isinstance(known := json.loads(body), dict) and "alerts" in known:
            return AlertList.model_validate_json(body).alerts
        return [Alert.model_validate_json(body)]
    except ValidationError as error:
        raise HookError(describe_errors(error)) from None
    except (ValueError, RecursionError):
        raise HookError("body: is not JSON") from None
