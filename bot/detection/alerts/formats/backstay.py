"""Signals that another backstay with its own ledger forwards: its probes, as those of a vantage point (backstay.signals/1)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from bot.detection.alerts.fields import one_line
from bot.detection.alerts.format import HookError, ParseContext, ParsedAlerts, PayloadModel, parse_body
from bot.model import IncidentSeverity
from bot.model.signals import Health, Signal, Trouble
from bot.net.signatures import WINDOW, SignatureProof, SignedRequest, sign_for_us

AUTH_METHODS = ("secret",)
SCHEMA = "backstay.signals/1"
AT_MOST = 2000
"""Signals in a body, at most."""

Step = Annotated[str, StringConstraints(pattern=r"^[^/\x00-\x1f\x7f]{0,120}$")]
Vantage = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,60}$")]


class ObservedSignal(PayloadModel):
    """One signal. `provider`, `region` and `service` are the parts of a scope."""

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
    trouble: Trouble = Trouble.NONE
    seconds: Annotated[float, Field(ge=0, le=3600)] | None = None
    retried: bool = False


class Body(PayloadModel):
    """A batch of signals. `vantage` is the sender's vantage point; `sent_at` is its clock, to correct for a difference."""

    wire_schema: Literal["backstay.signals/1"] = Field(alias="schema")
    vantage: Vantage
    sent_at: AwareDatetime
    signals: list[ObservedSignal] = Field(max_length=AT_MOST)


BODY = Body


def verify_signature(sent: SignedRequest, secret: bytes, now: datetime) -> SignatureProof | None:
    """Verify backstay's own signature: `X-Backstay-Timestamp` and `X-Backstay-Signature`. None if it is not valid."""
    return sign_for_us(sent, secret, now)


def read(body: bytes, context: ParseContext) -> ParsedAlerts:
    """Return the signals, dated by our clock, from a vantage point named after the webhook and the sender.

    Raises:
        HookError: the body is not of this format, or the sender's clock is off by more than five minutes.
    """
    batch = parse_body(Body, body)
    off = context.now - batch.sent_at
    if abs(off) > WINDOW:
        raise HookError("sent_at: differs from the time here by more than 5 min; correct the sender's clock", 422)
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
        trouble=observed.trouble,
        seconds=observed.seconds,
        retried=observed.retried,
    )


def _shifted(at: datetime, off: timedelta, now: datetime) -> datetime:
    try:
        return at.astimezone(now.tzinfo) + off
    except OverflowError:
        return datetime.fromtimestamp(0, now.tzinfo)


def signal_batch(vantage: str, signals: Sequence[Signal], now: datetime) -> dict[str, Any]:
    """Write a batch as JSON-ready values, which `read` accepts."""
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
                "trouble": signal.trouble.value,
                "seconds": signal.seconds,
                "retried": signal.retried,
            }
            for signal in signals
        ],
    }
