"""Microsoft 365's service health as a tenant sees it: Graph's overviews and open issues, with a token of client credentials.

https://learn.microsoft.com/graph/api/resources/service-communications-api-overview. The app needs the application permission
ServiceHealth.Read.All, and an administrator's consent to it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.detection.feeds.api_feed import AskError
from bot.model import Clock

MOST_PAGES = 20
_HEALTH = "/v1.0/admin/serviceAnnouncement/healthOverviews"
_ISSUES = "/v1.0/admin/serviceAnnouncement/issues?$filter=isResolved%20eq%20false&$top=100"
_NEEDS = "the app needs ServiceHealth.Read.All (application), with an administrator's consent"
_WORD = re.compile(r"[a-z0-9_]{1,40}")
_USELESS = timedelta(minutes=30)
_EARLY = timedelta(minutes=2)


@dataclass(slots=True)
class Graph:
    """Asks on behalf of one app registration. `secret` gives its client secret when it is needed; it is in no message."""

    client: httpx.AsyncClient
    clock: Clock
    tenant: str
    app: str
    secret: Callable[[], str] = field(repr=False)
    graph_url: str
    login_url: str
    _token: str = field(default="", repr=False)
    _until: datetime | None = None

    async def ask(self) -> bytes:
        """Overviews and open issues as one body of `microsoft365`'s shape.

        Raises:
            AskError: with the reason.
        """
        rows = [*await self._rows(_HEALTH), *await self._rows(_ISSUES)]
        return json.dumps({"@odata.context": "serviceAnnouncement", "value": rows}).encode()

    async def _rows(self, path: str) -> list[dict[str, Any]]:
        url, rows = f"{self.graph_url.rstrip('/')}{path}", list[dict[str, Any]]()
        for _ in range(MOST_PAGES):
            answer = await self._get(url)
            if not isinstance(answer.get("value"), list):
                raise AskError("answers with something that is no list")
            rows += [one for one in answer["value"] if isinstance(one, dict)]
            after = answer.get("@odata.nextLink")
            if not after:
                return rows
            if urlsplit(str(after))[:2] != urlsplit(self.graph_url)[:2]:
                raise AskError("leads to another host for its next page")
            url = str(after)
        raise AskError(f"has more than {MOST_PAGES} pages")

    async def _get(self, url: str) -> dict[str, Any]:
        for again in (False, True):
            answer = await self._sent("GET", url, headers={"authorization": f"Bearer {await self._bearer()}"})
            if answer.status_code == 401 and not again:
                self._token = ""  # it may have been withdrawn before its time
                continue
            break
        if answer.status_code in (401, 403):
            raise AskError(f"Graph answers {answer.status_code}: {_NEEDS}", _USELESS)
        return _json(answer)

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
        answer = await self._sent("POST", url, data=asked)
        if answer.status_code in (400, 401, 403):
            raise AskError(f"Entra ID gives no token ({_word(answer)}): see tenant, app and secret", _USELESS)
        given = _json(answer)
        token, lasts = given.get("access_token"), given.get("expires_in")
        if not isinstance(token, str) or not token:
            raise AskError("Entra ID gives no token")
        seconds = lasts if isinstance(lasts, int) and 0 < lasts <= 86_400 else 300
        self._token, self._until = token, now + max(timedelta(seconds=seconds) - _EARLY, timedelta(seconds=30))
        return token

    async def _sent(self, method: str, url: str, **more: Any) -> httpx.Response:
        try:
            return await self.client.request(method, url, follow_redirects=False, **more)
        except httpx.HTTPError as error:
            raise AskError(f"cannot be reached ({type(error).__name__})") from None


def _json(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code != 200:
        said = answer.headers.get("retry-after", "")
        raise AskError(f"answers {answer.status_code}", timedelta(seconds=int(said[:5]) if said.isdigit() else 0))
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise AskError("answers with something that is no JSON object")
    return found


def _word(answer: httpx.Response) -> str:
    """The one word of an OAuth error; its description may repeat what was sent."""
    try:
        word = str(answer.json().get("error", ""))
    except (ValueError, AttributeError):
        word = ""
    return word if _WORD.fullmatch(word) else str(answer.status_code)
