"""Fetches the app's access token for Teams from Entra ID, and keeps it while it is valid."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

# learn.microsoft.com, Bot Framework: "Authenticate requests from your bot to the Bot Connector service".
LOGIN_URL = "https://login.microsoftonline.com"
SCOPE = "https://api.botframework.com/.default"
FETCH_SECONDS = 8.0
_RENEWED_BEFORE_END = 300.0
_LARGEST = 200_000


class TokenError(Exception):
    """No token could be had. `passing`: a retry may succeed; else the app's id, tenant or password is wrong."""

    def __init__(self, reason: str, *, passing: bool) -> None:
        super().__init__(reason)
        self.passing = passing


@dataclass(frozen=True, slots=True)
class Registration:
    """A single-tenant app registration. `login_url` is Entra ID's address, another one in government clouds."""

    app_id: str
    password: str = field(repr=False)
    tenant_id: str
    login_url: str = LOGIN_URL


class Tokens:
    """The token of one registration. Concurrent callers cause one fetch.

    The SDK would block the event loop for it, without a timeout.
    """

    def __init__(self, registration: Registration, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._app, self._monotonic = registration, monotonic
        self._lock = asyncio.Lock()
        self._token, self._until = "", float("-inf")

    async def token(self, session: aiohttp.ClientSession) -> str:
        """A token that is valid for at least 5 more minutes.

        Raises:
            TokenError: Entra ID refused, or could not be reached.
        """
        async with self._lock:
            if self._monotonic() >= self._until:
                await self._fetch(session)
            return self._token

    def invalidate(self) -> None:
        """Fetch a new token next time, for Teams did not accept this one."""
        self._until = float("-inf")

    async def _fetch(self, session: aiohttp.ClientSession) -> None:
        url = f"{self._app.login_url.rstrip('/')}/{self._app.tenant_id}/oauth2/v2.0/token"
        form = {
            "grant_type": "client_credentials",
            "client_id": self._app.app_id,
            "client_secret": self._app.password,
            "scope": SCOPE,
        }
        try:
            async with (
                asyncio.timeout(FETCH_SECONDS),
                session.post(url, data=form, allow_redirects=False) as answer,
            ):
                status, body = answer.status, await answer.content.read(_LARGEST)
                while not answer.content.at_eof() and len(body) < _LARGEST:
                    body += await answer.content.read(_LARGEST)
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise TokenError("Entra ID cannot be reached", passing=True) from None
        self._keep(status, body)

    def _keep(self, status: int, body: bytes) -> None:
        try:
            answer = json.loads(body)
            token, lasts = (str(answer["access_token"]), float(answer["expires_in"])) if status == 200 else ("", 0.0)
        except (ValueError, TypeError, KeyError):
            raise TokenError(f"Entra ID sent an unreadable answer (HTTP {status})", passing=True) from None
        if not token:
            reason = answer.get("error") if isinstance(answer, dict) else None
            known = reason if reason in ("invalid_client", "unauthorized_client", "invalid_request") else status
            passing = status == 429 or status >= 500
            raise TokenError(f"Entra ID refused teams.app_id, tenant_id or app_password ({known})", passing=passing)
        self._token, self._until = token, self._monotonic() + lasts - _RENEWED_BEFORE_END
