"""Builds what reads the service level objectives of OpenSLO files, and the job that warns of burning error budgets."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from bot.app.settings import Settings
from bot.model import Audience, Clock
from bot.storage.leader import LeaderLease
from bot.storage.ledger import Ledger

if TYPE_CHECKING:
    from bot.audit.slos.reader import SloReader
    from bot.audit.slos.service import SloService


def slo_reader(settings: Settings, clock: Clock) -> "SloReader | None":
    """Reads the objectives of OpenSLO files; None where no service lists any."""
    if not any(entry.declared.slos for entry in settings.catalogue.entries):
        return None
    from bot.app.wiring.monitors import accesses
    from bot.audit.slos.reader import SloReader

    return SloReader(settings.catalogue.entries, accesses(settings), clock)


def slo_service(settings: Settings, ledger: Ledger, clock: Clock) -> "SloService | None":
    """Reads the objectives and answers from the ledger; None where no service lists any."""
    reader = slo_reader(settings, clock)
    if reader is None:
        return None
    from bot.audit.slos.service import SloService

    return SloService(reader, ledger, clock, watched=settings.watch.slos != "off")


def error_budget_job(
    settings: Settings, slos: "SloService | None", ledger: Ledger, lease: LeaderLease, clock: Clock
) -> Mapping[str, Callable[[], Awaitable[None]]]:
    """The job that reads and warns; none without objectives, or where it is switched off."""
    if slos is None or settings.watch.slos == "off":
        return {}
    from bot.app.jobs.error_budgets import ErrorBudgetWatch

    audiences: Mapping[str, Audience] = settings.catalogue.audiences
    watch = ErrorBudgetWatch(
        slos,
        ledger,
        services={service.name: service for service in settings.catalogue.services},
        audiences=audiences,
        admins=settings.admin_audience,
        lease=lease,
        clock=clock,
        every=settings.watch.slo_interval,
        warn=settings.watch.slos == "warn",
    )
    return {"error_budgets": watch.run}
