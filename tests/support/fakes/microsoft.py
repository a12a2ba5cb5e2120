"""Entra ID and Graph's service health on loopback: tokens that run out, pages, refusals on order."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

SECRET = "s3cret-of-the-app"


def issue(id: str = "EX1", status: str = "serviceDegradation", **more: Any) -> dict[str, Any]:
    made = {"id": id, "title": "Mail is late", "service": "Exchange Online", "status": status, "isResolved": False}
    times = {"startDateTime": "2026-11-23T08:00:00Z", "lastModifiedDateTime": "2026-11-23T08:30:00Z"}
    return {**made, **times, "classification": "incident", "posts": [], **more}


@dataclass
class FakeMicrosoft:
    """`status` and `error` are what the next answers are; `asked` the paths, `tokens` how many were given."""

    issues: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    login: int = 200
    elsewhere: bool = False
    asked: list[str] = field(default_factory=list)
    tokens: int = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/tenant/oauth2/v2.0/token", self._token)
        app.router.add_get("/v1.0/admin/serviceAnnouncement/{what}", self._health)
        return app

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if self.login != 200 or form["client_secret"] != SECRET:
            said = {"error": "invalid_client", "error_description": f"wrong secret {form['client_secret']!r}"}
            return web.json_response(said, status=401)
        self.tokens += 1
        return web.json_response({"access_token": f"token-{self.tokens}", "expires_in": 3599})

    async def _health(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        if request.headers.get("Authorization") != f"Bearer token-{self.tokens}":
            return web.Response(status=401)
        if self.status != 200:
            return web.json_response({"error": {"message": "no"}}, status=self.status, headers={"Retry-After": "900"})
        if request.match_info["what"] == "healthOverviews":
            rows = [{"id": "Exchange", "service": "Exchange Online", "status": "serviceOperational"}]
            return web.json_response({"value": rows})
        at = int(request.query.get("skip", "0"))
        answer: dict[str, Any] = {"value": self.issues[at : at + 1]}
        if at + 1 < len(self.issues):
            host = "http://127.0.0.1:9" if self.elsewhere else str(request.url.origin())
            answer["@odata.nextLink"] = f"{host}{request.path}?skip={at + 1}"
        return web.json_response(answer)
