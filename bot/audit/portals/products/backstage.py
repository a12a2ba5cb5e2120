"""Backstage: facts in the shape that Tech Insights stores (`TechInsightFact`: entity, facts, timestamp).

https://github.com/backstage/community-plugins/tree/main/workspaces/tech-insights/plugins/tech-insights-node. Tech Insights has no
endpoint of its own that takes facts: they are posted to a route of your backend, which hands them to its fact retriever.
"""

from collections.abc import Mapping, Sequence

from bot.audit.portals.portal import Portal, PortalAccess, ServiceFacts
from bot.audit.tickets.api import TicketApi

KIND = "backstage"
_AT_ONCE = 200


def headers(access: PortalAccess) -> Mapping[str, str]:
    """A static token of `backend.auth.externalAccess` (https://backstage.io/docs/auth/service-to-service-auth)."""
    return {"Authorization": f"Bearer {access.token}"}


def open_portal(access: PortalAccess, api: TicketApi) -> Portal:
    """The route of one Backstage."""
    return _Backstage(access, api)


class _Backstage:
    def __init__(self, access: PortalAccess, api: TicketApi) -> None:
        self._access, self._api = access, api

    async def push(self, facts: Sequence[ServiceFacts]) -> Mapping[str, str]:
        for start in range(0, len(facts), _AT_ONCE):
            rows = [
                {
                    "entity": {"namespace": self._access.namespace, "kind": "component", "name": fact.entity},
                    "facts": fact.values(),
                    "timestamp": fact.at.isoformat(),
                }
                for fact in facts[start : start + _AT_ONCE]
            ]
            await self._api.change("POST", self._access.url, rows)
        return {}
