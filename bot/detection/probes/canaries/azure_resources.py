"""Lists the Azure subscriptions of an app registration: a signed-in read of Azure Resource Manager.

https://learn.microsoft.com/rest/api/resources/subscriptions/list and
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from bot.detection.probes.canaries.http_canary import HttpCanary, bearer, refused, request, wrong_body
from bot.detection.probes.canaries.oauth_token import OAuthToken
from bot.model import Clock
from bot.net.http_client import HttpClient
from checks import GLOBAL, Scope

_VERSION = "2022-12-01"


@dataclass(frozen=True, slots=True)
class _Subscriptions:
    url: str
    token: OAuthToken

    async def __call__(self, client: HttpClient) -> None:
        token = await self.token.get(client)
        address = f"{self.url.rstrip('/')}/subscriptions?api-version={_VERSION}"
        answer = await request(client, "list of subscriptions", address, credentials=bearer(token))
        if answer.status != 200:
            raise refused(answer, "list of subscriptions")
        try:
            listed = json.loads(answer.body)["value"]
        except (ValueError, TypeError, KeyError):
            listed = None
        if not isinstance(listed, list):
            raise wrong_body("list of subscriptions", "a list")


def azure_canary(  # noqa: PLR0913 - what Entra ID asks for
    tenant: str,
    app: str,
    secret: Callable[[], str],
    *,
    clock: Clock,
    url: str = "https://management.azure.com",
    login_url: str = "https://login.microsoftonline.com",
) -> HttpCanary:
    """A canary with an app registration that needs no role: without one the list is empty, which is a good answer."""

    def form() -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": app,
            "client_secret": secret(),
            "scope": "https://management.azure.com/.default",
        }

    token = OAuthToken(f"{login_url.rstrip('/')}/{tenant}/oauth2/v2.0/token", form, clock, "token of Entra ID")
    return HttpCanary(
        Scope("azure", GLOBAL, "resourcemanager"), f"canary:azure:{tenant}/subscriptions", _Subscriptions(url, token)
    )
