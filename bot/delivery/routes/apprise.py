"""Sends through Apprise: SMS, ntfy, Telegram and others. Needs the extra `backstay[apprise]`."""

import asyncio
import logging
from typing import TYPE_CHECKING, ClassVar

from bot.cards.bare_links import for_any_chat
from bot.cards.card import Tone, load
from bot.cards.render import text as to_text
from bot.cards.sanitise import clean
from bot.delivery.routing.context import Options, RouteContext
from bot.delivery.routing.possible_duplicate import mark_possible_duplicate
from bot.model import Message, Refused, Result, Retry, RouteSpec, Sent
from bot.net.egress import ForbiddenError
from bot.net.failures import failure_words
from bot.net.http import RouteError

if TYPE_CHECKING:
    from apprise import Apprise, NotifyType


SLOWER = 4
"""SMS gateways answer slowly: they get this many times the timeout of other routes."""


class Settings(Options):
    """`url` is a reference to an Apprise URL, which is a secret as a whole."""

    url: str


class AppriseRoute:
    """One target. Apprise reports only success or failure, so every failure is ambiguous and is tried again."""

    kind: ClassVar[str] = "apprise"

    def __init__(self, name: str, target: "Apprise", platform: str, context: RouteContext) -> None:
        self.name = name
        self.platform = platform
        self._target = target
        self._context = context
        (service,) = target
        # Escaped for services that take HTML: Telegram refuses a message with an unknown tag. Escaped for Markdown, our own
        # links would break, and those of others are broken already.
        resolved = getattr(service, "resolve_format", None)  # since Apprise 2
        taken = resolved("text") if resolved else service.notify_format
        self._format = "markdown" if taken == "markdown" else "text"

    async def send(self, message: Message, attempt: int) -> Result:
        """Send once, in a thread, since Apprise blocks."""
        try:
            card = for_any_chat(load(mark_possible_duplicate(message, attempt).card))
        except ValueError:
            return Refused("the card cannot be read")
        try:
            async with asyncio.timeout(self._context.timeout.total_seconds() * SLOWER):
                arrived = await asyncio.to_thread(
                    self._target.notify,
                    body=to_text.render(card).encode(errors="replace").decode(),
                    title=clean(card.title),
                    notify_type=_kind(card.tone),
                    body_format=self._format,
                )
        except TimeoutError:
            return Retry(
                f"{self.platform} did not answer within {self._context.timeout.total_seconds() * SLOWER:g} s",
                ambiguous=True,
            )
        except Exception as error:  # noqa: BLE001 - a hundred plugins; their errors may contain the address
            return Retry(f"{self.platform} failed ({failure_words(error)})", ambiguous=True)
        return Sent() if arrived else Retry(f"{self.platform} did not accept it", ambiguous=True)


def _kind(tone: Tone) -> "NotifyType":
    from apprise import NotifyType  # noqa: PLC0415 - an extra

    return {
        "good": NotifyType.SUCCESS,
        "neutral": NotifyType.INFO,
        "warning": NotifyType.WARNING,
        "bad": NotifyType.FAILURE,
    }[tone]


def build(spec: RouteSpec, context: RouteContext) -> AppriseRoute:
    """Build the route.

    Raises:
        RouteError: a setting is wrong, the extra is not installed, or the URL is not a single target.
    """
    settings = Settings.of(spec)
    url = context.resolve(settings.url)
    try:
        from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - an extra
    except ImportError:
        raise RouteError(f"route {spec.name}: Apprise is not installed; run `pip install backstay[apprise]`") from None
    # Its log contains addresses with their secrets; the receipts contain what matters.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    asset = AppriseAsset(app_id="backstay", app_desc="backstay", storage_mode="memory")
    target = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if target is None:
        raise RouteError(f"route {spec.name}: Apprise does not support this url")
    if host := getattr(target, "host", None):  # services with a fixed host have none
        try:
            context.outgoing.check(str(host))
        except ForbiddenError as error:
            raise RouteError(f"route {spec.name}: {error}") from None
    target.retry = 0  # the outbox owns retries
    if len(target) > 1:
        raise RouteError(f"route {spec.name}: url names {len(target)} targets; configure one route for each")
    whole = Apprise(asset=asset)
    whole.add(target)
    return AppriseRoute(spec.name, whole, f"apprise {url.partition(':')[0].lower()}", context)
