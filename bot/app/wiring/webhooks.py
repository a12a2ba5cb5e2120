"""Builds the webhooks that receive alerts of other monitoring."""

from collections.abc import Awaitable, Callable

import structlog

from bot.app.settings import HookSource, Settings
from bot.audit.service import AuditService
from bot.detection.alerts import PlacementNames
from bot.incidents.external_alerts import ExternalAlertInbox
from bot.model import Clock
from bot.model.signals import Signal
from bot.storage.ledger import Ledger
from bot.storage.records import LedgerRecords
from bot.web.request_log import RequestLog
from bot.web.webhooks.admission import Admission
from bot.web.webhooks.authentication import WebhookSource
from bot.web.webhooks.drills import DrillReceiver
from bot.web.webhooks.handler import AlertReceiver
from bot.web.webhooks.sns import SnsSource
from bot.web.webhooks.sns_certificates import Certificates
from checks import Scope

_log = structlog.get_logger(__name__)


def webhook_sources(settings: Settings, clock: Clock) -> dict[str, WebhookSource]:
    """The webhook sources of the settings, by name.

    Raises:
        ConfigError: a secret cannot be resolved.
    """
    return {source.name: _webhook_source(source, settings, clock) for source in settings.hooks.sources}


def alert_receiver(  # noqa: PLR0913 - its parts, by keyword
    settings: Settings,
    ledger: Ledger,
    *,
    hearing: ExternalAlertInbox,
    tell: Callable[[Signal], None],
    names: Callable[[], Awaitable[PlacementNames]],
    clock: Clock,
) -> AlertReceiver:
    """The handler of `POST /hooks/in/NAME`.

    Raises:
        ConfigError: a secret cannot be resolved.
    """
    sources = webhook_sources(settings, clock)
    for source in sources.values():
        for problem in source.problems():
            _log.warning("hooks_weak", problem=problem)
    return AlertReceiver(
        sources,
        accept=hearing.accept,
        observe=tell,
        names=names,
        log=RequestLog(ledger, clock),
        sns=SnsSource(Certificates(clock), clock),
        clock=clock,
        handled=ledger,
    )


def drill_receiver(settings: Settings, audits: AuditService[Ledger], clock: Clock) -> DrillReceiver:
    """The handler of `POST /hooks/rehearsals/NAME`.

    Raises:
        ConfigError: a secret cannot be resolved.
    """
    records = LedgerRecords(settings.catalogue, audits.ledger)

    async def services() -> frozenset[str]:
        return frozenset(service.name for service in await audits.services())

    sources = {
        hook.name: WebhookSource(
            hook.name,
            "generic",  # signed as backstay signs, whatever is in the body
            clock,
            token=settings.secret(hook.token),
            secret=settings.secret(hook.secret),
            per_minute=hook.per_minute,
        )
        for hook in settings.rehearsals.hooks
    }
    for source in sources.values():
        for problem in source.problems():
            _log.warning("hooks_weak", problem=problem)
    return DrillReceiver(
        sources,
        admission=Admission(records.ledger, clock),
        ledger=records,
        services=services,
        log=RequestLog(records.ledger, clock),
        clock=clock,
    )


def _webhook_source(source: HookSource, settings: Settings, clock: Clock) -> WebhookSource:
    return WebhookSource(
        source.name,
        source.format,
        clock,
        token=settings.secret(source.token),
        secret=settings.secret(source.secret),
        topics=frozenset(source.topics),
        about=_about(source.about, settings),
        per_minute=source.per_minute,
    )


def _about(written: str | None, settings: Settings) -> Scope | None:
    """The scope that a source is about; a service of the catalogue is a scope of its own, as for its endpoints."""
    if written is None:
        return None
    if any(service.name == written for service in settings.catalogue.services):
        return Scope(written.lower())
    return Scope.parse(written)
