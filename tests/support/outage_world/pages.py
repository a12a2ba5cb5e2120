"""Status pages: what a provider publishes, when, and the body that its page has at any moment, in the page's own format."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zlib import crc32

from support.outage_world.happenings import Answer

Impact = Literal["none", "minor", "major", "critical", "maintenance"]
Format = Literal["statuspage", "aws_currentevents", "google", "azure_rss", "heroku"]
KEPT = timedelta(minutes=30)
"""How long a resolved item stays listed where the format lists such."""
_STATUS = {
    "none": "operational",
    "minor": "degraded_performance",
    "major": "partial_outage",
    "critical": "major_outage",
    "maintenance": "under_maintenance",
}
_ORDER: Sequence[Impact] = ("none", "maintenance", "minor", "major", "critical")


@dataclass(frozen=True, slots=True)
class Post:
    """One update: when it appeared, and the state that it reports (`investigating`, `monitoring`, `resolved` ...)."""

    at: datetime
    state: str = "investigating"
    text: str = "We are investigating."


@dataclass(frozen=True, slots=True)
class Item:
    """An incident or a maintenance as it is published. `began`: its start by the page, else the first post.

    `parts`, `regions`: what it names. `until`: the planned end of a maintenance that starts at `began`. `keeps_end`: an item
    that is reopened keeps the `resolved_at` of before.
    """

    id: str
    title: str
    impact: Impact
    posts: tuple[Post, ...]
    parts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    began: datetime | None = None
    until: datetime | None = None
    keeps_end: bool = False

    @property
    def start(self) -> datetime:
        """Its start by the page's own words."""
        return self.began or self.posts[0].at

    def posted(self, now: datetime) -> tuple[Post, ...]:
        """The updates so far, newest first."""
        return tuple(reversed([post for post in self.posts if post.at <= now]))

    def open(self, now: datetime) -> bool:
        """Whether it is published and not resolved."""
        posts = self.posted(now)
        return bool(posts) and posts[0].state not in ("resolved", "completed")


@dataclass(frozen=True, slots=True)
class StatusPage:
    """A provider's page. `parts`: the components that it lists at all times. `shown_late`: how old its copies may be."""

    provider: str
    url: str
    format: Format = "statuspage"
    items: tuple[Item, ...] = ()
    parts: tuple[str, ...] = ()

    def answer(self, now: datetime) -> Answer:
        """The page as it is now."""
        listed = [item for item in self.items if item.posted(now)]
        match self.format:
            case "aws_currentevents":
                return Answer(body=json.dumps(_aws(listed, now)).encode("utf-16"), content_type="application/json")
            case "google":
                return _json([_google(item, now) for item in listed])
            case "azure_rss":
                return Answer(body=_azure(listed, now).encode(), content_type="text/xml")
            case "heroku":
                return _json(_heroku(listed, now))
            case _:
                return _json(self._statuspage(listed, now))

    def _statuspage(self, listed: Sequence[Item], now: datetime) -> dict[str, Any]:
        """/api/v2/summary.json lists what is not over: https://metastatuspage.com/api."""
        still = [item for item in listed if item.open(now)]
        broken = {part: item.impact for item in still if _is_on(item, now) for part in item.parts}
        impacts = [item.impact for item in still if item.impact != "maintenance"]
        worst = max(impacts, key=_ORDER.index, default="none")
        return {
            "page": {"id": "abcdefabcdef", "name": self.provider, "url": self.url},
            "status": {"indicator": worst, "description": worst},
            "components": [
                {"id": f"c{number}", "name": part, "status": _STATUS[broken.get(part, "none")], "group": False}
                for number, part in enumerate(dict.fromkeys((*self.parts, *broken)))
            ],
            "incidents": [_incident(item, now) for item in still if item.impact != "maintenance"],
            "scheduled_maintenances": [
                _incident(item, now)
                | {"scheduled_for": _text(item.start), "scheduled_until": _text(item.until or item.start)}
                for item in still
                if item.impact == "maintenance"
            ],
        }


def _is_on(item: Item, now: datetime) -> bool:
    return item.impact != "maintenance" or item.start <= now < (item.until or now)


def _incident(item: Item, now: datetime) -> dict[str, Any]:
    posts = item.posted(now)
    ended = next((post.at for post in posts if post.state in ("resolved", "completed")), None)
    over = posts[0].state in ("resolved", "completed")
    return {
        "id": item.id,
        "name": item.title,
        "status": posts[0].state,
        "impact": item.impact,
        "created_at": _text(posts[-1].at),
        "started_at": _text(item.start if item.impact != "maintenance" else posts[-1].at),
        "updated_at": _text(posts[0].at),
        "resolved_at": _text(ended) if ended and (over or item.keeps_end) else None,
        "shortlink": f"https://stspg.io/{item.id}",
        "incident_updates": [
            {"id": f"{item.id}u{number}", "status": post.state, "body": post.text, "created_at": _text(post.at)}
            for number, post in enumerate(posts)
        ],
        "components": [
            {"id": f"c-{part}", "name": part, "status": _STATUS[item.impact if not over else "none"]}
            for part in item.parts
        ],
    }


