"""Settings -> the doors by which alerts of other monitoring come in, and the handler behind them."""

from collections.abc import Awaitable, Callable

import structlog

from bot.app.settings import HookSource, Settings
from bot.detection.alerts import Names
from bot.incidents.external_alerts import Hearing
from bot.model import Clock
from bot.model.incidents import Signal
from bot.storage.ledger import Ledger
from bot.web.request_log import DoorLog
from bot.web.webhooks.authentication import Door
from bot.web.webhooks.handler import HooksIn
from bot.web.webhooks.sns import SnsDoor
from bot.web.webhooks.sns_certificates import Certificates
from checks import Scope

_log = structlog.get_logger(__name__)


def doors(settings: Settings, clock: Clock) -> dict[str, Door]:
    """The door of each source, by its name.

    Raises:
        ConfigError: a secret leads nowhere.
    """
    return {one.name: _door(one, settings, clock) for one in settings.hooks.sources}


def alerts_in(  # noqa: PLR0913 - what the handler stands on, by keyword
    settings: Settings,
    ledger: Ledger,
    *,
    hearing: Hearing,
    tell: Callable[[Signal], None],
    names: Callable[[], Awaitable[Names]],
    clock: Clock,
) -> HooksIn:
    """The handler of `POST /hooks/in/NAME`.

    Raises:
        ConfigError: a secret leads nowhere.
    """
    made = doors(settings, clock)
    for door in made.values():
        for problem in door.problems():
            _log.warning("hooks_weak", problem=problem)
    return HooksIn(
        made,
        hear=hearing.hear,
        tell=tell,
        names=names,
        log=DoorLog(ledger, clock),
        sns=SnsDoor(Certificates(clock), clock),
        clock=clock,
    )


def _door(source: HookSource, settings: Settings, clock: Clock) -> Door:
    return Door(
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
