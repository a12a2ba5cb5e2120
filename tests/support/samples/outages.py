"""Outages that happened, as what the OUTSIDE did: which hosts failed how and to what share, what pages published, and when.

Nothing here says what backstay sees. `assumed` names what is not on record: the rest is in the sources.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.outage_world.happenings import Answer, Damage, Effect
from support.outage_world.pages import Impact, Item, Post

TIMELINES = Path(__file__).with_name("timelines.json")
"""Times and outside signals of outages, each with its sources."""
OWN = "shop.example.com"
"""The team's own endpoint, which stands on the provider."""
_ERROR = Answer(503, b"<html><title>503 Service Unavailable</title></html>", "text/html")


@dataclass(frozen=True)
class Outage:
    """One outage. `needs`: what a team that uses the provider declares. `onset`: the first symptom outside (UTC).

    `visible`: something outside failed at hosts that anybody may reach; `own`: an endpoint of the team's own (`OWN`) failed.
    `canary`: only signed-in calls failed, which takes canaries. `page_at`: the page's first post; None where it never spoke.
    """

    name: str
    provider: str
    needs: str
    onset: datetime
    ends: datetime
    effects: tuple[Effect, ...]
    items: tuple[Item, ...] = ()
    canary: bool = False
    assumed: str = ""
    sources: tuple[str, ...] = ()

    @property
    def own(self) -> bool:
        """Whether an endpoint of the team's own failed."""
        return any(effect.hosts == OWN for effect in self.effects)

    @property
    def page_at(self) -> datetime | None:
        """The page's first post about it."""
        told = [item for item in self.items if item.impact != "maintenance"]
        return min((post.at for item in told for post in item.posts), default=None)


def utc(text: str) -> datetime:
    """A moment: `2025-12-05 08:47`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def incident(
    at: datetime,
    ends: datetime,
    title: str,
    impact: Impact = "major",
    *,
    parts: tuple[str, ...] = (),
    regions: str = "",
) -> Item:
    """An item that is posted, and resolved at the end."""
    posts = (Post(at), Post(ends, "resolved", "This incident has been resolved."))
    return Item(f"i{at:%Y%m%d%H%M}", title, impact, posts, parts, (regions,) if regions else (), began=at)


# From timelines.json: outage -> for each of its signals the hosts, what they do, and to what share of requests.
_SEEN: Mapping[str, tuple[tuple[str, Damage, float, bool], ...]] = {
    "aws-2017-02-28-s3": (("s3.*amazonaws.com", "answer", 1.0, False),),  # "unable to service requests"
    "aws-2020-11-25-kinesis": (("kinesis.us-east-1.amazonaws.com", "answer", 0.7, True),),  # share assumed
    "fastly-2021-06-08": (("*.fastly.com", "answer", 0.85, False),),  # 85 % of the network returned errors
    "aws-2021-12-07-us-east-1": (
        ("console.aws.amazon.com", "silent", 0.6, False),  # share assumed
        (
            "[es][ct][2s].us-east-1.amazonaws.com",
            "answer",
            0.6,
            True,
        ),  # ec2 and sts, to callers who sign in; share assumed
    ),
    "azure-2023-01-25-wan": (("*.azure.com", "silent", 0.5, False),),  # waves; share assumed
    "gcp-2025-06-12-service-control": (("*.googleapis.com", "answer", 0.7, True),),  # share assumed
    "aws-2025-10-20-us-east-1": (
        ("dynamodb.us-east-1.amazonaws.com", "dns empty", 1.0, False),
        ("dynamodb.us-east-1.amazonaws.com", "dns empty", 0.3, False),
        ("", "silent", 0.0, False),  # packet loss at one edge: not described
        ("lambda.us-east-1.amazonaws.com", "reset", 0.3, False),  # share assumed
    ),
    "azure-2025-10-29-front-door": (
        ("portal.azure.com", "silent", 0.7, False),  # share assumed
        ("portal.azure.com", "dns servfail", 0.3, False),  # share assumed
    ),
    "cloudflare-2025-11-18": (("*.cloudflare.com", "answer", 0.7, False),),  # share assumed
}
_NEEDS = {"aws-2017-02-28-s3": "s3", "aws-2020-11-25-kinesis": "kinesis", "aws-2025-10-20-us-east-1": "dynamodb"}


def from_timelines(path: Path = TIMELINES) -> tuple[Outage, ...]:
    """The outages of the timelines whose outside signs are on record."""
    raw = {outage["id"]: outage for outage in json.loads(path.read_text())["incidents"]}
    return tuple(_of_timeline(raw[name], seen) for name, seen in _SEEN.items() if name in raw)


def _of_timeline(raw: Mapping[str, Any], seen: tuple[tuple[str, Damage, float, bool], ...]) -> Outage:
    onset = _moment(raw["onset_utc"])
    ends = _moment(raw["end_utc"] or raw["mitigated_utc"] or (onset + timedelta(hours=4)).isoformat())
    effects = tuple(
        Effect(
            hosts,
            _moment(said["from_utc"]),
            _moment(said["to_utc"]) if said["to_utc"] else ends,
            damage,
            share,
            answer=_ERROR,
            signed_in=signed_in,
        )
        for said, (hosts, damage, share, signed_in) in zip(raw["signals"], seen, strict=False)
        if hosts
    )
    page = raw["first_public_status_utc"] or (raw.get("first_public_status_alt") or {}).get("t")
    region = raw["scope"]["regions"][0] if raw["provider"] == "aws" else ""
    part = _NEEDS.get(raw["id"], "")
    needs = "/".join(step for step in (raw["provider"], region, part) if step)
    parts = tuple(name for name in raw["scope"]["services"] if region)
    items = (incident(_moment(page), ends, "Increased error rates", parts=parts, regions=region),) if page else ()
    canary = all(effect.signed_in for effect in effects)
    return Outage(
        raw["id"], raw["provider"], needs, min(e.begins for e in effects), ends, effects, items, canary=canary
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
