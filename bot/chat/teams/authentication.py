"""Verifies the tokens of Teams' requests, before anything in a request's body is read.

The only file that uses the Bot Framework SDK (botbuilder-core, botframework-connector). Its support has ended
(github.com/microsoft/botbuilder-python: archived in January 2026). What would replace it here: PyJWT, which the SDK brings
along, with the keys of `signing_keys` (`jwt.decode` with algorithm RS256, the audience, the issuer, a leeway of 300 s, and the
check that the key's endorsements name msteams), or `JwtTokenValidator` of the Microsoft 365 Agents SDK
(microsoft-agents-hosting-core). Posting needs no SDK: `api` and `token` call Microsoft's REST interfaces.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import structlog
from botbuilder.schema import Activity  # type: ignore[import-untyped] # untyped in the SDK
from botframework.connector.auth import (  # type: ignore[import-untyped] # untyped in the SDK
    BotFrameworkAuthenticationFactory,
    JwtTokenExtractor,
    PasswordServiceClientCredentialFactory,
)

from bot.chat.teams.requests import tenant_of
from bot.chat.teams.signing_keys import OpenIdKeys

# learn.microsoft.com, Bot Framework: "Authenticate requests from the Bot Connector service to your bot".
ISSUER = "https://api.botframework.com"
KEYS_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"
CHANNEL = "msteams"
_SCOPE = "https://api.botframework.com"
_LOGIN = "https://login.microsoftonline.com/botframework.com"
_log = structlog.get_logger(__name__)


class InvalidTokenError(Exception):
    """The request is not from Teams, or not for this app or tenant. The text is for the log, never for the sender."""


class TeamsAuthenticator:
    """Accepts requests that Teams signed for this app, and for this tenant where one is named.

    Args:
        app_id: the app's id, for which tokens are issued.
        tenant_id: the only tenant that is accepted; empty: any.
        keys_url: where the signing keys are published.
        monotonic: a clock that never goes back, in seconds.
    """

    def __init__(
        self,
        app_id: str,
        tenant_id: str = "",
        *,
        keys_url: str = KEYS_URL,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tenant = tenant_id
        # The extractor reads this cache of its class first; its own fetch would block the event loop.
        self._keys = JwtTokenExtractor.metadataCache[keys_url] = OpenIdKeys(keys_url, monotonic)
        self._sdk = BotFrameworkAuthenticationFactory.create(
            to_channel_from_bot_login_url=_LOGIN,
            to_channel_from_bot_oauth_scope=_SCOPE,
            to_bot_from_channel_token_issuer=ISSUER,
            to_bot_from_channel_open_id_metadata_url=keys_url,
            credential_factory=PasswordServiceClientCredentialFactory(app_id),
        )

    @property
    def problem(self) -> str:
        """Why no request can be verified; empty: nothing is known to prevent it."""
        return self._keys.problem

    async def claims(self, header: str) -> Mapping[str, Any]:
        """The claims of the token in an Authorization header.

        Raises:
            InvalidTokenError: there is no token, or none of Teams for this app that is valid now.
        """
        token = header.removeprefix("Bearer ")
        try:
            told = jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError:
            raise InvalidTokenError("no token") from None
        issuer, expires = told.get("iss"), told.get("exp")
        if isinstance(expires, bool) or not isinstance(
            expires, int | float
        ):  # the SDK accepts such a token at any time
            raise InvalidTokenError("no time of expiry")
        if issuer != ISSUER:  # the SDK would also accept tokens of other bots and of its emulator
            raise InvalidTokenError("not issued by the Bot Framework")
        try:
            result = await self._sdk.authenticate_request(Activity(channel_id=CHANNEL), header)
        except Exception as error:  # the SDK raises whatever a bad token led to  # noqa: BLE001
            raise InvalidTokenError(f"{type(error).__name__}: {error}"[:200]) from None
        claims: Mapping[str, Any] = result.claims_identity.claims
        return claims

    def objection(self, claims: Mapping[str, Any], activity: Mapping[str, Any]) -> str:
        """Why an activity must be refused, given its token's claims; empty where it is acceptable."""
        if not claims.get("serviceurl") or claims.get("serviceurl") != activity.get("serviceUrl"):
            return "the token is for another service address"
        # The SDK reads the tenant but compares it with nothing.
        if self._tenant and tenant_of(activity).lower() != self._tenant.lower():
            return "another tenant"
        return ""
