"""Which audiences are notified of an incident, and over which routes."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model import Audience
from bot.model.external_alerts import source_of_unplaced
from bot.model.incidents import Incident
from bot.model.notifications import concerns

_EDITS = ("slack", "teams")
"""Kinds of routes that edit a message that they have sent."""
_PAGING = ("pagerduty",)
"""Kinds of routes that are told who responds, so that they stop calling the next person."""


@dataclass(frozen=True, slots=True)
class AudienceRouting:
    """The audiences with their routes, the currency of revenue at risk, and the audience of backstay's own problems."""

    audiences: Mapping[str, Audience]
    currency: str = ""
    admins: str = ""

    def notified_of(self, incident: Incident) -> tuple[str, ...]:
        """The audiences to notify.

        All of them for alerts without a location, for an affected service without an audience, and for our own network where
        the settings name no audience of administrators.
        """
        if incident.ours and self.admins in self.audiences:
            return tuple(name for name in self.audiences if name in (self.admins, *incident.handling.escalated_to))
        no_audience = any(service.audience not in self.audiences for service in incident.affected)
        no_location = any(source_of_unplaced(scope.provider) for scope in incident.scopes)
        everybody = incident.ours or no_audience or (no_location and not incident.affected)
        return tuple(name for name in self.audiences if everybody or concerns(incident, name))

    def routes(self, audience: str) -> tuple[str, ...]:
        """The names of an audience's routes, in the order in which they are tried."""
        return tuple(route.name for route in self.audiences[audience].routes)

    def edits(self, audience: str) -> bool:
        """Whether an audience's first route edits its messages."""
        routes = self.audiences[audience].routes
        return bool(routes) and routes[0].kind in _EDITS

    def paging(self, audience: str) -> tuple[str, ...]:
        """The names of those of an audience's routes that page people."""
        return tuple(route.name for route in self.audiences[audience].routes if route.kind in _PAGING)

    def currency_of(self, incident: Incident) -> str:
        """The currency in which its messages name money; empty for our own network, which costs nothing by itself."""
        return "" if incident.ours else self.currency
