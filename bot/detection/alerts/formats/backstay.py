"""What other backstays see, from outside our ledger: their probes' signals as those of a vantage point (backstay.signals/1)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from bot.detection.alerts.fields import line
from bot.detection.alerts.format import HookError, ParseContext, ParsedAlerts, PayloadModel, parsed
from bot.model import IncidentSeverity
from bot.model.incidents import Health, Signal
from bot.net.signatures import WINDOW, SignatureProof, SignedRequest, sign_for_us

PROOFS = ("secret",)
SCHEMA = "backstay.signals/1"
AT_MOST = 2000
"""Signals in a body."""

Step = Annotated[str, StringConstraints(pattern=r"^[^/\x00-\x1f\x7f]{0,120}$")]
Vantage = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,60}$")]


class Seen(PayloadModel):
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
    signals: list[Seen] = Field(max_length=AT_MOST)


BODY = Body


def genuine(sent: SignedRequest, secret: bytes, now: datetime) -> SignatureProof | None:
    """Signed in our own way: `X-Backstay-Timestamp` and `X-Backstay-Signature`."""
    return sign_for_us(sent, secret, now)


def read(body: bytes, ground: ParseContext) -> ParsedAlerts:
    """The signals, dated by our clock, of a vantage point that is named after the hook and the sender.

    Raises:
        HookError: it is no such body, or the sender's clock is far off.
    """
    batch = parsed(Body, body)
    off = ground.now - batch.sent_at
    if abs(off) > WINDOW:
        raise HookError("sent_at: is more than five minutes off; set the sender's clock", 422)
    vantage = f"{ground.hook}/{batch.vantage}"
    return ParsedAlerts(tuple(_signal(one, vantage, off, ground.now) for one in batch.signals))


def _signal(one: Seen, vantage: str, off: timedelta, now: datetime) -> Signal:
    return Signal(
        provider=one.provider,
        region=one.region,
        service=one.service,
        kind=one.kind,
        state=one.state,
        at=min(_shifted(one.at, off, now), now),
        source=line(one.source, 500),
        severity=one.severity,
        vantage=vantage,
        via=line(one.via, 100),
        detail=line(one.detail),
        control=one.control,
    )


def _shifted(at: datetime, off: timedelta, now: datetime) -> datetime:
    try:
        return at.astimezone(now.tzinfo) + off
    except OverflowError:
        return datetime.fromtimestamp(0, now.tzinfo)


def written(vantage: str, signals: Sequence[Signal], now: datetime) -> dict[str, Any]:
    """A batch as it goes out; `read` is its other end."""
    return {
        "schema": SCHEMA,
        "vantage": vantage,
        "sent_at": now.isoformat(),
        "signals": [
            {
                "provider": one.provider,
                "region": one.region,
                "service": one.service,
                "kind": one.kind,
                "state": one.state.value,
                "at": one.at.isoformat(),
                "source": one.source,
                "severity": one.severity.value,
                "via": one.via,
                "detail": one.detail,
                "control": one.control,
            }
            for one in signals
        ],
    }
