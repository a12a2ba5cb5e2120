"""Builds what pushes facts to portals from settings."""

import secrets
from collections.abc import Awaitable, Callable, Mapping

from bot.app.jobs.portals import PortalJob
from bot.app.settings import Settings
from bot.app.settings.portals import PortalSettings
from bot.audit.portals.portal import PortalAccess, facts_of, portals
from bot.audit.service import AuditService
from bot.audit.tickets.api import TicketApi
from bot.model import Clock
from bot.net.http_client import HttpClient
from bot.storage.leader import LeaderLease
from bot.storage.ledger import Ledger
from checks import Scorecard

LEASE = "portals"


async def push_to(portal: PortalSettings, settings: Settings, scorecard: Scorecard, clock: Clock) -> Mapping[str, str]:
    """Push the facts of every service to one portal; the services that it did not take, each with the reason.

    Raises:
        ConfigError: the token cannot be resolved.
        TrackerError: it takes none.
    """
    access = PortalAccess(
        portal.kind, portal.address, portal.user, settings.secret(portal.token), portal.blueprint, portal.namespace
    )
    plugin, facts = portals()[portal.kind], facts_of(scorecard, portal.names)
    async with HttpClient(settings.outgoing) as http:
        name = "OpsLevel" if portal.kind == "opslevel" else portal.kind.capitalize()
        api = TicketApi(http, name, plugin.headers(access), clock, private=portal.private, pause=0.2)
        return await plugin.open_portal(access, api).push(facts)


def portal_jobs(
    settings: Settings, audits: AuditService[Ledger], ledger: Ledger, clock: Clock
) -> Mapping[str, Callable[[], Awaitable[None]]]:
    """The job that pushes while serving; none where no portal is set."""
    if not settings.portals:
        return {}

    def pushing(portal: PortalSettings) -> Callable[[Scorecard], Awaitable[Mapping[str, str]]]:
        return lambda scorecard: push_to(portal, settings, scorecard, clock)

    lease = LeaderLease(ledger, LEASE, holder=f"serve/{secrets.token_hex(6)}")
    job = PortalJob(
        {f"{portal.kind}-{at}": pushing(portal) for at, portal in enumerate(settings.portals, 1)}, audits, lease
    )
    return {"portal_lease": lease.run, "portals": job.run}