def _aws(listed: Sequence[Item], now: datetime) -> list[dict[str, Any]]:
    """health.aws.amazon.com/public/currentevents; what it lists of a past event is its end."""
    made = []
    for item in listed:
        posts = item.posted(now)
        over = posts[0].state == "resolved"
        if over and now - posts[0].at > KEPT:
            continue
        region, code = (
            (item.regions or ("global",))[0],
            {"minor": "1", "major": "2", "critical": "3"}.get(item.impact, "1"),
        )
        log = [
            {
                "summary": item.title,
                "message": post.text,
                "status": "0" if post.state == "resolved" else code,
                "timestamp": int(post.at.timestamp()),
            }
            for post in reversed(posts)
        ]
        hit = {part: {"service_name": part, "current": "0" if over else code, "max": code} for part in item.parts}
        made.append(
            {
                "arn": f"arn:aws:health:{region}::event/MULTIPLE_SERVICES/{item.id}",
                "date": str(int(item.start.timestamp())),
                "service": f"multipleservices-{region}",
                "service_name": "Multiple services",
                "status": "0" if over else code,
                "summary": f"[RESOLVED] {item.title}" if over else item.title,
                "event_log": log,
                "impacted_services": hit,
            }
        )
    return made


def _google(item: Item, now: datetime) -> dict[str, Any]:
    """status.cloud.google.com/incidents.json, which keeps what is over."""
    posts = item.posted(now)
    over = posts[0].state == "resolved"
    places = [{"title": region, "id": region} for region in item.regions]
    return {
        "id": item.id,
        "begin": _text(item.start),
        "created": _text(posts[-1].at),
        "modified": _text(posts[0].at),
        "end": _text(posts[0].at) if over else None,
        "external_desc": item.title,
        "status_impact": {"critical": "SERVICE_OUTAGE", "major": "SERVICE_DISRUPTION"}.get(
            item.impact, "SERVICE_INFORMATION"
        ),
        "severity": {"critical": "high", "major": "medium"}.get(item.impact, "low"),
        "affected_products": [{"title": part, "id": part} for part in item.parts],
        "currently_affected_locations": [] if over else places,
        "previously_affected_locations": places if over else [],
        "updates": [
            {"created": _text(post.at), "modified": _text(post.at), "when": _text(post.at), "text": post.text,
             "status": "AVAILABLE" if post.state == "resolved" else "SERVICE_OUTAGE"}
            for post in posts
        ],
    }  # fmt: skip


def _azure(listed: Sequence[Item], now: datetime) -> str:
    """rssfeed.azure.status.microsoft: what is on; an item vanishes when it is over."""
    items = "".join(
        f"<item><guid>{item.id}</guid><title>{item.title}</title><description>{item.posted(now)[0].text}</description>"
        f"<pubDate>{item.posted(now)[0].at:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for item in listed
        if item.open(now)
    )
    link = "https://azure.status.microsoft/en-us/status/"
    return f'<rss version="2.0"><channel><title>Azure Status</title><link>{link}</link>{items}</channel></rss>'


def _heroku(listed: Sequence[Item], now: datetime) -> dict[str, Any]:
    """status.heroku.com/api/v4/current-status, as recorded in 2019."""
    still = [item for item in listed if item.open(now)]
    colour = {"critical": "red", "major": "yellow", "minor": "yellow"}
    worst = max((item.impact for item in still), key=_ORDER.index, default="none")
    return {
        "status": [{"system": name, "status": colour.get(worst, "green")} for name in ("Apps", "Data", "Tools")],
        "incidents": [
            {
                "id": crc32(item.id.encode()) % 10_000,
                "title": item.title,
                "state": "open",
                "resolved": False,
                "resolved_at": None,
                "created_at": _text(item.start),
                "updated_at": _text(item.posted(now)[0].at),
                "full_url": f"https://status.heroku.com/incidents/{item.id}",
                "updates": [
                    {"contents": post.text, "created_at": _text(post.at), "updated_at": _text(post.at), "id": number,
                     "update_type": "issue", "status_prod": colour.get(item.impact, "green"), "title": item.title}
                    for number, post in enumerate(item.posted(now))
                ],
            }
            for item in still
        ],
        "scheduled": [],
    }  # fmt: skip


def _json(value: object) -> Answer:
    return Answer(body=json.dumps(value).encode(), content_type="application/json")


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
