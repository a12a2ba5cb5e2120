"""The jobs that carry what an audit needs and gives: copies of runbooks in, tickets and facts for portals out."""

from collections.abc import Awaitable, Callable, Mapping

from bot.app.settings import Settings
from bot.app.wiring.portals import portal_jobs
from bot.app.wiring.runbooks import runbook_jobs
from bot.app.wiring.tickets import ticket_jobs
from bot.audit.service import AuditService
from bot.model import Clock
from bot.storage.ledger import Ledger


def audit_jobs(
    settings: Settings, audits: AuditService[Ledger], clock: Clock
) -> Mapping[str, Callable[[], Awaitable[None]]]:
    """The jobs by name, each to be run until cancelled; only those that settings ask for."""
    return {
        **runbook_jobs(settings, audits.ledger, clock),
        **ticket_jobs(settings, audits, audits.ledger, clock),
        **portal_jobs(settings, audits, audits.ledger, clock),
    }
