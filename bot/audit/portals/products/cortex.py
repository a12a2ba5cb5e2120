"""Cortex: custom data of entities, many in one call.

`PUT /api/v1/catalog/custom-data` with the values by entity tag: https://docs.cortex.io/api/rest/custom-data/add-custom-data-in-bulk.
"""

from collections.abc import Mapping, Sequence

from bot.audit.portals.portal import Portal, PortalAccess, ServiceFacts
from bot.audit.tickets.api import TicketApi

KIND = "cortex"
_AT_ONCE = 100


def headers(access: PortalAccess) -> Mapping[str, str]:
    """An API key with the permission `Edit entities`."""
    return {"Authorization": f"Bearer {access.token}"}


def open_portal(access: PortalAccess, api: TicketApi) -> Portal:
    """The entities of one workspace."""
    return _Cortex(access, api)


class _Cortex:
    def __init__(self, access: PortalAccess, api: TicketApi) -> None:
        self._url, self._api = f"{access.url.rstrip('/')}/api/v1/catalog/custom-data", api

    async def push(self, facts: Sequence[ServiceFacts]) -> Mapping[str, str]:
        for start in range(0, len(facts), _AT_ONCE):
            values = {
                fact.entity: [{"key": f"backstay-{name}", "value": value} for name, value in fact.values().items()]
                for fact in facts[start : start + _AT_ONCE]
            }
            await self._api.change("PUT", self._url, {"values": values})
        return {}
