"""Reads a tenant's Microsoft 365 service health from Microsoft Graph: overviews and open issues, with client credentials.

https://learn.microsoft.com/graph/api/resources/service-communications-api-overview. The app needs the application permission
ServiceHealth.Read.All, and an administrator's consent to it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.detection.feeds import MAX_BYTES
from bot.detection.feeds.api_feed import ApiReadError
from bot.model import Clock
from bot.net.egress import NetworkError
from bot.net.http import retry_after
from bot.net.http_client import HttpAnswer, HttpClient, HttpRequest

MOST_PAGES = 20
_HEALTH = "/v1.0/admin/serviceAnnouncement/healthOverviews"
_ISSUES = "/v1.0/admin/serviceAnnouncement/issues?$filter=isResolved%20eq%20false&$top=100"
_NEEDS = "the app needs ServiceHealth.Read.All (application), with an administrator's consent"
_CODE = re.compile(r"[a-z0-9_]{1,40}")
_USELESS = timedelta(minutes=30)
_EARLY = timedelta(minutes=2)
_TIMEOUT = timedelta(seconds=20)
_STALL = timedelta(seconds=10)


@dataclass(slots=True)
class Graph:
    """Calls Graph as one app registration. `secret` returns its client secret when it is needed; no error repeats it."""

    client: HttpClient
    clock: Clock
    tenant: str
    app: str
    secret: Callable[[], str] = field(repr=False)
    graph_url: str
    login_url: str
    _token: str = field(default="", repr=False)
    _until: datetime | None = None

    async def ask(self) -> bytes:
        """Read overviews and open issues; one JSON body in the shape of the `microsoft365` format.

        Raises:
            ApiReadError: with the reason.
        """
        rows = [*await self._rows(_HEALTH), *await self._rows(_ISSUES)]
        return json.dumps({"@odata.context": "serviceAnnouncement", "value": rows}).encode()

    async def _rows(self, path: str) -> list[dict[str, Any]]:
        url, rows = f"{self.graph_url.rstrip('/')}{path}", list[dict[str, Any]]()
        for _ in range(MOST_PAGES):
            answer = await self._get(url)
            if not isinstance(answer.get("value"), list):
                raise ApiReadError("returned something other than a list")
            rows += [row for row in answer["value"] if isinstance(row, dict)]
            after = answer.get("@odata.nextLink")
            if not after:
                return rows
            if urlsplit(str(after))[:2] != urlsplit(self.graph_url)[:2]:
                raise ApiReadError("refers to another host for the next page")
            url = str(after)
        raise ApiReadError(f"has more than {MOST_PAGES} pages")

    async def _get(self, url: str) -> dict[str, Any]:
        for again in (False, True):
            bearer = {"Authorization": f"Bearer {await self._bearer()}"}
            answer = await self._request("GET", url, credentials=bearer)
            if answer.status == 401 and not again:
                self._token = ""  # it may have been withdrawn before its time
                continue
            break
        if answer.status in (401, 403):
            raise ApiReadError(f"returned HTTP {answer.status}: {_NEEDS}", _USELESS)
        return self._object(answer)

    async def _bearer(self) -> str:
        now = self.clock()
        if self._token and self._until is not None and now < self._until:
            return self._token
        asked = {
            "grant_type": "client_credentials",
            "client_id": self.app,
            "client_secret": self.secret(),
            "scope": f"{self.graph_url.rstrip('/')}/.default",
        }
        url = f"{self.login_url.rstrip('/')}/{self.tenant}/oauth2/v2.0/token"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(asked).encode()
        answer = await self._request("POST", url, headers=form, body=body)
        if answer.status in (400, 401, 403):
            raise ApiReadError(
                f"got no token from Entra ID ({_error_code(answer)}): check tenant, app and secret", _USELESS
            )
        given = self._object(answer)
        token, lasts = given.get("access_token"), given.get("expires_in")
        if not isinstance(token, str) or not token:
            raise ApiReadError("got no token from Entra ID")
        seconds = lasts if isinstance(lasts, int) and 0 < lasts <= 86_400 else 300
        self._token, self._until = token, now + max(timedelta(seconds=seconds) - _EARLY, timedelta(seconds=30))
        return token

    async def _request(self, method: str, url: str, **more: Any) -> HttpAnswer:
        """One request to an address that the settings name, which may be private; redirects are not followed."""
        request = HttpRequest(url, method, private=True, most_bytes=MAX_BYTES, timeout=_TIMEOUT, stall=_STALL, **more)
        try:
            return await self.client.request(request)
        except NetworkError as error:
            raise ApiReadError(error.reason) from None

    def _object(self, answer: HttpAnswer) -> dict[str, Any]:
        """The JSON object in a good answer."""
        if answer.status != 200:
            wait = retry_after(answer.headers.get("retry-after", ""), self.clock())
            raise ApiReadError(f"returned HTTP {answer.status}", wait or timedelta())
        try:
            found = json.loads(answer.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ApiReadError("returned something other than a JSON object")
        return found


def _error_code(answer: HttpAnswer) -> str:
    """The code of an OAuth error, else the status; its description may repeat what was sent."""
    try:
        code = str(json.loads(answer.body).get("error", ""))
    except (ValueError, AttributeError):
        code = ""
    return code if _CODE.fullmatch(code) else str(answer.status)
