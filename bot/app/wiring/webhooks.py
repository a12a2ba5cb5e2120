"""Settings -> the doors by which alerts of other monitoring come in, and the handler behind them."""

from collections.abc import Awaitable, Callable

import structlog

from bot.app.settings import HookSource, Settings
from bot.detection.alerts import PlacementNames
from bot.incidents.external_alerts import ExternalAlertInbox
from bot.model import Clock
from bot.model.incidents import Signal
from bot.storage.ledger import Ledger
from bot.web.request_log import RequestLog
from bot.web.webhooks.authentication import WebhookSource
from bot.web.webhooks.handler import HooksIn
from bot.web.webhooks.sns import SnsSource
from bot.web.webhooks.sns_certificates import Certificates
from checks import Scope

_log = structlog.get_logger(__name__)


def webhook_sources(settings: Settings, clock: Clock) -> dict[str, WebhookSource]:
    """The door of each source, by its name.

    Raises:
        ConfigError: a secret leads nowhere.
    """
    return {one.name: _door(one, settings, clock) for one in settings.hooks.sources}


def alerts_in(  # noqa: PLR0913 - what the handler stands on, by keyword
    settings: Settings,
    ledger: Ledger,
    *,
    hearing: ExternalAlertInbox,
    tell: Callable[[Signal], None],
    names: Callable[[], Awaitable[PlacementNames]],
    clock: Clock,
) -> HooksIn:
    """The handler of `POST /hooks/in/NAME`.

    Raises:
        ConfigError: a secret leads nowhere.
    """
    made = webhook_sources(settings, clock)
    for door in made.values():
        for problem in door.problems():
            _log.warning("hooks_weak", problem=problem)
    return HooksIn(
        made,
        hear=hearing.accept,
        tell=tell,
        names=names,
        log=RequestLog(ledger, clock),
        sns=SnsSource(Certificates(clock), clock),
        clock=clock,
    )


def _door(source: HookSource, settings: Settings, clock: Clock) -> WebhookSource:
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
    """A service of ours stands under its own name, as its endpoints do."""
    if written is None:
        return None
    if any(one.name == written for one in settings.catalogue.services):
        return Scope(written.lower())
    return Scope.parse(written)
