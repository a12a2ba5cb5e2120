"""The token that backstay shows to Teams: fetched from Entra ID with the app's password, and kept while it holds."""

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
_BEFORE_ITS_END = 300.0
_LARGEST = 200_000


class TokenError(Exception):
    """There is no token. `passing`: a later try may do better; else the app's id, tenant or password is wrong."""

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
    """One registration's token. Many that ask at once cause one fetch.

    The SDK's way would wait for the answer on the event loop, without any limit of time.
    """

    def __init__(self, registration: Registration, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._app, self._monotonic = registration, monotonic
        self._lock = asyncio.Lock()
        self._token, self._until = "", float("-inf")

    async def token(self, session: aiohttp.ClientSession) -> str:
        """A token that holds for five more minutes.

        Raises:
            TokenError: Entra ID refused, or could not be reached.
        """
        async with self._lock:
            if self._monotonic() >= self._until:
                await self._fetch(session)
            return self._token

    def spoil(self) -> None:
        """Teams did not take it: fetch another one next time."""
        self._until = float("-inf")

    async def _fetch(self, session: aiohttp.ClientSession) -> None:
        url = f"{self._app.login_url.rstrip('/')}/{self._app.tenant_id}/oauth2/v2.0/token"
        asked = {
            "grant_type": "client_credentials",
            "client_id": self._app.app_id,
            "client_secret": self._app.password,
            "scope": SCOPE,
        }
        try:
            async with (
                asyncio.timeout(FETCH_SECONDS),
                session.post(url, data=asked, allow_redirects=False) as answer,
            ):
                status, body = answer.status, await answer.content.read(_LARGEST)
                while not answer.content.at_eof() and len(body) < _LARGEST:
                    body += await answer.content.read(_LARGEST)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TokenError(f"Entra ID cannot be reached ({type(error).__name__})", passing=True) from None
        self._keep(status, body)

    def _keep(self, status: int, body: bytes) -> None:
        try:
            said = json.loads(body)
            token, lasts = (str(said["access_token"]), float(said["expires_in"])) if status == 200 else ("", 0.0)
        except (ValueError, TypeError, KeyError):
            raise TokenError(f"Entra ID talked nonsense ({status})", passing=True) from None
        if not token:
            reason = said.get("error") if isinstance(said, dict) else None
            known = reason if reason in ("invalid_client", "unauthorized_client", "invalid_request") else status
            passing = status == 429 or status >= 500
            raise TokenError(f"Entra ID refuses the app's id, tenant or password ({known})", passing=passing)
        self._token, self._until = token, self._monotonic() + lasts - _BEFORE_ITS_END
