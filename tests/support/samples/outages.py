"""Outages that happened, as the timelines tell them: what could be seen, how, and what the page said when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.fakes.dns import Manner

from bot.detection.probes.aws_canaries import CALLS
from checks import Scope

TIMELINES = Path(__file__).with_name("timelines.json")
"""Times, scopes and outside signals of outages that happened, each with its sources."""

_DNS: Mapping[str, Manner] = {"dns_a_empty": "empty", "dns_servfail": "servfail", "dns_resolution_failure": "servfail"}
_WEB = {
    "http_5xx",
    "http_503",
    "http_slow_or_timeout",
    "tcp_timeout_waves",
    "tcp_connect_errors",
    "tls_or_http_timeout",
}


@dataclass(frozen=True)
class Trouble:
    """Something that could be seen, from when until when. `kind`: dns or http from outside, with the manner of it, or canary."""

    scope: Scope
    kind: str
    manner: Manner
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Outage:
    """One outage of the timelines. `page_at`: the page's first word; None where nobody has it."""

    name: str
    provider: str
    onset: datetime
    ends: datetime
    page_at: datetime | None
    troubles: tuple[Trouble, ...]
    scopes: tuple[Scope, ...]

    @property
    def seen_by(self) -> str:
        """What could see it soon after it began: outside, a canary, the page alone, or nothing of ours."""
        early = [trouble.kind for trouble in self.troubles if trouble.begins - self.onset < timedelta(minutes=15)]
        if early:
            return "a canary" if set(early) == {"canary"} else "outside"
        return "the page" if self.page_at else "nothing"

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "Outage":
        """Read one. What never ended by the record is taken to have lasted four hours."""
        onset = moment(raw["onset_utc"])
        ends = moment(raw["end_utc"] or raw["mitigated_utc"] or (onset + timedelta(hours=4)).isoformat())
        page = raw["first_public_status_utc"] or (raw.get("first_public_status_alt") or {}).get("t")
        region = raw["scope"]["regions"][0] if raw["provider"] == "aws" else ""
        parts = raw["scope"]["services"] if region else [""]
        scopes = tuple(Scope(raw["provider"], region, part.replace("/", "-")) for part in parts)
        troubles = tuple(trouble for said in raw["signals"] for trouble in _troubles(said, scopes, ends))
        return cls(
            name=raw["id"],
            provider=raw["provider"],
            onset=onset,
            ends=max([ends, *(trouble.ends for trouble in troubles)]),
            page_at=moment(page) if page else None,
            troubles=troubles,
            scopes=scopes,
        )


def _troubles(said: Mapping[str, Any], scopes: tuple[Scope, ...], ends: datetime) -> Iterator[Trouble]:
    named = said["target"].lower()
    kind = _kind(said["signal"], named, scopes)
    if not kind:
        return
    begins, until = moment(said["from_utc"]), moment(said["to_utc"]) if said["to_utc"] else ends
    mine = [scope for scope in scopes if scope.part and scope.part in named]
    if kind == "canary":
        yield from (Trouble(own, kind, "address", begins, until) for own in mine if own.part in CALLS)
    else:
        yield Trouble((*mine, scopes[0])[0], kind, _DNS.get(said["signal"], "address"), begins, until)


def _kind(signal: str, target: str, scopes: tuple[Scope, ...]) -> str:
    """How it can be seen. What only a caller who is let in gets to see takes a canary, and there are none but for AWS."""
    if signal == "authenticated_api_errors" or "authenticated" in target:
        return "canary" if scopes[0].provider == "aws" else ""
    if "console" in target:  # nothing that we derive stands behind it
        return ""
    return "dns" if signal in _DNS else "http" if signal in _WEB else ""


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
