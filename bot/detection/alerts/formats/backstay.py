"""What other backstays see, from outside our ledger: their probes' signals as those of a vantage point (backstay.signals/1)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from bot.detection.alerts.fields import one_line
from bot.detection.alerts.format import HookError, ParseContext, ParsedAlerts, PayloadModel, parse_body
from bot.model import IncidentSeverity
from bot.model.incidents import Health, Signal
from bot.net.signatures import WINDOW, SignatureProof, SignedRequest, sign_for_us

AUTH_METHODS = ("secret",)
SCHEMA = "backstay.signals/1"
AT_MOST = 2000
"""Signals in a body."""

Step = Annotated[str, StringConstraints(pattern=r"^[^/\x00-\x1f\x7f]{0,120}$")]
Vantage = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,60}$")]


class ObservedSignal(PayloadModel):
    """One observation. `provider`, `region` and `service` are the words of a scope."""

    provider: Annotated[Step, StringConstraints(min_length=1)]
    region: Step = ""
    service: Step = ""
    kind: Literal["probe", "canary"] = "probe"
    state: Health
    at: AwareDatetime
    source: str = Field(min_length=1, max_length=500)
    severity: IncidentSeverity = IncidentSeverity.MAJOR
    via: str = Field(default="", max_length=100)
    detail: str = Field(default="", max_length=500)
    control: bool = False


class Body(PayloadModel):
    """A batch. `vantage`: who saw it; `sent_at`: now by the sender's clock, for two clocks rarely agree."""

    wire_schema: Literal["backstay.signals/1"] = Field(alias="schema")
    vantage: Vantage
    sent_at: AwareDatetime
    signals: list[ObservedSignal] = Field(max_length=AT_MOST)


BODY = Body


def verify_signature(sent: SignedRequest, secret: bytes, now: datetime) -> SignatureProof | None:
    """Signed in our own way: `X-Backstay-Timestamp` and `X-Backstay-Signature`."""
    return sign_for_us(sent, secret, now)


def read(body: bytes, context: ParseContext) -> ParsedAlerts:
    """The signals, dated by our clock, of a vantage point that is named after the hook and the sender.

    Raises:
        HookError: it is no such body, or the sender's clock is far off.
    """
    batch = parse_body(Body, body)
    off = context.now - batch.sent_at
    if abs(off) > WINDOW:
        raise HookError("sent_at: is more than five minutes off; set the sender's clock", 422)
    vantage = f"{context.hook}/{batch.vantage}"
    return ParsedAlerts(tuple(_signal(observed, vantage, off, context.now) for observed in batch.signals))


def _signal(observed: ObservedSignal, vantage: str, off: timedelta, now: datetime) -> Signal:
    return Signal(
        provider=observed.provider,
        region=observed.region,
        service=observed.service,
        kind=observed.kind,
        state=observed.state,
        at=min(_shifted(observed.at, off, now), now),
        source=one_line(observed.source, 500),
        severity=observed.severity,
        vantage=vantage,
        via=one_line(observed.via, 100),
        detail=one_line(observed.detail),
        control=observed.control,
    )


def _shifted(at: datetime, off: timedelta, now: datetime) -> datetime:
    try:
        return at.astimezone(now.tzinfo) + off
    except OverflowError:
        return datetime.fromtimestamp(0, now.tzinfo)


def signal_batch(vantage: str, signals: Sequence[Signal], now: datetime) -> dict[str, Any]:
    """A batch as it goes out; `read` is its other end."""
    return {
        "schema": SCHEMA,
        "vantage": vantage,
        "sent_at": now.isoformat(),
        "signals": [
            {
                "provider": signal.provider,
                "region": signal.region,
                "service": signal.service,
                "kind": signal.kind,
                "state": signal.state.value,
                "at": signal.at.isoformat(),
                "source": signal.source,
                "severity": signal.severity.value,
                "via": signal.via,
                "detail": signal.detail,
                "control": signal.control,
            }
            for signal in signals
        ],
    }
