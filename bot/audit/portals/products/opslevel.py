"""OpsLevel: a custom event for each service, for custom event checks.

https://docs.opslevel.com/docs/custom-event-checks: any JSON posted to the integration's own address, which is the secret. A check picks its
service by `.service` and judges `.score`, `.failing` and so on.
"""

from collections.abc import Mapping, Sequence

from bot.audit.portals.portal import Portal, PortalAccess, ServiceFacts
from bot.audit.tickets.api import TicketApi, TrackerError

KIND = "opslevel"


def headers(access: PortalAccess) -> Mapping[str, str]:  # noqa: ARG001 - the address is the secret
    """None."""
    return {}


def open_portal(access: PortalAccess, api: TicketApi) -> Portal:
    """One custom event integration; its address is the token."""
    return _OpsLevel(access, api)


class _OpsLevel:
    def __init__(self, access: PortalAccess, api: TicketApi) -> None:
        self._address, self._api = access.token, api

    async def push(self, facts: Sequence[ServiceFacts]) -> Mapping[str, str]:
        refused: dict[str, str] = {}
        for fact in facts:
            try:
                await self._api.change("POST", self._address, {"service": fact.entity, **fact.values()})
            except TrackerError as error:
                if error.fatal:
                    raise
                refused[fact.service] = str(error)
        return refused
