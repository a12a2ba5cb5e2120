"""The page of a provider in an outage, in that provider's own format, as it stood at any moment."""

import json
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from support.builders.posts import ManualClock
from support.samples.outages import Outage

TITLE = "Increased error rates"
FORMATS = {"aws": "aws_currentevents", "gcp": "google", "azure": "azure_rss", "slack": "slack"}
"""By provider; all others publish Statuspage's shape."""


@dataclass
class OutagePage:
    """What it answers with follows the clock: nothing before the first word, all well after the end."""

    outage: Outage
    clock: ManualClock
    asked: int = 0

    @property
    def format(self) -> str:
        return FORMATS.get(self.outage.provider, "statuspage")

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/", self._answer)
        return app

    async def _answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(body=self.body(self.clock()))

    def body(self, now: datetime) -> bytes:
        said = self.outage.page_at is not None and now >= self.outage.page_at
        state = "quiet" if not said else "over" if now >= self.outage.ends else "open"
        match self.format:
            case "aws_currentevents":
                return json.dumps(self._aws(state)).encode("utf-16")
            case "google":
                return json.dumps(self._google(state)).encode()
            case "azure_rss":
                return self._azure(state).encode()
            case "slack":
                return json.dumps(self._slack(state)).encode()
            case _:
                return json.dumps(self._statuspage(state)).encode()

    def _aws(self, state: str) -> list[object]:
        if state == "quiet":
            return []
        region, at = self.outage.scopes[0].region, int(self._at.timestamp())
        tag = "[RESOLVED] " if state == "over" else ""
        log = [{"summary": TITLE, "message": "We are investigating.", "status": "2", "timestamp": at}]
        if state == "over":
            ended = int(self.outage.ends.timestamp())
            log.append({"summary": tag + TITLE, "message": "Resolved.", "status": "0", "timestamp": ended})
        hit = {
            scope.part: {"service_name": f"Amazon {scope.part}", "current": "2", "max": "2"}
            for scope in self.outage.scopes
        }
        return [
            {
                "arn": f"arn:aws:health:{region}::event/MULTIPLE_SERVICES/{self.outage.name}",
                "date": str(at),
                "service": f"multipleservices-{region}",
                "service_name": "Multiple services",
                "status": "0" if state == "over" else "2",
                "summary": tag + TITLE,
                "event_log": log,
                "impacted_services": hit,
            }
        ]

    def _google(self, state: str) -> list[object]:
        if state == "quiet":
            return []
        one: dict[str, object] = {
            "id": self.outage.name,
            "begin": self._at.isoformat(),
            "created": self._at.isoformat(),
            "modified": (self.outage.ends if state == "over" else self._at).isoformat(),
            "end": self.outage.ends.isoformat() if state == "over" else None,
            "external_desc": TITLE,
            "status_impact": "SERVICE_OUTAGE",
            "affected_products": [{"title": "Multiple Products", "id": "x"}],
            "updates": [],
        }
        return [one]

    def _azure(self, state: str) -> str:
        item = (
            f"<item><guid>{self.outage.name}</guid><title>{TITLE}</title><description>Errors.</description>"
            f"<pubDate>{self._at:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        )
        on = item if state == "open" else ""
        link = "https://azure.status.microsoft/en-us/status/"
        return f'<rss version="2.0"><channel><title>Azure Status</title><link>{link}</link>{on}</channel></rss>'

    def _slack(self, state: str) -> dict[str, object]:
        one = {
            "id": 1,
            "title": TITLE,
            "type": "outage",
            "status": "active",
            "date_created": self._at.isoformat(),
            "date_updated": self._at.isoformat(),
            "services": ["Messaging"],
            "notes": [],
        }
        on = state == "open"
        return {"status": "active" if on else "ok", "active_incidents": [one] if on else []}

    def _statuspage(self, state: str) -> dict[str, object]:
        page = {"id": "abcdefabcdef", "name": self.outage.provider, "url": "https://status.example.com"}
        one: dict[str, object] = {
            "id": "inc1",
            "name": TITLE,
            "status": "resolved" if state == "over" else "investigating",
            "impact": "major",
            "created_at": self._at.isoformat(),
            "updated_at": (self.outage.ends if state == "over" else self._at).isoformat(),
            "resolved_at": self.outage.ends.isoformat() if state == "over" else None,
            "incident_updates": [],
        }
        indicator = "major" if state == "open" else "none"
        return {"page": page, "status": {"indicator": indicator}, "incidents": [] if state == "quiet" else [one]}

    @property
    def _at(self) -> datetime:
        return self.outage.page_at or self.outage.onset
