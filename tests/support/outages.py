"""Outages that happened, as the timelines tell them: what could be seen from outside, and what the page said when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from support.fake_dns import Manner

from checks import Scope

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
    """Something that could be seen from outside, from when until when. `kind`: dns or http, with the manner of it."""

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
    probed: bool

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "Outage":
        """Read one. What never ended by the record is taken to have lasted four hours."""
        onset = moment(raw["onset_utc"])
        ends = moment(raw["end_utc"] or raw["mitigated_utc"] or (onset + timedelta(hours=4)).isoformat())
        page = raw["first_public_status_utc"] or (raw.get("first_public_status_alt") or {}).get("t")
        region = raw["scope"]["regions"][0] if raw["provider"] == "aws" else ""
        parts = raw["scope"]["services"] if region else [""]
        scopes = tuple(Scope(raw["provider"], region, part.replace("/", "-")) for part in parts)
        troubles = tuple(one for one in (_trouble(said, scopes, ends) for said in raw["signals"]) if one)
        return cls(
            name=raw["id"],
            provider=raw["provider"],
            onset=onset,
            ends=max([ends, *(one.ends for one in troubles)]),
            page_at=moment(page) if page else None,
            troubles=troubles,
            scopes=scopes,
            probed=any(one.begins - onset < timedelta(minutes=15) for one in troubles),
        )


def _trouble(said: Mapping[str, Any], scopes: tuple[Scope, ...], ends: datetime) -> Trouble | None:
    kind = "dns" if said["signal"] in _DNS else "http" if said["signal"] in _WEB else ""
    if not kind:
        return None
    named = said["target"].lower()
    first = next((scope for scope in scopes if scope.part and scope.part in named), scopes[0])
    until = moment(said["to_utc"]) if said["to_utc"] else ends
    return Trouble(first, kind, _DNS.get(said["signal"], "address"), moment(said["from_utc"]), until)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
