"""Port: properties of the entities of a blueprint; no entity is created.

`POST /v1/auth/access_token` and `PATCH /v1/blueprints/{blueprint}/entities/{entity}`: https://docs.port.io/openapi.yaml. The blueprint
needs the properties (`backstay_score`, a number, and so on); Port answers 422 where it lacks them.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from bot.audit.portals.portal import Portal, PortalAccess, ServiceFacts
from bot.audit.tickets.api import TicketApi, TrackerError

KIND = "port"


def headers(access: PortalAccess) -> Mapping[str, str]:  # noqa: ARG001 - it signs in by a call
    """None before the token is there."""
    return {}


def open_portal(access: PortalAccess, api: TicketApi) -> Portal:
    """The entities of one blueprint."""
    return _Port(access, api)


class _Port:
    def __init__(self, access: PortalAccess, api: TicketApi) -> None:
        self._access, self._api, self._root = access, api, access.url.rstrip("/")

    async def push(self, facts: Sequence[ServiceFacts]) -> Mapping[str, str]:
        await self._sign_in()
        refused: dict[str, str] = {}
        blueprint = quote(self._access.blueprint, safe="")
        for fact in facts:
            url = f"{self._root}/v1/blueprints/{blueprint}/entities/{quote(fact.entity, safe='')}"
            properties = {f"backstay_{name}": value for name, value in fact.values().items()}
            try:
                await self._api.change("PATCH", url, {"properties": properties})
            except TrackerError as error:
                if error.fatal:
                    raise
                refused[fact.service] = str(error)
        return refused

    async def _sign_in(self) -> None:
        body = {"clientId": self._access.user, "clientSecret": self._access.token}
        answer = (await self._api.query(f"{self._root}/v1/auth/access_token", body)).body
        token = answer.get("accessToken") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise TrackerError("Port answers without an access token", fatal=True)
        self._api.credentials = {"Authorization": f"Bearer {token}"}
