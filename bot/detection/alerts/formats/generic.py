"""Anything that can send JSON: one alert, a list of them, or a list under `alerts`, in words of our own.

{"state": "firing", "scope": "aws/us-east-1/dynamodb", "title": "Writes fail", "severity": "critical", "id": "writes"}
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field, RootModel, ValidationError

from bot.detection.alerts.fields import Labels, OneLine, moment
from bot.detection.alerts.format import Alerts, HookError, ParseContext, ParsedAlerts, PayloadModel, mistakes
from bot.detection.alerts.placement import PlaceError, place
from bot.net.signatures import SignatureProof, SignedRequest, sign_for_us
from checks import Scope

PROOFS = ("token", "secret")

_FIRES = frozenset(
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
_OVER = frozenset(("resolved", "ok", "good", "up", "closed", "recovered", "normal", "success", "well"))
_PLACE = ("scope", "service", "provider", "region", "product", "zone")


class Alert(PayloadModel):
    """One alert. `scope` is `provider/region/product`, or the name of a service; else `service`, `provider` … say it."""

    state: OneLine = Field(default="", description="firing or resolved")
    status: OneLine = Field(default="", description="the same, for whoever calls it so")
    id: OneLine = Field(default="", description="the same for the same alert; else made of title and labels")
    title: OneLine = Field(default="", description="what is wrong, in a line")
    severity: OneLine = Field(default="", description="critical, major, minor or info")
    scope: OneLine = Field(default="", description="aws/us-east-1/dynamodb, or a service of yours")
    service: OneLine = ""
    provider: OneLine = ""
    region: OneLine = ""
    product: OneLine = ""
    zone: OneLine = ""
    labels: Labels = Field(default_factory=dict)
    url: OneLine = ""
    at: Any = Field(default=None, description="when it was so: ISO 8601, or seconds since 1970")


class Several(PayloadModel):
    """A list under its name."""

    alerts: list[Alert]


class Body(RootModel[Several | list[Alert] | Alert]):
    """One alert or several."""

    model_config = ConfigDict(hide_input_in_errors=True)


BODY = Body


def genuine(sent: SignedRequest, secret: bytes, now: datetime) -> SignatureProof | None:
    """Signed in our own way: `X-Backstay-Timestamp` and `X-Backstay-Signature`."""
    return sign_for_us(sent, secret, now)


def read(body: bytes, ground: ParseContext) -> ParsedAlerts:
    """One signal for each alert.

    Raises:
        HookError: it is no such body; or of none of its alerts it is said what it is about and whether it fires.
    """
    found = Alerts(ground)
    for number, one in enumerate(_alerts(body)):
        where, said = f"alerts[{number}]", (one.state or one.status).lower()
        if said not in _FIRES | _OVER:
            found.unusable(where, "state: write firing or resolved")
            continue
        labels = {**one.labels, **{key: getattr(one, key) for key in _PLACE[1:] if getattr(one, key)}}
        try:
            scope = place({**labels, **({"backstay_scope": one.scope} if one.scope else {})}, ground.names)
        except PlaceError as error:
            found.unusable(where, f"scope: {str(error).replace('backstay_scope', one.scope[:60])}")
            continue
        if (scope or ground.about) is None:
            found.unusable(where, "scope: nothing says what it is about; write scope, or give the source an about:")
            continue
        _add(found, where, one, labels=labels, scope=scope, firing=said in _FIRES)
    return found.taken()


def _add(  # noqa: PLR0913 - what was made of the alert, by keyword
    found: Alerts, where: str, one: Alert, *, labels: dict[str, str], scope: Scope | None, firing: bool
) -> None:
    named = json.dumps([one.title, str(scope), sorted(labels.items())])
    found.add(
        where,
        id=one.id or hashlib.sha256(named.encode()).hexdigest()[:16],
        firing=firing,
        labels=labels,
        title=one.title or "an alert without a title",
        severity=one.severity,
        url=one.url,
        at=moment(one.at),
        scope=scope,
    )


def _alerts(body: bytes) -> list[Alert]:
    """One model is tried after the other, so that a mistake is told of the shape that was meant."""
    first = body.lstrip()[:1]
    try:
        if first == b"[":
            return RootModel[list[Alert]].model_validate_json(body).root
        if first == b"{" and isinstance(known := json.loads(body), dict) and "alerts" in known:
            return Several.model_validate_json(body).alerts
        return [Alert.model_validate_json(body)]
    except ValidationError as error:
        raise HookError(mistakes(error)) from None
    except (ValueError, RecursionError):
        raise HookError("body: is no JSON") from None
