"""Builds what keeps tickets from settings."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from bot.app.jobs.tickets import TicketJob
from bot.app.settings import Settings
from bot.audit.service import AuditService
from bot.audit.tickets.api import TicketApi
from bot.audit.tickets.issue import TicketRules
from bot.audit.tickets.sync import TicketSync
from bot.audit.tickets.tracker import TrackerAccess, trackers
from bot.model import Clock
from bot.net.http_client import HttpClient
from bot.storage.leader import LeaderLease
from bot.storage.ledger import Ledger

LEASE = "tickets"
"""The lease of the process that syncs: two runs at once would create tickets twice."""


@asynccontextmanager
async def ticket_sync(settings: Settings, ledger: Ledger, clock: Clock) -> AsyncIterator[TicketSync]:
    """The sync of the tracker that settings name.

    Raises:
        ConfigError: the token cannot be resolved.
    """
    wanted = settings.tickets
    access = TrackerAccess(
        wanted.tracker or "",
        wanted.address,
        wanted.project,
        wanted.user,
        settings.secret(wanted.token),
        wanted.issue_type,
        wanted.labels,
    )
    plugin = trackers()[access.kind]
    rules = TicketRules(
        settings.organisation, wanted.severity, wanted.due_by_tier, wanted.owners, frozenset(wanted.services)
    )
    async with HttpClient(settings.outgoing) as http:
        name = {"github": "GitHub", "gitlab": "GitLab"}.get(access.kind, access.kind.capitalize())
        api = TicketApi(http, name, plugin.headers(access), clock, private=wanted.private)
        yield TicketSync(
            f"{access.kind}:{access.project}",
            plugin.open_tracker(access, api),
            ledger,
            rules,
            clock,
            wanted.most,
            [waiver for waiver in settings.catalogue.waivers_on_record if waiver.until > clock()],
        )


def ticket_jobs(
    settings: Settings, audits: AuditService[Ledger], ledger: Ledger, clock: Clock
) -> Mapping[str, Callable[[], Awaitable[None]]]:
    """The job that keeps tickets while serving; none where no tracker is set."""
    if settings.tickets.tracker is None:
        return {}
    lease = LeaderLease(ledger, LEASE, holder=f"serve/{secrets.token_hex(6)}")
    job = TicketJob(lambda: ticket_sync(settings, ledger, clock), audits, lease, settings.tickets.every)
    return {"ticket_lease": lease.run, "tickets": job.run}


@asynccontextmanager
async def exclusively(ledger: Ledger) -> AsyncIterator[LeaderLease | None]:
    """Hold the lease for the block; None where another backstay holds it."""
    lease = LeaderLease(ledger, LEASE, holder=f"command/{secrets.token_hex(6)}")
    await lease.attend()
    keeping = asyncio.create_task(lease.run()) if lease.held else None
    try:
        yield lease if keeping else None
    finally:
        if keeping:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
